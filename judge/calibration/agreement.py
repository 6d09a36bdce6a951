"""A judge against people: confusion counts, sensitivity, specificity and kappa, each with its interval."""

import random
from collections import Counter
from collections.abc import Sequence

from harness.contracts import Agreement, Estimate, VerdictStrata
from judge.calibration.correction import Calibration
from judge.calibration.labelling import Labelled, LabelledAnswer
from judge.calibration.strata import shares

_DRAWS = 2000
_SEED = 7
_PRIOR = 0.5
Cells = tuple[float, float, float, float]
"""Shares of tp, fn, tn and fp among all."""


def strata_of(labelled: Labelled) -> VerdictStrata | None:
    """Return what reweighting needs; None where verdicts had no say in what was labelled.

    Items of unequal weight count as the number of equal ones that would tell as much: (sum of weights)² / sum of
    squares (L. Kish, Survey sampling, 1965).
    """
    if not labelled.by_verdict:
        return None
    flagged = [weight for failed, weight in labelled.verdicts if failed]
    passed = [weight for failed, weight in labelled.verdicts if not failed]
    tp, fp = _effective([answer for answer in labelled.answers if answer.failed])
    fn, tn = _effective([answer for answer in labelled.answers if not answer.failed])
    return VerdictStrata(
        flagged=effective_count(flagged),
        passed=effective_count(passed),
        flagged_weight=_mean_weight(flagged),
        passed_weight=_mean_weight(passed),
        tp=tp,
        fp=fp,
        fn=fn,
        tn=tn,
    )


def effective_count(weights: Sequence[float]) -> float:
    """Return how many equal weights tell as much as these."""
    squares = sum(weight * weight for weight in weights)
    return sum(weights) ** 2 / squares if squares else 0.0


def _mean_weight(weights: Sequence[float]) -> float:
    """Return what one effective item stands for."""
    count = effective_count(weights)
    return sum(weights) / count if count else 1.0


def _effective(answers: Sequence[LabelledAnswer]) -> tuple[float, float]:
    """Return the effective numbers of bad and of good answers."""
    weights = [answer.weight for answer in answers]
    if not weights:
        return 0.0, 0.0
    share = sum(answer.weight for answer in answers if answer.bad) / sum(weights)
    count = effective_count(weights)
    return share * count, (1.0 - share) * count


def agreement(labelled: Labelled, *, confidence: float = 0.95) -> Agreement:
    """Return the figures of one judge, over whole answers or one criterion.

    Sensitivity and specificity have exact intervals (``Calibration.sides``);
    kappa (J. Cohen, A coefficient of agreement for nominal scales, 1960) has
    the middle part of its distribution under Jeffreys' prior, drawn with a
    fixed seed.

    Args:
        labelled: What was labelled, and how it was drawn.
        confidence: Of each interval for itself.
    """
    cells = Counter((answer.bad, answer.failed) for answer in labelled.answers)
    tp, fn, tn, fp = (cells[cell] for cell in ((True, True), (True, False), (False, False), (False, True)))
    calibration = Calibration(tp=tp, fn=fn, tn=tn, fp=fp, strata=strata_of(labelled))
    sensitivity, specificity = calibration.sides((1.0 - confidence) / 2.0)
    return Agreement(
        tp=tp,
        fn=fn,
        tn=tn,
        fp=fp,
        sensitivity=_estimate(calibration.sensitivity, sensitivity),
        specificity=_estimate(calibration.specificity, specificity),
        kappa=_kappa(calibration, confidence),
    )


def _estimate(value: float | None, bounds: tuple[float, float]) -> Estimate:
    lower, upper = bounds
    if value is None:
        return Estimate(estimate=None, lower=lower, upper=upper)
    return Estimate(estimate=value, lower=min(lower, value), upper=max(upper, value))


def kappa_of(cells: Cells) -> float | None:
    """Return Cohen's kappa; None where chance alone explains everything."""
    tp, fn, tn, fp = (cell / total for cell in cells) if (total := sum(cells)) else cells
    expected = (tp + fp) * (tp + fn) + (tn + fn) * (tn + fp)
    return (tp + tn - expected) / (1.0 - expected) if expected < 1.0 and total else None


def _kappa(calibration: Calibration, confidence: float) -> Estimate:
    value = kappa_of(_cells(calibration))
    if value is None:
        return Estimate(estimate=None, lower=-1.0, upper=1.0)
    rng = random.Random(_SEED)
    draws = sorted(kappa_of(_drawn(calibration, rng)) or 0.0 for _ in range(_DRAWS))
    cut = int(_DRAWS * (1.0 - confidence) / 2.0)
    return _estimate(value, (draws[cut], draws[-1 - cut]))


def _cells(calibration: Calibration) -> Cells:
    strata = calibration.strata
    if strata is None:
        return calibration.tp, calibration.fn, calibration.tn, calibration.fp
    a, b, q = shares(strata)
    return _joint(a, b, q) if a is not None and b is not None and q is not None else (0.0, 0.0, 0.0, 0.0)


def _joint(a: float, b: float, q: float) -> Cells:
    return a * q, b * (1.0 - q), (1.0 - b) * (1.0 - q), (1.0 - a) * q


def _drawn(calibration: Calibration, rng: random.Random) -> Cells:
    strata = calibration.strata
    if strata is None:
        tp, fn, tn, fp = (rng.gammavariate(count + _PRIOR, 1.0) for count in _cells(calibration))
        return tp, fn, tn, fp
    odds_factor = strata.flagged_weight / strata.passed_weight
    q = rng.betavariate(strata.flagged + _PRIOR, strata.passed + _PRIOR)
    return _joint(
        rng.betavariate(strata.tp + _PRIOR, strata.fp + _PRIOR),
        rng.betavariate(strata.fn + _PRIOR, strata.tn + _PRIOR),
        q * odds_factor / (q * odds_factor + 1.0 - q),
    )
