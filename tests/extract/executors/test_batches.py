"""Rows to Arrow batches, in bounded memory."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from extract.executors.batches import Batches, Row, in_batches, values, without_text
from harness.errors import InputError

COLUMNS: dict[str, Any] = {"number": pa.int64(), "text": pa.binary()}
SCHEMA = pa.schema(COLUMNS)


def test_batches_hold_all_rows_in_order_and_are_bounded_in_rows_and_bytes() -> None:
    rows = [{"number": n, "text": b"x" * (3_000_000 if n in {100, 101, 102} else 10)} for n in range(700)]
    batches = list(in_batches(rows, SCHEMA))
    assert [number for number, _ in values(batches, "number", "text")] == list(range(700))
    assert max(batch.num_rows for batch in batches) <= 256
    assert max(batch.nbytes for batch in batches) < 7_000_000


def test_no_rows_are_no_batch() -> None:
    assert list(in_batches([], SCHEMA)) == []


def test_an_error_keeps_its_place_and_loses_its_text() -> None:
    def task(_: Batches) -> Iterator[Row]:
        yield {"number": int("Quillfeather")}

    with pytest.raises(RuntimeError, match=r"a task met ValueError in test_batches\.py:\d+") as caught:
        list(without_text(task)([]))
    assert "Quillfeather" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_our_own_errors_pass_since_they_hold_no_text() -> None:
    def task(_: Batches) -> Iterator[Row]:
        yield {}
        raise InputError("a.jsonl: damaged")

    with pytest.raises(InputError, match="damaged"):
        list(without_text(task)([]))
