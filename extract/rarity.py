"""Values that too few users share: a rare channel or plan points at its owner, so it does not survive."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MOST_VALUES = 100_000
"""A field with more different values is no property that users share but an id: none of them survives."""
_LONGEST_VALUE = 64

Row = dict[str, Any]
"""A sanitized session as its fields' values."""


class ValueCounts:
    """Counts by how many users each value of the allow-listed fields is shared; in memory bounded by the fields."""

    def __init__(self) -> None:
        self._users: dict[str, Counter[str]] = {}
        self._ids: set[str] = set()
        self._user = ""
        self._held: set[tuple[str, str]] = set()

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one session. All sessions of a user come one after the other."""
        if row["user_key"] != self._user:
            self._close()
            self._user = row["user_key"]
        self._held.update(countable_values(row))

    def shared(self, min_users: int) -> "SharedValues":
        """Return the values that at least ``min_users`` users share."""
        self._close()
        return SharedValues(
            (field, value)
            for field, users in self._users.items()
            if field not in self._ids
            for value, count in users.items()
            if count >= min_users
        )

    def _close(self) -> None:
        for field, value in self._held:
            users = self._users.setdefault(field, Counter())
            if field not in self._ids:
                users[value] += 1
                if len(users) > MOST_VALUES:
                    self._ids.add(field)
                    users.clear()
        self._held.clear()


class SharedValues:
    """The values that survive."""

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        self._values = frozenset(values)
        self.suppressed: Counter[str] = Counter()
        """How many values did not survive so far, by field."""

    def without_rare(self, row: Row) -> Row:
        """Return a session without its rare values; the row itself is changed."""
        for group in ("metadata", "traits"):
            row[group] = {name: value for name, value in row[group].items() if self._keeps(f"{group}.{name}", value)}
        if row["feedback"] is not None and not self._keeps("feedback", row["feedback"]):
            row["feedback"] = None
        return row

    def _keeps(self, field: str, value: str) -> bool:
        if (field, _countable(value)) in self._values:
            return True
        self.suppressed[field] += 1
        return False


def _countable(value: str) -> str:
    """Return what stands for a value: a long one's hash, so that a field full of texts takes no memory."""
    return value if len(value) <= _LONGEST_VALUE else hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()


def countable_values(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield field and value, or what stands for it, of all that has to be shared by k users to survive."""
    for group in ("metadata", "traits"):
        for name, value in row[group].items():
            yield f"{group}.{name}", _countable(value)
    if row["feedback"] is not None:
        yield "feedback", row["feedback"]
