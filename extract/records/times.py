"""Times as logs write them."""

import datetime as dt
import math
import re
from email.utils import parsedate_to_datetime
from typing import Any

ACCEPTED = "ISO 8601, RFC 2822, or seconds, milli-, micro- or nanoseconds since 1970"
"""What is read as a time, in words."""

_MADE_AT = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
_TOLERANCE = dt.timedelta(days=1)
_YEARS = range(1990, 2200)
_NUMBER = re.compile(r"\d{9,19}(?:\.\d+)?")
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From which number on how many of them are a second: no two units of the same moment are within one range."""
_RFC_2822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s+)?\d{1,2}\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{4}\s+"
    r"\d{2}:\d{2}(?::\d{2})?\s+(?:[+-]\d{4}|GMT|UTC|UT|Z)(?:\s*\([A-Za-z ]+\))?"
)
"""With a zone that is one offset only: ``CST`` is several."""
_LONGEST_SHAPE = 40


def latest_time(now: dt.datetime | None = None) -> dt.datetime:
    """Return until when a logged time is believed: a day after now, for clocks that differ.

    Args:
        now: The time of the run; None takes this machine's. A clock from before
            this tool was made is wrong, and is not believed.
    """
    return max(now or dt.datetime.now(dt.UTC), _MADE_AT) + _TOLERANCE


def parse_time(value: Any) -> dt.datetime | None:
    """Return a logged time as aware UTC; None if it is none.

    Takes ISO 8601 (without a zone: UTC), RFC 2822, seconds, milli-, micro- or nanoseconds since 1970 as numbers or
    text, dates and datetimes. What could be read in two ways, such as 03/04/2026, is none.
    """
    try:
        moment = _moment(value)
        if moment is None:
            return None
        moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.year in _YEARS else None


def shape_of(value: Any) -> str:
    """Return what kind of value was found where a time should be: its type; of a short text with digits, its form.

    Digits are shown as 9 and letters as a, so that ``13/04/2026`` is ``text like 99/99/9999``.
    """
    if not isinstance(value, str):
        return type(value).__name__
    text = value.strip()
    if len(text) > _LONGEST_SHAPE or not any(c.isdigit() for c in text) or not text.isprintable():
        return f"text of {len(text)} characters"
    return f"text like {''.join('9' if c.isdigit() else 'a' if c.isalpha() else c for c in text)}"


def _moment(value: Any) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    if isinstance(value, str):
        return _written(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    for least, a_second in _UNITS:
        if value >= least:
            return dt.datetime.fromtimestamp(value / a_second, tz=dt.UTC)
    return dt.datetime.fromtimestamp(value, tz=dt.UTC)


def _written(text: str) -> dt.datetime | None:
    if _NUMBER.fullmatch(text):
        return _moment(float(text))
    if _RFC_2822.fullmatch(text):
        return parsedate_to_datetime(text.removesuffix(" Z") + (" +0000" if text.endswith(" Z") else ""))
    return dt.datetime.fromisoformat(text)
