"""What numbers in a text mean: values in figures and in words, times of day, units and currencies."""

import re
from collections.abc import Iterator

UNIT = re.compile(
    r"(?:[-\s]?(?:%|€|\$|£|°\s?[cf]\b)|[\s-]?(?:percent|per cent|prozent|pour cent|por ciento|euros?|eur|usd|gbp|chf|dollars?|pounds?|pfund|pence|cents?|francs?|"
    r"seconds?|sekunden?|minutes?|minuten|hours?|stunden?|heures?|horas?|(?:(?:working|business|calendar|consecutive) )?days?|tage?n?|jours?|dias?|weeks?|wochen?|semaines?|semanas?|"
    r"months?|monate?n?|mois|mes(?:es)?|years?|jahre?n?|ans|annees?|anos|times|km|kilomet(?:er|re)s?|miles?|met(?:er|re)s?|kg|kilos?|gb|mb)\b)"
)
_CURRENCY = re.compile(r"(?:[€$£]|\b(?:eur|usd|gbp|chf))\s?$")
_KINDS: dict[str, dict[str, tuple[str, ...]]] = {
    "money": {
        "euro": ("€", "eur"),
        "dollar": ("$", "usd", "dollar"),
        "pound": ("£", "gbp", "pound", "pfund"),
        "franc": ("chf", "franc"),
    },
    "time": {
        "second": ("second", "sekunde"),
        "minute": ("minute",),
        "hour": ("hour", "stunde", "heure", "hora"),
        "day": ("day", "working", "business", "calendar", "consecutive", "tag", "jour", "dia"),
        "week": ("week", "woche", "semaine", "semana"),
        "month": ("month", "monat", "mois", "mes"),
        "year": ("year", "jahr", "ans", "annee", "ano"),
    },
    "length": {"kilometre": ("km", "kilomet"), "mile": ("mile",), "metre": ("met",)},
    "data": {"gigabyte": ("gb",), "megabyte": ("mb",)},
    "temperature": {"degree": ("°",)},
}
_STARTS = [(start, unit) for units in _KINDS.values() for unit, starts in units.items() for start in starts]
_LARGER = {
    "week": (7, "day"),
    "day": (24, "hour"),
    "hour": (60, "minute"),
    "minute": (60, "second"),
    "year": (12, "month"),
}

NUMBER = re.compile(r"\d+(?:[.,:/\-’' h](?=\d)\d+)*")
_PLAIN_NUMBER = re.compile(r"\d+")
_ONES = dict(
    zip(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(1, 13),
        strict=True,
    )
)
_TEENS = dict(
    zip(["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"], range(13, 20), strict=True)
)
_TENS = dict(
    zip(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], range(20, 100, 10), strict=True)
)
_IN_WORDS = re.compile(
    rf"\b(?:({'|'.join(_TENS)})(?:[-\s]({'|'.join(list(_ONES)[:9])}))?|({'|'.join(_TEENS | _ONES)}))(?:\s(hundred|thousand))?\b"
)
_HOUR, _MINUTE = r"([01]?\d|2[0-4])", r"([0-5]\d)"
CLOCK = re.compile(
    rf"(?<![\d:.,/-])(?:{_HOUR}(?:[:.h]{_MINUTE})?\s*(?:[ap]\.?\s?m\b|uhr\b|o'clock\b)|{_HOUR}(?::|\s?h\s?){_MINUTE}(?![\d:]))"
)
_SCALED = re.compile(r"(?<!\d)(\d+(?:[.,]\d+)?)\s?(k|thousand|m|million|mio|bn|billion)\b")
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "mio": 1e6, "bn": 1e9, "billion": 1e9, "hundred": 1e2}
_FORMS = tuple(
    (
        re.compile(
            rf"\d{{1,3}}(?:(?:\{group}\d{{3}})+|(?:\{group}\d{{2}})+\{group}\d{{3}})(?:\{point}\d+)?|\d+(?:\{point}\d+)?"
        ),
        group,
        point,
    )
    for group, point in ((",", "."), (".", ","))
)
_FRACTION = re.compile(r"(\d{1,3}(?:[.,'’ ]\d{3})+|\d{1,15})[.,]\d{1,2}")
_TELEPHONE = re.compile(r"0\d*(?:[ /-]\d+)+|\d+(?:[ /-]\d+){3,}")
_LONGEST = 16
"""Longer figures are codes; they are compared in their parts only."""


def whole_numbers(text: str) -> set[int]:
    """Return the runs of digits in a text, also inside dates, times and codes."""
    return {int(number) for number in _PLAIN_NUMBER.findall(text) if len(number) < _LONGEST}


def written_numbers(text: str) -> set[float]:
    """Return every value that the figures of a text may mean.

    Of a date, a time or a range that is each of its parts, of a decimal fraction the whole part, and of a telephone
    number nothing.
    """
    found: set[float] = set()
    for match in NUMBER.finditer(text):
        figures = match[0]
        found.update(values(figures))
        if fraction := _FRACTION.fullmatch(figures):
            found.add(float("".join(filter(str.isdigit, fraction[1]))))
        elif not _TELEPHONE.fullmatch(figures):
            found.update(map(float, whole_numbers(figures)))
    return found


def values(number: str) -> list[float]:
    """Return what a number as written may mean: ``1,200`` is 1200 or 1.2, and ``2.5`` is 2.5 only."""
    compact = number.replace(" ", "").replace("’", "").replace("'", "")
    if compact.isdigit():
        return [float(compact)] if len(compact) < _LONGEST else []
    return [
        float(compact.replace(group, "").replace(point, "."))
        for form, group, point in _FORMS
        if form.fullmatch(compact)
    ]


def scaled(text: str) -> Iterator[float]:
    """Yield the values of figures with a word of scale: ``3 million``."""
    for match in _SCALED.finditer(text):
        yield _scaled_value(match)


def scaled_at(text: str, start: int) -> Iterator[float]:
    """Yield the value of the figure with a word of scale that starts there, if one does."""
    if match := _SCALED.match(text, start):
        yield _scaled_value(match)


def _scaled_value(match: re.Match[str]) -> float:
    return float(match[1].replace(",", ".")) * _SCALES[match[2]]


def in_words(text: str) -> Iterator[tuple[re.Match[str], float]]:
    """Yield the English numbers in words, ``forty-eight`` or ``two hundred``, with their values."""
    for match in _IN_WORDS.finditer(text):
        tens, ones, small, scale = match.groups()
        value = _TENS[tens] + _ONES.get(ones, 0) if tens else _ONES.get(small) or _TEENS[small]
        yield match, value * _SCALES.get(scale, 1)


def clock(match: re.Match[str]) -> tuple[int, int]:
    """Return a time of day; halves of the day are not told apart, because half of all texts leave them out."""
    return int(match[1] or match[3]) % 12, int(match[2] or match[4] or 0)


def unit_at(text: str, start: int, end: int) -> str | None:
    """Return what stands around a number as its unit, as written; None where nothing does. Lower-case text."""
    if after := UNIT.match(text, end):
        return after[0].strip(" -")
    before = _CURRENCY.search(text, max(0, start - 4), start)
    return before[0].strip() if before else None


def unit_named(written: str | None) -> str | None:
    """Return the unit that is meant, in one spelling; None for units that are not told apart."""
    return next((unit for start, unit in _STARTS if written.startswith(start)), None) if written else None


def units_by_value(text: str) -> dict[float, frozenset[str | None]]:
    """Return each value of a text with the units it stands with; None among them where it stands with none."""
    found: dict[float, set[str | None]] = {}
    for match in NUMBER.finditer(text):
        unit = unit_named(unit_at(text, match.start(), match.end()))
        for value in values(match[0]):
            found.setdefault(value, set()).add(unit)
    for match, value in in_words(text):
        found.setdefault(value, set()).add(unit_named(unit_at(text, match.start(), match.end())))
    return {value: frozenset(units) for value, units in found.items()}


def another_unit(unit: str, seen: frozenset[str | None]) -> bool:
    """Return whether a value is known, but only in other units: 14 days as 14 weeks, or as 14 euros."""
    return None not in seen and unit not in seen


def converted(value: float, unit: str) -> Iterator[tuple[float, str]]:
    """Yield the same duration in the next smaller and the next larger unit."""
    if unit in _LARGER:
        factor, smaller = _LARGER[unit]
        yield value * factor, smaller
    for larger, (factor, smaller) in _LARGER.items():
        if smaller == unit and value % factor == 0:
            yield value / factor, larger
