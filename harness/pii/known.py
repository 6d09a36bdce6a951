"""Values known to be personal (a user's profile), found in the variants in which people write them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from harness.pii.interface import PiiSpan
from harness.pii.lexicon import words

_TOKEN = re.compile(r"[^\W_]+")
_DATE = re.compile(r"(?:19|20)\d{2}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}")
_SHORTEST = 3
"""Shorter values say nothing: a country code, a yes."""
_SHORTEST_COMPACT = 5
"""Shorter values are only looked for as words."""
_FEWEST_DIGITS = 4


def fold(text: str) -> str:
    """Return text in lower case without accents, character by character, so that places stay the same."""
    if text.isascii():
        return text.lower()
    return "".join(_fold_one(c) for c in text)


@lru_cache(maxsize=4096)
def _fold_one(char: str) -> str:
    base = unicodedata.normalize("NFKD", char)[:1].lower()
    return base[:1] or char


class KnownValues:
    """The searchable variants of one user's values.

    A name is found whole, in parts, with initials and run together; a number
    with any separators; an e-mail address also by its local part; an address
    also by its lines.
    """

    def __init__(self, values: Sequence[str]) -> None:
        self._compact: dict[str, str] = {}
        self._words: dict[str, str] = {}
        for value in values:
            self._add(value.strip())

    def __bool__(self) -> bool:
        return bool(self._compact or self._words)

    def find(self, text: str) -> Iterator[PiiSpan]:
        """Yield where the values occur; spans may overlap."""
        if not self:
            return
        folded = fold(text)
        if self._words:
            yield from self._find_words(text, folded)
        yield from self._find_compact(folded)

    def _find_words(self, text: str, folded: str) -> Iterator[PiiSpan]:
        common = words("common_words") | words("word_names")
        for match in _TOKEN.finditer(folded):
            entity = self._words.get(match[0])
            # "will" stays; "Will" goes.
            if entity and (match[0] not in common or text[match.start()].isupper()):
                start = _initial_before(text, match.start()) if entity == "PERSON" else match.start()
                yield PiiSpan(start=start, end=match.end(), entity=entity, score=1.0)

    def _find_compact(self, folded: str) -> Iterator[PiiSpan]:
        places = [i for i, c in enumerate(folded) if c.isalnum()]
        compact = "".join(folded[i] for i in places)
        for value, entity in self._compact.items():
            at = compact.find(value)
            while at >= 0:
                start, end = places[at], places[at + len(value) - 1] + 1
                if _stands_alone(folded, start, end) and _is_tight(start, end, len(value)):
                    yield PiiSpan(start=start, end=end, entity=entity, score=1.0)
                at = compact.find(value, at + 1)

    def _add(self, value: str) -> None:
        folded = fold(value)
        compact = "".join(c for c in folded if c.isalnum())
        entity = entity_of(value)
        if len(compact) < _SHORTEST:
            return
        if len(compact) >= _SHORTEST_COMPACT:
            self._compact[compact] = entity
        else:
            self._words[compact] = entity
        tokens = _TOKEN.findall(folded)
        if entity == "PERSON":
            self._add_name(tokens)
        elif entity == "EMAIL_ADDRESS":
            self._add(value.split("@")[0])
        elif entity == "PHONE_NUMBER":
            self._add_number(compact)
        elif entity == "LOCATION":
            for line in re.split(r"[,\n;]", value):
                if line.strip() != value and any(c.isdigit() for c in line) and any(c.isalpha() for c in line):
                    self._add(line.strip())

    def _add_name(self, tokens: Sequence[str]) -> None:
        for token in tokens:
            if len(token) >= _SHORTEST or len(tokens) == 1:
                self._words[token] = "PERSON"
        if len(tokens) > 1:
            self._compact[tokens[-1] + "".join(tokens[:-1])] = "PERSON"
            initial = tokens[0][0] + tokens[-1]
            if len(initial) >= _SHORTEST_COMPACT:
                self._compact[initial] = "PERSON"

    def _add_number(self, digits: str) -> None:
        """Add the number without its country code, and with a trunk prefix instead."""
        for cut in range(1, 4):
            if len(digits) - cut >= 7:
                self._compact[digits[cut:]] = "PHONE_NUMBER"
                self._compact["0" + digits[cut:]] = "PHONE_NUMBER"


@lru_cache(maxsize=256)
def known_values(values: tuple[str, ...]) -> KnownValues:
    """Return the searchable variants of some values, made once."""
    return KnownValues(values)


def entity_of(value: str) -> str:
    """Return the kind of value that a known value seems to be, in Presidio's vocabulary."""
    if "@" in value:
        return "EMAIL_ADDRESS"
    if _DATE.fullmatch(value):
        return "DATE_OF_BIRTH"
    digits = sum(c.isdigit() for c in value)
    letters = sum(c.isalpha() for c in value)
    if digits >= 7 and not letters:
        return "PHONE_NUMBER"
    if digits and letters and re.search(r"\s", value):
        return "LOCATION"
    if digits >= _FEWEST_DIGITS or (digits and letters):
        return "ID"
    return "PERSON" if letters and len(value.split()) <= 5 else "ID"


def _initial_before(text: str, start: int) -> int:
    match = re.search(r"(?:\b[A-Za-z]\.?\s)+$", text[max(0, start - 6) : start])
    return start - len(match[0]) if match and match[0][0].isupper() and match[0].strip() not in {"I", "A"} else start


def _stands_alone(folded: str, start: int, end: int) -> bool:
    """Return whether a value is no piece of a longer word or number."""
    before, after = folded[start - 1 : start], folded[end : end + 1]
    return not (before.isalnum() and before.isdigit() == folded[start].isdigit()) and not (
        after.isalnum() and after.isdigit() == folded[end - 1].isdigit()
    )


def _is_tight(start: int, end: int, length: int) -> bool:
    """Return whether the value's characters are written together, or with a few separators."""
    return end - start <= length * 2 + 4
