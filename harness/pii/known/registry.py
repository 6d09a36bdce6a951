"""All users' known values at once: what identifies one customer is removed from everybody's text."""

import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from harness.pii.combining import merge
from harness.pii.interface import PiiDetector, PiiSpan
from harness.pii.known import entity_of, fingerprints
from harness.pii.known.codes import national_digits
from harness.pii.known.fingerprints import PREFIX, Fingerprints
from harness.pii.known.folding import TOKEN, fold, long_spelling
from harness.pii.known.ordinary import is_listed

_FEWEST_CHARS = 6
_LONGEST_FORM = 120
"""Letters and digits; of longer values only the first tokens are looked for."""
_MASK_BITS = 8
_DIGIT = re.compile(r"\d")
_GLUED = re.compile(r"[^\W\d_]\d{1,4}(?![^\W_])")
_FIGURES = re.compile(r"(?<=[^\W\d_])\d{1,4}$")
_KEY_BYTES = 32
_ENTITIES = ("PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "LOCATION", "ID", "DATE_OF_BIRTH")
"""The kinds of fingerprints; only ever appended to, since saved files hold their indexes."""
_KINDS = {entity: kind for kind, entity in enumerate(_ENTITIES)}
_STREET_TYPES = {
    "street": "st", "road": "rd", "avenue": "ave", "drive": "dr", "lane": "ln", "boulevard": "blvd", "court": "ct", "strase": "str", "strasse": "str",
}  # fmt: skip
_STREET_TYPES |= {short: long for long, short in _STREET_TYPES.items() if short != "str"}
_MOST_NAME_TOKENS = 5
KNOWN = "known from a user's profile, or somebody's id"
"""Why a value of the registry is personal."""
_LONGEST_COUNTRY_CODE = 4
_SHORTEST_LONG_NUMBER = 9
_LONGEST_NATIONAL = 11


def is_telling(value: str) -> bool:
    """Return whether a value identifies its owner even in another user's text.

    A single ordinary word does not (a first name, a town), nor words that are
    all ordinary or places ("New York", "gold plan"), nor a date; a full name,
    an address, a number or a code does.
    """
    return _telling_entity(value) is not None


def _telling_entity(value: str) -> str | None:
    """Return the type of a telling value; None if it tells nobody."""
    if len(value) < _FEWEST_CHARS:
        return None
    tokens = TOKEN.findall(value)
    length = sum(map(len, tokens))
    if length < _FEWEST_CHARS:
        return None
    if "@" in value:
        return "EMAIL_ADDRESS"
    digits = len(_DIGIT.findall(value))
    if digits >= _FEWEST_CHARS or 1 < digits < length or (digits and len(tokens) > 1):
        entity = entity_of(value)
        return entity if entity != "DATE_OF_BIRTH" else None
    return entity_of(value) if not digits and len(tokens) > 1 and not all(is_listed(fold(t)) for t in tokens) else None


class KnownRegistry:
    """Fingerprints of telling values; searching takes one look-up a word of the text.

    Values are found in any case, with or without accents, and with any
    separators; names also with the surname first. The values themselves are
    not kept: about ten bytes of each variant are.

    Args:
        values: A stream of them, of all users.
        key: Of the fingerprints; None makes one, which no other process knows.
    """

    def __init__(self, values: Iterable[str], *, key: bytes | None = None) -> None:
        self._fingerprints = fingerprints.build(
            (form for value in values for form in _forms(value)), key or secrets.token_bytes(_KEY_BYTES)
        )

    @classmethod
    def load(cls, path: Path, *, key: bytes) -> "KnownRegistry":
        """Return a saved registry; processes that load the same file share its memory.

        Raises:
            StorageError: If it cannot be read, is damaged, or was made with another key.
        """
        registry = cls.__new__(cls)
        registry._fingerprints = fingerprints.load(path, key)
        return registry

    def save(self, path: Path) -> None:
        """Write the registry to a file for other processes; without its key nothing can be learnt from it.

        Raises:
            StorageError: If the file cannot be written.
        """
        self._fingerprints.save(path)

    def __len__(self) -> int:
        """Return how many variants of values are held."""
        return len(self._fingerprints)

    @property
    def size_bytes(self) -> int:
        """Bytes that the registry takes in memory or on disk."""
        return self._fingerprints.size_bytes

    def find(self, text: str) -> Iterator[PiiSpan]:
        """Yield where the values occur; spans may overlap."""
        if not len(self._fingerprints):
            return
        folded = fold(text)
        tokens = TOKEN.findall(folded)
        yield from self._with_figures(folded, tokens)
        spans: list[tuple[int, int]] = []
        for first, begin, last, entity in _found(self._fingerprints, tokens):
            # Places are only needed where something is found.
            spans = spans or [match.span() for match in TOKEN.finditer(folded)]
            # A country code goes with its number, a word written together with one stays.
            start = spans[first][0] + (0 if tokens[first].isdigit() else begin)
            yield PiiSpan(start=start, end=spans[last][1], entity=entity, score=1.0, why=KNOWN)

    def _with_figures(self, folded: str, tokens: Sequence[str]) -> Iterator[PiiSpan]:
        """Yield names to whose end figures are glued: "Ottoline Lund3"."""
        if not _GLUED.search(folded):
            return
        bare = [_FIGURES.sub("", token) for token in tokens]
        spans = [match.span() for match in TOKEN.finditer(folded)]
        for first, begin, last, entity in _found(self._fingerprints, bare):
            if entity == "PERSON" and bare[last] != tokens[last]:
                start = spans[first][0] + begin
                yield PiiSpan(start=start, end=spans[last][1], entity=entity, score=1.0, why=KNOWN)


class RegistryDetector:
    """A detector that also finds the values of a registry."""

    def __init__(self, detector: PiiDetector, registry: KnownRegistry) -> None:
        self._detector = detector
        self._registry = registry

    def find(self, text: str, *, known: tuple[str, ...] = ()) -> list[PiiSpan]:
        """Return the spans in ``text``, ordered and without overlaps."""
        spans = self._detector.find(text, known=known)
        more = list(self._registry.find(text))
        return merge([*spans, *more]) if more else spans

    def knows(self, text: str) -> bool:
        """Return whether a text holds a value of the registry."""
        return next(self._registry.find(text), None) is not None

    @property
    def detector(self) -> PiiDetector:
        """The detector without the registry."""
        return self._detector

    def prepare(self, texts: Collection[str]) -> None:
        """Look at many texts at once."""
        self._detector.prepare(texts)


def _found(known: Fingerprints, tokens: Sequence[str]) -> Iterator[tuple[int, int, int, str]]:
    """Yield first token, characters of it passed over, last token and entity of each find."""
    joined = "".join(tokens)
    ends = list(accumulate(map(len, tokens)))
    longest = known.longest
    for place, begin in _starts(tokens):
        start = (ends[place - 1] if place else 0) + begin
        mask = known.lengths(joined[start : start + PREFIX].encode())
        for last in range(place, len(tokens)):
            length = ends[last] - start
            if length > longest:
                break
            if length < PREFIX:
                # Shorter values stand under all their letters.
                if length < _FEWEST_CHARS:
                    continue
                passes = known.lengths(joined[start : ends[last]].encode())
            else:
                passes = mask
                if not mask:
                    break
            if passes >> length % _MASK_BITS & 1:
                kind = known.kind(joined[start : ends[last]].encode())
                if kind is not None:
                    yield place, begin, last, _ENTITIES[kind]


def _starts(tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where values may begin: at tokens, and in long numbers after what may be a country code."""
    for place, token in enumerate(tokens):
        yield place, 0
        if token[0] == "0" and token.isdigit():
            yield place, len(token) - len(token.lstrip("0"))
        if len(token) >= _SHORTEST_LONG_NUMBER and not token.isalpha():
            if token.isdigit():
                for begin in range(1, _LONGEST_COUNTRY_CODE + 1):
                    yield place, begin
            elif match := re.fullmatch(r"(\D+0*)\d{6,}", token):
                yield place, match.end(1)


def _forms(value: str) -> Iterator[tuple[str, int]]:
    """Yield what to look for of a telling value: run-together letters and digits, each with its kind."""
    entity = _telling_entity(value)
    if entity is None:
        return
    kind = _KINDS[entity]
    if entity == "PHONE_NUMBER":
        # Its country code may be written in other ways, or not at all: see _starts.
        yield national_digits(value), kind
        digits = "".join(_DIGIT.findall(value))
        if len(digits) > _LONGEST_NATIONAL and not value.strip().startswith("+"):
            # So many digits may be a card or an account, and then none of them is a country's.
            yield digits, kind
        return
    found: set[str] = set()
    for part in _parts(value, entity):
        for spelled in _spelled(part):
            tokens = TOKEN.findall(spelled)
            found.add("".join(tokens) if len(spelled) <= _LONGEST_FORM else _beginning(tokens))
            found.update(_reordered(tokens, entity))
    for form in found:
        if len(form) >= _FEWEST_CHARS:
            yield form, kind


def _parts(value: str, entity: str) -> Sequence[str]:
    """Return the parts of a value that tell its owner: of an address, the street and number do."""
    if entity == "EMAIL_ADDRESS":
        local = value[: value.index("@")]
        return (value, local) if len(local) >= _FEWEST_CHARS and _telling_entity(local) else (value,)
    if entity == "LOCATION" and "," in value:
        line = value[: value.index(",")]
        return (line,) if _DIGIT.search(line) and _telling_entity(line) else (value,)
    return (value,)


def _spelled(value: str) -> Collection[str]:
    """Return the folded spellings of a value: as it is, "ü" as "ue", "ss" as "ß" is folded."""
    plain = fold(value)
    if value.isascii():
        return (plain, plain.replace("ss", "s")) if "ss" in plain else (plain,)
    return {plain, plain.replace("ss", "s"), fold(value.replace("ß", "ss")), long_spelling(value)}


def _reordered(tokens: list[str], entity: str) -> Iterator[str]:
    """Yield other forms of a value: surname first, the street's type abbreviated, a code without its prefix."""
    if len(tokens) == 1:
        return
    if entity == "PERSON":
        if len(tokens) <= _MOST_NAME_TOKENS:
            yield tokens[-1] + "".join(tokens[:-1])
            if not (is_listed(tokens[0]) and is_listed(tokens[-1])):
                yield tokens[0] + tokens[-1]
    elif entity == "LOCATION":
        if not _STREET_TYPES.keys().isdisjoint(tokens):
            yield "".join(_STREET_TYPES.get(token, token) for token in tokens)
    elif entity == "ID" and len(tokens[-1]) > PREFIX and _DIGIT.search(tokens[-1]):
        yield tokens[-1]


def _beginning(tokens: Sequence[str]) -> str:
    """Return the first tokens of a very long value run together."""
    fitting = sum(end <= _LONGEST_FORM for end in accumulate(map(len, tokens)))
    return "".join(tokens[: max(1, fitting)])
