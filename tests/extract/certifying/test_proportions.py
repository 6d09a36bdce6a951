"""The exact interval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.certifying.proportions import exact_interval, fewest_for


@pytest.mark.parametrize(
    ("hits", "total", "lower", "upper"),
    [
        (600, 600, 0.993871, 1.0),
        (0, 10, 0.0, 0.308498),
        (10, 10, 0.691503, 1.0),
        (5, 10, 0.187086, 0.812914),
        (584, 600, 0.957056, 0.984683),
    ],
)
def test_the_ends_are_clopper_and_pearsons(hits: int, total: int, lower: float, upper: float) -> None:
    """Reference values: scipy.stats.beta.ppf(0.025, hits, total - hits + 1) and (0.975, hits + 1, total - hits)."""
    assert exact_interval(hits, total) == pytest.approx((lower, upper), abs=1e-6)


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_interval_holds_the_share_and_is_its_own_mirror(hits: int, misses: int) -> None:
    lower, upper = exact_interval(hits, hits + misses)
    if hits + misses:
        assert lower <= hits / (hits + misses) <= upper
    assert exact_interval(misses, hits + misses) == pytest.approx((1 - upper, 1 - lower))


def test_nothing_out_of_nothing_may_be_any_share() -> None:
    assert exact_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("share", "misses"), [(0.9, 0), (0.98, 0), (0.98, 1), (0.995, 2), (0.5, 3)])
def test_the_fewest_that_can_show_a_share_are_the_fewest(share: float, misses: int) -> None:
    enough = fewest_for(share, misses=misses)
    assert exact_interval(enough - misses, enough)[0] >= share
    assert exact_interval(enough - 1 - misses, enough - 1)[0] < share


def test_the_fewest_without_a_miss_follow_from_the_power() -> None:
    """All of n found begin at 0.025 to the power of 1/n."""
    assert 0.98 ** fewest_for(0.98) <= 0.025 < 0.98 ** (fewest_for(0.98) - 1)
