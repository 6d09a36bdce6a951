"""How long the assistant takes: a base time per question, and waiting that grows with the crowd."""

import hashlib
import math
import random
from collections.abc import Iterator
from contextlib import contextmanager

_SPREAD = 0.35
"""Sigma of the log-normal base time."""
_WAIT_PER_NEIGHBOUR = 0.4
"""Waiting added by each other request in flight, as a share of the base time."""
_LONGEST_WAIT_S = 2.0


class Line:
    """The requests in flight, and the service time that they cause each other."""

    def __init__(self, *, base_ms: float, seed: int) -> None:
        self._base_s = base_ms / 1000
        self._seed = seed
        self._in_flight = 0

    @property
    def in_flight(self) -> int:
        """Requests that are being answered now."""
        return self._in_flight

    @contextmanager
    def place(self) -> Iterator[None]:
        """Count one request as in flight."""
        self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1

    def service_s(self, prompt: str) -> float:
        """Return how long a reply takes if it is started now: the same prompt has the same base time."""
        digest = hashlib.blake2b(f"{self._seed}:{prompt}".encode("utf-8", "replace"), digest_size=8).digest()
        base = self._base_s * math.exp(random.Random(digest).gauss(0.0, _SPREAD))
        waiting = self._base_s * _WAIT_PER_NEIGHBOUR * max(0, self._in_flight - 1)
        return base + min(waiting, _LONGEST_WAIT_S)
