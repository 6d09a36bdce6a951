"""What a number of prompts can decide about releases of a known true failure rate."""

from dataclasses import dataclass

from judge.boundary import Boundary
from judge.calibration.correction import Calibration, Correction
from judge.flawless import flawless_prompts
from judge.prospects import prospect
from judge.statistics import SequentialTest

TRUE_RATES = (0.0, 0.25, 0.5, 1.0, 1.5, 2.5)
"""Multiples of the threshold: at 2 % these are 0, 0.5, 1, 2, 3 and 5 %."""
HORIZON = 20_000
"""So many prompts are looked at for when the test would decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What happens to releases of one true failure rate."""

    true_rate: float
    passes: float
    """Share of the tier's runs."""
    fails: float
    undecided: float
    mean_prompts: float
    """That the test reads."""
    half_by: int | None
    """Prompts by which half of such releases would have been decided one way; None: more than ``HORIZON``, or never."""
    most_by: int | None
    """The same of nine in ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decidable:
    """What a tier can and cannot decide."""

    pass_needs: int | None
    """Prompts that pass without any failed verdict; None: the judge's error forbids a pass. A judge that fails good
    answers makes even a flawless release need more: see its outlook."""
    can_pass: bool
    """Whether the tier reads so many."""
    excludes: float
    """The upper bound of the failure rate that the tier reaches without any failed verdict."""
    undecidable: tuple[float, float] | None
    """True rates that no number of prompts decides; None: only the threshold itself, or not known."""
    outlooks: list[Outlook]


def decidable(threshold: float, confidence: float, prompts: int, calibration: Calibration | None = None) -> Decidable:
    """Return what a test of so many prompts can decide.

    Args:
        threshold: The gate's.
        confidence: The gate's.
        prompts: That the test reads at most.
        calibration: The judge's measured error; None: verdicts are taken for the truth.
    """
    test = SequentialTest(threshold, confidence, calibration)
    boundary = Boundary.of(test)
    needed = flawless_prompts(threshold, confidence, calibration)
    reached = SequentialTest(threshold, confidence, calibration).update(failed=0, judged=max(1, prompts))
    rates = [min(1.0, multiple * threshold) for multiple in TRUE_RATES]
    return Decidable(
        pass_needs=needed,
        can_pass=needed is not None and prompts >= needed,
        excludes=reached.upper,
        undecidable=test.correction.undecidable if test.correction is not None else None,
        outlooks=[_outlook(boundary, test.correction, rate, prompts) for rate in rates if _is_seen(test.correction)],
    )


def _is_seen(correction: Correction | None) -> bool:
    return correction is None or correction.middle is not None


def _outlook(boundary: Boundary, correction: Correction | None, rate: float, prompts: int) -> Outlook:
    middle = correction.middle if correction is not None else None
    apparent = rate if middle is None else middle.apparent(rate)
    # Between the ends no number of prompts decides: there is nothing to look for.
    hopeless = boundary.low <= apparent <= boundary.high
    found = prospect(boundary, apparent, prompts, beyond=0 if hopeless else HORIZON)
    return Outlook(
        true_rate=rate,
        passes=found.passes,
        fails=found.fails,
        undecided=found.undecided,
        mean_prompts=found.mean_prompts,
        half_by=found.half_by,
        most_by=found.most_by,
    )
