"""Service levels and load figures."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config import SloSection
from harness.contracts import Exchange
from judge.slo import MAX_BUCKETS, measure, nearest_rank
from tests.judge.records import exchange

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def request(number: int, latency_ms: float | None = 100.0, *, at_s: float | None = None, **values: Any) -> Exchange:
    moment = (START + timedelta(seconds=number if at_s is None else at_s)).isoformat()
    filled = {"scheduled_at": moment, "sent_at": moment, "latency_ms": latency_ms, "service_ms": latency_ms, **values}
    return exchange(f"p-{number}", **filled)


def met(slo: SloSection, *requests: Exchange) -> bool | None:
    results, _ = measure(requests, slo)
    return results[0].met


@given(values=st.lists(st.floats(0, 1e6), min_size=1, max_size=200), share=st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_the_nearest_rank_is_the_smallest_value_that_enough_values_do_not_exceed(
    values: list[float], share: float
) -> None:
    ordered = sorted(values)
    found = nearest_rank(ordered, share)
    assert found in ordered
    below = sum(value <= found for value in ordered)
    assert below >= share * len(ordered) - 1e-6
    smaller = [value for value in ordered if value < found]
    assert len(smaller) < share * len(ordered) + 1e-6


def test_ranks_are_exact_where_floating_point_is_not() -> None:
    assert nearest_rank([float(n) for n in range(1, 21)], 0.95) == 19.0
    assert nearest_rank([], 0.95) is None


def test_unset_objectives_are_not_measured() -> None:
    results, _ = measure([request(1)], SloSection())
    assert results == []


def test_percentiles_count_from_the_scheduled_time() -> None:
    slow = [request(i, latency_ms=5000.0, service_ms=50.0) for i in range(30)]
    results, load = measure(slow, SloSection(p95_ms=1000.0))
    assert (results[0].metric, results[0].observed, results[0].met) == ("p95_ms", 5000.0, False)
    assert load["service_ms"]["p95"] == 50.0


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
