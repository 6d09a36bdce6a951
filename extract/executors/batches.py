"""Rows to Arrow batches that fit into memory, whatever the size of a row."""

import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from harness.errors import ReverseRagError

Row = dict[str, Any]
Batches = Iterable[pa.RecordBatch]
Task = Callable[[Batches], Iterator[Row]]
"""What an executor does with a partition."""

_MOST_ROWS = 256
_MOST_BYTES = 4 * 1024 * 1024
_FLAT_BYTES = 64
"""About what a row takes beside its long values."""


def in_batches(rows: Iterable[Row], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield rows as batches of a bounded number of rows and bytes; a longer row is a batch of its own."""
    waiting: list[Row] = []
    size = 0
    for row in rows:
        waiting.append(row)
        size += _FLAT_BYTES + sum(len(value) for value in row.values() if isinstance(value, bytes))
        if len(waiting) >= _MOST_ROWS or size >= _MOST_BYTES:
            yield pa.RecordBatch.from_pylist(waiting, schema=schema)
            waiting, size = [], 0
    if waiting:
        yield pa.RecordBatch.from_pylist(waiting, schema=schema)


def values(batches: Batches, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Yield rows as tuples of some of their columns' values."""
    for batch in batches:
        yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)


def without_text(task: Task) -> Task:
    """Return the task with errors that say where in the code they arose, and nothing of what it worked on.

    Spark writes an executor's errors into logs that more people read than may read raw messages.
    """

    def run(batches: Batches) -> Iterator[Row]:
        try:
            yield from task(batches)
        except ReverseRagError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it says may hold raw text
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(where.filename).name}:{where.lineno}"
            raise RuntimeError(f"a task met {type(error).__name__} in {place}") from None

    return run
