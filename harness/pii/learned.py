"""Formats of a company's own ids, learned from its log: what many users have, each another.

Nobody tells a sanitizer that here an account is "hq-4f-77812" and a parcel "0Z9/331/Q7"; the log does. Its tokens are reduced
to shapes. A shape whose values are hardly ever shared by two users, and that many users wrote, is the format of an id; a
product's number is written alike by many. What is learned holds no value of the log.
"""

import hashlib
import heapq
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from harness.errors import InputError
from harness.pii.interface import PiiSpan
from harness.pii.quantities import is_date, is_ordinary
from harness.pii.references import is_plain_token
from harness.pii.rules import Recognizer, Scan

_TOKEN = re.compile(r"(?<![\w@./:,$€£-])[^\W_](?:[^\W_]|[-_/:#](?=[^\W_])){4,39}(?![\w@%]|[.,]\d)", re.ASCII)
_RUN = re.compile(r"[A-Za-z]+|[0-9]+|[-_/:#]")
_FORM = re.compile(r"(?:[A9]\{\d{1,2},\d{1,2}\}|[-_/:#]){1,24}")
_FORM_RUN = re.compile(r"([A9])\{(\d+),(\d+)\}|([-_/:#])")
_SCHEMA_VERSION = 1
_SCORE = 0.8
_FEWEST_DIGITS = 2
_MOST_SHAPES = 2_000
"""Shapes counted at a time; where there are more, the rarest make room."""
_SAMPLE = 128
"""Values a shape is judged by: those with the smallest hashes, so that the choice is even and the same in any order."""
_MOST_OWNERS = 4
_DISTINCT_SHARE = 0.9
"""Values among pairs of a user and a value: 1 when no two users share one."""
_PREFIX_SHARE = 0.95
_LONGEST_PREFIX = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedShape:
    """One format."""

    form: str
    """``A`` a letter, ``9`` a digit, with the least and the largest count: ``A{2,2}-9{4,6}``; separators are themselves."""
    prefixes: tuple[str, ...] = ()
    """In lower case, the letters that all values begin with, each written by many users; empty: any letters."""


@dataclass(frozen=True, slots=True)
class LearnedShapes:
    """The formats of a log's ids. It can be stored, and holds no value of the log."""

    shapes: tuple[LearnedShape, ...] = ()
    _pattern: re.Pattern[str] | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.shapes:
            object.__setattr__(self, "_pattern", _pattern_of(self.shapes))

    def find(self, text: str) -> Iterator[PiiSpan]:
        """Yield where a text holds a value of a learned format."""
        if self._pattern is None:
            return
        for match in self._pattern.finditer(text):
            before, after = text[max(0, match.start() - 64) : match.start()], text[match.end() : match.end() + 32]
            if _can_be_id(match[0], before, after):
                yield PiiSpan(start=match.start(), end=match.end(), entity="ID", score=_SCORE)

    def rules(self) -> tuple[Recognizer, ...]:
        """Return the recognizer to put beside others; none if nothing was learned."""
        return (Scan(look=lambda facts: self.find(facts.text), digits=_FEWEST_DIGITS),) if self.shapes else ()

    def to_json(self) -> str:
        """Return the formats as a JSON object."""
        shapes = [{"form": shape.form, "prefixes": list(shape.prefixes)} for shape in self.shapes]
        return json.dumps({"schema_version": _SCHEMA_VERSION, "shapes": shapes})

    @classmethod
    def from_json(cls, text: str) -> "LearnedShapes":
        """Return the formats that ``to_json`` wrote.

        Raises:
            InputError: If it is no such object.
        """
        try:
            data = json.loads(text)
            if data["schema_version"] != _SCHEMA_VERSION:
                raise InputError(
                    f"learned formats are of schema version {data['schema_version']!r}, this release reads {_SCHEMA_VERSION}",
                    hint="Learn them again.",
                )
            return cls(tuple(_checked(shape["form"], tuple(shape["prefixes"])) for shape in data["shapes"]))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"learned formats cannot be read: {type(error).__name__}", hint="Learn them again."
            ) from error


class ShapeLearner:
    """Counts the shapes of a log's tokens in bounded memory: what it keeps does not grow with the log.

    Args:
        min_users: Users who must have written values of a shape before it is learned.
    """

    def __init__(self, *, min_users: int = 20) -> None:
        self._min_users = min_users
        self._tallies: dict[str, _Tally] = {}

    def add(self, user: str, text: str) -> None:
        """Count the tokens of one text.

        Args:
            user: Who wrote it; any key that tells users apart.
            text: What they wrote, not yet sanitized.
        """
        owner = 0
        for match in _TOKEN.finditer(text):
            token = match[0]
            if sum(c.isdigit() for c in token) < _FEWEST_DIGITS:
                continue
            before, after = text[max(0, match.start() - 64) : match.start()], text[match.end() : match.end() + 32]
            if _can_be_id(token, before, after):
                owner = owner or _hash(user)
                self._tally(_key(token)).add(owner, token.lower())

    def learned(self) -> LearnedShapes:
        """Return the formats of ids among what was counted."""
        found = [shape for key, tally in sorted(self._tallies.items()) for shape in tally.learned(key, self._min_users)]
        return LearnedShapes(tuple(found))

    def _tally(self, key: str) -> "_Tally":
        tally = self._tallies.get(key)
        if tally is None:
            if len(self._tallies) >= _MOST_SHAPES:
                self._make_room()
            tally = self._tallies[key] = _Tally()
        return tally

    def _make_room(self) -> None:
        for key, _ in heapq.nsmallest(_MOST_SHAPES // 2, self._tallies.items(), key=lambda item: len(item[1].owners)):
            del self._tallies[key]


def learn_shapes(texts: Iterable[tuple[str, str]], *, min_users: int = 20) -> LearnedShapes:
    """Return the formats of ids in a log.

    Args:
        texts: Pairs of a user and what they wrote, in any order; read once.
        min_users: Users who must have written values of a shape before it is learned.
    """
    learner = ShapeLearner(min_users=min_users)
    for user, text in texts:
        learner.add(user, text)
    return learner.learned()


class _Sample:
    """An even sample of what was added: the items with the smallest hashes."""

    def __init__(self) -> None:
        self._kept: list[int] = []
        self._items: set[int] = set()

    def __len__(self) -> int:
        return len(self._items)

    def add(self, hashed: int) -> int | None:
        """Take an item in if its hash is small enough; return the hash that had to go, -1 if none, None if not taken."""
        if hashed in self._items:
            return -1
        if len(self._items) < _SAMPLE:
            heapq.heappush(self._kept, -hashed)
            self._items.add(hashed)
            return -1
        if hashed > -self._kept[0]:
            return None
        gone = -heapq.heapreplace(self._kept, -hashed)
        self._items.remove(gone)
        self._items.add(hashed)
        return gone


class _Tally:
    """What is known of one shape: a sample of its users, and of its values with whose they are."""

    def __init__(self) -> None:
        self.owners = _Sample()
        self._values = _Sample()
        self._known: dict[int, tuple[tuple[int, ...], str, set[int]]] = {}

    def add(self, owner: int, token: str) -> None:
        self.owners.add(owner)
        hashed = _hash(token)
        gone = self._values.add(hashed)
        if gone is None:
            return
        self._known.pop(gone, None)
        runs = _RUN.findall(token)
        prefix = runs[0] if runs[0].isalpha() and len(runs[0]) <= _LONGEST_PREFIX else ""
        _, _, owners = self._known.setdefault(hashed, (tuple(len(run) for run in runs), prefix, set()))
        if len(owners) < _MOST_OWNERS:
            owners.add(owner)

    def learned(self, key: str, min_users: int) -> Iterator[LearnedShape]:
        """Yield the format of all its values if hardly any is shared, else that of the values with a telling prefix."""
        if len(self.owners) < min(min_users, _SAMPLE):
            return
        known = list(self._known.values())
        enough = min(min_users, _SAMPLE // 4)
        prefixes = Counter(prefix for _, prefix, _ in known if prefix)
        telling = sorted(prefix for prefix, count in prefixes.items() if count >= enough)
        if _is_distinct(known):
            covered = sum(prefixes[prefix] for prefix in telling) >= _PREFIX_SHARE * len(known)
            yield LearnedShape(form=_form(key, known), prefixes=tuple(telling) if covered else ())
            return
        for prefix in telling:
            own = [entry for entry in known if entry[1] == prefix]
            if _is_distinct(own):
                yield LearnedShape(form=_form(key, own), prefixes=(prefix,))


_Known = tuple[tuple[int, ...], str, set[int]]


def _is_distinct(known: list[_Known]) -> bool:
    """Return whether hardly any value belongs to two users."""
    return len(known) >= _DISTINCT_SHARE * sum(len(owners) for _, _, owners in known)


def _form(key: str, known: list[_Known]) -> str:
    lengths = [lengths for lengths, _, _ in known]
    columns = zip(*lengths, strict=True)
    return "".join(
        f"{kind}{{{min(column)},{max(column)}}}" if kind in "A9" else kind
        for kind, column in zip(key.split(" ")[0], columns, strict=True)
    )


def _key(token: str) -> str:
    """Return a token's kinds of runs; digits alone also by their number, since "77123" and "77" are never one format."""
    kinds = "".join("9" if run[0].isdigit() else "A" if run[0].isalpha() else run for run in _RUN.findall(token))
    return f"{kinds} {len(token)}" if kinds == "9" else kinds


def _can_be_id(token: str, before: str, after: str) -> bool:
    if token.isdecimal():
        return not is_ordinary(token, before, after)
    return not is_date(token) and not is_plain_token(token)


def _hash(value: str) -> int:
    return int.from_bytes(hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _checked(form: str, prefixes: tuple[str, ...]) -> LearnedShape:
    if not _FORM.fullmatch(form) or not all(prefix.isalpha() and prefix.isascii() for prefix in prefixes):
        raise ValueError(form)
    return LearnedShape(form=form, prefixes=prefixes)


def _pattern_of(shapes: tuple[LearnedShape, ...]) -> re.Pattern[str]:
    forms = "|".join(_source(shape) for shape in shapes)
    return re.compile(rf"(?<![\w@./:,$€£-])(?:{forms})(?![\w@%]|[-_/:#]\w|[.,]\d)", re.ASCII | re.IGNORECASE)


def _source(shape: LearnedShape) -> str:
    pieces = []
    for kind, least, most, separator in _FORM_RUN.findall(shape.form):
        if separator:
            pieces.append(re.escape(separator))
        elif kind == "A" and shape.prefixes and not pieces:
            pieces.append(f"(?:{'|'.join(map(re.escape, shape.prefixes))})")
        else:
            pieces.append(rf"{'[a-z]' if kind == 'A' else '[0-9]'}{{{least},{most}}}")
    return "".join(pieces)
