"""What is known about users: values to remove from their text, and the few traits that survive."""

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from extract.buckets import BucketFiles, bucket_of
from extract.hashes import is_in, numbers, short_hash
from extract.readers import RawRecord, find_sources, read_source
from extract.records.expressions import ExpressionError, compile_expression
from harness.errors import InputError

_NAME_FIELD = re.compile(r"name|surname|nick|alias|given|family|initials", re.IGNORECASE)
_ISO_DATE = re.compile(r"(\d{4})-\d{2}-\d{2}(?:[T ].*)?")
_SHORTEST = 3

Pairs = list[tuple[str, str]]
"""Dotted field name and value."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """Known values and traits by raw user id. Held in memory only."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    traits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def known(self, user: str) -> tuple[str, ...]:
        """Return the personal values known of a user."""
        return self.values.get(user, ())

    def traits_of(self, user: str) -> dict[str, str]:
        """Return the traits of a user."""
        return dict(self.traits.get(user, {}))


def read_profiles(
    location: str, *, user_field: str, traits: Collection[str], users: Collection[str], min_users: int
) -> Profiles:
    """Read the profiles of a few users into memory.

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
    wanted = users if isinstance(users, set) else set(users)
    gathered = GatheredProfiles(traits)
    for user, profile in profiles_in(location, user_field):
        if user in wanted:
            gathered.add(user, list(flat_values(profile)))
    holders = Counter(pair for pairs in gathered.pairs.values() for pair in pairs)
    return gathered.profiles(lambda pair: holders[pair] >= min_users)


def joined_profiles(several: Iterable[Profiles]) -> Profiles:
    """Return the profiles of several groups of users as those of one."""
    values: dict[str, tuple[str, ...]] = {}
    traits: dict[str, Mapping[str, str]] = {}
    for profiles in several:
        values.update(profiles.values)
        traits.update(profiles.traits)
    return Profiles(values=values, traits=traits)


class ProfileFiles:
    """The profiles of any number of users, in files cut by user.

    Args:
        folder: A private folder.
        buckets: Into how many files the users are cut.
        traits: The fields that survive; their values are no known values.
        key: Of the hashes of values that are counted.
    """

    def __init__(self, folder: Path, *, buckets: int, traits: Collection[str], key: bytes) -> None:
        self._buckets = buckets
        self._traits = frozenset(traits)
        self._key = key
        self._files = BucketFiles(folder, "profiles", buckets)
        self._holders = BucketFiles(folder, "holders", 256)
        self._shared = array("Q")
        """Hashes of the pairs of field and value that many users hold, sorted."""
        self.matched = 0
        """Users in the logs who have a profile."""
        self.strangers = 0
        """Profiles of nobody in the logs: their values are neither removed nor searched for."""

    def read(self, location: str, *, user_field: str, user_key: Callable[[str], str | None], min_users: int) -> None:
        """Read the profiles of the users that occur in the logs; those of others are counted and left.

        Args:
            location: Absolute path or URI.
            user_field: JMESPath to the user id in a profile, the same as in the logs.
            user_key: Returns the hashed user; None for one that is not in the logs.
            min_users: A value that so many of them hold identifies none of them (a town, a plan) and stays in texts,
                unless its field is one for names.

        Raises:
            InputError: If a profile cannot be read: its values could then not be removed from the text.
            StorageError: If the disk is full.
        """
        for user, profile in profiles_in(location, user_field):
            if (key := user_key(user)) is None:
                self.strangers += 1
            else:
                pairs = [[name, value] for name, value in flat_values(profile)]
                self._files.add(bucket_of(key, self._buckets), orjson.dumps([user, pairs]) + b"\n")
        self._files.flush()
        self._shared = self._held_by_many(min_users)

    def of(self, bucket: int, users: Collection[str] | None = None) -> Profiles:
        """Return the profiles of one bucket's users, or of some of them."""
        return self._gathered(bucket, users).profiles(self._is_shared)

    def values(self) -> Iterator[str]:
        """Yield the known values of all users."""
        for bucket in range(self._buckets):
            for values in self.of(bucket).values.values():
                yield from values

    def fields(self) -> Iterator[str]:
        """Yield the distinct names of the fields that hold known values."""
        yield from dict.fromkeys(name for name, _ in self.pairs())

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the known values of all users, each behind the name of its field."""
        for bucket in range(self._buckets):
            for _, pairs in self._gathered(bucket).known(self._is_shared):
                yield from pairs

    def _gathered(self, bucket: int, users: Collection[str] | None = None) -> "GatheredProfiles":
        gathered = GatheredProfiles(self._traits)
        for line in self._files.lines(bucket):
            user, pairs = orjson.loads(line)
            if users is None or user in users:
                gathered.add(user, pairs)
        return gathered

    def _held_by_many(self, min_users: int) -> "array[int]":
        """Return the sorted hashes of the pairs that ``min_users`` users hold; in memory is a small part of them at once."""
        for bucket in range(self._buckets):
            gathered = self._gathered(bucket)
            self.matched += len(gathered.users)
            for pairs in gathered.pairs.values():
                for pair in pairs:
                    hashed = short_hash(self._key, *pair)
                    self._holders.add(hashed[0], hashed)
        self._holders.flush()
        found = array("Q")
        for first in range(256):
            held = numbers(self._holders.read(first))
            self._holders.delete(first)
            found.extend(sorted(number for number, holders in Counter(held).items() if holders >= min_users))
        return found

    def _is_shared(self, pair: tuple[str, str]) -> bool:
        return bool(self._shared) and is_in(self._shared, numbers(short_hash(self._key, *pair))[0])


class GatheredProfiles:
    """Profiles by user, several lines of one user joined."""

    def __init__(self, traits: Collection[str]) -> None:
        self._wanted = traits
        self.users: set[str] = set()
        """Whose profiles they are."""
        self._values: dict[str, Pairs] = defaultdict(list)
        self._traits: dict[str, dict[str, str]] = defaultdict(dict)

    def add(self, user: str, pairs: Iterable[Iterable[str]]) -> None:
        """Add a line of a user's profile: field names and values."""
        self.users.add(user)
        for name, value in pairs:
            if name in self._wanted:
                self._traits[user][name] = _coarse(value)
            elif value != user and len(value) >= _SHORTEST:
                self._values[user].append((name, value))

    @property
    def pairs(self) -> dict[str, set[tuple[str, str]]]:
        """The distinct pairs of field and value in lower case, by user."""
        return {user: {_pair(name, value) for name, value in pairs} for user, pairs in self._values.items()}

    def profiles(self, is_shared: Callable[[tuple[str, str]], bool]) -> Profiles:
        """Return all profiles without the values that many users hold."""
        values = {user: tuple(sorted({value for _, value in pairs})) for user, pairs in self.known(is_shared)}
        return Profiles(values=values, traits=self._traits)

    def known(self, is_shared: Callable[[tuple[str, str]], bool]) -> Iterator[tuple[str, Pairs]]:
        """Yield each user with the fields and values that are theirs and not many users'."""
        for user, pairs in self._values.items():
            yield user, [(n, v) for n, v in pairs if _NAME_FIELD.search(n) or not is_shared(_pair(n, v))]


def _pair(name: str, value: str) -> tuple[str, str]:
    return name, value.lower()


def profiles_in(location: str, user_field: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the raw user id and the fields of every profile of a path or URI.

    Raises:
        InputError: If one cannot be read.
    """
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


def flat_values(values: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the scalar values of a profile under their dotted names, as text."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield from flat_values(value, f"{name}.{key}" if name else str(key))
    elif isinstance(values, list):
        for value in values:
            yield from flat_values(value, name)
    elif values is not None and not isinstance(values, bool):
        text = str(values).strip()
        if text:
            yield name, text


def _coarse(value: str) -> str:
    """Return a trait with less detail: of a date only the year."""
    date = _ISO_DATE.fullmatch(value)
    return date[1] if date else value
