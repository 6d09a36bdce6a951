"""What the sequential test makes of releases of a known true rate: exact, without simulating any.

With independent verdicts the count of failures is a Markov chain, and the test
stops it at the boundaries of ``judge.boundary``. Between two points of those
nothing stops it but too many failures, so a whole stretch is one convolution
with the binomial distribution.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from judge.boundary import Boundary

_FINEST = 50
"""Moments of decision are known to a fiftieth."""
_NOTHING = 1e-9
"""Of all runs: so few that are still undecided are left out."""
_TRACE = 1e-13
"""The same at the ends of the distribution, in each step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """How a test ends with releases of one rate."""

    passes: float
    """Share of such runs that pass within the prompts that are read."""
    fails: float
    undecided: float
    mean_prompts: float
    """Read until the decision, or to the last."""
    half_by: int | None
    """Prompts by which half of such runs would have passed, or half have failed; None: more than were looked at."""
    most_by: int | None
    """The same of nine in ten."""


def prospect(boundary: Boundary, rate: float, most: int, *, beyond: int = 0) -> Prospect:
    """Return how a test ends with releases of an apparent rate.

    Args:
        boundary: The test's.
        rate: Share of verdicts that fail, 0 … 1.
        most: Prompts that the test reads at most.
        beyond: Look so far for when it would decide if it went on reading.
    """
    walk = _Walk(boundary, rate)
    walk.go_to(most)
    passes, fails, mean_prompts = walk.passed, walk.failed, walk.read
    if walk.most_by is None:
        walk.go_to(beyond)
    return Prospect(
        passes=passes,
        fails=fails,
        undecided=max(0.0, 1.0 - passes - fails),
        mean_prompts=mean_prompts,
        half_by=walk.half_by,
        most_by=walk.most_by,
    )


class _Walk:
    """The distribution of failures over the runs that are still undecided."""

    def __init__(self, boundary: Boundary, rate: float) -> None:
        self._boundary = boundary
        self._rate = rate
        self._least = 0
        """Failures of the first place of the distribution."""
        self._alive = np.ones(1)
        self.judged = 0
        self.passed = self.failed = self.read = 0.0
        self.half_by: int | None = None
        self.most_by: int | None = None

    @property
    def undecided(self) -> float:
        """Share of the runs."""
        return float(self._alive.sum())

    def go_to(self, most: int) -> None:
        """Read so many verdicts in all, or until hardly any run is undecided."""
        while self.judged < most and self.undecided > _NOTHING:
            self._go_on(most)
            decided = max(self.passed, self.failed)
            self.half_by = self.judged if self.half_by is None and decided >= 0.5 else self.half_by
            self.most_by = self.judged if self.most_by is None and decided >= 0.9 else self.most_by

    def _go_on(self, most: int) -> None:
        """Read verdicts up to the next point of a boundary, but not too many at once."""
        steps = max(1, self.judged // _FINEST)
        failures = self._least + len(self._alive)
        reachable = failures + steps
        while failures < reachable and self._boundary.fails_at(failures) <= self.judged:
            failures += 1
        ends = [most, self._boundary.passes_at(self._least)]
        if failures < reachable:
            ends.append(self._boundary.fails_at(failures))
        steps = min(min(ends) - self.judged, steps)
        before = self.undecided
        risen = np.convolve(self._alive, _binomial(steps, self._rate))
        self._alive = risen[: failures - self._least]
        self.failed += float(risen[failures - self._least :].sum())
        self.judged += steps
        self.read += before * steps
        while len(self._alive) and self._boundary.passes_at(self._least) <= self.judged:
            self.passed += float(self._alive[0])
            self._alive, self._least = self._alive[1:], self._least + 1
        self._trim()

    def _trim(self) -> None:
        """Forget places that hardly any run is at."""
        held = np.flatnonzero(self._alive > _TRACE)
        first, last = (held[0], held[-1] + 1) if len(held) else (0, 0)
        self._alive, self._least = self._alive[first:last], self._least + int(first)


def _binomial(count: int, rate: float) -> NDArray[np.float64]:
    """Return the probabilities of 0, 1, 2 … failures among so many verdicts, as far as they matter."""
    if rate >= 1.0:
        return np.array([0.0] * count + [1.0])
    likely = count * rate
    most = min(count, int(likely + 10.0 * np.sqrt(likely)) + 12)
    places = np.arange(most)
    ratios = (count - places) / (places + 1.0) * (rate / (1.0 - rate))
    weights: NDArray[np.float64] = np.concatenate(([1.0], np.cumprod(ratios)))
    return weights * (1.0 - rate) ** count
