"""When a process's conversations are due, and how long its users think."""

import itertools
import math
from typing import Any

import pytest

from harness.config import LoadSection, LoadStage
from swarm.pacing import InjectionPace, Schedule


def schedule(*, ended: int = 0, seed: int = 7, **load: Any) -> Schedule:
    section = LoadSection.model_validate(load) if load else None
    return Schedule(section, seed=seed, ended=ended)


def due(made: Schedule, *, now: float = 100.0, most: int = 10_000) -> list[float]:
    return list(itertools.islice(made.arrivals(now), most))


def test_without_a_load_there_are_users_and_nothing_lasts() -> None:
    plain = schedule()
    assert (plain.paced, plain.users, plain.lasting(0.0), plain.wanted_at(4, 5.0)) == (False, 10, False, 5.0)
    assert plain.think_s("p1", 1, 0) == 0.0


def test_an_open_load_has_one_source_and_its_default_rate() -> None:
    made = schedule(model="open", duration_s=2)
    assert (made.paced, made.users) == (True, 1)
    assert due(made, most=3) == pytest.approx([100.05, 100.10, 100.15])


def test_an_arrival_belongs_to_the_moment_it_was_due_for_however_late_it_is() -> None:
    made = schedule(model="open", rate=10, duration_s=2)
    lasting = [made.lasting(now=1e9) for _ in itertools.islice(made.arrivals(100.0), 25)]
    assert lasting == [True] * 20 + [False] * 5


def test_arrivals_end_with_a_profile_whose_last_rate_is_0() -> None:
    made = schedule(model="open", stages=[{"duration_s": 4, "rate": 10}, {"duration_s": 0, "rate": 0}])
    assert not made.over
    assert len(due(made)) == 20
    assert made.over


@pytest.mark.parametrize("shape", ["constant", "poisson"])
def test_a_resumed_load_goes_on_in_the_same_sequence(shape: str) -> None:
    load: dict[str, Any] = {
        "model": "open",
        "arrivals": shape,
        "stages": [{"duration_s": 10, "rate": 20}, {"duration_s": 0, "rate": 0}],
    }
    whole = due(schedule(**load))
    rest = due(schedule(**load, ended=30), now=500.0)
    assert len(rest) == len(whole) - 30
    shift = 500.0 - whole[29]
    assert [moment - shift for moment in rest] == pytest.approx(whole[30:])
    assert rest[0] > 500.0, "the gap that was under way is not cut short"


def test_a_resumed_load_whose_profile_was_over_begins_nothing_more() -> None:
    stages = [{"duration_s": 10, "rate": 20}, {"duration_s": 0, "rate": 0}]
    made = schedule(model="open", stages=stages, ended=101)
    assert due(made) == []
    assert made.over


def test_production_s_stages_are_the_profile_of_a_replayed_load() -> None:
    section = LoadSection(model="replay", duration_s=3)
    production = [LoadStage(duration_s=0, rate=4), LoadStage(duration_s=2, rate=4), LoadStage(duration_s=1, rate=2)]
    made = Schedule(section, production, seed=1)
    moments = due(made, now=0.0, most=11)
    assert (made.paced, sum(moment <= 2 for moment in moments), sum(moment <= 3 for moment in moments)) == (True, 8, 11)


def test_users_of_a_steady_load_are_always_wanted_for_its_duration() -> None:
    made = schedule(model="closed", users=3, duration_s=5)
    assert (made.users, [made.join() for _ in range(3)]) == (3, [1, 2, 3])
    assert made.wanted_at(3, 50.0) == 50.0
    assert [made.lasting(now) for now in (50.0, 54.9, 55.0)] == [True, True, False]
    assert not made.over


def test_users_come_and_go_with_their_stages() -> None:
    stages = [{"duration_s": 10, "users": 5}, {"duration_s": 10, "users": 5}, {"duration_s": 10, "users": 0}]
    made = schedule(model="closed", stages=stages)
    assert made.users == 5
    assert [made.wanted_at(number, 0.0) for number in (1, 2, 5)] == pytest.approx([2.0, 4.0, 10.0])
    assert made.wanted_at(5, 20.0) == 20.0
    assert made.wanted_at(5, 20.1) == math.inf
    assert not made.over, "others still take part"
    assert made.wanted_at(1, 27.9) == 27.9
    assert made.wanted_at(1, 28.1) == math.inf
    assert made.over


def test_users_of_the_last_stage_stay() -> None:
    made = schedule(model="closed", stages=[{"duration_s": 4, "users": 4}, {"duration_s": 0, "users": 2}])
    assert made.wanted_at(1, 0.0) == 1.0
    assert [made.wanted_at(number, 1000.0) for number in (1, 2, 3)] == [1000.0, 1000.0, math.inf]
    assert not made.over


def test_think_times_are_fixed_or_drawn_evenly_and_the_same_in_every_process() -> None:
    fixed = schedule(model="closed", think_time_s=1.5)
    assert {fixed.think_s(f"p{n}", 1, 0) for n in range(5)} == {1.5}
    drawn = schedule(model="open", think_time_s=[1, 3])
    times = [drawn.think_s(f"p{n}", 1, turn) for n in range(1000) for turn in (0, 1)]
    assert all(1 <= time <= 3 for time in times)
    assert sum(times) / len(times) == pytest.approx(2.0, abs=4 * 2 / math.sqrt(12 * len(times)))
    assert len(set(times)) == len(times)
    again, other = schedule(model="open", think_time_s=[1, 3]), schedule(model="open", think_time_s=[1, 3], seed=8)
    assert again.think_s("p3", 1, 1) == drawn.think_s("p3", 1, 1) != other.think_s("p3", 1, 1)


def test_injection_prompts_are_spaced_evenly() -> None:
    pace = InjectionPace(6.0)
    assert [pace.take(now) for now in (0.0, 5.0, 10.0, 10.0)] == [True, False, True, False]
    assert all(InjectionPace(None).take(now) for now in (0.0, 0.0))
