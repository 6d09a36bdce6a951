"""Sorted lines to sanitized sessions, user by user, in bounded memory."""

import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from extract.certifying.audit import OutputAudit
from extract.executors.batches import Batches, Row, values
from extract.executors.profiles import PassingProfiles, ProfileRules
from extract.publishing.rarity import countable_values
from extract.sanitizing import Sanitized, SessionSanitizer
from extract.sessions import RawSession, from_line, sessions_of, user_chunks
from extract.tracing.planting import Outcome, TracerCheck
from harness.pii.known.registry import KnownRegistry, RegistryDetector
from harness.pii.setup import DetectorSetup
from harness.pii.surrogates import Surrogates

if TYPE_CHECKING:
    from pyspark import Broadcast


def _structs(**columns: Any) -> Any:
    return pa.list_(pa.struct(columns))


ENTITY = "entity"
LEAK = "leak"
TRACER = "tracer"
PERSONAL = "personal"
_COLUMNS: dict[str, Any] = {
    "user_key": pa.string(),
    "session_id": pa.string(),
    "session": pa.binary(),
    "turns": pa.int64(),
    "exchanges": pa.int64(),
    "tallies": _structs(kind=pa.string(), name=pa.string(), count=pa.int64()),
    "shareable": _structs(field=pa.string(), value=pa.string()),
    "failed": _structs(source=pa.string(), number=pa.int64(), kind=pa.string()),
    "audited_values": pa.int64(),
}
SCHEMA = pa.schema(_COLUMNS)
"""One row a session: ``session`` as JSON (null where nothing of it could be sanitized), and what is counted of it:
replaced values (``ENTITY``) and what the audit found (``LEAK``) by kind, allow-listed values with something personal by field (``PERSONAL``); of a tracer's session only what became of it."""
CUT_SCHEMA = pa.schema([("user_key", pa.string()), ("session_id", pa.string())])
"""Where the sessions of a user may be cut into units without any of them coming out differently."""
_UNIT_COLUMNS: dict[str, Any] = {"user_key": pa.string(), "unit": pa.string(), "line": pa.binary()}
UNIT_SCHEMA = pa.schema(_UNIT_COLUMNS)


@dataclass(frozen=True, slots=True)
class SharedRegistry:
    """All users' telling values, on their way to executors.

    Args:
        name: Of the file that it becomes on each machine.
        key: Of its fingerprints.
        saved: The file's bytes.
    """

    name: str
    key: bytes = field(repr=False)
    saved: "Broadcast[bytes]"

    def registry(self) -> KnownRegistry:
        """Return the registry; the processes of a machine map one file and share its memory."""
        from pyspark import SparkFiles

        # Spark deletes this folder when the application ends.
        path = Path(SparkFiles.getRootDirectory()) / self.name
        if not path.exists():
            partial = path.with_name(f"{self.name}-{os.getpid()}")
            partial.write_bytes(self.saved.value)
            partial.replace(path)
        return _loaded(path, self.key)


@dataclass(frozen=True, slots=True)
class UserSanitizer:
    """Sanitizes users' sessions just as one machine does.

    Args:
        setup: What the detector is made of, once in each process.
        rules: How profiles are read.
        registry: What identifies one user is removed from everybody's text.
        audit: The search for known values in what was sanitized.
        tracers: Which users are tracers.
        surrogates: Makes invented values; None: placeholders stand for what is personal.
    """

    setup: DetectorSetup
    rules: ProfileRules
    registry: SharedRegistry
    audit: "Broadcast[OutputAudit]"
    tracers: "Broadcast[TracerCheck]"
    surrogates: Surrogates | None = None

    def sanitize(self, batches: Batches) -> Iterator[Row]:
        """Yield the rows of ``SCHEMA`` that sorted lines become.

        Args:
            batches: Columns ``unit`` and ``line``, sorted by both; a unit's lines are looked at in one go.
        """
        passing = PassingProfiles(self.rules)
        finder = RegistryDetector(self.setup.detector(), self.registry.registry())
        sanitizer = SessionSanitizer(finder, passing.profiles, self.surrogates)
        audit, tracers = self.audit.value, self.tracers.value
        for unit, members in groupby(values(batches, "unit", "line"), key=itemgetter(0)):
            exchanges = passing.exchanges(line for _, line in members)
            for raw, done in sanitizer.sanitize_all(sessions_of(exchanges)):
                passing.keep_from(raw.user_key)
                if raw.user_key in tracers:
                    yield _measured(raw.user_key, tracers.outcome(raw.user_key, done.searched))
                else:
                    yield _row(raw, done, sanitizer.known(raw.exchanges[0]), audit, unit=unit)


def cuts(batches: Batches) -> Iterator[Row]:
    """Yield the rows of ``CUT_SCHEMA`` for users with very many sessions.

    Sessions of a user are looked at together in lists of a bounded size. A
    list that begins with a session's beginning needs nothing of those before.

    Args:
        batches: Column ``line``, sorted.
    """
    lines = (line for (line,) in values(batches, "line"))
    for chunk in user_chunks(sessions_of(map(from_line, lines))):
        if not chunk[0].part:
            yield {"user_key": chunk[0].user_key, "session_id": chunk[0].session_id}


@dataclass(frozen=True, slots=True)
class Units:
    """Which sessions of users with very many go to which unit.

    Args:
        starts: The first session of each unit, sorted, by hashed user.
    """

    starts: Mapping[str, Sequence[str]]

    def of_exchanges(self, batches: Batches) -> Iterator[Row]:
        """Yield lines of exchanges (columns ``user_key`` and ``line``) with their unit."""
        for user_key, line in values(batches, "user_key", "line"):
            place = bisect_right(self.starts[user_key], line[len(user_key) : 2 * len(user_key)].decode())
            yield {"user_key": user_key, "unit": _unit(user_key, place), "line": line}

    def of_profiles(self, batches: Batches) -> Iterator[Row]:
        """Yield lines of profiles with every unit of their user."""
        for user_key, line in values(batches, "user_key", "line"):
            for place in range(1, len(self.starts[user_key]) + 1):
                yield {"user_key": user_key, "unit": _unit(user_key, place), "line": line}


def _unit(user_key: str, place: int) -> str:
    return f"{user_key}-{place:08d}"


def _is_further(unit: str) -> bool:
    _, _, place = unit.partition("-")
    return bool(place) and int(place) > 1


def _row(raw: RawSession, done: Sanitized, own: Collection[str], audit: OutputAudit, *, unit: str) -> Row:
    failed = [{"source": e.source, "number": e.line or None, "kind": kind} for e, kind in done.failed]
    row: Row = {"user_key": raw.user_key, "failed": failed, "exchanges": 0}
    if (session := done.session) is None:
        return row
    searched, found = audit.own_values, audit.by_type.copy()
    # What is known of a user who is cut into units is counted with the first of them; a session is in one unit only.
    counted = set(own) - {raw.exchanges[0].session} if _is_further(unit) else ()
    audit.look(done.searched or session, own, counted=counted)
    return row | {
        "session_id": session.session_id,
        "session": session.to_json(),
        "turns": len(session.turns),
        "exchanges": len(raw.exchanges) - len(done.failed),
        "tallies": [
            *_tallies(ENTITY, session.entities),
            *_tallies(LEAK, audit.by_type - found),
            *_tallies(PERSONAL, Counter(done.personal)),
        ],
        "shareable": [{"field": name, "value": value} for name, value in countable_values(session.to_dict())],
        "audited_values": audit.own_values - searched,
    }


def _measured(user_key: str, outcome: Outcome) -> Row:
    name = orjson.dumps(outcome).decode()
    return {"user_key": user_key, "failed": [], "exchanges": 0, "tallies": list(_tallies(TRACER, {name: 1}))}


def outcome_of(name: str) -> Outcome:
    """Return the outcome that the name of a tracer's tally stands for."""
    entity, form, style, leaked = orjson.loads(name)
    return entity, form, style, leaked


def _tallies(kind: str, counts: Mapping[str, int]) -> Iterator[Row]:
    return ({"kind": kind, "name": name, "count": count} for name, count in counts.items())


@lru_cache(maxsize=1)
def _loaded(path: Path, key: bytes) -> KnownRegistry:
    return KnownRegistry.load(path, key=key)
