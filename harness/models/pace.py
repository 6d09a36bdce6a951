"""How many requests are in flight: few at first, more while all goes well, half as many after throttling.

Importing this module imports anyio.
"""

import asyncio
import time
from contextlib import AbstractAsyncContextManager

import anyio

FIRST = 2
OPENING_S = 0.005
"""Seconds from one more at the beginning to the next. Whoever throttles says so before working on a request, within a
few of these; whoever answers takes seconds. So the beginning waits for no answer, and sends nothing all at once."""


class Pace:
    """Additive increase, multiplicative decrease (Chiu & Jain 1989), after a beginning that opens by the clock.

    Args:
        most: Requests in flight at most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = float(min(FIRST, most))
        self._opening: asyncio.TimerHandle | None = None
        self._is_open = False
        self._lowered_at = 0.0
        self._turns = anyio.CapacityLimiter(int(self._limit))

    @property
    def limit(self) -> int:
        """How many requests may be in flight at present."""
        return int(self._limit)

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait for a turn, and hold it while a request is in flight; a request that waits to be retried holds none."""
        if self._opening is None and not self._is_open:
            self._open_later()
        return self._turns

    def went_well(self) -> None:
        """Note an answer."""
        if self._is_open:
            self._set(self._limit + 1.0 / self._limit)

    def throttled(self, sent_at: float) -> None:
        """Note that a request was throttled; those sent before the last cut say nothing new.

        Args:
            sent_at: When it was sent, by ``time.monotonic``.
        """
        self._is_open = True
        if sent_at >= self._lowered_at:
            self._lowered_at = time.monotonic()
            self._set(self._limit / 2)

    def _open_later(self) -> None:
        self._opening = asyncio.get_running_loop().call_later(OPENING_S, self._open)

    def _open(self) -> None:
        """Let one more in if one waits for it, until there is the most or one was throttled."""
        self._opening = None
        if self._is_open:
            return
        if self._turns.statistics().tasks_waiting:
            self._set(self._limit + 1.0)
            self._is_open = self.limit >= self._most
            if not self._is_open:
                self._open_later()

    def _set(self, limit: float) -> None:
        self._limit = min(float(self._most), max(1.0, limit))
        self._turns.total_tokens = int(self._limit)
