"""How far the master's clock is ahead of a worker's."""

from collections import deque
from typing import NamedTuple

SAMPLES = 16
"""So many of the last round trips are looked at: clocks drift, by up to some ten milliseconds in ten minutes."""


class _RoundTrip(NamedTuple):
    lasted_s: float
    offset_s: float


class ClockOffset:
    """The offset of another machine's clock, from messages that it sends back with its time on them.

    Halfway of a round trip is taken for the moment at which the other side
    answered; the quickest of the last round trips is wrong by no more than
    half of what it took (D. Mills, Network Time Protocol, RFC 5905, section 8
    and its clock filter).
    """

    def __init__(self) -> None:
        self._trips: deque[_RoundTrip] = deque(maxlen=SAMPLES)

    def add(self, sent: float, answered: float, received: float) -> None:
        """Take in a round trip: sent and received by this clock, answered by the other."""
        self._trips.append(_RoundTrip(received - sent, answered - (sent + received) / 2))

    @property
    def count(self) -> int:
        """How many round trips it rests on."""
        return len(self._trips)

    @property
    def seconds(self) -> float:
        """What the other clock shows more than this one; 0 before the first round trip."""
        return min(self._trips).offset_s if self._trips else 0.0
