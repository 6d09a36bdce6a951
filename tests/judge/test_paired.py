"""Two outcomes of the same things."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.paired import exact_mcnemar, paired_difference


@pytest.mark.parametrize(("first", "second", "value"), [(0, 0, 1.0), (5, 5, 1.0), (0, 6, 0.03125), (1, 9, 0.021484375)])
def test_mcnemars_test_is_exact(first: int, second: int, value: float) -> None:
    """Two-sided binomial tails at one half."""
    assert exact_mcnemar(first, second) == pytest.approx(value)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 100))
def test_the_interval_holds_the_estimate_and_turns_with_the_sides(gained: int, lost: int, same: int) -> None:
    one = paired_difference(gained, lost, gained + lost + same)
    other = paired_difference(lost, gained, gained + lost + same)
    assert one.estimate is not None
    assert -1.0 <= one.lower <= one.estimate <= one.upper <= 1.0
    assert one.lower == pytest.approx(-other.upper)


def test_nothing_compared_says_nothing() -> None:
    nothing = paired_difference(0, 0, 0)
    assert (nothing.estimate, nothing.lower, nothing.upper) == (None, -1.0, 1.0)


def test_the_interval_covers_the_true_difference_about_as_often_as_it_says() -> None:
    chance = random.Random(3)
    runs, count, gain, loss = 800, 150, 0.06, 0.02
    covered = 0
    for _ in range(runs):
        drawn = [chance.random() for _ in range(count)]
        gained, lost = sum(x < gain for x in drawn), sum(gain <= x < gain + loss for x in drawn)
        found = paired_difference(gained, lost, count)
        covered += found.lower <= gain - loss <= found.upper
    # Three standard errors of so many runs below the promised share.
    assert covered / runs >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / runs)
