"""What is known about users: values to remove from their text, and the few traits that survive."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from extract.expressions import ExpressionError, compile_expression
from extract.readers import RawRecord, find_sources, read_source
from harness.errors import InputError

_NAME_FIELD = re.compile(r"name|surname|nick|alias|given|family|initials", re.IGNORECASE)
_ISO_DATE = re.compile(r"(\d{4})-\d{2}-\d{2}(?:[T ].*)?")
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Profiles:
    """Known values and traits by raw user id. Held in memory only."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    traits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def known(self, user: str) -> tuple[str, ...]:
        """Return the personal values known of a user."""
        return self.values.get(user, ())

    def traits_of(self, user: str) -> dict[str, str]:
        """Return the traits of a user that enough users share."""
        return dict(self.traits.get(user, {}))


def read_profiles(
    location: str, *, user_field: str, traits: Collection[str], users: Collection[str], min_users: int
) -> Profiles:
    """Read the profiles of the users that occur in the logs.

    A value that ``min_users`` users hold identifies none of them (a town, a
    plan) and stays in texts, unless its field is one for names.

    Args:
        location: Absolute path or URI.
        user_field: JMESPath to the user id in a profile, the same as in the logs.
        traits: The fields that survive; their values are no known values.
        users: Raw ids of the users in the logs.
        min_users: k.

    Raises:
        InputError: If a profile cannot be read: its values could then not be removed from the text.
    """
    values: dict[str, list[tuple[str, str]]] = defaultdict(list)
    kept: dict[str, dict[str, str]] = defaultdict(dict)
    wanted = users if isinstance(users, set) else set(users)
    for user, profile in _profiles(location, user_field):
        if user not in wanted:
            continue
        for name, value in _flat(profile):
            if name in traits:
                kept[user][name] = _coarse(value)
            elif value != user and len(value) >= _SHORTEST:
                values[user].append((name, value))
    return Profiles(values=_identifying(values, min_users), traits=_shared(kept, min_users))


def _profiles(location: str, user_field: str) -> Iterator[tuple[str, dict[str, Any]]]:
    find = compile_expression(user_field, key="extract.fields.user")
    for source in find_sources(location, key="extract.profiles"):
        for record in read_source(source):
            user = _user(find, record) if isinstance(record, RawRecord) else None
            if user is None:
                raise InputError(
                    f"{record.source}, line {record.line}: no readable profile with a '{user_field}'",
                    hint="its values could not be removed from the user's text; mend or remove the line",
                )
            yield user, record.values if isinstance(record, RawRecord) else {}


def _user(find: Any, record: RawRecord) -> str | None:
    try:
        value = find(record.values)
    except ExpressionError:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None


def _flat(values: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the scalar values of a profile under their dotted names, as text."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield from _flat(value, f"{name}.{key}" if name else str(key))
    elif isinstance(values, list):
        for value in values:
            yield from _flat(value, name)
    elif values is not None and not isinstance(values, bool):
        text = str(values).strip()
        if text:
            yield name, text


def _identifying(values: Mapping[str, Iterable[tuple[str, str]]], min_users: int) -> dict[str, tuple[str, ...]]:
    holders = Counter(pair for pairs in values.values() for pair in {(n, v.lower()) for n, v in pairs})
    return {
        user: tuple(sorted({v for n, v in pairs if holders[n, v.lower()] < min_users or _NAME_FIELD.search(n)}))
        for user, pairs in values.items()
    }


def _shared(traits: Mapping[str, Mapping[str, str]], min_users: int) -> dict[str, dict[str, str]]:
    holders = Counter(item for held in traits.values() for item in held.items())
    return {user: {n: v for n, v in held.items() if holders[n, v] >= min_users} for user, held in traits.items()}


def _coarse(value: str) -> str:
    """Return a trait with less detail: of a date only the year."""
    date = _ISO_DATE.fullmatch(value)
    return date[1] if date else value
