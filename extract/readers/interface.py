"""What a reader of logs offers: records one after the other, each with the place it came from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord:
    """One record as it was logged."""

    source: str
    """Name of the file, without its folders."""
    line: int
    """Line (CSV, JSONL) or row (Parquet), from 1."""
    values: dict[str, Any]
    location: str = ""
    """Path or URI of the file, for what lies beside it."""
    in_table: bool = False
    """Its names come from a table's first line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRecord:
    """A place where a record should be and none can be read. Holds no text of it."""

    source: str
    line: int
    reason: str
    """A short category such as ``not_json``."""
    detail: str = ""
    """Observed type or size."""


class Reader(Protocol):
    """Reads one format, in memory bounded by the largest record."""

    def read(self, file: IO[bytes], source: str) -> Iterator[RawRecord | BrokenRecord]:
        """Yield every record of a decompressed file; what is broken is yielded as such, never passed over.

        Raises:
            InputError: If the file is not of this format at all.
        """
        ...
