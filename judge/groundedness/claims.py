"""Hard claims: numbers, amounts, dates, addresses and names, which are either supported or not.

A share of unknown words hardly moves when one digit is wrong. These rules look
at nothing else; each is chosen so that a supported answer does not trip it.
"""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from judge.groundedness.language import FUNCTION_WORDS, plain, stem, words

_NUMBER = re.compile(r"\d+(?:[.,:/\-’' h](?=\d)\d+)*")
_PLAIN_NUMBER = re.compile(r"\d+")
_UNIT = re.compile(
    r"(?:[-\s]?(?:%|€|\$|£)|[\s-]?(?:percent|per cent|prozent|euros?|eur|usd|gbp|chf|dollars?|pounds?|pence|cents?|francs?|"
    r"seconds?|minutes?|minuten|hours?|stunden?|heures?|horas?|days?|tage?n?|jours?|dias?|weeks?|wochen?|semaines?|semanas?|"
    r"months?|monate?n?|mois|mes(?:es)?|years?|jahre?n?|ans|annees?|anos|times|km|kilomet(?:er|re)s?|miles?|met(?:er|re)s?|kg|kilos?|gb|mb)\b)"
)
_CURRENCY = re.compile(r"[€$£]")
_SMALL = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
}
_SMALL_WITH_UNIT = re.compile(rf"\b({'|'.join(_SMALL)})(?={_UNIT.pattern})")
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_TENS_WORD = re.compile(rf"\b({'|'.join(_TENS)})(?:[-\s]({'|'.join(['one', *list(_SMALL)[:8]])}))?\b")
_HOUR, _MINUTE = r"([01]?\d|2[0-4])", r"([0-5]\d)"
_CLOCK = re.compile(
    rf"(?<![\d:.,/-])(?:{_HOUR}(?:[:.h]{_MINUTE})?\s*(?:[ap]\.?\s?m\b|uhr\b|o'clock\b)|{_HOUR}[:h]{_MINUTE}(?![\d:]))"
)
_SCALED = re.compile(r"(\d+(?:[.,]\d+)?)\s?(k|thousand|m|million|mio|bn|billion)\b")
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "mio": 1e6, "bn": 1e9, "billion": 1e9}
_LIST_MARK = re.compile(r"(?m)^[^\S\n]*(?:\d{1,2}[.)]|\[\d{1,3}\])\s|\[\d{1,3}\]")
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>()\[\]\"'`]+")
_EMAIL = re.compile(r"(?i)\b[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_NAME = re.compile(r"(?<![\w/@.#-])[^\W\d_a-z][^\W\d_]*[^\W\d_A-Z][^\W\d_]*(?:['’-][^\W\d_]+)*")
_NAME_START = re.compile(r"(?:^|[.!?:;\n\r\t\"“”„«»‘()\[\]•*–—|>/\-]|\d[.)])\s*$")
_CALENDAR = frozenset(name.lower() for name in (*calendar.month_name, *calendar.day_name) if name)
_EVERYDAY = frozenset(("god", "internet", "english", "faq", "ok"))
"""Words written like names that claim nothing."""
_MAX_TITLE_SHARE = 0.3
_MIN_DIGITS = 2
_LONGEST = 16
"""Longer figures are codes; they are compared in their parts only."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a text supports, by kind."""

    text: str
    stems: frozenset[str]
    numbers: frozenset[float]
    parts: frozenset[int]
    """Whole numbers as they stand, also inside dates, times and codes, and number words."""
    amounts: frozenset[float]
    """Numbers that are no times of day."""
    clocks: frozenset[tuple[int, int]]
    """Times of day as hour (of twelve) and minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A hard claim of an answer that nothing supports."""

    kind: str
    start: int
    end: int
    """Exclusive; both in the answer's text."""
    text: str = field(repr=False)


@lru_cache(maxsize=4096)
def known_in(text: str) -> Known:
    """Return what one context or message supports; kept, because contexts come again and again."""
    lowered = plain(text)
    in_figures = _whole_numbers(lowered)
    parts = set(in_figures)
    parts |= {int(stem(word)) for word in words(lowered) if stem(word) != word and stem(word).isdigit()}
    for tens, ones in _TENS_WORD.findall(lowered):
        parts.add(_TENS[tens] + (int(stem(ones)) if ones else 0))
    counted = {float(number) for number in parts - in_figures}
    counted |= {_value(number) * _SCALES[scale] for number, scale in _SCALED.findall(lowered)}
    return Known(
        text=lowered,
        stems=frozenset(map(stem, words(lowered))),
        numbers=frozenset(counted | _written_numbers(lowered)),
        parts=frozenset(parts),
        amounts=frozenset(counted | _written_numbers(_CLOCK.sub(" ", lowered))),
        clocks=frozenset(map(_clock, _CLOCK.finditer(lowered))),
    )


def _whole_numbers(text: str) -> set[int]:
    return {int(number) for number in _PLAIN_NUMBER.findall(text) if len(number) < _LONGEST}


def _written_numbers(text: str) -> set[float]:
    whole = {float(number) for number in _whole_numbers(text)}
    return whole | {value for match in _NUMBER.finditer(text) for value in _values(match[0])}


def _clock(match: re.Match[str]) -> tuple[int, int]:
    """Return a time of day; halves of the day are not told apart, because half of all texts leave them out."""
    return int(match[1] or match[3]) % 12, int(match[2] or match[4] or 0)


def unsupported_claims(answer: str, sources: Iterable[str], *, names: bool = True) -> list[Claim]:
    """Return the hard claims of an answer that none of the sources holds, in the answer's order.

    Args:
        answer: The text under judgement.
        sources: Contexts, the user's words, earlier turns, public contact data.
        names: False leaves names out, as in German, where every noun is capitalised.
    """
    known = [known_in(source) for source in sources if source]
    claims = list(_links(answer, known))
    taken = [(claim.start, claim.end) for claim in claims]
    claims += [c for c in _numbers(answer, known) if not _inside(c, taken)]
    if names:
        claims += [c for c in _names(answer, known) if not _inside(c, taken)]
    return sorted(claims, key=lambda claim: claim.start)


def _inside(claim: Claim, spans: list[tuple[int, int]]) -> bool:
    return any(start <= claim.start < end for start, end in spans)


def _links(answer: str, known: list[Known]) -> Iterable[Claim]:
    for kind, pattern in (("address", _EMAIL), ("link", _LINK)):
        for match in pattern.finditer(answer):
            value = re.sub(r"^(?:https?://)?(?:www\.)?", "", plain(match[0])).rstrip("/.,;:!?*_")
            if not any(value in source.text for source in known):
                yield Claim(kind=kind, start=match.start(), end=match.end(), text=match[0])


def _numbers(answer: str, known: list[Known]) -> Iterable[Claim]:
    marks = [match.span() for match in _LIST_MARK.finditer(answer)]
    lowered = answer.lower()
    if len(lowered) != len(answer):
        # A few letters grow in lower case ("İ"): places would no longer agree.
        lowered = answer
    for match in _NUMBER.finditer(lowered):
        has_unit = _UNIT.match(lowered, match.end()) or _CURRENCY.match(lowered, max(0, match.start() - 1))
        digits = sum(c.isdigit() for c in match[0])
        if digits < _MIN_DIGITS and not (has_unit and match[0] not in "01"):
            continue
        if match[0] == "100" and has_unit and has_unit[0].strip() in {"%", "percent"}:
            # "You are 100 % right" claims no amount.
            continue
        if any(start <= match.start() < end for start, end in marks):
            continue
        if _is_known(match, lowered, known, counts_something=has_unit is not None):
            continue
        yield Claim(kind="number", start=match.start(), end=match.end(), text=answer[match.start() : match.end()])
    for match in _SMALL_WITH_UNIT.finditer(lowered):
        if not any(_SMALL[match[1]] in source.parts for source in known):
            yield Claim(kind="number", start=match.start(), end=match.end(), text=answer[match.start() : match.end()])


def _is_known(match: re.Match[str], lowered: str, known: list[Known], *, counts_something: bool) -> bool:
    """Return whether some source holds the number, in this or another notation.

    What counts something ("17 pounds") is not supported by a time of day ("17:00").
    """
    if clock := _CLOCK.match(lowered, match.start()):
        return _clock_known(_clock(clock), known)
    values = set(_values(match[0]))
    if scaled := _SCALED.match(lowered, match.start()):
        values.add(_value(scaled[1]) * _SCALES[scaled[2]])
    if any(values & (source.amounts if counts_something else source.numbers) for source in known):
        return True
    parts = _whole_numbers(match[0])
    if len(parts) < 2 or re.fullmatch(r"\d+[.,]\d+", match[0]):
        return False
    supported = frozenset().union(*(source.parts for source in known))
    return parts <= supported


def _clock_known(clock: tuple[int, int], known: list[Known]) -> bool:
    hour, minute = clock
    written = [f"{written}.{minute:02d}" for written in (hour, hour + 12)]
    if any(clock in source.clocks or any(text in source.text for text in written) for source in known):
        return True
    # "from 9 to 17" supports 9:00 and 5 pm.
    return minute == 0 and any({hour, hour + 12} & source.amounts for source in known)


def _values(number: str) -> list[float]:
    """Return what a number as written may mean: ``1,200`` is 1200 or 1.2."""
    compact = number.replace(" ", "").replace("’", "").replace("'", "")
    if re.fullmatch(r"\d+", compact):
        return [float(compact)] if len(compact) < _LONGEST else []
    if not re.fullmatch(r"[\d.,]+", compact):
        return []
    meanings = []
    for group, point in ((",", "."), (".", ",")):
        text = compact.replace(group, "")
        if text.count(point) <= 1:
            meanings.append(float(text.replace(point, ".")))
    return meanings


def _value(number: str) -> float:
    return float(number.replace(",", "."))


def _names(answer: str, known: list[Known]) -> Iterable[Claim]:
    found = [match for match in _NAME.finditer(answer) if match[0][0].isupper()]
    inner = [match for match in found if not _NAME_START.search(answer, max(0, match.start() - 8), match.start())]
    starts = len(found) - len(inner)
    if len(inner) > _MAX_TITLE_SHARE * max(10, len(answer.split())) + starts:
        return
    for match in inner:
        lowered = plain(match[0])
        if any(part in FUNCTION_WORDS or part in _EVERYDAY for part in words(lowered)):
            continue
        if not _name_known(lowered, known):
            kind = "date" if lowered in _CALENDAR else "name"
            yield Claim(kind=kind, start=match.start(), end=match.end(), text=match[0])


def _name_known(lowered: str, known: list[Known]) -> bool:
    """Return whether some source holds every part of a name, also abbreviated or inside a longer word."""
    for part in words(lowered.replace("-", " ")):
        root = part[: max(3, min(5, len(part) - 2))]
        if not any(
            stem(part) in source.stems or part in source.text or f" {root}" in f" {source.text}" for source in known
        ):
            return False
    return True
