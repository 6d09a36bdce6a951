"""Quantiles of times in constant memory: how many fell into slots that grow by a twentieth each."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping

GROWTH = 1.05
"""A quantile is at most this much too high."""
BOUNDS_MS = tuple(0.1 * GROWTH**step for step in range(300))
"""The highest time of each slot, in milliseconds: 0.1 ms to 3.6 minutes. What takes longer counts in a slot of its own."""


def slot_of(time_ms: float) -> int:
    """Return the slot that a time belongs to."""
    return bisect_left(BOUNDS_MS, time_ms)


def quantile_ms(counts: Mapping[int, int], share: float) -> float | None:
    """Return the time that ``share`` of all do not exceed, in milliseconds; None of no times.

    Args:
        counts: How many fell into each slot; those of several processes or spans of time can be added up.
        share: 0 … 1.
    """
    wanted = share * sum(counts.values())
    seen, reached = 0, None
    for slot in sorted(counts):
        seen += counts[slot]
        reached = BOUNDS_MS[min(slot, len(BOUNDS_MS) - 1)]
        if seen >= wanted:
            break
    return reached


class Times:
    """Times that came in since they were last taken away.

    Adding one only keeps it: they are sorted into slots when they are taken,
    many at once, which costs the sending process less.
    """

    def __init__(self) -> None:
        self._new: list[float] = []

    def add(self, time_s: float) -> None:
        """Keep one."""
        self._new.append(time_s)

    def take(self) -> dict[str, int]:
        """Return how many came into each slot since the last call; the slots are text, as JSON wants its keys."""
        new, self._new = self._new, []
        new_ms = sorted([time_s * 1000 for time_s in new])
        counts: dict[str, int] = {}
        first = 0
        while first < len(new_ms):
            # In their order, a slot's times are found at once and not one by one.
            slot = slot_of(new_ms[first])
            after = bisect_right(new_ms, BOUNDS_MS[slot], first) if slot < len(BOUNDS_MS) else len(new_ms)
            counts[str(slot)] = after - first
            first = after
        return counts
