"""Dates of birth in every notation: what a profile writes 1984-03-12 a customer writes 12/3/84 or March 12th."""

import re
from collections.abc import Iterator
from functools import cache

from harness.pii.known.folding import fold

Date = tuple[int, int, int]
"""Year (two digits, as people write it), month, day."""

_MONTHS = (
    "january jan januar janvier enero ene gennaio gen janeiro januari styczen stycznia ianuarie",
    "february feb februar fevrier fev febrero febbraio fevereiro februari luty lutego februarie",
    "march mar marz maerz mrz mars marzo marco maart mrt marzec marca martie",
    "april apr avril avr abril abr aprile kwiecien kwietnia aprilie",
    "may mai mayo maggio mag maio mei maj maja",
    "june jun juni juin junio giugno giu junho czerwiec czerwca iunie",
    "july jul juli juillet juil julio luglio lug julho lipiec lipca iulie",
    "august aug aout agosto ago agost augustus sierpien sierpnia",
    "september sep sept septembre septiembre settembre set setembro wrzesien wrzesnia septembrie",
    "october oct oktober okt octobre octubre ottobre ott outubro out pazdziernik pazdziernika octombrie",
    "november nov novembre noviembre novembro listopad listopada noiembrie",
    "december dec dezember dez decembre diciembre dic dicembre dezembro grudzien grudnia decembrie",
)
_YEAR = r"(?:(?:18|19|20)\d{2}|['’]?\d{2})"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|º|ª)?"
_WRITTEN = r"[a-z]{3,12}"
_GAP = r"[\s.,/_-]{0,2}(?:of\s|de\s|del\s)?"
_NUMERIC = re.compile(r"(?<!\d)(?<!\d[./-])(\d{1,4})\s?[./_\s-]\s?(\d{1,2})\s?[./_\s-]\s?(\d{1,4})(?!\d)")
_JOINED = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{2})(\d{2})?(?!\d)")
_DAY_FIRST = re.compile(rf"(?<!\d)({_DAY}){_GAP}({_WRITTEN})\.?{_GAP}({_YEAR})(?!\d)")
_MONTH_FIRST = re.compile(
    rf"(?<![a-z])({_WRITTEN})\.?\s?(?:the\s)?({_DAY})[\s.,/-]{{1,3}}(?:of\s|in\s)?({_YEAR})(?!\d)"
)
_YEAR_FIRST = re.compile(rf"(?<!\d)((?:18|19|20)\d{{2}}){_GAP}({_WRITTEN})\.?{_GAP}({_DAY})(?!\d)")
_YEARLESS = re.compile(rf"(?<!\d)({_DAY}){_GAP}({_WRITTEN})|(?<![a-z])({_WRITTEN})\.?\s?(?:the\s)?({_DAY})(?!\d)")
_BORN = re.compile(
    r"\b(?:born|birth\w*|b-?day|dob|d\.o\.b|geboren|geburts\w*|nacid[oa]|nacimiento|naissance|nee?|nat[oa]|nascid[oa]|nascimento|nascita|geboorte\w*)\b"
)
_LONGEST_VALUE = 40
_MONTHS_A_YEAR = 12
_DAYS_A_MONTH = 31
_YEAR_DIGITS = 4
_FEWEST_DIGITS = 3
_MOST_DIGITS = 8
_TIME_DIGITS = 12
_TIME = re.compile(r"[T ]\d{2}:\d{2}.*$")
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[a-z]{3,}")
_SEPARATED = re.compile(r"\d\W+\d|[^\W\d_]{3}")
"""Digits alone may as well be another number: only in texts "19840312" is read as a date."""


def date_readings(value: str) -> frozenset[Date]:
    """Return the dates that a value, whole, can mean; none if it is no date.

    "03/04/84" is the third of April or the fourth of March.
    """
    if len(value) > _LONGEST_VALUE or not _FEWEST_DIGITS <= len(_DIGIT.findall(value)) <= _MOST_DIGITS + _TIME_DIGITS:
        return frozenset()
    stripped = _TIME.sub("", value.strip())
    if sum(map(str.isdigit, stripped)) > _MOST_DIGITS or not _SEPARATED.search(stripped):
        return frozenset()
    folded = fold(stripped)
    written = _WORD.findall(folded)
    if written and _month_numbers().keys().isdisjoint(written):
        return frozenset()
    return frozenset(date for start, end, dates in _dates(folded) if end - start == len(folded) for date in dates)


def find_dates(folded: str, known: frozenset[Date]) -> Iterator[tuple[int, int]]:
    """Yield where dates that can mean a known one stand in a folded text."""
    for start, end, dates in _dates(folded):
        if not known.isdisjoint(dates):
            yield start, end
    if _BORN.search(folded):
        days = {(month, day) for _, month, day in known}
        for match in _YEARLESS.finditer(folded):
            month, day = (match[2], match[1]) if match[1] else (match[3], match[4])
            if (_month(month), _number(day)) in days:
                yield match.span()


def _dates(folded: str) -> Iterator[tuple[int, int, frozenset[Date]]]:
    for match in _NUMERIC.finditer(folded):
        yield *match.span(), _numeric(match[1], match[2], match[3])
    for match in _JOINED.finditer(folded):
        a, b, c, d = match.groups()
        readings = _numeric(a + b, c, d) | _numeric(a, b, c + d) if d else _numeric(a, b, c)
        yield *match.span(), readings
    if any("a" <= c <= "z" for c in folded):
        for pattern, order in ((_DAY_FIRST, (2, 1, 0)), (_MONTH_FIRST, (2, 0, 1)), (_YEAR_FIRST, (0, 1, 2))):
            for match in pattern.finditer(folded):
                year, month, day = (match.groups()[i] for i in order)
                yield *match.span(), _valid(_number(year), _month(month), _number(day))


def _numeric(first: str, second: str, third: str) -> frozenset[Date]:
    a, b, c = int(first), int(second), int(third)
    if len(first) == _YEAR_DIGITS:
        return _valid(a, b, c) | _valid(a, c, b)
    return _valid(c, b, a) | _valid(c, a, b) | (_valid(a, b, c) if len(third) <= 2 else frozenset())


def _valid(year: int, month: int, day: int) -> frozenset[Date]:
    fits = 1 <= month <= _MONTHS_A_YEAR and 1 <= day <= _DAYS_A_MONTH
    return frozenset({(year % 100, month, day)}) if fits else frozenset()


def _number(text: str) -> int:
    return int("".join(c for c in text if c.isdigit()))


def _month(word: str) -> int:
    return _month_numbers().get(word, 0)


@cache
def _month_numbers() -> dict[str, int]:
    return {name: number for number, line in enumerate(_MONTHS, start=1) for name in line.split()}
