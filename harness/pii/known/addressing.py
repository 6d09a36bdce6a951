"""Known addresses in a text: a street with its number or its type, and all that stands around it."""

import re
from collections.abc import Iterator

from harness.pii.interface import PiiSpan
from harness.pii.known.folding import word_set
from harness.pii.known.ordinary import is_everyday
from harness.pii.known.postal import DIRECTIONS, STREET_TYPES, UNIT_WORDS, Street
from harness.pii.known.reading import Reading
from harness.pii.known.variants import Variants

_GAP = re.compile(r"[\s,.#/'’()\n-]{1,4}")
_HOUSE_NUMBER = re.compile(r"\d{1,5}[a-z]?|[a-z]\d{1,4}")
_VAGUE_TYPES = word_set(
    "place way close green park view point pass path row walk rise gate yard court drive square loop ring circle bend trail cove quay hill"
    " hills top p r c al pl via ter largo course"
)
"""Words for a street that follow other words too: "first place"."""
_LONGEST_INITIAL = 2
_WIDEST = 14
"""Tokens that an address reaches to either side at most."""


def find_streets(reading: Reading, variants: Variants) -> Iterator[PiiSpan]:
    """Yield where known streets stand, with their surroundings."""
    for name, street in variants.streets.items():
        if name not in reading.joined:
            continue
        for _, _, first, last in reading.line.find(name):
            if _is_street(reading, street, first, last):
                left, right = _left(reading, variants, first), _right(reading, variants, last)
                yield PiiSpan(start=reading.spans[left][0], end=reading.spans[right][1], entity="LOCATION", score=1.0)


def _is_street(reading: Reading, street: Street, first: int, last: int) -> bool:
    before = reading.words[first - 1] if first and _GAP.fullmatch(reading.gap(first - 1)) else ""
    after = reading.words[last + 1] if last + 1 < len(reading.words) and _GAP.fullmatch(reading.gap(last)) else ""
    if street.telling or before in street.number or after in street.number or (after and after in street.types):
        return True
    numbered = bool(_HOUSE_NUMBER.fullmatch(before)) and before[0].isdigit()
    typed = after in STREET_TYPES and (numbered or after not in _VAGUE_TYPES)
    return typed or (before in STREET_TYPES and before not in _VAGUE_TYPES and len(before) > _LONGEST_INITIAL)


def _left(reading: Reading, variants: Variants, first: int) -> int:
    """Return the first token of the address that a street stands in."""
    reached = first
    for place in range(first - 1, max(-1, first - 1 - _WIDEST), -1):
        word = reading.words[place]
        if not _GAP.fullmatch(reading.gap(place)):
            break
        if _HOUSE_NUMBER.fullmatch(word) or (word in variants.address and not is_everyday(word)):
            reached = place
        elif word not in variants.address | UNIT_WORDS | STREET_TYPES | DIRECTIONS:
            break
        elif word in DIRECTIONS or (word in UNIT_WORDS and reached == place + 1):
            reached = place
    return reached


def _right(reading: Reading, variants: Variants, last: int) -> int:
    """Return the last token of it; what is also an everyday word ("or", Oregon) only before another part."""
    reached = last
    for place in range(last + 1, min(len(reading.words), last + 1 + _WIDEST)):
        word = reading.words[place]
        if not _GAP.fullmatch(reading.gap(place - 1)):
            break
        known = word in variants.address
        joins = known and (not is_everyday(word) or word.isdigit() or _is_state(reading, place))
        typed = word in STREET_TYPES and place == last + 1
        unit = bool(_HOUSE_NUMBER.fullmatch(word)) and reading.words[place - 1] in UNIT_WORDS
        if joins or typed or unit:
            reached = place
        elif not (known or word in UNIT_WORDS or word in DIRECTIONS):
            break
    return reached


def _is_state(reading: Reading, place: int) -> bool:
    start, end = reading.spans[place]
    return not reading.shouts and reading.text[start:end].isupper()
