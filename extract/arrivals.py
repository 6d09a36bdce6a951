"""The shape of production's traffic over a week, in cells that at least k users share."""

import datetime as dt
from collections import Counter, defaultdict

from harness.contracts import ArrivalCell, Arrivals

_DAY = 24 * 60
MINUTES = 7 * _DAY
"""Minutes of a week."""


class ArrivalCounts:
    """Counts requests by minute of the week (from Monday 00:00 UTC)."""

    def __init__(self) -> None:
        self._requests: Counter[int] = Counter()
        self._users: dict[int, set[str]] = defaultdict(set)
        self._first: int | None = None
        self._last = 0

    def add(self, at: dt.datetime, user: str) -> None:
        """Count one request at an aware UTC time."""
        minute = int(at.timestamp()) // 60
        self._first = minute if self._first is None else min(self._first, minute)
        self._last = max(self._last, minute)
        cell = at.weekday() * _DAY + at.hour * 60 + at.minute
        self._requests[cell] += 1
        self._users[cell].add(user)

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

    def _cell(self, start: int, end: int, covered: list[int]) -> ArrivalCell:
        requests = sum(self._requests[minute] for minute in range(start, end))
        minutes = sum(covered[start:end])
        return ArrivalCell(from_minute=start, to_minute=end, requests_per_minute=round(requests / max(1, minutes), 6))

    def _covered(self) -> list[int]:
        """Return how often each minute of the week lies between the first and the last request."""
        if self._first is None:
            return [0] * MINUTES
        total = self._last - self._first + 1
        # 1970 began on a Thursday, three days into its week.
        begin = (self._first + 3 * _DAY) % MINUTES
        whole, rest = divmod(total, MINUTES)
        return [whole + (1 if (minute - begin) % MINUTES < rest else 0) for minute in range(MINUTES)]
