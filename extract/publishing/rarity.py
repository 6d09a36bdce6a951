"""Values that too few users share: a rare channel or plan points at its owner, so it does not survive."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MOST_VALUES = 100_000
"""A field with more different values is no property that users share: none of them survives, unless it is a record key."""
RECORD_KEY = "\0"
"""Stands, in place of a value, for all values of a field that is a record key."""
ID_LIKE = r"^(?!\d{4}-\d{2}-\d{2}$)\S*\d\S*$"
"""What the values of a record key look like, in Python's and Java's notation; dates are none."""
LONGEST_ID = 63
_OWN_VALUES = 0.9
KEYED = "metadata."
"""Only log fields can be record keys: a profile's traits are of users."""
_LONGEST_VALUE = 64

Row = dict[str, Any]
"""A sanitized session as its fields' values."""


def is_record_key(values: int, sessions: int, id_like: int, min_users: int) -> bool:
    """Return whether a field holds the ids of records: a value of its own for nearly every session, all of them codes.

    Nobody shares such values, so that k would suppress them all. Whoever allow-lists the field wants to find the records
    again; it survives, and is named where the dataset is described.

    Args:
        values: How many different ones there are.
        sessions: In how many the field has a value. An id of users, who come back, has fewer values than that.
        id_like: How many of the values are codes: a digit, no blank.
        min_users: k.
    """
    return values >= min_users and values >= _OWN_VALUES * sessions and id_like >= _OWN_VALUES * values


def is_id_like(value: str) -> bool:
    """Return whether a value, or what stands for it, is a code."""
    return len(value) <= LONGEST_ID and re.match(ID_LIKE, value) is not None


class ValueCounts:
    """Counts by how many users each value of the allow-listed fields is shared; in memory bounded by the fields."""

    def __init__(self) -> None:
        self._users: dict[str, Counter[str]] = {}
        self._sessions: Counter[str] = Counter()
        self._closed: dict[str, bool] = {}
        """Fields with too many values to count, and whether they are record keys."""
        self._user = ""
        self._held: set[tuple[str, str]] = set()

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one session. All sessions of a user come one after the other."""
        if row["user_key"] != self._user:
            self._close()
            self._user = row["user_key"]
        values = list(countable_values(row))
        self._sessions.update(field for field, _ in values)
        self._held.update(values)

    def shared(self, min_users: int) -> "SharedValues":
        """Return the values that at least ``min_users`` users share."""
        self._close()
        keys = {field for field, is_key in self._closed.items() if is_key}
        keys.update(field for field, users in self._users.items() if self._holds_ids(field, min_users))
        shared = (
            (field, value)
            for field, users in self._users.items()
            for value, count in users.items()
            if count >= min_users
        )
        return SharedValues([*shared, *((field, RECORD_KEY) for field in keys)])

    def _close(self) -> None:
        for field, value in self._held:
            if field in self._closed:
                continue
            users = self._users.setdefault(field, Counter())
            users[value] += 1
            if len(users) > MOST_VALUES:
                # Users come in the order of their hashes, so that these are a fair sample of all.
                self._closed[field] = self._holds_ids(field, 1)
                users.clear()
        self._held.clear()

    def _holds_ids(self, field: str, min_users: int) -> bool:
        values = self._users[field]
        id_like = sum(map(is_id_like, values))
        return field.startswith(KEYED) and is_record_key(len(values), self._sessions[field], id_like, min_users)


class SharedValues:
    """The values that survive."""

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        self._values = frozenset(values)
        self.record_keys = tuple(sorted(field for field, value in self._values if value == RECORD_KEY))
        """Fields whose values survive though nobody shares them."""
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
        if (field, _countable(value)) in self._values or field in self.record_keys:
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
