"""An anytime-valid test of the failure rate against the gate's threshold.

Two e-processes watch the same stream of verdicts. One gathers evidence that
the rate is below the threshold, the other that it is above. Each is a
nonnegative martingale (at the threshold) or supermartingale (beyond it) that
starts at 1, so by Ville's inequality it ever reaches ``1 / (1 - confidence)``
with probability at most ``1 - confidence``, however often one looks.

Each e-process is a mixture of likelihood ratios "rate is ``ratio × threshold``
against rate is ``threshold``" over fixed ratios (Wald's weight functions,
Robbins' mixtures). Fixing ratios rather than rates makes the evidence monotone
in the threshold, so the same mixture inverts into a confidence sequence that
agrees with the decision: pass exactly when ``upper < threshold``, fail exactly
when ``lower > threshold``. Each bound holds at all looks with probability
``confidence`` at least, both at once therefore with ``2 confidence - 1`` at
least; ``bench.gate`` measures how much more it is.

With a judge's calibration the threshold becomes a band of apparent rates, and
each e-process watches its own end of it; see ``judge.calibration.correction``.

Sources: J. Ville, Étude critique de la notion de collectif (1939); A. Wald,
Sequential tests of statistical hypotheses (1945); H. Robbins, Statistical
methods related to the law of the iterated logarithm (1970); S. Howard,
A. Ramdas, J. McAuliffe, J. Sekhon, Time-uniform, nonparametric, nonasymptotic
confidence sequences (2021); A. Ramdas, P. Grünwald, V. Vovk, G. Shafer,
Game-theoretic statistics and safe anytime-valid inference (2023).
"""

import math
import operator
from dataclasses import dataclass, field
from typing import Literal

from judge.calibration.correction import CALIBRATION_SHARE, Calibration, Correction

StateDecision = Literal["pass", "fail", "undecided"]

Mixture = tuple[tuple[float, float], ...]
"""Pairs of ratio to the threshold and weight; the weights sum to 1."""

# Chosen so that, at 2 % and 95 %, a flawless release passes after fewer than 200 prompts and half the threshold after
# about 1,050 (a single alternative at 1 % would need 960); the ratios near 1 decide close cases, slowly.
BELOW: Mixture = (
    (0.0, 0.25),
    (0.15, 0.08),
    (0.3, 0.1),
    (0.45, 0.19),
    (0.55, 0.14),
    (0.65, 0.09),
    (0.75, 0.06),
    (0.84, 0.04),
    (0.92, 0.025),
    (0.96, 0.012),
    (0.98, 0.008),
    (0.99, 0.005),
)
ABOVE: Mixture = (
    (1.02, 0.005),
    (1.04, 0.005),
    (1.08, 0.01),
    (1.16, 0.02),
    (1.3, 0.04),
    (1.5, 0.08),
    (1.8, 0.12),
    (2.2, 0.17),
    (2.7, 0.165),
    (3.5, 0.14),
    (5.0, 0.12),
    (8.0, 0.07),
    (14.0, 0.035),
    (25.0, 0.015),
    (50.0, 0.005),
)
_BISECTIONS = 60


def log_evidence(mixture: Mixture, threshold: float, failed: int, passed: int) -> float:
    """Return the logarithm of an e-process's value.

    Args:
        mixture: ``BELOW`` for evidence against ``rate >= threshold``, ``ABOVE`` against ``rate <= threshold``.
        threshold: The rate on the boundary of the null hypothesis, 0 < threshold < 1.
        failed: Failures so far.
        passed: Passes so far.
    """
    logs = []
    for ratio, weight in mixture:
        rate = min(1.0, ratio * threshold)
        if (failed and rate == 0.0) or (passed and rate == 1.0):
            continue
        log = math.log(weight)
        if failed:
            log += failed * math.log(rate / threshold)
        if passed:
            log += passed * (math.log1p(-rate) - math.log1p(-threshold))
        logs.append(log)
    if not logs:
        return -math.inf
    largest = max(logs)
    return largest + math.log(sum(math.exp(log - largest) for log in logs))


class _Bounds:
    """The confidence sequence: the intersection of the intervals at every look.

    Between failures the upper bound only falls, and between passes the lower
    bound only rises; so the looks just before and just after failures, and the
    present one, determine the intersection. They are solved when asked for.
    """

    def __init__(self, log_level: float) -> None:
        self._level = log_level
        self.looks: list[tuple[int, int]] = []
        self._folded: list[tuple[float, float]] = [(0.0, 1.0)]

    def at(self, looks: int, failed: int, judged: int) -> tuple[float, float]:
        """Return lower and upper bound after the first ``looks`` kept looks and the present one."""
        while len(self._folded) <= looks:
            self._folded.append(self._narrowed(*self._folded[-1], *self.looks[len(self._folded) - 1]))
        return self._narrowed(*self._folded[looks], failed, judged)

    def _narrowed(self, lower: float, upper: float, failed: int, judged: int) -> tuple[float, float]:
        passed = judged - failed
        if passed and (upper == 1.0 or log_evidence(BELOW, upper, failed, passed) >= self._level):
            upper = self._solve(BELOW, failed / judged, upper, failed, passed)
        if failed and (lower == 0.0 or log_evidence(ABOVE, lower, failed, passed) >= self._level):
            lower = self._solve(ABOVE, failed / judged, lower, failed, passed)
        return lower, upper

    def _solve(self, mixture: Mixture, inside: float, outside: float, failed: int, passed: int) -> float:
        """Return the rate nearest to ``outside`` that is still possible, between it and the estimate ``inside``."""
        for _ in range(_BISECTIONS):
            middle = (inside + outside) / 2
            if middle in (inside, outside):
                break
            if log_evidence(mixture, middle, failed, passed) >= self._level:
                outside = middle
            else:
                inside = middle
        # The outer end errs on the wide side, by less than the bisection's last step.
        return outside


@dataclass(frozen=True, slots=True)
class Interval:
    """A failure rate with bounds, each of which holds at all looks at once with the test's confidence."""

    estimate: float | None
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the test knows after some number of verdicts.

    ``estimate``, ``lower`` and ``upper`` are of the rate that decides: the
    apparent one, or, with a calibration, the one corrected for the judge's
    error. ``raw`` and ``corrected`` are each of them.
    """

    decision: StateDecision
    failed: int
    judged: int
    threshold: float
    correction: Correction | None = field(default=None, repr=False, compare=False)
    """None: the decision is about the apparent rate."""
    _looks: int = field(repr=False, compare=False)
    _bounds: _Bounds = field(repr=False, compare=False)

    @property
    def estimate(self) -> float | None:
        """The failure rate, 0 … 1; None before the first verdict, or where the judge's labels do not give one."""
        if self.correction is None or not self.judged:
            return self._share
        return self.correction.estimate(self.failed / self.judged)

    @property
    def lower(self) -> float:
        """Lower bound of the failure rate; above the threshold exactly when the decision is ``fail``."""
        return self._interval()[0]

    @property
    def upper(self) -> float:
        """Upper bound of the failure rate; below the threshold exactly when the decision is ``pass``."""
        return self._interval()[1]

    @property
    def raw(self) -> Interval:
        """The apparent rate: the share of verdicts that failed."""
        if self.correction is None or not self.judged:
            return Interval(self._share, *self._interval())
        lower, upper = self._bounds.at(self._looks, self.failed, self.judged)
        return Interval(self._share, *_holding(lower, upper, self._share))

    @property
    def corrected(self) -> Interval | None:
        """The rate without the judge's error, its own uncertainty included; None without a calibration."""
        return Interval(self.estimate, *self._interval()) if self.correction is not None else None

    @property
    def _share(self) -> float | None:
        return self.failed / self.judged if self.judged else None

    def _interval(self) -> tuple[float, float]:
        """Return both bounds of the rate that decides, each valid at all looks at once.

        They hold the estimate as well: verdicts that contradict earlier ones widen the interval, as far as the
        decision allows.
        """
        if not self.judged:
            return 0.0, 1.0
        lower, upper = self._bounds.at(self._looks, self.failed, self.judged)
        if self.correction is not None:
            lower, upper = self.correction.interval(lower, upper)
        lower, upper = _holding(lower, upper, self.estimate)
        above, below = math.nextafter(self.threshold, 1.0), math.nextafter(self.threshold, 0.0)
        if self.decision == "pass":
            return min(lower, below), min(upper, below)
        if self.decision == "fail":
            return max(lower, above), max(upper, above)
        # Where evidence and level differ by a rounding error only, the decision stands.
        return min(lower, self.threshold), max(upper, self.threshold)


def _holding(lower: float, upper: float, estimate: float | None) -> tuple[float, float]:
    return (lower, upper) if estimate is None else (min(lower, estimate), max(upper, estimate))


class SequentialTest:
    """Decides whether a failure rate is below or above a threshold, as early as the evidence allows.

    It may be looked at after every verdict. Whatever the true rate, a wrong
    ``pass`` has probability at most ``1 - confidence``, and so has a wrong
    ``fail``. The first decision stands; later verdicts only narrow the interval.

    Args:
        threshold: The failure rate that the gate accepts, 0 < threshold < 1.
        confidence: 0.5 < confidence < 1; each of the two errors has probability at most ``1 - confidence``.
        calibration: The judge's measured error; the decision is then about the corrected rate, and both errors
            include the chance that the labels misled. None: about the apparent rate.

    Raises:
        ValueError: If an argument is out of range.
    """

    def __init__(
        self, threshold: float = 0.02, confidence: float = 0.95, calibration: Calibration | None = None
    ) -> None:
        if not 0.0 < threshold < 1.0:
            raise ValueError(f"threshold is {threshold}; it must lie between 0 and 1, exclusive")
        if not 0.5 < confidence < 1.0:
            raise ValueError(f"confidence is {confidence}; it must lie between 0.5 and 1, exclusive")
        self.threshold = float(threshold)
        self.confidence = float(confidence)
        self.calibration = calibration
        self.level = -math.log1p(-self.confidence)
        """The logarithm that an e-process has to reach."""
        self.correction: Correction | None = None
        self.band = (self.threshold, self.threshold)
        """The apparent rates that passing has to be below, and failing above."""
        if calibration is not None:
            error = 1.0 - self.confidence
            self.correction = calibration.against(self.threshold, CALIBRATION_SHARE * error)
            self.band = self.correction.band
            self.level = -math.log((1.0 - CALIBRATION_SHARE) * error)
        self._bounds = _Bounds(self.level)
        self._state = self._next(0, 0, "undecided")

    @property
    def state(self) -> State:
        """What is known so far."""
        return self._state

    def update(self, failed: int, judged: int) -> State:
        """Add verdicts and return the new state.

        Args:
            failed: How many of them failed.
            judged: How many there are. The order inside a batch is unknown, so the test looks at its end only.

        Raises:
            ValueError: If the counts are no whole numbers with 0 <= failed <= judged.
        """
        failed, judged = _count(failed, "failed"), _count(judged, "judged")
        if failed > judged:
            raise ValueError(f"failed is {failed}, more than the {judged} judged")
        if not judged:
            return self._state
        before = self._state
        total_failed, total = before.failed + failed, before.judged + judged
        if failed:
            if before.judged:
                self._bounds.looks.append((before.failed, before.judged))
            self._bounds.looks.append((total_failed, total))
        self._state = self._next(total_failed, total, self._decision(total_failed, total - total_failed))
        return self._state

    def _next(self, failed: int, judged: int, decision: StateDecision) -> State:
        return State(
            decision=decision,
            failed=failed,
            judged=judged,
            threshold=self.threshold,
            correction=self.correction,
            _looks=len(self._bounds.looks),
            _bounds=self._bounds,
        )

    def _decision(self, failed: int, passed: int) -> StateDecision:
        if self._state.decision != "undecided":
            return self._state.decision
        # Where the band ends at 0 or 1 no evidence is possible.
        low, high = self.band
        if low > 0.0 and log_evidence(BELOW, low, failed, passed) >= self.level:
            return "pass"
        if high < 1.0 and log_evidence(ABOVE, high, failed, passed) >= self.level:
            return "fail"
        return "undecided"


def _count(value: int, name: str) -> int:
    try:
        count = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} is a {type(value).__name__}; it must be a whole number") from None
    if count < 0:
        raise ValueError(f"{name} is {count}; it must not be negative")
    return count
