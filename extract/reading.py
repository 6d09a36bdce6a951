"""The first pass: every record of the logs into quarantine, or as an exchange into a file of its user's range."""

import datetime as dt
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

import orjson

from extract.advice import Advisor
from extract.buckets import BucketFiles, bucket_of
from extract.hashes import is_in
from extract.learning import LogLearner
from extract.publishing.arrivals import ArrivalCounts
from extract.publishing.watermark import Earlier, ExchangeIndex, SourceMark, SourceReading, place_of
from extract.readers import BrokenRecord, RawRecord, Source, read_source
from extract.records.mapping import LoggedExchange, RecordMapping, Rejection
from extract.records.quarantine import Quarantine
from extract.sessions import keys_of, to_line
from extract.tracing.planting import TRACERS, TracerSample, tracer_seed
from harness.errors import InputError
from harness.identity import keyed_hash
from harness.progress import Progress
from harness.wording import counted

_REPORT_EVERY = 2_000
_RECENT_PAIRS = 50_000
_COLUMN_BUCKETS = 256


class LogReader:
    """Reads logs of any size in bounded memory.

    Args:
        folder: A private folder for what is read.
        key: Of the hashes.
        mapping: From records to exchanges.
        quarantine: For what is none.
        buckets: Into how many ranges the users are cut.
        min_users: k.
        advisor: Says what does not fit the configuration.
        learner: Learns from what is kept; None: nobody does.
        tracers: How many are to be planted.
        progress: Told how far it is.
        index: Remembers exchanges for later runs; None where there will be none.
        earlier: The dataset that this run goes on from.
    """

    def __init__(
        self,
        folder: Path,
        *,
        key: bytes,
        mapping: RecordMapping,
        advisor: Advisor,
        quarantine: Quarantine,
        buckets: int,
        min_users: int,
        progress: Progress,
        tracers: int = TRACERS,
        index: ExchangeIndex | None = None,
        earlier: Earlier | None = None,
        learner: LogLearner | None = None,
    ) -> None:
        self._key = key
        self._learner = learner
        self._mapping = mapping
        self._advisor = advisor
        self._quarantine = quarantine
        self._buckets = buckets
        self._progress = progress
        self.index = index
        self._earlier = earlier
        self._earlier_marks = {mark.place: mark for mark in earlier.watermark.sources} if earlier else {}
        self._recent: dict[tuple[str, str], tuple[str, str]] = {}
        self._users: array[int] = array("Q")
        self._ids = BucketFiles(folder, "ids", buckets)
        self._columns = BucketFiles(folder, "columns", _COLUMN_BUCKETS)
        self._recent_columns: set[tuple[str, str]] = set()
        self._min_users = min_users
        self.files = BucketFiles(folder, "exchanges", buckets)
        self.arrivals = ArrivalCounts(min_users)
        self.sample = TracerSample(tracers, seed=tracer_seed(key))
        self.marks: list[SourceMark] = []
        """How far each file has been read."""
        self.records = 0
        """Read by this run."""
        self.exchanges = 0
        """In files now."""
        self.repeated = 0
        """Left out because the earlier dataset holds them."""
        self.newest: dt.date | None = None
        self.empty_files: list[str] = []
        self.unchanged_files = 0
        self.rewritten_files: list[str] = []

    @property
    def users(self) -> int:
        """How many users the records that were read are of."""
        return len(self._users)

    @property
    def skipped(self) -> dict[str, int]:
        """Parts of records that are no exchanges by their nature, by reason."""
        counts = Counter(self._mapping.skipped)
        if self.repeated:
            counts["in_earlier_dataset"] += self.repeated
        return dict(sorted(counts.items()))

    @property
    def absent(self) -> tuple[str, ...]:
        """Which optional fields of the configuration no record has, in words; nothing where only new ones were read."""
        return self._advisor.absent(self._mapping.held) if self._earlier is None else ()

    def read(self, sources: Sequence[Source]) -> None:
        """Read all sources.

        Raises:
            InputError: If a source cannot be read.
            StorageError: If the disk is full.
        """
        for source in sources:
            if self.index is None:
                self._take_all(source, read_source(source), may_repeat=False)
            else:
                self._go_on(source)
        self._progress.update("reading records", self.records, self.records)
        self.files.flush()
        self._ids.flush()
        self._columns.flush()
        for bucket in range(self._buckets):
            keys = {orjson.loads(line)[0] for line in self._ids.lines(bucket)}
            self._users.extend(sorted(int(key, 16) for key in keys))

    def ids(self) -> Iterator[str]:
        """Yield the raw ids of users and sessions, most of them once, and id-like values of other fields."""
        for bucket in range(self._buckets):
            pairs = {(user, session) for _, user, session in map(orjson.loads, self._ids.lines(bucket))}
            yield from {user for user, _ in pairs}
            yield from {session for _, session in pairs}
        for bucket in range(_COLUMN_BUCKETS):
            holders: dict[str, set[str]] = {}
            for user_key, value in map(orjson.loads, self._columns.lines(bucket)):
                holders.setdefault(value, set()).add(user_key)
            # What so many users share, such as a model's name, is nobody's.
            yield from (value for value, users in holders.items() if len(users) < self._min_users)

    def user_key(self, user: str) -> str | None:
        """Return the hashed user; None for one that is not in the logs."""
        key = keyed_hash(self._key, user)
        return key if is_in(self._users, int(key, 16)) else None

    def refuse_nothing(self, where: str) -> None:
        """Stop where there is nothing to go on with.

        Raises:
            InputError: If no record was read, or every one is in quarantine.
        """
        if self.records == 0:
            raise InputError(
                f"'extract.source' = {where}: the files hold no record", hint="check the path, and that logging is on"
            )
        if self.exchanges or self.repeated:
            return
        reasons = (self._quarantine.reasons + Counter(self._mapping.skipped)).most_common(4)
        first = f"; the first is in {self._quarantine.first}" if self._quarantine.first else ""
        raise InputError(
            f"'extract.source' = {where}: none of {counted(self.records, 'record')} can be used: "
            f"{', '.join(f'{reason} {count}' for reason, count in reasons)}{first}",
            hint=self._advisor.hint(self._quarantine.fields, self.records),
        )

    def _go_on(self, source: Source) -> None:
        """Read what no earlier run has read of a file."""
        reading = SourceReading(source, self._earlier_marks.get(place_of(source, self._key)), self._key)
        if reading.is_unchanged:
            self.unchanged_files += 1
        else:
            self._take_all(source, reading.records(), may_repeat=self._earlier is not None, reading=reading)
        if reading.was_rewritten:
            self.rewritten_files.append(source.name)
        self.marks.append(reading.mark())

    def _take_all(
        self,
        source: Source,
        records: Iterator[RawRecord | BrokenRecord],
        *,
        may_repeat: bool,
        reading: SourceReading | None = None,
    ) -> None:
        before = self.records
        for record in records:
            self.records += 1
            self._take(record, may_repeat=may_repeat and not (reading and reading.continues))
            if self.records % _REPORT_EVERY == 0:
                self._progress.update("reading records", self.records)
        if self.records == before and not (reading and reading.continues):
            self.empty_files.append(source.name)

    def _take(self, record: RawRecord | BrokenRecord, *, may_repeat: bool) -> None:
        if isinstance(record, BrokenRecord):
            self._quarantine.add(record.source, record.line, record.reason, detail=record.detail)
            return
        mapped: LoggedExchange | Rejection | None = None
        for mapped in self._mapping.map_all(record):
            if isinstance(mapped, Rejection):
                self._advisor.note_rejected(record)
                self._quarantine.add(
                    record.source, record.line, mapped.reason, field=mapped.field, detail=mapped.detail
                )
            else:
                self._advisor.note(record)
                self._keep(mapped, may_repeat=may_repeat)
        if mapped is None:
            self._advisor.note_skipped(record)

    def _keep(self, exchange: LoggedExchange, *, may_repeat: bool) -> None:
        if self.index is not None:
            hashed = self.index.hash(exchange)
            if may_repeat and self.index.is_old(hashed):
                self.repeated += 1
                return
            self.index.add(hashed)
        user_key, session_id = self._keys(exchange)
        self.files.add(bucket_of(user_key, self._buckets), to_line(user_key, session_id, exchange))
        self._note_columns(user_key, exchange.ids)
        if self._learner is not None:
            self._learner.add(user_key, exchange)
        self.exchanges += 1
        self.sample.offer(exchange)
        self.arrivals.add(exchange.at, user_key)
        day = exchange.at.date()
        self.newest = day if self.newest is None else max(self.newest, day)

    def _keys(self, exchange: LoggedExchange) -> tuple[str, str]:
        pair = (exchange.user, exchange.session)
        keys = self._recent.get(pair)
        if keys is None:
            if len(self._recent) >= _RECENT_PAIRS:
                self._recent.clear()
            keys = self._recent[pair] = keys_of(self._key, *pair)
            line = orjson.dumps([keys[0], *(text.encode("utf-8", "replace").decode() for text in pair)]) + b"\n"
            self._ids.add(bucket_of(keys[0], self._buckets), line)
        return keys

    def _note_columns(self, user_key: str, values: Sequence[str]) -> None:
        for value in values:
            pair = (user_key, value)
            if pair in self._recent_columns:
                continue
            if len(self._recent_columns) >= _RECENT_PAIRS:
                self._recent_columns.clear()
            self._recent_columns.add(pair)
            text = value.encode("utf-8", "replace")
            self._columns.add(crc32(text) % _COLUMN_BUCKETS, orjson.dumps([user_key, text.decode()]) + b"\n")
