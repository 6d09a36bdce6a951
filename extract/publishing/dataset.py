"""The last pass: sanitized parts become the dataset's files, without the values that too few users share."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from extract.publishing.rarity import SharedValues, ValueCounts
from harness.identity import content_id
from harness.progress import Progress
from harness.sessions import SessionWriter, row_digest

_REPORT_EVERY = 5_000


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    dataset_id: str
    suppressed: dict[str, int]
    """Values left out because fewer than k users share them, by field."""
    record_keys: tuple[str, ...] = ()
    """Allow-listed fields that hold ids of records, kept though nobody shares their values."""


def write_dataset(parts: Sequence[Path], folder: Path, *, min_users: int, sessions: int, progress: Progress) -> Written:
    """Write sanitized sessions into a dataset's folder.

    Args:
        parts: Files of JSON lines whose order is the canonical one.
        folder: The dataset's.
        min_users: k: a value of metadata, traits or feedback that fewer users share is left out.
        sessions: How many there are, for the progress.
        progress: Told how far it is.

    Raises:
        StorageError: If the folder cannot be written.
    """
    counts = ValueCounts()
    for row in _rows(parts):
        counts.add(row)
    shared = counts.shared(min_users)
    with SessionWriter(folder) as writer:
        dataset_id = content_id("data", _write(parts, shared, writer, sessions, progress))
    return Written(dataset_id, dict(sorted(shared.suppressed.items())), shared.record_keys)


def _write(
    parts: Sequence[Path], shared: SharedValues, writer: SessionWriter, sessions: int, progress: Progress
) -> Iterator[bytes]:
    """Write every session, and yield what of it goes into the dataset's id."""
    for number, row in enumerate(_rows(parts), start=1):
        shared.without_rare(row)
        yield row_digest(row)
        row["started_on"] = dt.date.fromisoformat(row["started_on"])
        writer.add_row(row)
        if number % _REPORT_EVERY == 0 or number == sessions:
            progress.update("writing sessions", number, sessions)


def _rows(parts: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for path in parts:
        with path.open("rb") as file:
            yield from map(orjson.loads, file)
