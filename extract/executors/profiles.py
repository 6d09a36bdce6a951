"""Profiles as lines that sort before their user's exchanges, so that one shuffle brings both together."""

from array import array
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pyarrow as pa

from extract.executors.batches import Batches, Row, values
from extract.hashes import is_in, numbers, short_hash
from extract.profiles import GatheredProfiles, Profiles, flat_values, profiles_in
from extract.sessions import KeyedExchange, from_line
from harness.errors import InputError
from harness.identity import keyed_hash
from harness.pii.known.registry import is_telling

_COLUMNS: list[tuple[str, Any]] = [
    ("user_key", pa.string()),
    ("line", pa.binary()),
    ("pairs", pa.list_(pa.int64())),
    ("problem", pa.string()),
]
SCHEMA = pa.schema(_COLUMNS)
"""One row a profile: ``pairs`` are hashes of its fields with their values; ``problem`` says why one cannot be read."""
VALUE_SCHEMA = pa.schema([("value", pa.string())])

_MARK = b"!"
"""Behind the user's key, where an exchange has the session's; sorts before every digit."""
_KEY_CHARS = 16
_PLACE_CHARS = 18
_REST = slice(_KEY_CHARS + 1 + _PLACE_CHARS, None)


@dataclass(frozen=True, slots=True)
class ProfileRules:
    """What has to be known to read profiles.

    Args:
        user_field: JMESPath to the user id.
        traits: The fields that survive; their values are no known values.
        key: Of the hashes.
        shared: Hashes of the pairs of field and value that k users hold, sorted.
    """

    user_field: str
    traits: frozenset[str]
    key: bytes = field(repr=False)
    shared: "array[int]" = field(default_factory=lambda: array("q"), repr=False)

    def files(self, batches: Batches, groups: Sequence[Sequence[tuple[int, str]]]) -> Iterator[Row]:
        """Yield what groups of files, each with its place among all, hold; rows of ``SCHEMA``.

        Args:
            batches: Numbers of groups, in the column ``id``.
            groups: Place and path or URI of each file.
        """
        for (number,) in values(batches, "id"):
            for place, location in groups[number]:
                yield from self._file(place, location)

    def telling(self, batches: Batches) -> Iterator[Row]:
        """Yield the values of profiles (column ``line``) that identify their owner even in another user's text."""
        for (line,) in values(batches, "line"):
            for known in self.of([line]).values.values():
                yield from ({"value": value} for value in known if is_telling(value))

    def of(self, lines: Collection[bytes]) -> Profiles:
        """Return the profiles that lines hold."""
        gathered = GatheredProfiles(self.traits)
        for line in lines:
            user, pairs = orjson.loads(line[_REST])
            gathered.add(user, pairs)
        return gathered.profiles(self._is_shared)

    def _file(self, place: int, location: str) -> Iterator[Row]:
        try:
            for number, (user, profile) in enumerate(profiles_in(location, self.user_field)):
                yield self._row(f"{place:06d}{number:012d}", user, [[n, value] for n, value in flat_values(profile)])
        except InputError as error:
            yield {"problem": str(error)}

    def _row(self, place: str, user: str, pairs: list[list[str]]) -> Row:
        user_key = keyed_hash(self.key, user)
        gathered = GatheredProfiles(self.traits)
        gathered.add(user, pairs)
        return {
            "user_key": user_key,
            "line": user_key.encode() + _MARK + place.encode() + orjson.dumps([user, pairs]),
            "pairs": [self._number(pair) for pair in gathered.pairs.get(user, ())],
        }

    def _number(self, pair: tuple[str, str]) -> int:
        return signed(numbers(short_hash(self.key, *pair))[0])

    def _is_shared(self, pair: tuple[str, str]) -> bool:
        return bool(self.shared) and is_in(self.shared, self._number(pair))


def telling_ids(batches: Batches) -> Iterator[Row]:
    """Yield the raw ids (column ``value``) that identify their owner even in another user's text."""
    yield from ({"value": value} for (value,) in values(batches, "value") if is_telling(value))


class PassingProfiles:
    """The profiles of the users who are just being sanitized: each comes with its user and goes with it."""

    def __init__(self, rules: ProfileRules) -> None:
        self._rules = rules
        self._values: dict[str, tuple[str, ...]] = {}
        self._traits: dict[str, dict[str, str]] = {}
        self._here: deque[tuple[str, str]] = deque()
        self.profiles = Profiles(values=self._values, traits=self._traits)
        """Of those users; changes as they come and go."""

    def exchanges(self, lines: Iterator[bytes]) -> Iterator[KeyedExchange]:
        """Yield the exchanges of sorted lines; a user's profile is there before the first of them."""
        waiting: list[bytes] = []
        for line in lines:
            if line[_KEY_CHARS : _KEY_CHARS + 1] == _MARK:
                if waiting and waiting[0][:_KEY_CHARS] != line[:_KEY_CHARS]:
                    waiting.clear()
                waiting.append(line)
                continue
            if waiting:
                if waiting[0][:_KEY_CHARS] == line[:_KEY_CHARS]:
                    self._add(waiting)
                waiting.clear()
            yield from_line(line)

    def keep_from(self, user_key: str) -> None:
        """Forget the profiles of users before this one."""
        while self._here and self._here[0][0] < user_key:
            _, user = self._here.popleft()
            self._values.pop(user, None)
            self._traits.pop(user, None)

    def _add(self, lines: list[bytes]) -> None:
        found = self._rules.of(lines)
        user = orjson.loads(lines[0][_REST])[0]
        self._values[user] = found.known(user)
        self._traits[user] = found.traits_of(user)
        self._here.append((lines[0][:_KEY_CHARS].decode(), user))


def signed(number: int) -> int:
    """Return a number of 64 bits as Spark's and Java's long, which has a sign."""
    return number - (1 << 64) if number >> 63 else number
