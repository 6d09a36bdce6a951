"""Exact bounds of shares."""

import math

import pytest
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from harness.proportions import at_least, exact_interval, lower_bound, upper_bound


@pytest.mark.parametrize(
    ("hits", "total", "lower", "upper"),
    [(600, 600, 0.993871, 1.0), (0, 10, 0.0, 0.308498), (5, 10, 0.187086, 0.812914), (584, 600, 0.957056, 0.984683)],
)
def test_the_ends_are_clopper_and_pearsons(hits: int, total: int, lower: float, upper: float) -> None:
    """Reference values: scipy.stats.beta.ppf(0.025, hits, total - hits + 1) and (0.975, hits + 1, total - hits)."""
    assert exact_interval(hits, total) == pytest.approx((lower, upper), abs=1e-6)


@given(hits=st.integers(1, 40), more=st.integers(0, 40), share=st.floats(0.001, 0.999))
def test_the_tail_is_the_binomials(hits: int, more: int, share: float) -> None:
    total = hits + more
    tail = math.fsum(math.comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(hits, total + 1))
    assert at_least(hits, total, share) == pytest.approx(tail, rel=1e-9, abs=1e-12)


@tuned(deadline=None, max_examples=25)
@given(hits=st.floats(0.0, 50.0), misses=st.floats(0.0, 50.0), step=st.floats(0.0, 5.0))
def test_effective_counts_move_the_bounds_as_whole_ones_do(hits: float, misses: float, step: float) -> None:
    low = lower_bound(hits, hits + misses, 0.05)
    assert low <= lower_bound(hits + step, hits + step + misses, 0.05) + 1e-12
    assert low >= lower_bound(hits, hits + misses + step, 0.05) - 1e-12
    assert low <= upper_bound(hits, hits + misses, 0.05)


def test_nothing_out_of_nothing_may_be_any_share() -> None:
    assert exact_interval(0, 0) == (0.0, 1.0)


def test_a_smaller_error_asks_for_a_wider_interval() -> None:
    assert lower_bound(190, 200, 0.001) < lower_bound(190, 200, 0.05) < 0.95 < upper_bound(190, 200, 0.05)
