"""Production's week as the stages of a load."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.arrivals import WEEK_MINUTES
from harness.config import LoadSection
from harness.contracts import ArrivalCell, Arrivals
from harness.errors import ConfigurationError
from swarm.arrivals import Profile, arrivals
from swarm.production import ProductionWeek, production_stages

HOUR = 60


def week(*cells: tuple[int, int, float]) -> Arrivals:
    made = [ArrivalCell(from_minute=a, to_minute=b, requests_per_minute=rate) for a, b, rate in cells]
    return Arrivals(min_users=5, cells=made)


WORKING = week((0, 9 * HOUR, 2), (9 * HOUR, 12 * HOUR, 60), (12 * HOUR, 18 * HOUR, 30), (18 * HOUR, WEEK_MINUTES, 3))


def profile(arrived: Arrivals, *, turns: float = 1.0, **load: Any) -> Profile:
    section = LoadSection.model_validate({"model": "replay", **load})
    return Profile(production_stages(arrived, section, turns=turns))


@st.composite
def weeks(draw: st.DrawFn) -> Arrivals:
    edges = sorted(draw(st.sets(st.integers(1, WEEK_MINUTES - 1), max_size=8)))
    rates = st.floats(0.01, 1000.0)
    return week(*((a, b, draw(rates)) for a, b in itertools.pairwise([0, *edges, WEEK_MINUTES])))


def test_an_hour_in_a_minute_is_sixty_times_as_dense() -> None:
    """Sixty requests a minute, sixty times as fast, are sixty a second."""
    made = profile(WORKING, speed=60, duration_s=60, start="mon 10:00")
    assert (made.duration_s, made.level(0), made.last) == (60.0, 60.0, 60.0)
    assert made.expected == pytest.approx(3600)


def test_conversations_of_several_turns_stand_for_as_many_requests() -> None:
    assert profile(WORKING, speed=60, duration_s=60, start="mon 10:00", turns=3.0).level(0) == pytest.approx(20.0)


def test_the_mean_rate_can_be_chosen_and_the_shape_stays() -> None:
    made = profile(WORKING, rate=5, speed=3600, duration_s=24, start="mon 00:00", turns=3.0)
    assert made.expected == pytest.approx(5 * 24)
    morning, noon, night = made.level(9.5), made.level(13), made.level(20)
    assert [morning / noon, noon / night] == pytest.approx([2.0, 10.0])


def test_arrivals_share_out_among_the_cells_as_production_s_requests_did() -> None:
    made = profile(WORKING, rate=50, speed=3600, duration_s=24, start="mon 00:00")
    moments = list(itertools.takewhile(lambda moment: moment <= 24, arrivals(made)))
    whole = 2 * 9 + 60 * 3 + 30 * 6 + 3 * 6
    for first, last, requests in ((0, 9, 2 * 9), (9, 12, 60 * 3), (12, 18, 30 * 6), (18, 24, 3 * 6)):
        seen = sum(first < moment <= last for moment in moments)
        assert seen == pytest.approx(1200 * requests / whole, abs=1)
    assert len(moments) == pytest.approx(1200, abs=1)


def test_the_busiest_time_is_taken_where_none_is_named() -> None:
    assert ProductionWeek(WORKING).busiest(120) == 9 * HOUR
    assert ProductionWeek(WORKING).busiest(6 * HOUR) == 9 * HOUR
    made = profile(WORKING, speed=60, duration_s=60)
    assert made.level(0) == 60.0


def test_the_busiest_time_may_lie_around_the_week_s_end() -> None:
    sunday_night = week((0, 60, 50), (60, WEEK_MINUTES - 60, 1), (WEEK_MINUTES - 60, WEEK_MINUTES, 50))
    assert ProductionWeek(sunday_night).busiest(120) == WEEK_MINUTES - 60
    assert profile(sunday_night, speed=60, duration_s=120).expected == pytest.approx(120 * 50)


@given(weeks(), st.integers(0, WEEK_MINUTES - 1), st.floats(1, WEEK_MINUTES))
def test_stages_hold_what_production_had_in_the_window(arrived: Arrivals, start: int, minutes: float) -> None:
    """At speed 60 a second stands for a minute, and the integral is the window's requests."""
    week_ = ProductionWeek(arrived)
    stamp = f"{('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')[start // 1440]} {start // 60 % 24:02}:{start % 60:02}"
    made = profile(arrived, speed=60, duration_s=minutes, start=stamp)
    assert made.duration_s == pytest.approx(minutes)
    assert made.expected == pytest.approx(week_.requests(start, minutes), rel=1e-6)
    assert made.expected <= week_.requests(week_.busiest(minutes), minutes) * (1 + 1e-6) + 1e-3


def test_a_dataset_of_too_few_users_has_no_shape_to_replay() -> None:
    with pytest.raises(ConfigurationError, match="fewer than 5 users"):
        profile(week(), speed=60)


def test_more_than_a_week_is_not_known() -> None:
    with pytest.raises(ConfigurationError, match="at most a week"):
        profile(WORKING, speed=604_801, duration_s=1)
    assert profile(WORKING, speed=604_800, duration_s=1).duration_s == pytest.approx(1.0)


def test_a_time_at_which_nothing_came_is_refused() -> None:
    quiet = week((0, HOUR, 5), (HOUR, 2 * HOUR, 0))
    with pytest.raises(ConfigurationError, match="'mon 01:00'") as caught:
        profile(quiet, speed=60, duration_s=60, start="mon 01:00")
    assert "busiest" in caught.value.hint
