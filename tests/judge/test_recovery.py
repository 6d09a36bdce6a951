"""Spikes of a profile, and how long a target takes to recover from them."""

from collections.abc import Callable

import pytest

from harness.config import LoadSection
from judge.recovery import Spike, recovered_after_s, spikes

SPIKE = Spike(calm_from_s=0.0, calm_to_s=30.0, over_s=50.0, watched_to_s=110.0)


def profile(*stages: tuple[float, float]) -> LoadSection:
    values = [{"duration_s": duration_s, "rate": rate} for duration_s, rate in stages]
    return LoadSection.model_validate({"model": "open", "stages": values})


def arrivals(latency_ms: Callable[[float], float], *, rate: int = 10, until_s: int = 110) -> list[tuple[float, float]]:
    return [(n / rate, latency_ms(n / rate)) for n in range(until_s * rate)]


def test_a_spike_is_where_the_level_comes_back() -> None:
    found = list(spikes(profile((5, 20), (30, 20), (0, 100), (20, 100), (0, 20), (60, 20))))
    assert found == [Spike(calm_from_s=5, calm_to_s=35, over_s=55, watched_to_s=115)]


def test_a_fall_in_several_steps_ends_with_the_last_of_them() -> None:
    found = list(spikes(profile((0, 20), (30, 20), (0, 100), (10, 100), (5, 60), (5, 20), (60, 20))))
    assert [spike.over_s for spike in found] == [50]


def test_the_next_rise_ends_the_watch() -> None:
    stages = [(0.0, 20.0), (30.0, 20.0), (5.0, 90.0), (5.0, 20.0), (20.0, 20.0), (5.0, 90.0), (5.0, 20.0), (20.0, 20.0)]
    found = list(spikes(profile(*stages)))
    assert [(spike.over_s, spike.watched_to_s) for spike in found] == [(40, 60), (70, 90)]
    assert [spike.calm_from_s for spike in found] == [0, 40]


@pytest.mark.parametrize(
    "stages",
    [((10.0, 50.0), (60.0, 50.0)), ((60.0, 100.0), (10.0, 0.0)), ((0.0, 100.0), (10.0, 100.0), (5.0, 50.0))],
)
def test_a_profile_that_never_comes_back_to_a_level_has_no_spike(stages: tuple[tuple[float, float], ...]) -> None:
    assert list(spikes(profile(*stages))) == []
    assert list(spikes(LoadSection(model="open", rate=5.0))) == []


def test_users_make_spikes_as_rates_do() -> None:
    values = [{"duration_s": d, "users": u} for d, u in ((10, 5), (20, 5), (5, 40), (5, 5), (30, 5))]
    load = LoadSection.model_validate({"model": "closed", "stages": values})
    assert list(spikes(load)) == [Spike(10, 30, 40, 70)]


def test_a_target_that_drains_its_queue_is_recovered_when_the_queue_is_gone() -> None:
    """Latency is back at 100 ms from second 58 on; the first window without a slow one begins there."""
    slow = arrivals(lambda due: 2000.0 if 30 <= due < 58 else 100.0)
    assert recovered_after_s(slow, SPIKE) == (100.0, 8.0)


def test_a_target_that_was_never_off_is_recovered_at_once() -> None:
    assert recovered_after_s(arrivals(lambda _: 100.0), SPIKE) == (100.0, 0.0)


def test_a_quarter_more_than_before_is_near_enough_and_more_is_not() -> None:
    assert recovered_after_s(arrivals(lambda due: 100.0 if due < 30 else 125.0), SPIKE)[1] == 0.0
    assert recovered_after_s(arrivals(lambda due: 100.0 if due < 30 else 126.0), SPIKE)[1] is None


def test_without_requests_before_or_after_there_is_nothing_to_say() -> None:
    assert recovered_after_s([], SPIKE) == (None, None)
    assert recovered_after_s(arrivals(lambda _: 100.0, until_s=30), SPIKE) == (100.0, None)
