"""How many requests are in flight: few at first, more while all goes well, half as many after throttling.

Importing this module imports anyio.
"""

import time
from contextlib import AbstractAsyncContextManager

import anyio

LEAST_FIRST = 2
FIRST_SHARE = 0.25
"""Of the most in flight, at the beginning: from two, a thousand answers at fifty at once would wait a fifth of their time."""


class Pace:
    """Additive increase, multiplicative decrease (Chiu & Jain 1989), after a slow start that doubles (Jacobson 1988).

    Args:
        most: Requests in flight at most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = float(min(max(LEAST_FIRST, int(most * FIRST_SHARE)), most))
        self._starting = True
        self._lowered_at = 0.0
        self._turns = anyio.CapacityLimiter(int(self._limit))

    @property
    def limit(self) -> int:
        """How many requests may be in flight at present."""
        return int(self._limit)

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait for a turn, and hold it while a request is in flight; a request that waits to be retried holds none."""
        return self._turns

    def went_well(self) -> None:
        """Note an answer."""
        self._set(self._limit + (1.0 if self._starting else 1.0 / self._limit))

    def throttled(self, sent_at: float) -> None:
        """Note that a request was throttled; those sent before the last cut say nothing new.

        Args:
            sent_at: When it was sent, by ``time.monotonic``.
        """
        self._starting = False
        if sent_at >= self._lowered_at:
            self._lowered_at = time.monotonic()
            self._set(self._limit / 2)

    def _set(self, limit: float) -> None:
        self._limit = min(float(self._most), max(1.0, limit))
        self._turns.total_tokens = int(self._limit)
