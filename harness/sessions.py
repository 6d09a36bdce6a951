"""Sanitized sessions as Parquet: what ``extract`` writes and ``personas`` reads."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from harness.contracts import SanitizedSession
from harness.errors import StorageError

SESSIONS_PER_PART = 100_000
_BATCH_SESSIONS = 2_000

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
        self.parts: list[Path] = []

    def add(self, session: SanitizedSession) -> None:
        """Write one session; it is on disk once the writer is closed."""
        row = session.model_dump()
        for name in _MAPS:
            row[name] = sorted(row[name].items())
        self._batch.append(row)
        if len(self._batch) >= _BATCH_SESSIONS:
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

    def _end_part(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def write_sessions(folder: Path, sessions: Iterable[SanitizedSession]) -> list[Path]:
    """Write sessions into a folder and return the parts' paths.

    Raises:
        StorageError: If the folder cannot be written.
    """
    with SessionWriter(folder) as writer:
        for session in sessions:
            writer.add(session)
    return writer.parts


def read_sessions(folder: Path) -> Iterator[SanitizedSession]:
    """Yield the sessions of a dataset, in the order they were written.

    Raises:
        StorageError: If the folder holds no sessions, or a part is damaged.
    """
    paths = sorted(folder.glob("part-*.parquet"))
    if not paths:
        raise StorageError(f"{folder}: holds no part-*.parquet", hint="`reverse-rag extract` makes a dataset")
    for path in paths:
        try:
            for batch in pq.ParquetFile(path).iter_batches(batch_size=_BATCH_SESSIONS):
                for row in batch.to_pylist():
                    yield _session(row)
        except (pa.ArrowInvalid, OSError) as error:
            raise StorageError(f"{path}: cannot be read: {type(error).__name__}") from None


def _session(row: dict[str, Any]) -> SanitizedSession:
    for name in _MAPS:
        row[name] = dict(row.get(name) or ())
    return SanitizedSession.model_validate(row)
