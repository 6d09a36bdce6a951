"""The second, independent look: known raw values searched in what was sanitized, by code of its own."""

import re
import sys
import unicodedata
import zlib
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import accumulate

from harness.contracts import SanitizedSession
from harness.pii.known import entity_of
from harness.pii.known.ordinary import is_everyday, is_ordinary
from harness.pii.known.registry import is_telling

SHORTEST = 5
"""Letters and digits; shorter values occur by chance."""
_HEAD = 8
"""Characters by which a value is looked up first; shorter values by all of theirs."""
_LONGEST = 160
"""Letters and digits of a value that are compared; of longer ones the first so many words."""
_BITS_A_VALUE = 16
_FEWEST_BITS = 1 << 16
_FEWEST_NATIONAL = 8
"""Digits that have to be left of a phone number without its country code."""
_LONGEST_COUNTRY_CODE = 3
_TOKEN = re.compile(r"[^\W_]+")
_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*_\d+>")
_BREAK = "\n"
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What was searched for in the whole output, and found."""

    values: int
    """Different values that were searched for."""
    leaks: int
    by_type: Mapping[str, int] = field(default_factory=dict)


class OutputAudit:
    """Searches sanitized sessions for raw values, one pass over each text.

    Two searches: a user's own values and ids in that user's texts, and every
    value that identifies its owner by itself in everybody's texts. A value is
    found as a sequence of whole words, in any case, with or without accents
    (also ü as ue) and with any or no separators; phone numbers also without
    their country code; of a user's own name also the parts. Values are kept as
    hashes of eight bytes. It shares no search code with the sanitizer. Traits
    and allow-listed fields of the log are not searched: see ``extract.records.allowed``.

    Args:
        everybodys: A stream of all known values and raw ids.
    """

    def __init__(self, everybodys: Iterable[str]) -> None:
        values: array[int] = array("Q")
        self._index = _Index(_forms_of_telling(everybodys, values))
        self.everybodys = len(_distinct(values))
        """How many different values are searched for in everybody's texts."""
        self.own_values = 0
        """How many further values of single users were searched for in their texts so far."""
        self.leaks = 0
        self.by_type: Counter[str] = Counter()
        """What was found, by the kind that it seems to be."""
        self._user = ""
        self._counted: set[str] = set()

    @property
    def forms(self) -> int:
        """In how many forms everybody's values are searched for."""
        return len(self._index)

    @property
    def result(self) -> "AuditResult":
        """What this audit has searched for and found so far."""
        return AuditResult(self.everybodys + self.own_values, self.leaks, dict(self.by_type))

    def look(self, session: SanitizedSession, own: Collection[str], *, counted: Collection[str] = ()) -> int:
        """Search one session; return how many values are found in it.

        Args:
            session: Its turns are searched. Allow-listed fields are not: they have been looked at by the detector,
                values that too few users share are left out of them, and a record key may well hold a user's id.
            own: What is known of its user. Users of whom something is known come one after the other.
            counted: Those of them that another process counts.
        """
        texts = [turn.text for turn in session.turns]
        by_value = {value: set(_own_forms(value)) for value in own}
        if by_value:
            self._count(
                session.user_key, (value for value, forms in by_value.items() if forms and value not in counted)
            )
        forms = set().union(*by_value.values())
        found = {value for text in texts for value in self._in(text, forms)}
        self.leaks += len(found)
        self.by_type.update(map(entity_of, found))
        return len(found)

    def _count(self, user_key: str, values: Iterable[str]) -> None:
        """Count a user's values that are not everybody's, each once however many sessions the user has."""
        if user_key != self._user:
            self._user = user_key
            self._counted = set()
        new = {value for value in values if not is_telling(value)} - self._counted
        self._counted |= new
        self.own_values += len(new)

    def find(self, text: str) -> Iterator[str]:
        """Yield the telling values in a text, in plain spelling and run together by single blanks."""
        yield from self._in(text, set())

    def _in(self, text: str, own: set[str]) -> Iterator[str]:
        for stretch in _PLACEHOLDER.sub(_BREAK, text).split(_BREAK):
            # Found in two spellings at one place, it is one value.
            found: dict[tuple[int, int], str] = {}
            for spelling in _spellings(stretch):
                for place, value in self._in_tokens(_tokens(spelling), own):
                    found.setdefault(place, value)
            yield from found.values()

    def _in_tokens(self, tokens: list[str], own: set[str]) -> Iterator[tuple[tuple[int, int], str]]:
        joined = "".join(tokens)
        ends = list(accumulate(map(len, tokens)))
        longest = max(self._index.longest, max(map(len, own), default=0))
        for first, end_of_first in enumerate(ends):
            start = end_of_first - len(tokens[first])
            may_be_telling = self._index.may_begin(joined[start : start + _HEAD])
            for last in range(first, len(tokens)):
                length = ends[last] - start
                if length > longest:
                    break
                if length < SHORTEST or not (own or may_be_telling or length < _HEAD):
                    continue
                form = joined[start : ends[last]]
                if form in own or form in self._index:
                    yield (first, last), " ".join(tokens[first : last + 1])


class _Index:
    """Hashes of run-together values, and a filter of how they begin that keeps most words from being hashed."""

    def __init__(self, forms: Iterable[str]) -> None:
        hashes: array[int] = array("Q")
        beginnings: array[int] = array("I")
        self.longest = 0
        for form in forms:
            hashes.append(_hash(form))
            beginnings.append(zlib.crc32(form[:_HEAD].encode()))
            self.longest = max(self.longest, len(form))
        self._hashes = _distinct(hashes)
        bits = max(_FEWEST_BITS, 1 << (_BITS_A_VALUE * len(self._hashes)).bit_length())
        self._mask = bits - 1
        self._filter = bytearray(bits >> 3)
        for beginning in beginnings:
            self._filter[(beginning & self._mask) >> 3] |= 1 << (beginning & 7)

    def __len__(self) -> int:
        return len(self._hashes)

    def __contains__(self, form: str) -> bool:
        if not self.may_begin(form[:_HEAD]):
            return False
        hashed = _hash(form)
        place = bisect_left(self._hashes, hashed)
        return place < len(self._hashes) and self._hashes[place] == hashed

    def may_begin(self, head: str) -> bool:
        """Return whether a value may begin with these characters, or be them."""
        beginning = zlib.crc32(head.encode())
        return bool(self._filter[(beginning & self._mask) >> 3] & 1 << (beginning & 7))


def _forms_of_telling(values: Iterable[str], counted: "array[int]") -> Iterator[str]:
    """Yield what telling values are searched as; ``counted`` gets a hash of each, the same for the same value."""
    for value in values:
        if not is_telling(value):
            continue
        forms = list(_forms(value))
        if forms:
            counted.append(_hash(forms[0]))
            yield from forms


def _forms(value: str) -> Iterator[str]:
    """Yield what a value is searched as: its words run together, in plain spelling."""
    for spelling in _spellings(value):
        form = _within_limit(_tokens(spelling))
        if len(form) >= SHORTEST:
            yield form
    digits = "".join(c for c in value if c.isdigit())
    if value.strip().startswith(("+", "00")) and not any(c.isalpha() for c in value):
        digits = digits.removeprefix("00")
        for cut in range(1, _LONGEST_COUNTRY_CODE + 1):
            if len(digits) - cut >= _FEWEST_NATIONAL:
                yield digits[cut:]
                yield f"0{digits[cut:]}"


def _own_forms(value: str) -> Iterator[str]:
    """Yield what a value is searched as in its owner's texts; a single ordinary word says nothing even there."""
    tokens = _tokens(value)
    if len(tokens) > 1 or (tokens and not _is_plain_word(tokens[0])):
        yield from _forms(value)
    if entity_of(value) == "PERSON":
        yield from (part for part in tokens if len(part) >= SHORTEST and not _is_plain_word(part))


def _is_plain_word(token: str) -> bool:
    return is_everyday(token) or is_ordinary(token)


def _spellings(text: str) -> tuple[str, ...]:
    """Return a text, and the same with two letters for some that have marks."""
    return (text,) if text.isascii() else (text, text.lower().translate(_TWO_LETTERS))


def _tokens(text: str) -> list[str]:
    if text.isascii():
        return _TOKEN.findall(text.lower())
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _TOKEN.findall(plain.casefold())


def _within_limit(tokens: list[str]) -> str:
    form = ""
    for token in tokens:
        if form and len(form) + len(token) > _LONGEST:
            break
        form += token
    return form


def _hash(form: str) -> int:
    return int.from_bytes(blake2b(form.encode("utf-8", "surrogatepass"), digest_size=8).digest(), sys.byteorder)


def _distinct(hashes: "array[int]") -> "array[int]":
    """Return hashes sorted, each once, in place of lists of numbers that would take five times the memory."""
    import numpy as np

    found = array("Q")
    found.frombytes(np.unique(np.frombuffer(hashes, dtype=np.uint64)).tobytes())
    return found
