"""Quantiles in constant memory."""

import math
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from swarm.quantiles import BOUNDS_MS, GROWTH, Times, quantile_ms, slot_of

TIMES = st.lists(st.floats(0.1, 100_000.0), min_size=1, max_size=200)


@given(TIMES, st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_never_too_low_and_a_twentieth_too_high_at_most(times_ms: list[float], share: float) -> None:
    exact = sorted(times_ms)[max(math.ceil(share * len(times_ms)) - 1, 0)]
    found = quantile_ms(Counter(map(slot_of, times_ms)), share)
    assert found is not None
    assert exact * (1 - 1e-9) <= found <= exact * GROWTH * (1 + 1e-9)


def test_no_times_have_no_quantile() -> None:
    assert quantile_ms({}, 0.5) is None


def test_what_takes_longer_than_the_last_slot_is_counted() -> None:
    assert quantile_ms({slot_of(1e9): 3}, 0.5) == BOUNDS_MS[-1]


@given(st.lists(st.floats(0.0, 1000.0)))
def test_times_that_are_sorted_together_fall_into_the_slots_that_each_belongs_to(times_s: list[float]) -> None:
    times = Times()
    for time_s in times_s:
        times.add(time_s)
    assert times.take() == Counter(str(slot_of(time_s * 1000)) for time_s in times_s)


def test_times_are_taken_once() -> None:
    times = Times()
    for time_s in (0.1, 0.1, 2.0):
        times.add(time_s)
    assert times.take() == {str(slot_of(100.0)): 2, str(slot_of(2000.0)): 1}
    assert times.take() == {}
