"""A run's own files: written whole or not at all; one that is damaged is an error with a name, never a crash."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from harness.contracts import Record
from harness.documents import write_document
from harness.errors import StorageError
from harness.jsonlines import read_parts

RecordT = TypeVar("RecordT", bound=Record)
CONTROLS = "controls"
"""Folder in a run's: the answers that were planted. Their verdicts stand with the others."""
_HINT = "restore the run's folder, or start a new run"


def read_record(path: Path, kind: type[RecordT]) -> RecordT:
    """Return the record that a file holds.

    Raises:
        StorageError: If it cannot be read, or holds something else.
    """
    try:
        return kind.from_json(path.read_bytes())
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}", hint=_HINT) from None
    except ValidationError as error:
        raise StorageError(f"{path}: {error.error_count()} fields are not valid", hint=_HINT) from None


def write_record(path: Path, record: Record) -> None:
    """Write a file that holds one record, whole or not at all.

    Raises:
        StorageError: If it cannot be written; what it held before stays.
    """
    write_document(path, record.to_json())


def read_records(folder: Path, kind: type[RecordT]) -> Iterator[RecordT]:
    """Yield the records of a folder's parts.

    Raises:
        StorageError: If one of them is something else.
    """
    return validated(read_parts(folder), kind, folder)


def validated(rows: Iterable[dict[str, Any]], kind: type[RecordT], place: Path) -> Iterator[RecordT]:
    """Yield rows as records.

    Raises:
        StorageError: If one of them is something else; names the place and the row's number.
    """
    for number, row in enumerate(rows, start=1):
        try:
            yield kind.model_validate(row)
        except ValidationError as error:
            raise StorageError(
                f"{place}: record {number} has {error.error_count()} fields that are not valid", hint=_HINT
            ) from None
