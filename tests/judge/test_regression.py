"""The regression test: changes of outcome as tosses of a coin, looked at after each."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.regression import FAIR, WORSE, RegressionTest


def after(changes: str, confidence: float = 0.95) -> RegressionTest:
    """Return the test after some changes: ``n`` failed only now, ``f`` only before."""
    test = RegressionTest(confidence)
    for change in changes:
        test.add(new=change == "n")
    return test


def test_six_new_failures_without_a_fix_are_a_regression_and_five_are_none() -> None:
    assert after("n" * 6).regressed
    assert not after("n" * 5).regressed
    assert (RegressionTest().fewest, RegressionTest().needed) == (6, 20.0)


def test_fixes_weigh_against_new_failures() -> None:
    assert not after("fffnnnnnn").regressed
    assert not after("f" * 200).regressed


def test_the_first_decision_stands() -> None:
    test = after("n" * 6 + "f" * 50)
    assert test.regressed
    assert (test.new, test.fixed) == (6, 50)


def test_more_confidence_takes_more() -> None:
    assert not after("n" * 6, confidence=0.99).regressed


@pytest.mark.parametrize("confidence", [0.5, 1.0, 0.2])
def test_a_confidence_that_is_none_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match=r"between 0\.5 and 1"):
        RegressionTest(confidence)


@given(st.integers(0, 60), st.integers(0, 60))
def test_evidence_is_a_martingale_under_a_fair_coin(new: int, fixed: int) -> None:
    """Its expected value after one more toss is its present one: that is what lets one look at any time."""

    def evidence(n: int, f: int) -> float:
        test = RegressionTest()
        test.new, test.fixed = n, f
        return math.exp(test.log_evidence)

    following = (evidence(new + 1, fixed) + evidence(new, fixed + 1)) / 2
    assert following == pytest.approx(evidence(new, fixed), rel=1e-9)


def test_the_alternatives_are_all_worse_and_their_weights_sum_to_one() -> None:
    assert sum(weight for _, weight in WORSE) == pytest.approx(1.0)
    assert all(FAIR < ratio * FAIR <= 1.0 for ratio, _ in WORSE)


def test_releases_that_are_no_worse_are_called_worse_in_at_most_one_of_twenty_runs() -> None:
    chance = random.Random(5)
    runs = 1500
    alarms = sum(after("".join(chance.choice("nf") for _ in range(150))).regressed for _ in range(runs))
    # Three standard errors of so many runs above the promised share.
    assert alarms / runs <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)
