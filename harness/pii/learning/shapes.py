"""Learns the formats of a company's own ids from its log: what many users have, each another.

Nobody tells a sanitizer that here an account is "hq-4f-77812" and a parcel "0Z9/331/Q7"; the log does. Its tokens are reduced
to shapes. A shape whose values are hardly ever shared by two users, and that many users wrote, is the format of an id; a
product's number is written alike by many. What is counted does not depend on the order of the log nor on how it is cut.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from harness.pii.learning.formats import CONTEXT_AFTER, CONTEXT_BEFORE, LearnedShape, LearnedShapes, can_be_id
from harness.pii.learning.samples import SmallestHashes, hash_of

_TOKEN = re.compile(
    r"(?<![\w@./:,$€£<-])(?=[A-Za-z/:#_-]*[0-9][A-Za-z/:#_-]*[0-9])[^\W_](?:[^\W_]|[-_/:#](?=[^\W_])){4,39}(?![\w@%>]|[.,]\d)",
    re.ASCII,
)
_TWO_DIGITS = re.compile(r"[0-9][^0-9\s]*[0-9]")
"""A text without it holds no value; most texts hold none."""
_SEGMENT = re.compile(r"[A-Za-z0-9]+|[-_/:#]")
_RUN = re.compile(r"[A-Za-z]+|[0-9]+")
_MOST_RUNS = 3
"""More runs of letters and digits in one segment are random characters, such as hexadecimal ones."""
_MOST_PARTS = 12
_MOST_SHAPES = 2_000
"""Shapes counted at a time. Where there are more, those of the fewest parts are kept: ids are made to be read out."""
_SAMPLE = 128
"""Users and values that a shape is judged by."""
_MOST_OWNERS = 4
_DISTINCT_SHARE = 0.9
"""Values among pairs of a user and a value: 1 when no two users share one."""
_PREFIX_SHARE = 0.95
_LONGEST_PREFIX = 6
_LOOSEST = 2
"""Characters by which the lengths of values without a common beginning may differ: user names and codes of sets differ by more."""
_FEWEST_DIGITS_ALONE = 6
_LABEL = re.compile(
    r"\b(?:account|acct|order|customer|client|member|membership|policy|booking|reservation|case|ticket|invoice|reference|ref|contract|claim|employee|student|patient"
    r"|kunden\w*|konto\w*|vertrag\w*|pedido|cuenta|cliente|commande|compte|ordine|conto|klant\w*|id|no|nr|number|nummer|número|numero|numéro)\b[^\w\n]*(?:(?:is|ist|es|est|no|nr|number|id)\b[^\w\n]*)*$",
    re.IGNORECASE,
)
_LABELLED_SHARE = 0.25
"""Of figures alone: a word before them has to say often enough that they are somebody's number."""


class _Value(NamedTuple):
    """What is known of one value; ``owners`` are the smallest hashes of some users."""

    lengths: tuple[int, ...]
    prefix: str
    owners: tuple[int, ...]
    labelled: bool


class ShapeLearner:
    """Counts the shapes of a log's tokens in bounded memory.

    The same log gives the same state in any order, and states of its parts
    merge into that of the whole: of users and values of a shape those with
    the smallest hashes are kept, of shapes the first by a fixed order.
    """

    def __init__(self) -> None:
        self._tallies: dict[str, _Tally] = {}
        self._last = ""
        """The shape that goes first; empty: to be found."""

    def add(self, user: str, text: str) -> None:
        """Count the tokens of one text.

        Args:
            user: Who wrote it; any key that tells users apart.
            text: What they wrote, not yet sanitized.
        """
        if not _TWO_DIGITS.search(text):
            return
        owner = 0
        for match in _TOKEN.finditer(text):
            token = match[0]
            before = text[max(0, match.start() - CONTEXT_BEFORE) : match.start()]
            if can_be_id(token, before, text[match.end() : match.end() + CONTEXT_AFTER]):
                owner = owner or hash_of(user)
                self._count(token.lower(), owner, labelled=_LABEL.search(before) is not None)

    def merge(self, other: "ShapeLearner") -> None:
        """Count what another learner has counted, of the same or another part of the log."""
        for key, tally in other._tallies.items():
            if (own := self._tally(key)) is not None:
                own.merge(tally)

    def learned(self, min_users: int = 20) -> LearnedShapes:
        """Return the formats of ids among what was counted.

        Args:
            min_users: Users who must have written values of a format.
        """
        found = (shape for key, tally in self._tallies.items() for shape in tally.learned(key, min_users))
        return LearnedShapes(tuple(sorted(found)))

    def state(self) -> dict[str, Any]:
        """Return what was counted as JSON-compatible values: hashes of users and values, and their shapes."""
        return {key: self._tallies[key].state() for key in sorted(self._tallies)}

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> "ShapeLearner":
        """Return the learner whose state this is."""
        learner = cls()
        for key, tally in state.items():
            if (own := learner._tally(key)) is not None:
                own.restore(tally)
        return learner

    def _count(self, token: str, owner: int, *, labelled: bool) -> None:
        kinds, lengths = _parts(token)
        if len(lengths) > _MOST_PARTS:
            return
        key = f"{kinds} {len(token)}" if kinds == "9" else kinds
        tally = self._tally(key)
        if tally is not None:
            prefix = token[: lengths[0]] if kinds[0] == "A" and lengths[0] <= _LONGEST_PREFIX else ""
            tally.add(hash_of(token), _Value(lengths, prefix, (owner,), labelled))

    def _tally(self, key: str) -> "_Tally | None":
        """Return the tally of a shape; None where there is no room for it."""
        tally = self._tallies.get(key)
        if tally is not None:
            return tally
        if len(self._tallies) >= _MOST_SHAPES:
            self._last = self._last or max(self._tallies, key=_place)
            if _place(key) > _place(self._last):
                return None
            del self._tallies[self._last]
            self._last = ""
        tally = self._tallies[key] = _Tally()
        return tally


def learn_shapes(texts: Iterable[tuple[str, str]], *, min_users: int = 20) -> LearnedShapes:
    """Return the formats of ids in a log.

    Args:
        texts: Pairs of a user and what they wrote, in any order; read once.
        min_users: Users who must have written values of a shape before it is learned.
    """
    learner = ShapeLearner()
    for user, text in texts:
        learner.add(user, text)
    return learner.learned(min_users)


class _Tally:
    """What is known of one shape: a sample of its users, and of its values with whose they are."""

    def __init__(self) -> None:
        self._owners = SmallestHashes(_SAMPLE)
        self._hashes = SmallestHashes(_SAMPLE)
        self._values: dict[int, _Value] = {}

    def add(self, hashed: int, value: _Value) -> None:
        for owner in value.owners:
            self._owners.add(owner)
        known = self._values.get(hashed)
        if known is None:
            if not self._hashes.takes(hashed):
                return
            gone = self._hashes.add(hashed)
            if gone is not None:
                del self._values[gone]
        elif known.labelled == value.labelled and set(value.owners) <= set(known.owners):
            return
        owners = {*value.owners, *(known.owners if known else ())}
        labelled = value.labelled or (known is not None and known.labelled)
        self._values[hashed] = value._replace(owners=tuple(sorted(owners)[:_MOST_OWNERS]), labelled=labelled)

    def merge(self, other: "_Tally") -> None:
        for owner in other._owners:
            self._owners.add(owner)
        for hashed, value in other._values.items():
            self.add(hashed, value)

    def state(self) -> list[Any]:
        values = [
            [hashed, [list(v.lengths), v.prefix, list(v.owners), v.labelled]] for hashed, v in self._values.items()
        ]
        return [list(self._owners), sorted(values, key=lambda pair: pair[0])]

    def restore(self, state: Sequence[Any]) -> None:
        owners, values = state
        for owner in owners:
            self._owners.add(owner)
        for hashed, (lengths, prefix, own, labelled) in values:
            self.add(hashed, _Value(tuple(lengths), prefix, tuple(own), labelled))

    def learned(self, key: str, min_users: int) -> Iterator[LearnedShape]:
        """Yield the formats of values with a telling prefix, and of all if hardly any is shared and no prefix is missing."""
        if len(self._owners) < min(min_users, _SAMPLE):
            return
        known = list(self._values.values())
        prefixes = Counter(value.prefix for value in known if value.prefix)
        enough = min(min_users, _SAMPLE // 4)
        telling = {
            prefix: [value for value in known if value.prefix == prefix]
            for prefix, count in prefixes.items()
            if count >= enough
        }
        covered = sum(map(len, telling.values())) >= _PREFIX_SHARE * len(known)
        if not covered and _is_distinct(known) and _is_special(key, known):
            yield _shape(key, known, "")
            return
        for prefix, own in telling.items():
            if _is_distinct(own):
                yield _shape(key, own, prefix)


def _place(key: str) -> tuple[int, str]:
    """Return a shape's place in the order by which shapes are kept."""
    return len(key), key


def _is_distinct(known: Sequence[_Value]) -> bool:
    """Return whether hardly any value belongs to two users."""
    return len(known) >= _DISTINCT_SHARE * sum(len(value.owners) for value in known)


def _is_special(key: str, known: Sequence[_Value]) -> bool:
    """Return whether a shape without a prefix says enough: else it is that of amounts, times or user names, too."""
    kinds = key.split(" ")[0]
    if kinds == "9":
        return sum(value.labelled for value in known) >= _LABELLED_SHARE * len(known)
    if "A" in kinds or "X" in kinds:
        lengths = [sum(value.lengths) for value in known]
        return max(lengths) - min(lengths) <= _LOOSEST
    return ":" not in kinds and min(sum(value.lengths[::2]) for value in known) >= _FEWEST_DIGITS_ALONE


def _shape(key: str, known: Sequence[_Value], prefix: str) -> LearnedShape:
    kinds = key.split(" ")[0]
    columns = zip(*(value.lengths for value in known), strict=True)
    form = "".join(
        f"{kind}{{{min(column)},{max(column)}}}" if kind in "A9X" else kind
        for kind, column in zip(kinds, columns, strict=True)
    )
    lengths = [sum(value.lengths) for value in known]
    return LearnedShape(form=form, prefix=prefix, shortest=min(lengths), longest=max(lengths))


def _parts(token: str) -> tuple[str, tuple[int, ...]]:
    """Return the kinds of a token's parts, and how long each is."""
    kinds, lengths = [], []
    for segment in _SEGMENT.findall(token):
        runs = _RUN.findall(segment) or [segment]
        if len(runs) > _MOST_RUNS:
            kinds.append("X")
            lengths.append(len(segment))
            continue
        for run in runs:
            kinds.append("9" if run[0].isdigit() else "A" if run[0].isalpha() else run)
            lengths.append(len(run))
    return "".join(kinds), tuple(lengths)
