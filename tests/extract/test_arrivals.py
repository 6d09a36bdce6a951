"""Arrivals: the shape of production's week, in cells of k users."""

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from extract.arrivals import MINUTES, ArrivalCounts

MONDAY = dt.datetime(2026, 10, 5, tzinfo=dt.UTC)


@given(st.lists(st.tuples(st.integers(0, 3 * MINUTES), st.integers(0, 9)), max_size=80), st.integers(2, 6))
def test_cells_cover_the_week_once_and_hold_k_users(requests: list[tuple[int, int]], k: int) -> None:
    counts = ArrivalCounts()
    for minute, user in requests:
        counts.add(MONDAY + dt.timedelta(minutes=minute), f"u{user}")
    cells = counts.arrivals(k).cells
    if len({user for _, user in requests}) < k:
        assert cells == []
        return
    assert cells[0].from_minute == 0
    assert cells[-1].to_minute == MINUTES
    assert all(a.to_minute == b.from_minute for a, b in pairwise(cells))
    for cell in cells:
        inside = {user for minute, user in requests if cell.from_minute <= minute % MINUTES < cell.to_minute}
        assert len(inside) >= k


def test_rates_are_per_covered_minute() -> None:
    """One request a minute for two hours is one a minute, not two hours' worth spread over a week."""
    counts = ArrivalCounts()
    for minute in range(120):
        counts.add(MONDAY + dt.timedelta(hours=10, minutes=minute), f"u{minute % 7}")
    assert {cell.requests_per_minute for cell in counts.arrivals(5).cells} == {1.0}
