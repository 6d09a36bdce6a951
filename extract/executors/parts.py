"""Sanitized sessions to the bytes of the dataset's files."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from extract.executors.batches import Batches, Row, values
from extract.publishing.rarity import SharedValues
from harness.sessions import SessionWriter, row_digest

if TYPE_CHECKING:
    from pyspark import Broadcast

_COLUMNS: list[tuple[str, Any]] = [
    ("part", pa.binary()),
    ("digests", pa.binary()),
    ("suppressed", pa.list_(pa.struct([pa.field("field", pa.string()), pa.field("count", pa.int64())]))),
]
SCHEMA = pa.schema(_COLUMNS)
"""One row a file: its Parquet, its sessions' digests one after the other, and how many values were left out of it."""
DIGEST_BYTES = 32

_MOST_SESSIONS = 50_000
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PartWriter:
    """Writes files without the values that too few users share.

    Args:
        shared: Field and value of those that survive.
    """

    shared: "Broadcast[frozenset[tuple[str, str]]]"

    def parts(self, batches: Batches) -> Iterator[Row]:
        """Yield the rows of ``SCHEMA``; sessions (column ``session``) come in the canonical order."""
        waiting: list[bytes] = []
        size = 0
        for (session,) in values(batches, "session"):
            waiting.append(session)
            size += len(session)
            if len(waiting) >= _MOST_SESSIONS or size >= _MOST_BYTES:
                yield self._part(waiting)
                waiting, size = [], 0
        if waiting:
            yield self._part(waiting)

    def _part(self, sessions: list[bytes]) -> Row:
        shared = SharedValues(self.shared.value)
        digests: list[bytes] = []
        with TemporaryDirectory() as folder:
            with SessionWriter(Path(folder), sessions_per_part=len(sessions)) as writer:
                for row in map(orjson.loads, sessions):
                    shared.without_rare(row)
                    digests.append(row_digest(row))
                    row["started_on"] = dt.date.fromisoformat(row["started_on"])
                    writer.add_row(row)
            (path,) = writer.parts
            part = path.read_bytes()
        suppressed = [{"field": name, "count": count} for name, count in shared.suppressed.items()]
        return {"part": part, "digests": b"".join(digests), "suppressed": suppressed}
