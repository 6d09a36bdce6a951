"""Sanitized sessions as Parquet: what ``extract`` writes and ``personas`` reads."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from harness.contracts import SanitizedSession
from harness.errors import StorageError

SESSIONS_PER_PART = 100_000
_BATCH_SESSIONS = 2_000
_BATCH_TURNS = 20_000

# Typed so because the stubs know no common type of flat and nested types.
_COLUMNS: list[tuple[str, Any]] = [
    ("schema_version", pa.int32()),
    ("session_id", pa.string()),
    ("user_key", pa.string()),
    ("started_on", pa.date32()),
    ("turns", pa.list_(pa.struct([pa.field("role", pa.string()), pa.field("text", pa.string())]))),
    ("entities", pa.map_(pa.string(), pa.int32())),
    ("feedback", pa.string()),
    ("traits", pa.map_(pa.string(), pa.string())),
    ("metadata", pa.map_(pa.string(), pa.string())),
]
SCHEMA = pa.schema(_COLUMNS)
_USER_COLUMN = SCHEMA.get_field_index("user_key")
_MAPS = ("entities", "traits", "metadata")


class SessionWriter:
    """Writes sessions into ``part-NNNNN.parquet`` files of a folder, batch by batch.

    Raises:
        StorageError: If the folder cannot be written.
    """

    def __init__(self, folder: Path, *, sessions_per_part: int = SESSIONS_PER_PART) -> None:
        self._folder = folder
        self._per_part = sessions_per_part
        self._batch: list[dict[str, Any]] = []
        self._writer: pq.ParquetWriter | None = None
        self._in_part = 0
        self._waiting_turns = 0
        self.parts: list[Path] = []

    def add(self, session: SanitizedSession) -> None:
        """Write one session; it is on disk once the writer is closed."""
        self.add_row(session.model_dump())

    def add_row(self, row: dict[str, Any]) -> None:
        """Write one session given as its fields' values; nothing is validated."""
        for name in _MAPS:
            row[name] = sorted(row[name].items())
        self._batch.append(row)
        self._waiting_turns += len(row["turns"])
        if len(self._batch) >= _BATCH_SESSIONS or self._waiting_turns >= _BATCH_TURNS:
            self._flush()

    def close(self) -> None:
        """Write what is left; a dataset has at least one part."""
        if self._batch or not self.parts:
            self._flush()
        self._end_part()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close() if kind is None else self._end_part()

    def _flush(self) -> None:
        try:
            if self._writer is None or self._in_part >= self._per_part:
                self._end_part()
                path = self._folder / f"part-{len(self.parts):05d}.parquet"
                self.parts.append(path)
                self._writer = pq.ParquetWriter(path, SCHEMA, compression="zstd")
                self._in_part = 0
            self._writer.write_table(pa.Table.from_pylist(self._batch, schema=SCHEMA))
        except OSError as error:
            raise StorageError(f"{self._folder}: cannot be written: {error.strerror or type(error).__name__}") from None
        self._in_part += len(self._batch)
        self._batch = []
        self._waiting_turns = 0

    def _end_part(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def row_digest(row: dict[str, Any]) -> bytes:
    """Return the SHA-256 of a session given as JSON-compatible values; fields and maps may be in any order.

    A dataset's id is ``content_id("data", …)`` over the digests of its sessions, sorted by user key and session id.
    """
    return hashlib.sha256(orjson.dumps(row, option=orjson.OPT_SORT_KEYS)).digest()


def write_sessions(folder: Path, sessions: Iterable[SanitizedSession]) -> list[Path]:
    """Write sessions into a folder and return the parts' paths.

    Raises:
        StorageError: If the folder cannot be written.
    """
    with SessionWriter(folder) as writer:
        for session in sessions:
            writer.add(session)
    return writer.parts


def read_sessions(folder: Path, *, users: tuple[str, str] | None = None) -> Iterator[SanitizedSession]:
    """Yield the sessions of a dataset, in the order they were written.

    Args:
        folder: The dataset's.
        users: Only those of users whose key is at least the first and less than the second.

    Raises:
        StorageError: If the folder holds no sessions, or a part is damaged.
    """
    paths = sorted(folder.glob("part-*.parquet"))
    if not paths:
        raise StorageError(f"{folder}: holds no part-*.parquet", hint="`reverse-rag extract` makes a dataset")
    for path in paths:
        try:
            file = pq.ParquetFile(path)
            groups = [group for group in range(file.num_row_groups) if users is None or _may_hold(file, group, users)]
            for batch in file.iter_batches(batch_size=_BATCH_SESSIONS, row_groups=groups):
                for row in batch.to_pylist():
                    if users is None or users[0] <= row["user_key"] < users[1]:
                        yield _session(row)
        except (pa.ArrowInvalid, OSError) as error:
            raise StorageError(f"{path}: cannot be read: {type(error).__name__}") from None


def _may_hold(file: pq.ParquetFile, group: int, users: tuple[str, str]) -> bool:
    """Return whether a row group's statistics allow a user of a range to be in it."""
    statistics = file.metadata.row_group(group).column(_USER_COLUMN).statistics
    if statistics is None or not statistics.has_min_max:
        return True
    least, most = str(statistics.min), str(statistics.max)
    return most >= users[0] and least < users[1]


def _session(row: dict[str, Any]) -> SanitizedSession:
    for name in _MAPS:
        row[name] = dict(row.get(name) or ())
    return SanitizedSession.model_validate(row)
