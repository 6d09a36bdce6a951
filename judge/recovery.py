"""How long a target takes to recover from a spike of the load."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.config import LoadSection
from judge.requests import nearest_rank

WINDOW_S = 5.0
STEP_S = 1.0
NEAR = 1.25
"""Recovered: the 95th percentile in a window is at most so many times that before the spike."""
_MIN_WINDOW_COUNT = 5


@dataclass(frozen=True, slots=True)
class Spike:
    """A stretch of a profile whose level goes up and comes back; seconds since the profile began."""

    calm_from_s: float
    """The stretch before it, at a constant level no higher than that after it."""
    calm_to_s: float
    over_s: float
    """When the level was down again."""
    watched_to_s: float
    """When the level rises again, or the profile ends."""


def spikes(load: LoadSection) -> Iterator[Spike]:
    """Yield the spikes of a profile's stages: where the level falls to one that it held before."""
    ends_s, levels = [0.0], [0.0]
    for stage in load.stages:
        ends_s.append(ends_s[-1] + stage.duration_s)
        levels.append(float((stage.rate if load.model == "open" else stage.users) or 0.0))
    calm: list[tuple[float, float, float]] = []
    """Level, start and end of constant stretches."""
    for number, (before, after) in enumerate(pairwise(levels), start=1):
        if before == after > 0:
            calm.append((after, ends_s[number - 1], ends_s[number]))
        falls_on = number + 1 < len(levels) and levels[number + 1] < after
        if before > after > 0 and not falls_on:
            earlier = next(((start, end) for level, start, end in reversed(calm) if level <= after), None)
            rises = (at for at in range(number + 1, len(levels)) if levels[at] > levels[at - 1])
            watched_to_s = ends_s[next(rises, len(levels)) - 1]
            if earlier is not None:
                yield Spike(*earlier, ends_s[number], watched_to_s)


def p95_ms(requests: Sequence[tuple[float, float]], from_s: float, to_s: float) -> float | None:
    """Return the 95th percentile of the latencies due in a stretch of time; None where too few were."""
    latencies = sorted(latency for due, latency in requests if from_s <= due < to_s)
    return nearest_rank(latencies, 0.95) if len(latencies) >= _MIN_WINDOW_COUNT else None


def recovered_after_s(requests: Sequence[tuple[float, float]], spike: Spike) -> tuple[float | None, float | None]:
    """Return the 95th percentile before a spike (ms), and when after its end a window is near it again (s).

    Windows of five seconds begin every second from the end of the spike; what counts is when the first one that is
    near begins, so 0 says that the target was never off. The second value is None where no window came near or the
    first one could not be measured.

    Args:
        requests: Seconds since the profile began at which each was due, and its latency from then.
        spike: The spike.
    """
    calm = p95_ms(requests, spike.calm_from_s, spike.calm_to_s)
    if calm is None:
        return None, None
    last = spike.watched_to_s - WINDOW_S - spike.over_s
    for step in range(math.floor(last / STEP_S + 1e-9) + 1):
        begins_s = spike.over_s + step * STEP_S
        found = p95_ms(requests, begins_s, begins_s + WINDOW_S)
        if found is not None and found <= NEAR * calm:
            return calm, step * STEP_S
    return calm, None
