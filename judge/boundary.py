"""Where the sequential test decides: a release's run is a walk from failure to failure between two boundaries.

What the test decides depends on the counts only, so the boundaries are found
once by asking its own e-processes. With so many failures it passes from some
number of verdicts on, and fails up to another: both grow with the failures.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from judge.statistics import ABOVE, BELOW, Mixture, SequentialTest, log_evidence

NEVER = 1 << 40
"""More verdicts than anything ever takes."""


@dataclass(slots=True)
class Boundary:
    """The first count of verdicts that passes and the last that fails, by the number of failures."""

    low: float
    """Passing needs evidence that the apparent rate is below it."""
    high: float
    """Failing needs evidence that it is above it."""
    level: float
    """How much evidence, as a logarithm."""
    _passing: list[int] = field(default_factory=list)
    _failing: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, test: SequentialTest) -> Self:
        """Return the boundary of a test."""
        return cls(*test.band, test.level)

    def passes_at(self, failed: int) -> int:
        """Return the least number of verdicts, so many of them failed, that passes."""
        while len(self._passing) <= failed:
            enough = self._reached(BELOW, self.low, len(self._passing))
            self._passing.append(_next(enough, self._passing) if self.low > 0.0 else NEVER)
        return self._passing[failed]

    def fails_at(self, failed: int) -> int:
        """Return the largest number of verdicts, so many of them failed, that fails; 0 where none does."""
        while len(self._failing) <= failed:
            k = len(self._failing)
            enough = self._reached(ABOVE, self.high, k)
            possible = self.high < 1.0 and k > 0 and enough(k)
            self._failing.append(_next(_not(enough), self._failing) - 1 if possible else 0)
        return self._failing[failed]

    def _reached(self, mixture: Mixture, threshold: float, failed: int) -> Callable[[int], bool]:
        return lambda judged: log_evidence(mixture, threshold, failed, judged - failed) >= self.level


def _not(holds: Callable[[int], bool]) -> Callable[[int], bool]:
    return lambda number: not holds(number)


def _next(holds: Callable[[int], bool], found: list[int]) -> int:
    """Return the first number for which something holds that then holds for good; about as far on as the last was."""
    last = found[-1] if found else 0
    high = low = max(len(found), 2 * last - (found[-2] if len(found) > 1 else 0))
    step = 1
    while not holds(high):
        low, high, step = high, high + step, step * 2
        if step > NEVER:
            return NEVER
    while low == high or holds(low):
        if low <= len(found):
            return low if holds(low) else high
        high, low, step = low, max(len(found), low - step), step * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
