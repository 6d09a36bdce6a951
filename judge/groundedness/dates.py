"""Days of the year in a text, in any notation and seven languages."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import lru_cache

from judge.groundedness.language import stem

_MONTHS = (
    "january januar janner jänner janvier enero gennaio janeiro januari jan",
    "february februar fevrier février febrero febbraio fevereiro februari feb",
    "march marz märz mars marzo marco março maart mar",
    "april avril abril aprile apr",
    "may mai mayo maggio maio mei",
    "june juni juin junio giugno junho jun",
    "july juli juillet julio luglio julho jul",
    "august aout août agosto augustus aug",
    "september septembre septiembre settembre setembro sept sep",
    "october oktober octobre octubre ottobre outubro oct okt",
    "november novembre noviembre novembro nov",
    "december dezember decembre décembre diciembre dicembre dezembro dec dez",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = r"(0?[1-9]|[12]\d|3[01])(?:\.|st|nd|rd|th|er|º|°)?"
_NAMED = re.compile(
    rf"(?<![\d.,:/])\b(?:{_DAY}\s?(?:[-–/]|to|and|bis|und|au|et|al|a|y|e|tot|en)\s?)?{_DAY}\s(?:of |de |di )?({_NAME})\b|"
    rf"\b({_NAME})\.?\s{_DAY}(?!\w|[:.,]\d|\s?%)"
)
_FIGURES = re.compile(
    r"(?<![\d./-])(?:\d{4}-(\d\d)-(\d\d)|(\d{1,2})\.\s?(\d{1,2})\.(?:\s?\d{4}|\d\d)?|(\d{1,2})[./-](\d{1,2})[./-](?:\d{4}|\d\d))(?![\d/-]|\.\d)"
)
_DURATION = re.compile(
    r"\b(\d{1,3}|[a-z]{2,9})[ -](?:working |business |calendar )?(days?|weeks?|tagen?|wochen?|jours?|semaines?|dias?|semanas?|"
    r"giorn[io]|settiman[ae]|dag(?:en)?|weken)\b"
)
_WORD = re.compile(r"[^\W\d_]+")
_WEEKS = ("we", "wo", "sem", "set")
_SOME_YEAR = 2026
"""Any year without a 29th of February."""

Day = tuple[int, int]
"""Month and day of the month."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A day of the year, where it stands."""

    start: int
    end: int
    days: tuple[Day, ...]
    """What it may mean: 03/04 is the third of April or the fourth of March."""
    named: bool
    """Its month is written out."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a text says of days."""

    days: frozenset[Day]
    """Days of the year, in any notation."""
    months: frozenset[int]
    """Months that are named, with a day or without."""
    spans: frozenset[int]
    """Lengths of spans of days and weeks, in days."""


@lru_cache(maxsize=4096)
def calendar_of(text: str) -> Calendar:
    """Return what a lower-case text says of days; kept, because contexts come again and again."""
    return Calendar(
        days=frozenset(day for mention in mentions(text) for day in mention.days),
        months=frozenset(MONTHS[word] for word in _WORD.findall(text) if word in MONTHS),
        spans=frozenset(durations(text)),
    )


def mentions(text: str) -> Iterator[Mention]:
    """Yield the days of the year that a lower-case text names, those with a written month first."""
    for match in _NAMED.finditer(text):
        first, day, month, month_before, day_after = match.groups()
        number = MONTHS[month or month_before]
        days = [(number, int(found)) for found in (first, day or day_after) if found]
        yield Mention(match.start(), match.end(), tuple(days), named=True)
    for match in _FIGURES.finditer(text):
        one, other = (int(found) for found in match.groups() if found is not None)
        days = [(month, day) for month, day in ((one, other), (other, one)) if 1 <= month <= 12 and 1 <= day <= 31]
        if days:
            yield Mention(match.start(), match.end(), tuple(days), named=False)


def durations(text: str) -> Iterator[int]:
    """Yield the lengths, in days, of the spans of days and weeks that a lower-case text names."""
    for match in _DURATION.finditer(text):
        count = match[1] if match[1].isdigit() else stem(match[1])
        if count.isdigit():
            yield int(count) * (7 if match[2].startswith(_WEEKS) else 1)


def is_reached(day: Day, starts: Iterable[Day], spans: Set[int]) -> bool:
    """Return whether a day lies one of the spans, in days, before or after one of the others."""
    return any(_distance(start, day) in spans or _distance(day, start) in spans for start in starts)


def is_between(count: float, in_days: int, days: Set[Day]) -> bool:
    """Return whether two of the days lie so many times ``in_days`` apart, both ends counted or not, to a whole unit."""
    return any(abs(_distance(a, b) - count * in_days) <= max(1, in_days - 1) for a in days for b in days if a != b)


def _distance(start: Day, end: Day) -> int:
    """Return the days from one to the next occurrence of the other; -1 where one of them does not exist."""
    try:
        return (dt.date(_SOME_YEAR, *end) - dt.date(_SOME_YEAR, *start)).days % 365
    except ValueError:
        return -1
