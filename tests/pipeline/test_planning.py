"""What a tier can decide, simulated with the gate's own test."""

import pytest

from pipeline.planning import simulate


def test_a_flawless_release_passes_after_about_190_prompts() -> None:
    """The figure of the gate's statistics."""
    outlook = simulate(0.0, 1000, 0.02, 0.95)
    assert outlook.passes == 1.0
    assert 150 < outlook.mean_prompts < 250


def test_a_small_tier_never_certifies() -> None:
    """Fifty prompts can fail a bad release only."""
    assert simulate(0.0, 50, 0.02, 0.95).undecided == 1.0
    assert simulate(0.2, 50, 0.02, 0.95).fails > 0.5


@pytest.mark.parametrize("rate", [0.0, 0.005, 0.02, 0.1])
def test_shares_sum_to_one_and_nothing_reads_beyond_the_tier(rate: float) -> None:
    """Every simulated run ends in one of three ways."""
    outlook = simulate(rate, 200, 0.02, 0.95)
    assert outlook.passes + outlook.fails + outlook.undecided == pytest.approx(1.0)
    assert outlook.mean_prompts <= 200


def test_simulations_repeat_exactly() -> None:
    """A plan says the same twice."""
    assert simulate(0.01, 500, 0.02, 0.95) == simulate(0.01, 500, 0.02, 0.95)
