"""Numbers that an answer works out from others: sums, differences, products, shares, and times of day."""

import re
from collections.abc import Callable, Iterator, Set
from itertools import combinations

from judge.groundedness.language import plain, stem, words
from judge.groundedness.numbers import NUMBER, in_words, values

COUNTS = 13
"""Smaller numbers may count things in a calculation: "two tickets cost …"."""
_MOST_OPERANDS = 14
"""With more of them, almost any number is the result of something."""
_NEAR_CHARS = 400
_HALF_A_DAY = 12 * 60
_HOURS = re.compile(
    r"\b(\d{1,2}|[a-z]{2,9})[ -](hours?|minutes?|stunden?|minuten?|heures?|horas?|minutos?|or[ae]|minut[io]|uur|uren)\b"
)
_PARTS = {
    "half": 2.0,
    "halb": 2.0,
    "hälfte": 2.0,
    "moitié": 2.0,
    "mitad": 2.0,
    "metà": 2.0,
    "twice": 2.0,
    "double": 2.0,
}
_SENTENCE_END = re.compile(r"[.!?]\s|\n")


def figures(text: str) -> set[float]:
    """Return the values of the numbers in a text, in figures and in words of several languages."""
    found = {value for match in NUMBER.finditer(text) for value in values(match[0])}
    found |= {value for _, value in in_words(text)}
    found |= {parts for word, parts in _PARTS.items() if word in text}
    return found | {float(number) for word in words(plain(text)) if (number := stem(word)) != word and number.isdigit()}


def window(text: str, start: int, end: int) -> str:
    """Return what an answer says up to the end of a sentence, without what stands at the place."""
    before, after = text[max(0, start - _NEAR_CHARS) : start], text[end : end + _NEAR_CHARS]
    last = _SENTENCE_END.search(after)
    return f"{before} ; {after[: last.start()] if last else after}"


def is_result(wanted: float, near: str, asked: Set[float], is_known: Callable[[float], bool]) -> bool:
    """Return whether a number follows from known ones that stand near it, also by others that the answer works out.

    Args:
        wanted: The number.
        near: What stands around it.
        asked: The user's own numbers, which may enter, too.
        is_known: Whether some source holds a number.
    """
    told = figures(near)
    said = {value for value in told if value < COUNTS or is_known(value)}
    operands = said | asked
    if len(operands) > _MOST_OPERANDS:
        operands = said
    shares = "%" in near or "percent" in near
    if len(operands) > _MOST_OPERANDS:
        return False
    results = set(_results(operands, shares=shares)) | set(_of_three(operands))
    while worked_out := {value for value in told - operands if round(value, 2) in results}:
        operands = operands | worked_out
        if len(operands) > _MOST_OPERANDS:
            break
        results = set(_results(operands, shares=shares)) | set(_of_three(operands))
    return round(wanted, 2) in results


def is_operand(count: float, near: str, is_known: Callable[[float], bool]) -> bool:
    """Return whether a small number is the count of a product near it: "five days at 2.75 come to 13.75"."""
    told = figures(near)
    known = {value for value in told if is_known(value)}
    return count < COUNTS and any(round(count * value, 2) in told for value in known if value > 1)


def is_shifted(time: tuple[int, int], near: str, clocks: Set[tuple[int, int]]) -> bool:
    """Return whether a time of day lies a duration named near it before or after a known one."""
    minutes = time[0] * 60 + time[1]
    for match in _HOURS.finditer(near):
        count = match[1] if match[1].isdigit() else stem(match[1])
        if count.isdigit():
            length = int(count) * (1 if match[2].startswith("minut") else 60)
            reached = ((minutes + length) % _HALF_A_DAY, (minutes - length) % _HALF_A_DAY)
            if any(hour * 60 + minute in reached for hour, minute in clocks):
                return True
    return False


def _results(operands: Set[float], *, shares: bool) -> Iterator[float]:
    for a in operands:
        for b in operands:
            yield round(a * b, 2)
            yield round(a + b, 2)
            yield round(a - b, 2)
            yield round(a * b / 100, 2)
            if b and a % b * 100 % 1 == 0:
                yield round(a / b, 2)
            if shares:
                yield round(a * (100 - b) / 100, 2)
                yield round(a * (100 + b) / 100, 2)


def _of_three(operands: Set[float]) -> Iterator[float]:
    for a, b, c in combinations(operands, 3):
        yield round(a + b + c, 2)
        yield round(a * b * c, 2)
    for a, b in combinations(operands, 2):
        # "2 × 2 × 70" holds one of its numbers twice.
        yield round(a * a * b, 2)
        yield round(a * b * b, 2)
    for a, b in combinations(operands, 2):
        for c in operands - {a, b}:
            yield round(a * b + c, 2)
            yield round((a + b) * c, 2)
