"""Arrivals of several spans of logs, joined without anybody's times."""

import datetime as dt

import pytest

from extract.publishing.arrivals import MINUTES, ArrivalCounts, combined, joined_hours
from harness.contracts import Arrivals

MONDAY = dt.datetime(2026, 10, 5, tzinfo=dt.UTC)


def counts(days: range, per_hour: int, most_users: int | None = 5) -> ArrivalCounts:
    """Return counts of days that are busy from eight to ten."""
    made = ArrivalCounts(most_users)
    for day in days:
        for minute in range(120):
            for user in range(per_hour // 60):
                made.add(MONDAY + dt.timedelta(days=day, minutes=8 * 60 + minute), f"u{(minute + user) % 9}")
    return made


def rate_at(arrivals: Arrivals, minute: int) -> float:
    """Return the requests a minute that arrivals give for a minute of the week."""
    return next(c.requests_per_minute for c in arrivals.cells if c.from_minute <= minute < c.to_minute)


def test_telling_k_users_apart_is_enough_for_cells_of_k_users() -> None:
    assert counts(range(3), 120, 5).arrivals(5) == counts(range(3), 120, None).arrivals(5)


def test_two_spans_together_are_what_one_count_of_both_says() -> None:
    first, second, both = counts(range(7), 120), counts(range(7, 14), 240), counts(range(14), 60)
    joined = combined(first.arrivals(5), first.hours, second.arrivals(5), second.hours)
    assert (joined.cells[0].from_minute, joined.cells[-1].to_minute) == (0, MINUTES)
    for day in range(1, 6):
        busy = [rate_at(joined, day * 1440 + minute) for minute in range(490, 590)]
        # Two a minute in the first week, four in the second.
        assert sum(busy) / len(busy) == pytest.approx(3.0, rel=0.1)
    assert joined_hours(first.hours, second.hours) == [(first.hours[0][0], first.hours[0][1]), second.hours[0]]
    assert both.hours == [(first.hours[0][0], second.hours[0][1])]


def test_a_span_of_too_few_users_adds_nothing() -> None:
    busy, quiet = counts(range(3), 120), ArrivalCounts(5)
    quiet.add(MONDAY, "one")
    arrivals = busy.arrivals(5)
    assert combined(arrivals, busy.hours, quiet.arrivals(5), quiet.hours) == arrivals
    assert combined(quiet.arrivals(5), quiet.hours, arrivals, busy.hours) == arrivals


def test_spans_that_touch_or_overlap_become_one() -> None:
    assert joined_hours([(1, 4), (10, 12)], [(5, 6), (11, 20)]) == [(1, 6), (10, 20)]
    assert ArrivalCounts().hours == []
