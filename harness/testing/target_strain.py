"""How the target of tests behaves under strain: it breaks for a while, or has no more than one pair of hands."""

import threading
import time


class Strain:
    """Counts requests, so that what becomes of one hangs on how many came before and never on a clock.

    Attributes:
        most_at_once: The most requests that waited for the one pair of hands at the same time.
    """

    def __init__(self) -> None:
        self.most_at_once = 0
        self._lock = threading.Lock()
        self._number = 0
        self._at_once = 0
        self._free_at = 0.0

    def breaks(self, after: int, count: int) -> bool:
        """Return whether this request is one of the ``count`` that break after the first ``after``."""
        with self._lock:
            self._number += 1
            return after < self._number <= after + count

    def enter(self, takes_s: float) -> float:
        """Return in how many seconds a request is done, where each takes so long and they queue."""
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            now = time.monotonic()
            self._free_at = max(self._free_at, now) + takes_s
            return self._free_at - now

    def leave(self) -> None:
        """Count a request that is done."""
        with self._lock:
            self._at_once -= 1
