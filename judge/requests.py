"""The exchanges of an arm, reduced to what load is measured by: some seventy bytes each, however long the answers."""

import math
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import get_args

from harness.contracts import Exchange, Outcome

ERRORS: frozenset[Outcome] = frozenset({"malformed", "http_error", "timeout", "throttled", "connection_error"})
"""Outcomes that count in the error rate; a block by the target's own filter is an answer of its kind."""
TIMED: frozenset[Outcome] = frozenset({"answered", "malformed", "timeout"})
"""Outcomes whose duration is the target's; a fast refusal or error would flatter it."""
_OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_NUMBERS = {outcome: number for number, outcome in enumerate(_OUTCOMES)}


class Requests:
    """What was measured of an arm's requests, in columns that belong together; NaN where something was not.

    Attributes:
        due: Moments they were scheduled for, in seconds since the epoch.
        sent: Moments they were sent.
        latency_ms: From the scheduled time to the last byte.
        service_ms: From sending to the last byte.
        ttft_ms: From sending to the first piece of a streamed answer.
        gap_p95_ms: Of each answer's own pauses.
        tokens_per_s: Of each streamed answer.
        gaps_ms: How often a pause of so many milliseconds occurred, in all answers together.
        content_events: Events that brought a piece of an answer.
        arrivals: Moments at which such came; fewer where several came together.
        resent: How many of them the target may have got before, because who had sent them was killed.
    """

    def __init__(self) -> None:
        self._outcomes = array("b")
        self.due = array("d")
        self.sent = array("d")
        self.latency_ms = array("d")
        self.service_ms = array("d")
        self.ttft_ms = array("d")
        self.gap_p95_ms = array("d")
        self.tokens_per_s = array("d")
        self.gaps_ms: Counter[float] = Counter()
        self.content_events = 0
        self.arrivals = 0
        self.resent = 0

    def __len__(self) -> int:
        return len(self._outcomes)

    def add(self, exchange: Exchange) -> None:
        """Take in one exchange."""
        due, sent = _seconds(exchange.scheduled_at), _seconds(exchange.sent_at)
        gaps = exchange.gaps_ms
        self.resent += exchange.resent > 0
        self._outcomes.append(_NUMBERS[exchange.outcome])
        self.due.append(_number(sent if due is None else due))
        self.sent.append(_number(due if sent is None else sent))
        self.latency_ms.append(_number(exchange.latency_ms))
        self.service_ms.append(_number(exchange.service_ms))
        self.ttft_ms.append(_number(exchange.ttft_ms))
        self.gap_p95_ms.append(_number(gaps.p95 if gaps is not None else None))
        self.tokens_per_s.append(_number(exchange.tokens_per_s))
        if gaps is not None:
            self.gaps_ms.update(gaps.each)
        if exchange.content_events:
            self.content_events += exchange.content_events
            self.arrivals += 1 + (len(gaps.each) if gaps is not None else 0)

    def outcomes(self) -> Iterator[Outcome]:
        """Yield the outcomes, in the columns' order."""
        return (_OUTCOMES[number] for number in self._outcomes)

    def timed(self, column: Sequence[float]) -> list[float]:
        """Return a column's values in rising order, of the requests whose duration is the target's."""
        numbers = {_NUMBERS[outcome] for outcome in TIMED}
        pairs = zip(self._outcomes, column, strict=True)
        return sorted(value for number, value in pairs if number in numbers and not math.isnan(value))

    @property
    def errors(self) -> int:
        """How many count in the error rate."""
        return sum(self._outcomes.count(_NUMBERS[outcome]) for outcome in ERRORS)


def measured(column: Sequence[float]) -> list[float]:
    """Return a column's values in rising order, without those that were not measured."""
    return sorted(value for value in column if not math.isnan(value))


def nearest_rank(ordered: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least ``share`` of the values do not exceed; None without values.

    Definition 1 of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50
    (1996): always a value that was measured, never one in between.

    Args:
        ordered: Values in rising order.
        share: 0 < share <= 1; 0.95 for the 95th percentile.
    """
    return ordered[rank(len(ordered), share)] if ordered else None


def counted_rank(counts: Counter[float], share: float) -> float | None:
    """Return the same for values that are counted instead of listed."""
    left = rank(counts.total(), share)
    for value in sorted(counts):
        left -= counts[value]
        if left < 0:
            return value
    return None


def rank(count: int, share: float) -> int:
    """Return the position, from 0, of the nearest rank among so many values."""
    # 0.95 * 20 is 19.000000000000004 in floating point: without the slack the rank would be one too high.
    return max(0, math.ceil(share * count - 1e-9) - 1)


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _seconds(moment: str | None) -> float | None:
    return datetime.fromisoformat(moment).timestamp() if moment else None
