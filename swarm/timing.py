"""When the pieces of a streamed answer arrived: the pauses between them, and how fast it came."""

from array import array
from collections.abc import Mapping
from itertools import pairwise
from math import ceil
from typing import Any, Literal, NamedTuple

SAME_MOMENT_S = 0.001
"""What arrives within so many seconds arrives at once.

Several events often share a block of the socket, because the network, a proxy or TLS cut it so, or because the model
gave several tokens in one step (speculative decoding). A pause of zero between them would be one that nobody sees; it
would drag the median to zero (theroyallab/tabbyAPI#457), while a share of the pause for each, as some tools take it,
would claim a regularity that was not there. So what comes together is one arrival, as in vLLM's definition of the
inter-token latency (vllm-project/guidellm#1145), and how many events came is recorded beside it.
"""


class Gaps(NamedTuple):
    """The pauses between the arrivals of one answer, in milliseconds, by nearest rank."""

    p50: float
    p95: float
    max: float
    each: list[float]


class StreamTiming(NamedTuple):
    """How a streamed answer came in."""

    content_events: int
    """Events that brought a piece of the answer."""
    gaps: Gaps | None
    """None where all of it came at once."""
    tokens_per_s: float | None
    """Tokens after the first arrival's over the time from it to the last; None where all of it came at once."""
    tokens_from: Literal["usage", "events"] | None
    """What counted the tokens: the target, or else the events."""

    def record(self) -> dict[str, Any]:
        """Return these fields as they are written (``harness.contracts.Exchange``)."""
        return {
            "gaps_ms": None if self.gaps is None else self.gaps._asdict(),
            "content_events": self.content_events,
            "tokens_per_s": self.tokens_per_s,
            "tokens_from": self.tokens_from,
        }


NO_STREAM: Mapping[str, None] = dict.fromkeys(("gaps_ms", "content_events", "tokens_per_s", "tokens_from"))
"""The same fields where nothing was streamed."""


class Moments:
    """The moments at which pieces of an answer arrived: eight bytes each.

    Attributes:
        first: The first of them; None while there is none.
    """

    def __init__(self) -> None:
        self._moments = array("d")
        self.first: float | None = None

    def note(self, moment: float) -> None:
        """Take in one moment, in the clock's seconds; they come in their order."""
        if self.first is None:
            self.first = moment
            self._moments.append(moment)
        elif moment - self._moments[-1] >= SAME_MOMENT_S:
            self._moments.append(moment)

    def gaps(self) -> Gaps | None:
        """Return the pauses; None with fewer than two arrivals."""
        if len(self._moments) < 2:
            return None
        each = [round((after - before) * 1000, 1) for before, after in pairwise(self._moments)]
        ordered = sorted(each)
        last = len(ordered)
        return Gaps(ordered[ceil(last * 0.5) - 1], ordered[ceil(last * 0.95 - 1e-9) - 1], ordered[-1], each)

    def timing(self, events: int, tokens: int | None) -> StreamTiming | None:
        """Return how the answer came in; None where nothing of it did.

        Args:
            events: Events that brought a piece of the answer.
            tokens: Tokens of the answer as the target counted them; None if it did not.
        """
        if self.first is None:
            return None
        lasted_s = self._moments[-1] - self.first
        counted = events if tokens is None else tokens
        # The first token's time is the time to the first token; the rate is of those that follow (vLLM's TPOT, inverted).
        rate = round((counted - 1) / lasted_s, 2) if lasted_s > 0 and counted > 1 else None
        source: Literal["usage", "events"] = "events" if tokens is None else "usage"
        return StreamTiming(events, self.gaps(), rate, source if rate is not None else None)
