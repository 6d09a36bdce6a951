"""Whether the load generator kept its schedule, and what is said of the target where it did not."""

from datetime import timedelta

import pytest

from harness.config import SloSection
from harness.contracts import Exchange, SloResult
from judge.generator import is_behind, marked
from judge.slo import measure
from tests.judge.records import exchange
from tests.judge.test_slo import START


def sent_late(number: int, lag_ms: float, service_ms: float = 100.0, outcome: str = "answered") -> Exchange:
    due = START + timedelta(seconds=number)
    return exchange(
        f"p-{number}",
        outcome=outcome,
        scheduled_at=due.isoformat(),
        sent_at=(due + timedelta(milliseconds=lag_ms)).isoformat(),
        latency_ms=service_ms + lag_ms,
        service_ms=service_ms,
    )


def judged(slo: SloSection, *exchanges: Exchange) -> tuple[SloResult, bool]:
    results, load = marked(*measure(exchanges, slo))
    return results[0], load["generator_behind"]


@pytest.mark.parametrize(
    ("lag_ms", "service_ms", "behind"),
    [(49.0, 5.0, False), (51.0, 5.0, True), (51.0, 2000.0, False), (199.0, 2000.0, False), (201.0, 2000.0, True)],
)
def test_a_generator_is_behind_where_its_lag_shows_beside_the_target_s_own_time(
    lag_ms: float, service_ms: float, *, behind: bool
) -> None:
    _, load = measure([sent_late(i, lag_ms, service_ms) for i in range(20)], SloSection())
    assert is_behind(load) is behind


def test_a_few_late_ones_in_a_hundred_do_not_make_it_late_and_two_do() -> None:
    for late, behind in ((1, False), (2, True)):
        _, load = measure([sent_late(i, 900.0 if i < late else 0.1) for i in range(100)], SloSection())
        assert is_behind(load) is behind


def test_nothing_recorded_is_not_behind() -> None:
    assert marked(*measure([], SloSection(p95_ms=10)))[1]["generator_behind"] is False


def test_what_the_generator_s_lag_alone_missed_is_not_the_target_s() -> None:
    result, behind = judged(SloSection(p95_ms=500.0), *(sent_late(i, 800.0) for i in range(40)))
    assert (behind, result.observed, result.met) == (True, 900.0, None)
    assert "800 ms after they were due" in result.warning


def test_what_the_target_missed_by_itself_stays_missed() -> None:
    result, behind = judged(SloSection(p95_ms=500.0), *(sent_late(i, 800.0, 600.0) for i in range(40)))
    assert (behind, result.met, bool(result.warning)) == (True, False, True)


def test_what_is_met_in_spite_of_the_lag_stays_met_and_is_warned_of() -> None:
    result, behind = judged(SloSection(p95_ms=5000.0), *(sent_late(i, 800.0) for i in range(40)))
    assert (behind, result.met, bool(result.warning)) == (True, True, True)


def test_goodput_is_excused_only_where_it_is_met_from_sending() -> None:
    slo = SloSection(goodput=0.9, p95_ms=500.0)
    late = [sent_late(i, 800.0) for i in range(40)]
    assert next(r for r in marked(*measure(late, slo))[0] if r.metric == "goodput").met is None
    slow = [sent_late(i, 800.0, 600.0) for i in range(40, 60)]
    assert next(r for r in marked(*measure(late + slow, slo))[0] if r.metric == "goodput").met is False
    broken = [sent_late(i, 800.0, outcome="http_error") for i in range(40, 60)]
    assert next(r for r in marked(*measure(late + broken, slo))[0] if r.metric == "goodput").met is False


def test_a_generator_on_time_changes_nothing() -> None:
    slo = SloSection(p95_ms=50.0, error_rate=0.1)
    measured = measure([sent_late(i, 0.2) for i in range(40)], slo)
    results, load = marked(*measured)
    assert results == measured[0]
    assert load == {**measured[1], "generator_behind": False}
