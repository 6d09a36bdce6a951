"""Hard claims: numbers, amounts, dates, addresses and names, which are either supported or not.

A share of unknown words hardly moves when one digit is wrong. These rules look
at nothing else; each is chosen so that a supported answer does not trip it.
"""

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from judge.groundedness.calculation import figures, is_operand, is_result, is_shifted, window
from judge.groundedness.dates import MONTHS, calendar_of, is_between, is_reached, mentions
from judge.groundedness.language import FUNCTION_WORDS, plain, stem, words
from judge.groundedness.numbers import (
    CLOCK,
    NUMBER,
    another_unit,
    clock,
    converted,
    in_words,
    scaled,
    scaled_at,
    unit_at,
    unit_named,
    units_by_value,
    values,
    whole_numbers,
    written_numbers,
)

_LIST_MARK = re.compile(r"(?m)^[^\S\n]*(?:\d{1,2}[.)]|\[\d{1,3}\])\s|\[\d{1,3}\]")
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>()\[\]\"'`]+")
_EMAIL = re.compile(r"(?i)\b[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_NAME = re.compile(r"(?<![\w/@.#-])[^\W\d_a-z][^\W\d_]*[^\W\d_A-Z][^\W\d_]*(?:['’-][^\W\d_]+)*")
_NAME_START = re.compile(r"(?:^|[.!?:;\n\r\t\"“”„«»‘()\[\]•*–—|>/\-]|\d[.)])\s*$")
_CALENDAR = frozenset(name.lower() for name in (*calendar.month_name, *calendar.day_name) if name)
_EVERYDAY = frozenset(
    [
        "god",
        "internet",
        "english",
        "faq",
        "ok",
        "sir",
        "madam",
        "mr",
        "mrs",
        "ms",
        "dear",
        "ai",
        "chatbot",
        "pdf",
        "url",
        "sms",
        "email",
        "id",
        "celsius",
        "fahrenheit",
        "kelvin",
    ]
)
"""Words written like names that claim nothing."""
_MAX_TITLE_SHARE = 0.3
_MIN_DIGITS = 2
_MOST_CALCULATIONS = 40
"""So many unknown numbers of one answer are worked out: an answer of numbers alone must not take seconds."""
_CENTURY = re.compile(r"(?:st|nd|rd|th)[ -]centur|(?:\.|e|es) ?(?:jahrhundert|siecle|siglo|secolo)")
_FULL_NAME_OF_SPEAKER = re.compile(
    r"(?:i'm|i am|my name is|this is|ich bin|je suis|je m'appelle|soy|sono) (?:[\w-]+ )?$"
)
_DIGIT = re.compile(r"\d")
_QUESTION = re.compile(r"[^.!?\n]*\?")


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
    units: dict[float, frozenset[str | None]]
    """Units that each value stands with."""


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
    in_figures = whole_numbers(lowered)
    counted = {float(stem(word)) for word in words(lowered) if stem(word) != word and stem(word).isdigit()}
    counted |= {value for _, value in in_words(lowered)} | set(scaled(lowered))
    return Known(
        text=lowered,
        stems=frozenset(map(stem, words(lowered))),
        numbers=frozenset(counted | written_numbers(lowered)),
        parts=frozenset(in_figures | {int(value) for value in counted}),
        amounts=frozenset(counted | written_numbers(CLOCK.sub(" ", lowered))),
        clocks=frozenset(map(clock, CLOCK.finditer(lowered))),
        units=units_by_value(lowered),
    )


def unsupported_claims(
    answer: str, sources: Iterable[str], *, names: bool = True, asked: Sequence[str] = ()
) -> list[Claim]:
    """Return the hard claims of an answer that none of the sources holds, in the answer's order.

    Args:
        answer: The text under judgement.
        sources: Contexts, the user's words, earlier turns, public contact data.
        names: False leaves names out, as in German, where every noun is capitalised.
        asked: The user's words among the sources; what follows from numbers in them is supported.
    """
    known = [known_in(source) for source in sources if source]
    claims = list(_links(answer, known))
    taken = [(claim.start, claim.end) for claim in claims]
    lowered = _lowered(answer)
    days, supported = _days(answer, lowered, known, asked)
    claims += [c for c in days if not _inside(c, taken)]
    taken += [*supported, *((claim.start, claim.end) for claim in days)]
    claims += [c for c in _numbers(answer, lowered, known, asked) if not _inside(c, taken)]
    if names:
        claims += [c for c in _names(answer, known) if not _inside(c, taken)]
    if "?" in answer:
        questions = [match.span() for match in _QUESTION.finditer(answer)]
        claims = [claim for claim in claims if not _inside(claim, questions)]
    return sorted(claims, key=lambda claim: claim.start)


def _inside(claim: Claim, spans: list[tuple[int, int]]) -> bool:
    return any(start <= claim.start < end for start, end in spans)


def _links(answer: str, known: list[Known]) -> Iterable[Claim]:
    for kind, pattern in (("address", _EMAIL), ("link", _LINK)):
        for match in pattern.finditer(answer):
            value = re.sub(r"^(?:https?://)?(?:www\.)?", "", plain(match[0])).rstrip("/.,;:!?*_")
            if not any(value in source.text for source in known):
                yield Claim(kind=kind, start=match.start(), end=match.end(), text=match[0])


def _lowered(answer: str) -> str:
    lowered = answer.lower()
    # A few letters grow in lower case ("İ"): places would no longer agree.
    return lowered if len(lowered) == len(answer) else answer


def _days(
    answer: str, lowered: str, known: list[Known], asked: Sequence[str]
) -> tuple[list[Claim], list[tuple[int, int]]]:
    """Return the days of the year that nothing supports, and where those stand that something does."""
    if _DIGIT.search(answer) is None:
        return [], []
    found = [m for m in mentions(lowered) if not answer[m.start : m.end].endswith("may")]
    if not found:
        return [], []
    calendars = [calendar_of(source.text) for source in known]
    days = frozenset(day for held in calendars for day in held.days)
    months = frozenset(month for held in calendars for month in held.months)
    parts = frozenset(part for source in known for part in source.parts)
    spans = frozenset(span for held in (*calendars, calendar_of(lowered)) for span in held.spans)
    starts = {day for text in asked for day in calendar_of(plain(text)).days}
    starts |= days & {day for mention in found for day in mention.days}
    claims: list[Claim] = []
    supported: list[tuple[int, int]] = []
    for mention in found:
        if all(
            day in days or (day[0] in months and day[1] in parts) or is_reached(day, starts, spans)
            for day in (mention.days if mention.named else mention.days[:1])
        ) or (not mention.named and days & {*mention.days}):
            supported.append((mention.start, mention.end))
        elif mention.named:
            text = answer[mention.start : mention.end]
            claims.append(Claim(kind="date", start=mention.start, end=mention.end, text=text))
    return claims, supported


def _numbers(answer: str, lowered: str, known: list[Known], asked: Sequence[str]) -> Iterable[Claim]:
    marks = [match.span() for match in _LIST_MARK.finditer(answer)]
    unknown = 0
    for match in NUMBER.finditer(lowered):
        unit = unit_at(lowered, match.start(), match.end())
        digits = sum(c.isdigit() for c in match[0])
        if digits < _MIN_DIGITS and not (unit and match[0] not in "01"):
            continue
        if match[0] == "100" and unit in {"%", "percent"}:
            # "You are 100 % right" claims no amount.
            continue
        if any(start <= match.start() < end for start, end in marks):
            continue
        if _is_known(match, lowered, known, unit):
            continue
        unknown += 1
        if unknown > _MOST_CALCULATIONS or not _is_computed(match, lowered, known, asked, unit):
            yield Claim(kind="number", start=match.start(), end=match.end(), text=answer[match.start() : match.end()])
    for match, value in in_words(lowered):
        if (
            value > 1
            and (unit := unit_at(lowered, match.start(), match.end()))
            and not _amount_known(value, unit, known)
            and not _counts(value, unit, window(lowered, match.start(), match.end()), known)
        ):
            yield Claim(kind="number", start=match.start(), end=match.end(), text=answer[match.start() : match.end()])


def _is_known(match: re.Match[str], lowered: str, known: list[Known], unit: str | None) -> bool:
    """Return whether some source holds the number, in this or another notation.

    What counts something ("17 pounds") is not supported by a time of day ("17:00").
    """
    if time := CLOCK.match(lowered, match.start()):
        return _clock_known(clock(time), known)
    meant = {*values(match[0]), *scaled_at(lowered, match.start())}
    if unit is not None:
        if any(_amount_known(value, unit, known) for value in meant):
            return True
    elif any(meant & source.numbers for source in known) or _period_known(match, lowered, known):
        return True
    parts = whole_numbers(match[0])
    if parts and unit is None and match[0].isdigit() and (len(match[0]) > _MIN_DIGITS or match[0].startswith("0")):
        # A piece of a telephone number: "it begins with 0800".
        return any(parts <= source.parts for source in known)
    if len(parts) < 2 or re.fullmatch(r"\d+[.,]\d+", match[0]):
        return False
    supported = frozenset().union(*(source.parts for source in known))
    return parts <= supported


def _amount_known(value: float, unit: str, known: list[Known]) -> bool:
    """Return whether a source holds the amount, in this unit or in one that is not told apart from it."""
    named = unit_named(unit)
    holding = [source for source in known if value in source.amounts]
    if named is None:
        return bool(holding)
    if any(not another_unit(named, source.units.get(value, frozenset((None,)))) for source in holding):
        return True
    return any(other in source.units.get(same, ()) for same, other in converted(value, named) for source in known)


def _period_known(match: re.Match[str], lowered: str, known: list[Known]) -> bool:
    """Return whether a century or a decade holds a year of the sources."""
    numbers = {int(number) for source in known for number in source.numbers if 1000 <= number < 2200}
    if _CENTURY.match(lowered, match.end()):
        return any((number - 1) // 100 + 1 == int(match[0]) for number in numbers if match[0].isdigit())
    if re.fullmatch(r"\d{3}0", match[0]) and lowered[match.end() :][:1] == "s":
        return any(number // 10 == int(match[0]) // 10 for number in numbers)
    return False


def _is_computed(
    match: re.Match[str], lowered: str, known: list[Known], asked: Sequence[str], unit: str | None
) -> bool:
    """Return whether the answer works the number out from others that are known."""
    near = window(lowered, match.start(), match.end())
    if time := CLOCK.match(lowered, match.start()):
        return is_shifted(clock(time), near, frozenset(time for source in known for time in source.clocks))
    given = {value for text in asked for value in figures(plain(text))}
    return any(
        is_result(value, near, given, lambda number: _holds(number, known)) or _counts(value, unit, near, known)
        for value in values(match[0])
    )


def _holds(number: float, known: list[Known]) -> bool:
    return any(number in source.numbers for source in known)


def _counts(value: float, unit: str | None, near: str, known: list[Known]) -> bool:
    """Return whether a small number only counts in a calculation, or says how far two days or times near it are apart."""
    if is_operand(value, near, lambda number: _holds(number, known)):
        return True
    named = unit_named(unit) or ""
    if named == "hour":
        times = [hour + minute / 60 for hour, minute in map(clock, CLOCK.finditer(near))]
        return any((later - earlier) % 12 == value % 12 for earlier in times for later in times if later != earlier)
    in_days = {"day": 1, "week": 7}.get(named)
    return in_days is not None and is_between(value, in_days, {day for m in mentions(near) for day in m.days})


def _clock_known(time: tuple[int, int], known: list[Known]) -> bool:
    hour, minute = time
    written = [f"{written}.{minute:02d}" for written in (hour, hour + 12)]
    if any(time in source.clocks or any(text in source.text for text in written) for source in known):
        return True
    # "from 9 to 17" supports 9:00 and 5 pm.
    return minute == 0 and any({hour, hour + 12} & source.amounts for source in known)


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
        if _FULL_NAME_OF_SPEAKER.search(plain(answer[max(0, match.start() - 40) : match.start()])):
            continue
        if not (_month_known(lowered, known) if lowered in MONTHS else _name_known(lowered, known)):
            kind = "date" if lowered in _CALENDAR else "name"
            yield Claim(kind=kind, start=match.start(), end=match.end(), text=match[0])


def _month_known(lowered: str, known: list[Known]) -> bool:
    """Return whether some source names the month: as a word, because "mar" also begins other words."""
    calendars = [calendar_of(source.text) for source in known]
    return any(MONTHS[lowered] in {*held.months, *(month for month, _ in held.days)} for held in calendars)


def _name_known(lowered: str, known: list[Known]) -> bool:
    """Return whether some source holds every part of a name, also abbreviated or inside a longer word."""
    for part in words(lowered.replace("-", " ")):
        root = part[: max(3, min(5, len(part) - 2))]
        if not any(
            stem(part) in source.stems or part in source.text or f" {root}" in f" {source.text}" for source in known
        ):
            return False
    return True
