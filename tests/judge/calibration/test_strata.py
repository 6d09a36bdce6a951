"""Reweighting labels that were drawn by verdict."""

import random

import pytest
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from harness.contracts import VerdictStrata
from judge.calibration.correction import Calibration
from judge.calibration.strata import Errors, StrataBounds, false_alarms_at, sensitivity_at

SHARE = st.floats(0.01, 0.99)


@given(a=SHARE, b=SHARE, q=SHARE)
def test_bayes_rule_gives_back_the_shares(a: float, b: float, q: float) -> None:
    sensitivity, alarms = sensitivity_at(a, b, q), false_alarms_at(a, b, q)
    assert sensitivity is not None
    assert alarms is not None
    bad = a * q + b * (1 - q)
    assert bad * sensitivity + (1 - bad) * alarms == pytest.approx(q)


def sampled(rng: random.Random, *, prevalence: float, sensitivity: float, specificity: float) -> VerdictStrata:
    """Return all flagged answers of 3,000 and an audit of 5 % of the passes, all labelled rightly."""
    counts = dict.fromkeys(("tp", "fp", "fn", "tn"), 0)
    for _ in range(3000):
        bad = rng.random() < prevalence
        failed = rng.random() < (sensitivity if bad else 1 - specificity)
        if failed or rng.random() < 0.05:
            counts[("tp" if bad else "fp") if failed else ("fn" if bad else "tn")] += 1
    flagged, passed = counts["tp"] + counts["fp"], counts["fn"] + counts["tn"]
    return VerdictStrata(flagged=flagged, passed=passed, passed_weight=20, **counts)


def test_intervals_hold_the_truth_and_counting_plainly_would_not() -> None:
    """Nominal 95 %; of 60 samples at most 7 may miss (two and a half deviations). The plain count misses nearly all."""
    rng = random.Random(11)
    missed = {"sensitivity": 0, "specificity": 0, "plainly": 0}
    for _ in range(60):
        strata = sampled(rng, prevalence=0.05, sensitivity=0.8, specificity=0.97)
        sensitivity, specificity = Calibration(strata=strata).sides(0.025)
        plain, _ = Calibration(tp=strata.tp, fn=strata.fn, tn=strata.tn, fp=strata.fp).sides(0.025)
        missed["sensitivity"] += not sensitivity[0] <= 0.8 <= sensitivity[1]
        missed["specificity"] += not specificity[0] <= 0.97 <= specificity[1]
        missed["plainly"] += not plain[0] <= 0.8 <= plain[1]
    assert missed["sensitivity"] <= 7
    assert missed["specificity"] <= 7
    assert missed["plainly"] >= 45


def test_the_low_and_the_high_line_hold_the_apparent_rate_at_the_threshold() -> None:
    rng = random.Random(5)
    crossed = [0, 0]
    truth = 0.02 * 0.8 + 0.98 * 0.03
    for _ in range(60):
        strata = sampled(rng, prevalence=0.05, sensitivity=0.8, specificity=0.97)
        lower, upper = Calibration(strata=strata).against(0.02, 0.05).band
        crossed[0] += lower > truth
        crossed[1] += upper < truth
    assert crossed[0] <= 7
    assert crossed[1] <= 7


@tuned(deadline=None, max_examples=40)
@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.floats(0.1, 100))
def test_bounds_lie_around_what_was_observed(tp: int, fp: int, fn: int, tn: int, weight: float) -> None:
    strata = VerdictStrata(flagged=tp + fp, passed=fn + tn, passed_weight=weight, tp=tp, fp=fp, fn=fn, tn=tn)
    each = dict.fromkeys(Errors.__dataclass_fields__, 0.01)
    bounds, measured = StrataBounds(strata, Errors(**each)), Calibration(strata=strata)
    assert 0.0 <= bounds.sensitivity_low <= bounds.sensitivity_high <= 1.0
    assert 0.0 <= bounds.false_alarms_low <= bounds.false_alarms_high <= 1.0
    if measured.sensitivity is not None:
        assert bounds.sensitivity_low - 1e-9 <= measured.sensitivity <= bounds.sensitivity_high + 1e-9
    if measured.specificity is not None:
        assert bounds.false_alarms_low - 1e-9 <= 1 - measured.specificity <= bounds.false_alarms_high + 1e-9


def test_a_judge_that_never_failed_an_answer_has_false_alarms_of_none() -> None:
    calibration = Calibration(strata=VerdictStrata(flagged=0, passed=80, passed_weight=10, fn=2, tn=78))
    assert (calibration.sensitivity, calibration.specificity) == (0.0, 1.0)
    assert calibration.sides(0.025)[1][0] < 1.0


def test_an_audit_without_a_find_does_not_prove_that_nothing_is_missed() -> None:
    strata = VerdictStrata(flagged=50, passed=100, passed_weight=50, tp=40, fp=10, fn=0, tn=100)
    calibration = Calibration(strata=strata)
    assert calibration.sensitivity == 1.0
    assert calibration.sides(0.025)[0][0] < 0.5
