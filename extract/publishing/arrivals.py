"""The shape of production's traffic over a week, in cells that at least k users share."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import pairwise

from harness.contracts import ArrivalCell, Arrivals

_DAY = 24 * 60
MINUTES = 7 * _DAY
"""Minutes of a week."""

Hours = tuple[int, int]
"""A span of whole hours since 1970, both ends in it: coarse, since its ends are single requests'."""


class ArrivalCounts:
    """Counts requests by minute of the week (from Monday 00:00 UTC).

    Args:
        most_users: So many users are told apart in each minute, which is enough for cells of as many; None: all.
    """

    def __init__(self, most_users: int | None = None) -> None:
        self._most_users = most_users
        self._requests: Counter[int] = Counter()
        self._users: dict[int, set[str]] = defaultdict(set)
        self._first: int | None = None
        self._last = 0

    @classmethod
    def of(cls, requests: Mapping[int, int], users: Mapping[int, set[str]], span: tuple[int, int]) -> "ArrivalCounts":
        """Return counts that were made elsewhere.

        Args:
            requests: By minute of the week.
            users: By minute of the week; at least k of them where there were so many.
            span: First and last minute since 1970 with a request.
        """
        counts = cls()
        counts._requests.update(requests)
        counts._users.update(users)
        counts._first, counts._last = span
        return counts

    def add(self, at: dt.datetime, user: str) -> None:
        """Count one request at an aware UTC time."""
        minute = int(at.timestamp()) // 60
        self._first = minute if self._first is None else min(self._first, minute)
        self._last = max(self._last, minute)
        cell = at.weekday() * _DAY + at.hour * 60 + at.minute
        self._requests[cell] += 1
        users = self._users[cell]
        if self._most_users is None or len(users) < self._most_users:
            users.add(user)

    def arrivals(self, min_users: int) -> Arrivals:
        """Return the week's cells; none where the whole week has fewer than ``min_users`` users.

        A cell's rate is per minute that the logs cover, so that two days of
        logs give those days' rates and not two sevenths of them.
        """
        cells: list[tuple[int, int, set[str]]] = []
        start, users = 0, set[str]()
        for minute in range(MINUTES):
            users |= self._users.get(minute, set())
            if len(users) >= min_users:
                cells.append((start, minute + 1, users))
                start, users = minute + 1, set()
        if cells and start < MINUTES:
            # What is left at the week's end joins the last full cell.
            cells[-1] = (cells[-1][0], MINUTES, cells[-1][2] | users)
        covered = self._covered()
        return Arrivals(min_users=min_users, cells=[self._cell(a, b, covered) for a, b, _ in cells])

    @property
    def hours(self) -> list[Hours]:
        """The span from the first request to the last; none where there was none."""
        return [] if self._first is None else [(self._first // 60, self._last // 60)]

    def _cell(self, start: int, end: int, covered: list[int]) -> ArrivalCell:
        requests = sum(self._requests[minute] for minute in range(start, end))
        minutes = sum(covered[start:end])
        return ArrivalCell(from_minute=start, to_minute=end, requests_per_minute=round(requests / max(1, minutes), 6))

    def _covered(self) -> list[int]:
        """Return how often each minute of the week lies between the first and the last request."""
        if self._first is None:
            return [0] * MINUTES
        return _times_covered(self._first, self._last)


def combined(one: Arrivals, one_hours: list[Hours], other: Arrivals, other_hours: list[Hours]) -> Arrivals:
    """Return the shape of two spans of traffic together.

    Both are known in cells of k users only, and every cell of the result is
    made of such cells: it says nothing that they did not.

    Args:
        one: An earlier dataset's arrivals.
        one_hours: The hours that they cover.
        other: The arrivals since.
        other_hours: The hours that those cover.
    """
    if not other.cells or not one.cells:
        return one if one.cells else other
    per_minute = [0.0] * MINUTES
    for arrivals, hours in ((one, one_hours), (other, other_hours)):
        covered = _covered(hours)
        for cell in arrivals.cells:
            for minute in range(cell.from_minute, cell.to_minute):
                per_minute[minute] += cell.requests_per_minute * covered[minute]
    covered = _covered(joined_hours(one_hours, other_hours))
    edges = sorted({edge for a in (one, other) for cell in a.cells for edge in (cell.from_minute, cell.to_minute)})
    return Arrivals(
        min_users=max(one.min_users, other.min_users),
        cells=[
            ArrivalCell(
                from_minute=start,
                to_minute=end,
                requests_per_minute=round(sum(per_minute[start:end]) / max(1, sum(covered[start:end])), 6),
            )
            for start, end in pairwise(edges)
        ],
    )


def joined_hours(one: list[Hours], other: list[Hours]) -> list[Hours]:
    """Return the hours that either covers, as few spans as possible."""
    spans: list[Hours] = []
    for first, last in sorted((*one, *other)):
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    return spans


def _covered(hours: list[Hours]) -> list[int]:
    spans = [_times_covered(first * 60, last * 60 + 59) for first, last in hours]
    return [sum(minutes) for minutes in zip(*spans, strict=True)] if spans else [0] * MINUTES


def _times_covered(first: int, last: int) -> list[int]:
    """Return how often each minute of the week lies in a span of minutes since 1970."""
    # 1970 began on a Thursday, three days into its week.
    begin = (first + 3 * _DAY) % MINUTES
    whole, rest = divmod(last - first + 1, MINUTES)
    return [whole + (1 if (minute - begin) % MINUTES < rest else 0) for minute in range(MINUTES)]
