"""Known numbers in a text: in part, with a country code joined to them, with one digit wrong, by their last digits."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rapidfuzz.distance import OSA

from harness.pii.interface import PiiSpan
from harness.pii.known.folding import word_set
from harness.pii.known.reading import Piece, Reading
from harness.pii.known.variants import Variants
from harness.pii.patterns.quantities import is_counted, is_money

_GAP = re.compile(r"[\s().+/#·_-]{0,4}")
_LAST_DIGITS = re.compile(
    r"(?:\b(?:end(?:s|ing|ed)?|last|final|finish\w*|digits?|terminat\w*|termin\w*|endet|endend|endung|letzte\w*|ziffern|últim\w*|ultim\w*|derni\w*|chiffres|finit|cifr[ae]|laatste|eindigt)\b[^.?!\n]{0,30}"
    r"|[*x•#·…]{2,}[\s-]*|\.{3,}\s*)$",
    re.IGNORECASE,
)
_LOOK_BACK = 48
_CERTAIN_LENGTH = 6
_LONGEST_GROUP = 16
_LONGEST_COUNTRY_CODE = 4
_SMALL_TALK = word_set("its it is s yes no ok okay sure thanks and the my number")
_FEWEST_LETTERS = 2
_LONGEST_AMOUNT = 4
"""Digits. The audit of the output refuses longer known numbers wherever they stand."""
_INNER = re.compile(r"\d[.,]\d")
_GOES_ON = re.compile(r"[.,:]\d|\s?%")
_WENT_ON = re.compile(r"\d[.,:]$")
_IS_LETTER = frozenset("abcdefghijklmnopqrstuvwxyz").__contains__


def is_amount(text: str, start: int, end: int) -> bool:
    """Return whether a short known number is a larger one's part or an amount here: the 500 of "2,500" and of "$500"."""
    value = text[start:end]
    digits = sum(map(str.isdigit, value))
    if digits > _LONGEST_AMOUNT or any(map(str.isalpha, value)):
        return False
    before = text[max(0, start - _LONGEST_GROUP) : start]
    if _INNER.search(value) or _GOES_ON.match(text, end) or _WENT_ON.search(before):
        return True
    return is_money(before) or is_counted(text[end : end + _LOOK_BACK])


def find_numbers(reading: Reading, pieces: Sequence[Piece], variants: Variants) -> Iterator[PiiSpan]:
    """Yield where known numbers stand in part or not quite as they are known.

    Args:
        reading: The text.
        pieces: Its tokens, with digits spoken or written.
        variants: The user's.
    """
    bare = all(piece.word in _SMALL_TALK or any(map(str.isdigit, piece.word)) for piece in pieces)
    for group in _groups(reading.text, pieces):
        for first in range(len(group)):
            joined = ""
            for last in range(first, min(first + _LONGEST_GROUP, len(group))):
                joined += group[last].word
                entity = _entity(joined, variants)
                if entity is None and joined in variants.pieces:
                    before = reading.text[max(0, group[first].start - _LOOK_BACK) : group[first].start]
                    if len(joined) >= _CERTAIN_LENGTH or bare or _LAST_DIGITS.search(before):
                        entity = variants.pieces[joined]
                if entity is not None and not is_amount(reading.text, group[first].start, group[last].end):
                    yield PiiSpan(start=group[first].start, end=group[last].end, entity=entity, score=1.0)


def _groups(text: str, pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield runs of pieces with digits that only separators of numbers stand between."""
    group: list[Piece] = []
    for piece in pieces:
        if not any(c.isdigit() for c in piece.word):
            continue
        if group and not _GAP.fullmatch(text, group[-1].end, piece.start):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _entity(joined: str, variants: Variants) -> str | None:
    """Return the type of a known number that this one is but for a country code or one error; None for no such."""
    if not joined.isdigit():
        return None
    for number, entity in variants.numbers.items():
        extra = len(joined) - len(number)
        if 0 < extra <= _LONGEST_COUNTRY_CODE and joined.endswith(number):
            return entity
        if -1 <= extra <= 1 and OSA.distance(joined, number, score_cutoff=1) <= 1:
            return entity
    return None


def find_spelled(reading: Reading, variants: Variants) -> Iterator[PiiSpan]:
    """Yield names spelled letter by letter, and dotted initials: "S-M-I-T-H", "J.S."."""
    if sum(map(_IS_LETTER, reading.words)) < _FEWEST_LETTERS:
        return
    run: list[int] = []
    for place, word in enumerate([*reading.words, ""]):
        if run and (len(word) != 1 or not _is_spelling_gap(reading, run[-1])):
            yield from _spelled(reading, run, variants)
            run = []
        if _IS_LETTER(word):
            run.append(place)


def _is_spelling_gap(reading: Reading, place: int) -> bool:
    return place + 1 < len(reading.words) and bool(re.fullmatch(r"[\s.,-]{1,2}", reading.gap(place)))


def _spelled(reading: Reading, run: Sequence[int], variants: Variants) -> Iterator[PiiSpan]:
    if len(run) < _FEWEST_LETTERS:
        return
    letters = "".join(reading.words[place] for place in run)
    start, end = reading.spans[run[0]][0], reading.spans[run[-1]][1]
    dotted = all("." in reading.gap(a) for a, _ in pairwise(run)) and reading.text[end : end + 1] == "."
    if letters in variants.words or letters in variants.forms or (dotted and letters in variants.signed):
        yield PiiSpan(start=start, end=end, entity="PERSON", score=1.0)
