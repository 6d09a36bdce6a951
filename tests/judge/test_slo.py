"""Service levels and load figures."""

import math
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config import LoadSection, SloSection
from harness.contracts import Exchange, Gaps
from judge.slo import MAX_BUCKETS, measure
from swarm.arrivals import Profile, arrivals
from tests.judge.records import exchange

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def request(number: int, latency_ms: float | None = 100.0, *, at_s: float | None = None, **values: Any) -> Exchange:
    moment = (START + timedelta(seconds=number if at_s is None else at_s)).isoformat()
    filled = {"scheduled_at": moment, "sent_at": moment, "latency_ms": latency_ms, "service_ms": latency_ms, **values}
    return exchange(f"p-{number}", **filled)


def met(slo: SloSection, *requests: Exchange) -> bool | None:
    results, _ = measure(requests, slo)
    return results[0].met


def test_unset_objectives_are_not_measured() -> None:
    results, _ = measure([request(1)], SloSection())
    assert results == []


def test_percentiles_count_from_the_scheduled_time() -> None:
    slow = [request(i, latency_ms=5000.0, service_ms=50.0) for i in range(30)]
    results, load = measure(slow, SloSection(p95_ms=1000.0))
    assert (results[0].metric, results[0].observed, results[0].met) == ("p95_ms", 5000.0, False)
    assert load["service_ms"]["p95"] == 50.0


def test_requests_that_the_target_may_have_got_before_are_counted() -> None:
    _, load = measure([request(1), request(2, resent=2), request(3, resent=1)], SloSection())
    assert (load["requests"], load["resent"]) == (3, 2)


def test_too_few_fast_replies_meet_nothing_and_miss_nothing() -> None:
    assert met(SloSection(p95_ms=200.0), *(request(i) for i in range(19))) is None
    assert met(SloSection(p95_ms=200.0), *(request(i) for i in range(20))) is True
    assert met(SloSection(p99_ms=200.0), *(request(i) for i in range(99))) is None
    assert met(SloSection(p50_ms=200.0)) is None


def test_few_replies_miss_an_objective_that_no_further_ones_could_save() -> None:
    """At the least count of 20 one reply may be slow: two slow ones are a miss already."""
    assert met(SloSection(p95_ms=50.0), request(1)) is None
    assert met(SloSection(p95_ms=50.0), request(1), request(2)) is False


def test_the_error_rate_needs_room_for_one_error() -> None:
    slo = SloSection(error_rate=0.01)
    fine = [request(i) for i in range(99)]
    assert met(slo, *fine) is None
    assert met(slo, *fine, request(99, outcome="http_error")) is True
    assert met(slo, request(98, outcome="timeout"), request(99, outcome="http_error")) is False
    assert met(SloSection(error_rate=0.0), request(1)) is True
    assert met(SloSection(error_rate=0.0), request(1, outcome="http_error")) is False


def test_infrastructure_counts_as_an_error_and_a_block_does_not() -> None:
    _, load = measure(
        [
            request(1),
            request(2, outcome="connection_error"),
            request(3, outcome="throttled"),
            request(4, outcome="blocked"),
        ],
        SloSection(),
    )
    assert load["error_rate"] == 0.5
    assert load["outcomes"] == {"answered": 1, "blocked": 1, "connection_error": 1, "throttled": 1}


def test_fast_errors_do_not_flatter_the_latencies() -> None:
    _, load = measure([request(1, 900.0), request(2, 1.0, outcome="http_error")], SloSection())
    assert load["latency_ms"]["p50"] == 900.0


def test_time_outs_count_as_slow() -> None:
    requests = [request(i) for i in range(18)] + [request(18 + i, 29_000.0, outcome="timeout") for i in range(2)]
    assert met(SloSection(p95_ms=3000.0), *requests) is False


def test_the_load_arm_is_measured_where_there_is_one() -> None:
    requests = [request(1, 10.0), request(2, 500.0, arm="load"), request(3, 20.0, arm="control")]
    _, load = measure(requests, SloSection())
    assert (load["arm"], load["requests"], load["latency_ms"]["p50"]) == ("load", 1, 500.0)
    assert measure(requests[:1], SloSection())[1]["arm"] == "semantic"


def test_time_to_first_token_without_streaming_stays_unmeasured() -> None:
    slo = SloSection(ttft_p95_ms=100.0)
    assert met(slo, *(request(i) for i in range(50))) is None
    assert met(slo, *(request(i, ttft_ms=50.0) for i in range(50))) is True


def test_goodput_counts_requests_that_meet_all_objectives_at_once() -> None:
    slo = SloSection(p95_ms=200.0, ttft_p95_ms=60.0)
    requests = [
        request(1, 100.0, ttft_ms=50.0),
        request(2, 300.0, ttft_ms=50.0),
        request(3, 100.0, ttft_ms=90.0),
        request(4, 100.0, ttft_ms=50.0, outcome="malformed"),
    ]
    _, load = measure(requests, slo)
    assert load["goodput"] == 0.25


def test_rates_and_concurrency_come_from_the_clock() -> None:
    requests = [request(i, 4000.0, at_s=float(i)) for i in range(11)]
    _, load = measure(requests, SloSection())
    assert load["duration_s"] == pytest.approx(14.0)
    assert load["attained_rate"] == pytest.approx(11 / 14)
    assert load["peak_in_flight"] == 4


@given(seconds=st.lists(st.floats(0, 20_000), min_size=1, max_size=60))
def test_the_series_is_short_ordered_and_holds_every_request(seconds: list[float]) -> None:
    _, load = measure([request(i, at_s=s) for i, s in enumerate(seconds)], SloSection())
    series = load["series"]
    assert len(series) <= MAX_BUCKETS
    assert sum(bucket["requests"] for bucket in series) == len(seconds)
    assert [bucket["t_s"] for bucket in series] == sorted(bucket["t_s"] for bucket in series)
    assert all(math.isfinite(bucket["p95"]) for bucket in series)


def test_nothing_sent_gives_empty_figures() -> None:
    results, load = measure([], SloSection(error_rate=0.01, p95_ms=100.0))
    assert [result.met for result in results] == [None, None]
    assert (load["requests"], load["attained_rate"], load["peak_in_flight"], load["series"]) == (0, None, None, [])


def test_exchanges_without_times_are_measured_as_far_as_possible() -> None:
    _, load = measure([exchange("a"), exchange("b", latency_ms=5.0)], SloSection())
    assert (load["requests"], load["latency_ms"]["p50"], load["series"]) == (2, 5.0, [])


def streamed(number: int, *gaps: float, **values: Any) -> Exchange:
    ordered = sorted(gaps)
    found = Gaps(p50=ordered[0], p95=ordered[-1], max=ordered[-1], each=list(gaps))
    filled = {"ttft_ms": 50.0, "gaps_ms": found, "content_events": len(gaps) + 1, "tokens_per_s": 90.0, **values}
    return request(number, **filled)


def test_pauses_of_all_answers_are_taken_together() -> None:
    _, load = measure([streamed(1, 10.0, 10.0, 10.0), streamed(2, 30.0)], SloSection())
    assert load["gap_ms"] == {"count": 4, "p50": 10.0, "p95": 30.0, "p99": 30.0, "max": 30.0}
    assert (load["tokens_per_s"], load["events_per_arrival"]) == (90.0, 1.0)


def test_events_that_come_together_show() -> None:
    _, load = measure([streamed(1, 40.0, content_events=20)], SloSection())
    assert load["events_per_arrival"] == 10.0


def test_an_objective_of_pauses_needs_twenty_answers() -> None:
    slo = SloSection(gap_p95_ms=20.0)
    assert met(slo, *(streamed(i, *[10.0] * 50) for i in range(19))) is None
    assert met(slo, *(streamed(i, *[10.0] * 50) for i in range(20))) is True
    assert met(slo, *(streamed(i, *[10.0] * 8, 25.0) for i in range(20))) is False
    assert met(slo, *(request(i) for i in range(20))) is None


def test_a_goodput_is_the_least_share_of_requests_that_meet_everything() -> None:
    slo = SloSection(goodput=0.9, p95_ms=200.0)

    def results(slow: int, count: int) -> tuple[float | None, float, bool | None]:
        requests = [request(i, 300.0 if i < slow else 100.0) for i in range(count)]
        found = {result.metric: result for result in measure(requests, slo)[0]}["goodput"]
        return found.observed, found.limit, found.met

    assert results(1, 10) == (0.9, 0.9, True)
    assert results(2, 10) == (0.8, 0.9, False)
    assert results(0, 9) == (1.0, 0.9, None)


def test_pauses_count_in_the_goodput_and_a_block_is_no_loss() -> None:
    slo = SloSection(gap_p95_ms=20.0)
    _, load = measure([streamed(1, 10.0), streamed(2, 30.0), request(3), request(4, outcome="blocked")], slo)
    assert load["goodput"] == 0.75


def test_a_generator_that_sends_late_shows_as_lag_and_in_its_rate() -> None:
    """Eleven requests due over ten seconds, sent over twenty: the target served each in 100 ms."""

    def late(number: int) -> Exchange:
        sent_at = (START + timedelta(seconds=2 * number)).isoformat()
        return request(number, 1000.0 * number + 100, sent_at=sent_at, service_ms=100.0)

    _, load = measure([late(i) for i in range(11)], SloSection())
    assert (load["scheduled_rate"], load["sent_rate"]) == (pytest.approx(1.0), pytest.approx(0.5))
    assert load["lag_ms"]["max"] == pytest.approx(10_000.0)
    assert (load["service_ms"]["max"], load["latency_ms"]["max"]) == (100.0, 10_100.0)
    assert [bucket["requests"] for bucket in load["series"]] == [1] * 11
    assert [bucket["sent"] for bucket in load["series"]] == [1, 0] * 5 + [1]


def test_every_percentile_says_of_how_many() -> None:
    _, load = measure([request(1), request(2, outcome="http_error"), request(3, ttft_ms=5.0)], SloSection())
    assert [load[name]["count"] for name in ("latency_ms", "service_ms", "ttft_ms", "gap_ms")] == [2, 2, 1, 0]
    assert load["ttft_ms"] == {"count": 1, "p50": 5.0, "p95": 5.0, "p99": 5.0, "max": 5.0}


def test_the_recovery_from_a_spike_is_measured() -> None:
    stages = [{"duration_s": d, "rate": r} for d, r in ((0, 2), (20, 2), (5, 8), (0, 2), (20, 2))]
    profile = LoadSection.model_validate({"model": "open", "stages": stages})
    dues = [n / 2 for n in range(90)]
    requests = [request(n, 900.0 if 20 <= due < 28 else 100.0, at_s=due) for n, due in enumerate(dues)]
    _, load = measure(requests, SloSection(), profile)
    assert load["recoveries"] == [{"spike_over_s": 25.0, "before_p95_ms": 100.0, "recovered_after_s": 3.0}]
    assert "recoveries" not in measure(requests, SloSection())[1]


def ramped() -> tuple[LoadSection, list[Exchange]]:
    """Return a profile of minutes with a spike, and what a target that needs until second 193 for it replied."""
    stages = ((60, 20), (120, 20), (0, 200), (10, 200), (0, 20), (120, 20))
    values = [{"duration_s": duration_s, "rate": rate} for duration_s, rate in stages]
    profile = LoadSection.model_validate({"model": "open", "stages": values})
    dues = takewhile(lambda due: due < 310, arrivals(Profile(profile.stages), seed=None, after=0))

    def latency_ms(due: float) -> float:
        if due < 60:
            return 900.0
        return 5000.0 if 180 <= due < 193 else 100.0

    return profile, [request(n, latency_ms(due), at_s=due) for n, due in enumerate(dues)]


def test_a_recovery_counts_from_the_beginning_of_a_ramp_and_not_from_its_first_arrival() -> None:
    profile, requests = ramped()
    _, load = measure(requests, SloSection(), profile, began=START.isoformat())
    assert load["recoveries"] == [{"spike_over_s": 190.0, "before_p95_ms": 100.0, "recovered_after_s": 3.0}]


def test_a_load_that_was_taken_up_again_has_no_recovery() -> None:
    """Between the two processes time went by that no profile knows of."""
    profile, requests = ramped()
    began = (START + timedelta(seconds=100)).isoformat()
    assert "recoveries" not in measure(requests, SloSection(), profile, began=began)[1]
