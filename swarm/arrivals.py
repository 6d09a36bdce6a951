"""The level of a load over time, and the moments at which arrivals bring it about.

A profile is piecewise linear. Its integral is the number of arrivals that are
expected by a moment; the n-th one is due where the integral reaches n
(*constant*), or the n-th point of a Poisson process of rate one (*poisson*):
inversion of the cumulative rate (E. Çinlar, Introduction to Stochastic
Processes, 1975, section 4.7; L. Devroye, Non-Uniform Random Variate
Generation, 1986, section VI.1.3).
"""

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.config import LoadStage
from harness.identity import uniform


@dataclass(frozen=True, slots=True)
class _Segment:
    """A stretch of time over which the level goes linearly; ``before`` and ``area`` count its integral."""

    begins_s: float
    duration_s: float
    first: float
    last: float
    before: float

    @property
    def area(self) -> float:
        return (self.first + self.last) / 2 * self.duration_s

    @property
    def slope(self) -> float:
        return (self.last - self.first) / self.duration_s

    def level(self, elapsed_s: float) -> float:
        return self.first + self.slope * elapsed_s

    def reaches(self, count: float) -> float:
        """Return the seconds after its beginning at which its integral is ``count``."""
        # The root of slope·x²/2 + first·x - count, in the form that loses no digits where the slope is small.
        root = math.sqrt(max(self.first**2 + 2 * self.slope * count, 0.0))
        return min(2 * count / (self.first + root), self.duration_s)


class Profile:
    """A level (arrivals a second, or users) over the time since a load began; after its end the last level goes on.

    Args:
        stages: As they are configured: the level goes linearly from 0, or from that of the stage before.
    """

    def __init__(self, stages: Iterable[LoadStage]) -> None:
        self._segments: list[_Segment] = []
        self.duration_s = 0.0
        """How long its stages take."""
        self.expected = 0.0
        """Its integral over them: how many arrivals are expected."""
        self.peak = 0.0
        """Its highest level."""
        self.last = 0.0
        """The level that goes on when the stages are over."""
        for stage in stages:
            level = float((stage.rate if stage.users is None else stage.users) or 0.0)
            if stage.duration_s > 0:
                self._append(stage.duration_s, self.last, level)
            self.last = level
        self.peak = max(self.peak, self.last)
        self._begins = [segment.begins_s for segment in self._segments]
        self._counts = [segment.before + segment.area for segment in self._segments]

    def level(self, moment_s: float) -> float:
        """Return the level at a moment; where it jumps, the one after the jump."""
        if moment_s >= self.duration_s:
            return self.last
        segment = self._segments[max(bisect_right(self._begins, moment_s) - 1, 0)]
        return segment.level(max(moment_s - segment.begins_s, 0.0))

    def expected_by(self, moment_s: float) -> float:
        """Return how many arrivals are expected by a moment: the level's integral."""
        if moment_s >= self.duration_s:
            return self.expected + (moment_s - self.duration_s) * self.last
        segment = self._segments[max(bisect_right(self._begins, moment_s) - 1, 0)]
        elapsed_s = max(moment_s - segment.begins_s, 0.0)
        return segment.before + (segment.first + segment.level(elapsed_s)) / 2 * elapsed_s

    def moment_of(self, count: float) -> float:
        """Return the moment by which so many arrivals (more than 0) are expected; infinite if that never comes."""
        number = bisect_left(self._counts, count)
        # Rates like 0.1 a second have no exact form: what the profile reaches but for the last digit, it reaches.
        if number == len(self._counts) and count - self.expected <= 1e-9 * max(count, 1.0):
            number = next(i for i, reached in enumerate(self._counts) if reached == self._counts[-1])
            count = self._counts[-1]
        if number < len(self._counts):
            segment = self._segments[number]
            return segment.begins_s + segment.reaches(count - segment.before)
        return self.duration_s + (count - self.expected) / self.last if self.last > 0 else math.inf

    def next_at(self, level: float, after_s: float) -> float:
        """Return the first moment from ``after_s`` on at which the level is at least so high; infinite if never."""
        if self.level(after_s) >= level:
            return after_s
        for segment in self._segments:
            ends_s = segment.begins_s + segment.duration_s
            if ends_s <= after_s or max(segment.first, segment.last) < level:
                continue
            if segment.first >= level and segment.begins_s >= after_s:
                return segment.begins_s
            # A level that is reached only where the stretch ends is the next one's to have, or not.
            if segment.last >= level and (at_s := segment.begins_s + (level - segment.first) / segment.slope) < ends_s:
                return at_s
        return self.duration_s if self.last >= level else math.inf

    def _append(self, duration_s: float, first: float, last: float) -> None:
        segment = _Segment(self.duration_s, duration_s, first, last, self.expected)
        self._segments.append(segment)
        self.duration_s += duration_s
        self.expected += segment.area
        self.peak = max(self.peak, first, last)


def arrivals(profile: Profile, *, seed: int | None = None, after: int = 0) -> Iterator[float]:
    """Yield the moments at which arrivals are due, in seconds from the profile's beginning.

    They come from the profile alone, never from how the target does, so that
    latency counted from them holds the waiting that a slow target causes. By
    any moment the evenly spaced ones are the whole part of what is expected.

    Args:
        profile: Arrivals a second; their moments end only where its last level is 0.
        seed: Of a Poisson process; None spaces them evenly.
        after: So many arrivals came already; the same sequence goes on after them.
    """
    counts = (float(number) for number in itertools.count(1)) if seed is None else _poisson_counts(seed)
    for count in itertools.islice(counts, after, None):
        moment_s = profile.moment_of(count)
        if math.isinf(moment_s):
            return
        yield moment_s


def _poisson_counts(seed: int) -> Iterator[float]:
    """Yield the points of a Poisson process of rate one: sums of exponential gaps."""
    total = 0.0
    for number in itertools.count(1):
        total -= math.log(1.0 - uniform(seed, "arrivals", str(number)))
        yield total
