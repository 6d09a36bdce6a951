"""The names of a log's fields: which of them may be shown, and which one somebody meant."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_PLAUSIBLE = re.compile(r"[A-Za-z_](?:[A-Za-z_.-]{0,39}[A-Za-z_])?")
"""Without digits: ids and times have them, and few names."""
_WORDS = frozenset(
    (
        *("user", "uid", "userid", "customer", "client", "account", "id", "session", "sid", "conversation", "thread"),
        *("chat", "time", "timestamp", "ts", "date", "at", "created", "prompt", "question", "message", "messages"),
        *("text", "input", "query", "request", "response", "answer", "output", "reply", "completion", "content"),
        *("rating", "feedback", "score", "channel", "model", "metadata", "meta", "role", "level", "event", "trace"),
        *("span", "body", "resource", "type", "name", "version", "status", "latency", "tokens", "locale", "language"),
    )
)
"""Of which names of fields are made: a record that has some of them has names, and no values in their place."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_FEWEST_WORDS_OF_HEADER = 2
_FEWEST_RECORDS = 3
_FEWEST_DIGITS = 3
_LONGEST_NAME = 40
_MOST_WORDS = 4
_MOST_NAMES = 1_000


def looks_like_data(header: Iterable[str]) -> bool:
    """Return whether the first line of a table holds values where names should be."""
    return any(_is_value(cell.strip()) for cell in header)


class FieldNames:
    """The names of the fields that records have.

    In badly made logs a name can be a value, and somebody's: a table without a
    header, an object by user. Only what cannot be one is ever shown.

    Args:
        believed: The names are known to be some, because a configured one is among them.
    """

    def __init__(self, *, believed: bool = False) -> None:
        self._believed = believed
        self._names: Counter[str] = Counter()
        self._nested: Counter[str] = Counter()
        self._records = 0
        self._in_table = False
        self.are_data = False
        """The names come from a table whose first line is none of names."""

    def note(self, values: Mapping[str, Any], *, in_table: bool) -> None:
        """Take a record's names."""
        self._records += 1
        if in_table and not self._in_table:
            self._in_table = True
            self.are_data = looks_like_data(values)
        for name, value in values.items():
            _count(self._names, name)
            if isinstance(value, Mapping):
                for inner in value:
                    _count(self._nested, f"{name}.{inner}")

    def shown(self) -> list[str]:
        """Return the names that may be shown, the commonest first."""
        names = self._plausible(self._names)
        if self._believed:
            return names
        telling = [name for name in names if _is_telling(name)]
        if self._in_table:
            believed = not self.are_data and len(telling) >= _FEWEST_WORDS_OF_HEADER
            return names if believed else []
        if not telling:
            return []
        # What stands in one or two records may stand in no other.
        return names if self._records >= _FEWEST_RECORDS else telling

    def nearest(self, name: str) -> str:
        """Return the shown name that somebody may have meant; empty where none is near."""
        shown = self.shown()
        inner = [each for each in self._plausible(self._nested) if each.partition(".")[0] in shown]
        near = difflib.get_close_matches(name, [*shown, *inner], n=1, cutoff=0.6)
        return near[0] if near else ""

    def _plausible(self, names: Counter[str]) -> list[str]:
        """Return what looks like a name and stands in at least half of the records: keys that are values differ."""
        return [
            name for name, count in names.most_common() if 2 * count >= self._records and _PLAUSIBLE.fullmatch(name)
        ]


def did_you_mean(names: FieldNames, name: str) -> str:
    """Return a question for the field that may have been meant; empty where none is near."""
    near = names.nearest(name)
    return f" (did you mean '{near}'?)" if near and near != name else ""


def listed(names: Sequence[str], most: int = 12) -> str:
    """Return some names for a sentence, in alphabetical order."""
    return ", ".join(sorted(names[:most]))


def _count(counter: Counter[str], name: Any) -> None:
    if isinstance(name, str) and (name in counter or len(counter) < _MOST_NAMES):
        counter[name] += 1


def _is_telling(name: str) -> bool:
    return any(word.lower() in _WORDS for word in _WORD.findall(name))


def _is_value(cell: str) -> bool:
    digits = sum(character.isdigit() for character in cell)
    return (
        "@" in cell
        or "://" in cell
        or digits >= _FEWEST_DIGITS
        or (digits > 0 and digits == len(cell))
        or len(cell) > _LONGEST_NAME
        or len(cell.split()) > _MOST_WORDS
        or cell.endswith((".", "?", "!"))
    )
