"""From a judge's measured error to what the gate may decide on the rate it sees.

A judge with sensitivity ``s`` and false alarms ``f`` (one minus specificity)
shows a true failure rate ``r`` as the apparent rate ``r s + (1 - r) f``: a
line. Labels know ``s`` and ``f`` only so well; the lowest and the highest line
that they allow map the threshold to a band of apparent rates. A release whose
apparent rate is below the whole band passes, above it fails, and within it no
number of prompts decides.

The error is shared by Bonferroni: a fixed part is spent on the lines, the rest
on the sequential test against the band's end. Within the low line's part,
sensitivity and false alarms get shares in proportion to what they weigh in the
apparent rate at the threshold, ``threshold / sqrt(bad labels)`` and
``(1 - threshold) / sqrt(good labels)``, which no count of errors influences.

The high line takes every failure to be seen: time-outs and broken replies fail
without being judged, the next release may be bad in ways that are plainer than
those of the labels, and the second bad answer of a conversation may be noticed
where the first was not. So its whole part is spent on the false alarms.

Labels speak of answers, the rate of prompts, and a prompt of several turns
fails when any of its answers does. By Boole's inequality, however its answers
hang together, it fails wrongly at most as often as the false alarms of all its
answers add up to: the high line has the mean number of answers times as many.
The low line stays. More answers mean more chances to fail, so that it is still
the lowest as long as the judge errs no less on answers of longer conversations.

Where the judge is in truth worse than chance, lines fall. A wrong pass then
needs an apparent rate below both ends of the line and so below the lowest
sensitivity; since a pass is only allowed where the lowest line rises, the error
stays within its part. A wrong fail needs more false alarms than the high line's.

Sources: W. Rogan, B. Gladen, Estimating prevalence from the results of a
screening test (1978), for the estimate; J. Reiczigel, J. Földi, L. Ózsvári,
Exact confidence limits for prevalence of a disease with an imperfect
diagnostic test (2010) and Z. Lang, J. Reiczigel, Confidence limits for
prevalence of disease adjusted for estimated sensitivity and specificity (2014)
for intervals that carry both errors; C. Clopper, E. Pearson (1934) for the
bounds.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from harness.contracts import JudgeCard, VerdictStrata
from harness.proportions import lower_bound, upper_bound
from judge.calibration.strata import Errors, StrataBounds, false_alarms_at, sensitivity_at, shares

CALIBRATION_SHARE = 0.6
"""Of the error: labels are dearer than prompts, so their part is the larger."""
_LEAST_PART = 0.15
"""Of the low line's error, for the lighter one of sensitivity and false alarms: the bound of few labels gives way fast."""


@dataclass(frozen=True, slots=True)
class Line:
    """The apparent rate as a function of the true one."""

    sensitivity: float
    false_alarms: float

    @property
    def rises(self) -> bool:
        """Whether more bad answers mean more failed verdicts: otherwise verdicts tell nothing."""
        return self.sensitivity > self.false_alarms

    def apparent(self, rate: float) -> float:
        """Return the share of failed verdicts where so many answers are bad."""
        return rate * self.sensitivity + (1.0 - rate) * self.false_alarms

    def rate(self, apparent: float) -> float:
        """Return the share of bad answers behind an apparent rate (Rogan and Gladen), cut to 0 … 1.

        The line has to rise.
        """
        return min(1.0, max(0.0, (apparent - self.false_alarms) / (self.sensitivity - self.false_alarms)))

    def of_prompts(self, turns: float) -> Self:
        """Return the line of prompts with so many answers, of which the judge's errors are independent."""
        others = (1.0 - self.false_alarms) ** (turns - 1.0)
        return type(self)(1.0 - (1.0 - self.sensitivity) * others, 1.0 - (1.0 - self.false_alarms) * others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a calibration makes of one threshold."""

    threshold: float
    low: Line
    """The least apparent rates that the labels allow."""
    high: Line
    """The greatest."""
    middle: Line | None
    """What the labels say most probably; None where they say nothing of one kind, or the judge tells nothing."""
    turns: float
    """Answers a prompt gets on average; the labels speak of single ones."""

    @property
    def band(self) -> tuple[float, float]:
        """The apparent rates that decide nothing: passing is below, failing above; 0 and 1 where neither is possible."""
        lower = self.low.apparent(self.threshold) if self.low.rises else 0.0
        upper = self.high.apparent(self.threshold) if self.high.rises else 1.0
        return lower, upper

    @property
    def undecidable(self) -> tuple[float, float] | None:
        """The true rates that no number of prompts decides, were the judge exactly as measured; None if not known."""
        if self.middle is None:
            return None
        lower, upper = self.band
        return self.middle.rate(lower), self.middle.rate(upper)

    @property
    def can_pass(self) -> bool:
        """Whether any release could pass: one without a bad answer still shows the judge's false alarms."""
        return self.band[0] > (self.middle.false_alarms if self.middle else 0.0)

    @property
    def can_fail(self) -> bool:
        """Whether any release could fail."""
        return self.band[1] < (self.middle.sensitivity if self.middle else 1.0)

    def estimate(self, apparent: float) -> float | None:
        """Return the corrected rate."""
        return self.middle.rate(apparent) if self.middle else None

    def interval(self, lower: float, upper: float) -> tuple[float, float]:
        """Return the bounds of the true rate from those of the apparent one."""
        return (
            self.high.rate(lower) if self.high.rises else 0.0,
            self.low.rate(upper) if self.low.rises else 1.0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What a judge card says about the judge's error; positive is a bad answer that the judge failed.

    Counts are of labels drawn without regard to the verdict. Where they were
    drawn by verdict, ``strata`` says how and counts alone. ``turns`` is how many
    answers the prompts get on average that the rate is read from.
    """

    tp: float = 0.0
    fn: float = 0.0
    tn: float = 0.0
    fp: float = 0.0
    strata: VerdictStrata | None = None
    card_id: str = ""
    turns: float = 1.0

    def __post_init__(self) -> None:
        """Refuse impossible counts.

        Raises:
            ValueError: If a count is negative or no number, or a prompt has less than one answer.
        """
        if not (math.isfinite(self.turns) and self.turns >= 1.0):
            raise ValueError(f"turns is {self.turns}; it must be at least 1")
        for name in ("tp", "fn", "tn", "fp"):
            count = getattr(self, name)
            if not (math.isfinite(count) and count >= 0.0):
                raise ValueError(f"{name} is {count}; it must be a count")

    @classmethod
    def of(cls, card: JudgeCard, *, turns: float = 1.0) -> Self:
        """Return a card's calibration for prompts that get so many answers on average."""
        counts = card.overall
        return cls(
            tp=counts.tp,
            fn=counts.fn,
            tn=counts.tn,
            fp=counts.fp,
            strata=card.strata,
            card_id=card.card_id,
            turns=turns,
        )

    @property
    def sensitivity(self) -> float | None:
        """Share of bad answers that the judge fails; None where nothing says so."""
        if self.strata is None:
            return self.tp / (self.tp + self.fn) if self.tp + self.fn else None
        a, b, q = shares(self.strata)
        return None if a is None or b is None or q is None else sensitivity_at(a, b, q)

    @property
    def specificity(self) -> float | None:
        """Share of good answers that the judge passes; None where nothing says so."""
        if self.strata is None:
            return self.tn / (self.tn + self.fp) if self.tn + self.fp else None
        a, b, q = shares(self.strata)
        alarms = None if a is None or b is None or q is None else false_alarms_at(a, b, q)
        return None if alarms is None else 1.0 - alarms

    def against(self, threshold: float, error: float) -> Correction:
        """Return what the labels make of a threshold.

        Args:
            threshold: Of the true failure rate.
            error: Probability, each for the low and the high line, that the judge's true line crosses it at the
                threshold.
        """
        return _correction(self, threshold, error)

    @property
    def middle(self) -> Line | None:
        """The line that was measured, of prompts; None where labels of one kind are missing."""
        sensitivity, specificity = self.sensitivity, self.specificity
        if sensitivity is None or specificity is None:
            return None
        return Line(sensitivity, 1.0 - specificity).of_prompts(self.turns)

    def sides(self, error: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the bounds of sensitivity and of specificity, each end missing the truth with ``error`` at most."""
        if self.strata is None:
            bad, good = self.tp + self.fn, self.tn + self.fp
            return (
                (lower_bound(self.tp, bad, error), upper_bound(self.tp, bad, error)),
                (lower_bound(self.tn, good, error), upper_bound(self.tn, good, error)),
            )
        least = StrataBounds(
            self.strata,
            Errors(bad_in_flagged_low=0.15 * error, bad_in_passed_high=0.7 * error, flagged_low=0.15 * error),
        )
        most = StrataBounds(
            self.strata,
            Errors(bad_in_flagged_high=0.15 * error, bad_in_passed_low=0.7 * error, flagged_high=0.15 * error),
        )
        few = StrataBounds(
            self.strata, Errors(bad_in_flagged_high=0.7 * error, bad_in_passed_low=0.1 * error, flagged_low=0.2 * error)
        )
        return (
            (least.sensitivity_low, most.sensitivity_high),
            (1.0 - self.most_false_alarms(error), 1.0 - few.false_alarms_low),
        )

    def most_false_alarms(self, error: float) -> float:
        """Return the share of good answers that the judge fails at most, but for this probability."""
        if self.strata is None:
            return upper_bound(self.fp, self.tn + self.fp, error)
        errors = Errors(bad_in_flagged_low=0.7 * error, bad_in_passed_high=0.1 * error, flagged_high=0.2 * error)
        return StrataBounds(self.strata, errors).false_alarms_high

    def low_line(self, threshold: float, error: float) -> Line:
        """Return the least sensitivity and false alarms at once, but for this probability."""
        if self.strata is not None:
            # What each of the three shares weighs at small thresholds chose the parts.
            errors = Errors(
                bad_in_flagged_low=0.1 * error,
                bad_in_flagged_high=0.35 * error,
                bad_in_passed_high=0.45 * error,
                flagged_low=0.1 * error,
            )
            bounds = StrataBounds(self.strata, errors)
            return Line(bounds.sensitivity_low, bounds.false_alarms_low)
        bad, good = self.tp + self.fn, self.tn + self.fp
        of_bad = threshold / math.sqrt(max(bad, 1.0))
        of_good = (1.0 - threshold) / math.sqrt(max(good, 1.0))
        part = min(1.0 - _LEAST_PART, max(_LEAST_PART, of_bad / (of_bad + of_good)))
        return Line(lower_bound(self.tp, bad, part * error), lower_bound(self.fp, good, (1.0 - part) * error))

    def high_line(self, error: float) -> Line:
        """Return the line that no prompts' apparent rate is above, but for this probability."""
        return Line(1.0, min(1.0, self.turns * self.most_false_alarms(error)))


@lru_cache(maxsize=256)
def _correction(calibration: Calibration, threshold: float, error: float) -> Correction:
    middle = calibration.middle
    low, high = calibration.low_line(threshold, error), calibration.high_line(error)
    if middle is not None and not middle.rises:
        low, high, middle = Line(0.0, 0.0), Line(1.0, 1.0), None
    return Correction(threshold=threshold, low=low, high=high, middle=middle, turns=calibration.turns)
