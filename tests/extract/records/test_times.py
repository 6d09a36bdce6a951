"""Times: what can be read in one way only is read, the future is not believed."""

import datetime as dt
from typing import Any

import pytest

from extract.readers import RawRecord
from extract.records.mapping import LoggedExchange, RecordMapping, Rejection
from extract.records.times import latest_time, parse_time, shape_of
from harness.config import ExtractSection
from tests.extract.conftest import record

NOW = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1_790_000_000_000_000, "2026-09-21T14:13:20+00:00"),
        ("1790000000000000000", "2026-09-21T14:13:20+00:00"),
        ("Tue, 03 Mar 2026 10:00:00 +0200", "2026-03-03T08:00:00+00:00"),
        ("3 Mar 2026 10:00 GMT", "2026-03-03T10:00:00+00:00"),
        ("3 Mar 2026 10:00:00 Z", "2026-03-03T10:00:00+00:00"),
        ("3 Mar 2026 10:00:00 CST", None),
        ("03/04/2026", None),
        ("20260303101010", None),
    ],
)
def test_a_time_is_read_if_it_means_one_moment(value: Any, moment: str | None) -> None:
    parsed = parse_time(value)
    assert (parsed.isoformat() if parsed else None) == moment


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("13/04/2026 8:15", "text like 99/99/9999 9:99"),
        ("Marit Okoro", "text of 11 characters"),
        ("1" * 80, "text of 80 characters"),
        ([1], "list"),
    ],
)
def test_an_unreadable_time_is_told_by_its_form(value: Any, shape: str) -> None:
    assert shape_of(value) == shape


def test_a_clock_that_stands_before_the_tool_was_made_is_not_believed() -> None:
    assert latest_time(NOW) == NOW + dt.timedelta(days=1)
    assert latest_time(dt.datetime(2001, 1, 1, tzinfo=dt.UTC)) > dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("at", "detail"),
    [("2199-01-01", "in the year 2199"), ("2026-12-05", "more than a day from now"), ("2026-12-02", None)],
)
def test_a_time_more_than_a_day_from_now_is_rejected(at: str, detail: str | None) -> None:
    mapping = RecordMapping(ExtractSection(), until=latest_time(NOW))
    (mapped,) = mapping.map_all(RawRecord(source="a", line=1, values=record(0, timestamp=at)))
    if detail is None:
        assert isinstance(mapped, LoggedExchange)
    else:
        assert mapped == Rejection(reason="future_timestamp", field="timestamp", detail=detail)
