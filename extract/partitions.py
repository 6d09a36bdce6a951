"""A part of the logs, by range of hashed users: what one worker sanitizes at a time."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO

import orjson

from extract.buckets import RUN_BYTES, BucketFiles, sorted_lines
from extract.certifying.audit import OutputAudit
from extract.profiles import ProfileFiles, Profiles, joined_profiles
from extract.publishing.carrying import continued, joined, without_known
from extract.records.mapping import LoggedExchange
from extract.sanitizing import Sanitized, SessionSanitizer
from extract.sessions import RawSession, from_line, sessions_of
from extract.tracing.planting import Outcome, TracerCheck
from harness.contracts import SanitizedSession
from harness.pii.known.registry import KnownRegistry, RegistryDetector
from harness.pii.learning.formats import NO_SHAPES, LearnedShapes
from harness.pii.setup import DetectorSetup
from harness.pii.surrogates import Surrogates
from harness.sessions import read_sessions

_TELL_EVERY = 500
_PARTS_A_WORKER = 6
_END = "g"
"""Behind every hexadecimal key."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How work is cut; has no influence on what comes out."""

    buckets: int = 256
    """Ranges of hashed users, each a file."""
    run_bytes: int = RUN_BYTES
    """What is sorted in memory at once."""
    part_bytes: int = 16 * 1024 * 1024
    """A worker's task is about so much; buckets are joined up to it, and a larger one is a task of its own."""
    worth_workers: int = 1024 * 1024
    """Less than so much is sanitized by this process: starting others takes longer."""


@dataclass(frozen=True, slots=True)
class Part:
    """Adjacent buckets, from ``first`` up to before ``end``."""

    first: int
    end: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The earlier dataset whose sessions go on living in this one."""

    folder: Path
    oldest: dt.date | None = None
    """Sessions that began before are left out."""
    new_ids: LearnedShapes = NO_SHAPES
    """Formats of ids that were not known when its sessions were sanitized."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What every worker needs to sanitize any part."""

    folder: Path
    """A private folder: raw exchanges in it, results into it."""
    exchanges: BucketFiles
    profiles: ProfileFiles | None
    registry: KnownRegistry
    audit: OutputAudit
    sizes: Sizes
    tracers: TracerCheck = field(default_factory=TracerCheck)
    """Which users are tracers: they are measured, and neither counted nor written."""
    carried: Carried | None = None
    surrogates: Surrogates | None = None
    setup: DetectorSetup = field(default_factory=DetectorSetup)
    """What the detector is made of, once in each process."""

    def sessions_path(self, part: Part) -> Path:
        """Return where a part's sanitized sessions go, as JSON lines."""
        return self.folder / f"sanitized-{part.first:05d}"

    def failures_path(self, part: Part) -> Path:
        """Return where the places of exchanges go that could not be sanitized."""
        return self.folder / f"failed-{part.first:05d}"

    def failures(self, part: Part) -> Iterator[tuple[str, int, str]]:
        """Yield source, line and kind of error of the exchanges of a part that could not be sanitized."""
        with self.failures_path(part).open("rb") as file:
            for line in file:
                source, number, kind = orjson.loads(line)
                yield source, number, kind


@dataclass(slots=True, kw_only=True)
class PartResult:
    """What became of a part."""

    exchanges: int = 0
    """New ones that are in sessions now."""
    failed: int = 0
    """New ones that could not be sanitized."""
    new_sessions: int = 0
    sessions: int = 0
    """All, carried ones included; so are the counts below."""
    users: int = 0
    turns: int = 0
    entities: Counter[str] = field(default_factory=Counter)
    personal: Counter[str] = field(default_factory=Counter)
    """Values of allow-listed fields in which something personal was replaced, by field; of new sessions."""
    audited_values: int = 0
    audited_leaks: int = 0
    audited_types: Counter[str] = field(default_factory=Counter)
    """What the audit found, by the kind that it seems to be."""
    tracers: Counter[Outcome] = field(default_factory=Counter)

    def add(self, other: "PartResult") -> None:
        """Add another part's counts; parts share no user."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def parts_of(exchanges: BucketFiles, sizes: Sizes, *, workers: int) -> list[Part]:
    """Return the parts that all buckets make, in order; empty buckets are in them, for carried sessions may be there."""
    parts: list[Part] = []
    # Some for each worker, so that all of them end at about the same time.
    most = min(sizes.part_bytes, sum(exchanges.sizes) // (workers * _PARTS_A_WORKER))
    first = total = 0
    for bucket, size in enumerate(exchanges.sizes):
        if bucket > first and total + size > most:
            parts.append(Part(first, bucket, total))
            first, total = bucket, 0
        total += size
    return [*parts, Part(first, sizes.buckets, total)]


class PartSanitizer:
    """Sanitizes parts, one after the other."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._detector = RegistryDetector(material.setup.detector(), material.registry)

    def run(self, part: Part, tell: Callable[[int], None]) -> PartResult:
        """Sanitize a part and write its sessions; whole or not at all.

        Args:
            part: Which buckets.
            tell: Called now and then with how many exchanges are done since it was last called.

        Raises:
            StorageError: If the disk is full.
        """
        material, result = self._material, PartResult()
        audit = material.audit
        values, leaks, types = audit.own_values, audit.leaks, audit.by_type.copy()
        path = material.sessions_path(part)
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file, material.failures_path(part).open("wb") as failures:
            user = ""
            for session in self._sessions(part, result, failures, tell):
                file.write(session.to_json() + b"\n")
                result.sessions += 1
                result.users += session.user_key != user
                result.turns += len(session.turns)
                result.entities.update(session.entities)
                user = session.user_key
        partial.replace(path)
        result.audited_values, result.audited_leaks = audit.own_values - values, audit.leaks - leaks
        result.audited_types = audit.by_type - types
        # The result counts them; whoever has all results adds them up.
        audit.own_values, audit.leaks = values, leaks
        return result

    def _sessions(
        self, part: Part, result: PartResult, failures: IO[bytes], tell: Callable[[int], None]
    ) -> Iterator[SanitizedSession]:
        """Yield all sessions of a part; its buckets are one stream, so that even small ones are looked at many at once."""
        material, buckets = self._material, range(part.first, part.end)
        profiles = joined_profiles(map(material.profiles.of, buckets)) if material.profiles else Profiles()
        paths = map(material.exchanges.path, buckets)
        lines = chain.from_iterable(sorted_lines(path, run_bytes=material.sizes.run_bytes) for path in paths)
        raw = continued(sessions_of(map(from_line, lines)), self._carried(part))
        sanitizer = SessionSanitizer(self._detector, profiles, material.surrogates)
        return joined(self._sanitized(sanitizer, raw, result, failures, tell), self._searched(part))

    def _sanitized(
        self,
        sanitizer: SessionSanitizer,
        sessions: Iterator[RawSession],
        result: PartResult,
        failures: IO[bytes],
        tell: Callable[[int], None],
    ) -> Iterator[SanitizedSession]:
        untold = 0
        for raw, done in sanitizer.sanitize_all(sessions):
            if raw.user_key in self._material.tracers:
                result.tracers[self._material.tracers.outcome(raw.user_key, done.searched)] += 1
                continue
            result.exchanges += _usable(raw, done)
            result.failed += len(done.failed)
            failures.writelines(_failure(exchange, kind) for exchange, kind in done.failed)
            untold += len(raw.exchanges)
            if untold >= _TELL_EVERY:
                tell(untold)
                untold = 0
            if done.session is not None and done.searched is not None:
                result.new_sessions += 1
                result.personal.update(done.personal)
                self._material.audit.look(done.searched, sanitizer.known(raw.exchanges[0]))
                yield done.session
        if untold:
            tell(untold)

    def _carried(self, part: Part) -> Iterator[SanitizedSession]:
        carried, buckets = self._material.carried, self._material.sizes.buckets
        if carried is None:
            return
        for session in read_sessions(carried.folder, users=(_lowest(part.first, buckets), _lowest(part.end, buckets))):
            if carried.oldest is None or session.started_on >= carried.oldest:
                yield session

    def _searched(self, part: Part) -> Iterator[SanitizedSession]:
        """Yield the carried sessions, searched for what is known by now."""
        carried = self._material.carried
        if carried is None:
            return
        for session in self._carried(part):
            clean = without_known(session, self._material.registry, new_ids=carried.new_ids)
            self._material.audit.look(clean, ())
            yield clean


def _usable(raw: RawSession, done: Sanitized) -> int:
    return len(raw.exchanges) - len(done.failed) if done.session is not None else 0


def _failure(exchange: LoggedExchange, kind: str) -> bytes:
    return orjson.dumps([exchange.source, exchange.line, kind]) + b"\n"


def _lowest(bucket: int, buckets: int) -> str:
    """Return the lowest hashed user of a bucket; the inverse of ``bucket_of``."""
    return f"{-(-(bucket << 32) // buckets):08x}" if bucket < buckets else _END
