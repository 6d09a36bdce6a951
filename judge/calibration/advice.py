"""What to label next so that the gate can decide."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.contracts import ReviewItem, VerdictStrata
from judge.calibration.correction import CALIBRATION_SHARE, Calibration
from judge.calibration.labelling import Said

_GROWTH = 1.25
_STEPS = 60
GOALS = {"pass": 0.5, "fail": 2.0}
"""What a card should be able to decide: releases of so many times the threshold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """How many more labels it takes to decide releases of one true rate, were the judge exactly as measured."""

    decision: str
    true_rate: float
    more: dict[str, int]
    """By kind: ``good`` and ``bad`` answers, or ``flagged`` and ``passed`` verdicts where those are drawn."""
    reachable: bool
    """False: not with a hundred thousand times as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Verdicts in the store that nobody has labelled."""

    flagged: int
    passed: int


def waiting(judge_id: str, items: Sequence[ReviewItem], said: Said) -> Waiting:
    """Return how many of a judge's verdicts could be labelled next."""
    own = [
        item for item in items if item.judge_id == judge_id and item.is_sample and (item.review_id, None) not in said
    ]
    return Waiting(flagged=sum(item.passed is False for item in own), passed=sum(item.passed is True for item in own))


def needs(calibration: Calibration, threshold: float, confidence: float) -> list[Need]:
    """Return what it takes to pass at half the threshold and to fail at twice of it.

    Labels are added where each one narrows the band most, with the shares seen so far.

    Args:
        calibration: As measured; empty where it says nothing of one kind.
        threshold: The gate's.
        confidence: The gate's.
    """
    error = CALIBRATION_SHARE * (1.0 - confidence)
    middle = calibration.against(threshold, error).middle
    if middle is None:
        return []
    return [
        _need(calibration, threshold, error, decision, middle.apparent(factor * threshold), factor * threshold)
        for decision, factor in GOALS.items()
        if factor * threshold < 1.0
    ]


def _need(start: Calibration, threshold: float, error: float, decision: str, apparent: float, true_rate: float) -> Need:
    present, grown = start, _counts(start)
    gap = _gap(present, threshold, error, decision, apparent)
    for _ in range(_STEPS):
        if gap < 0.0:
            break
        best = None
        for kind in grown:
            wider = _grown(present, kind)
            labels = _counts(wider)[kind] - _counts(present)[kind]
            left = _gap(wider, threshold, error, decision, apparent)
            gain = (gap - left) / max(labels, 1.0)
            if best is None or gain > best[0]:
                best = gain, wider, left
        if best is None:
            break
        _, present, gap = best
    after = _counts(present)
    return Need(
        decision=decision,
        true_rate=true_rate,
        more={kind: max(0, round(after[kind] - before)) for kind, before in grown.items()},
        reachable=gap < 0.0,
    )


def _gap(calibration: Calibration, threshold: float, error: float, decision: str, apparent: float) -> float:
    """Return how far an apparent rate is from being decided; negative where it is."""
    lower, upper = calibration.against(threshold, error).band
    return apparent - lower if decision == "pass" else upper - apparent


def _counts(calibration: Calibration) -> dict[str, float]:
    strata = calibration.strata
    if strata is None:
        return {"good": calibration.tn + calibration.fp, "bad": calibration.tp + calibration.fn}
    return {"flagged": strata.tp + strata.fp, "passed": strata.fn + strata.tn}


def _grown(calibration: Calibration, kind: str) -> Calibration:
    strata = calibration.strata
    if strata is not None:
        return replace(calibration, strata=_grown_strata(strata, kind))
    if kind == "good":
        return replace(calibration, tn=calibration.tn * _GROWTH, fp=calibration.fp * _GROWTH)
    return replace(calibration, tp=calibration.tp * _GROWTH, fn=calibration.fn * _GROWTH)


def _grown_strata(strata: VerdictStrata, kind: str) -> VerdictStrata:
    """Return strata with more labels of a kind, and as many more verdicts where the store would run out of them."""
    names = ("tp", "fp") if kind == "flagged" else ("fn", "tn")
    counts = {name: getattr(strata, name) * _GROWTH for name in names}
    store = {kind: max(getattr(strata, kind), sum(counts.values()))}
    weight = f"{kind}_weight"
    kept = getattr(strata, weight) * getattr(strata, kind) / store[kind] if store[kind] else 1.0
    return strata.model_copy(update={**counts, **store, weight: kept})
