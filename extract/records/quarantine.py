"""What could not be used: written down by place and category, never by content."""

from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from extract.publishing.naming import Shown
from harness.contracts import QuarantinedRecord
from harness.storage import Storage

FILE_NAME = "quarantine.jsonl"


class Quarantine:
    """Collects the records that cannot be used; the file is made with the first of them.

    Args:
        folder: Where ``quarantine.jsonl`` goes.
        shown: What sources are called in it; None: by their names.
    """

    def __init__(self, folder: Path, shown: Shown | None = None) -> None:
        self._shown: Shown = shown or str
        self._path = folder / FILE_NAME
        self._file: IO[bytes] | None = None
        self.reasons: Counter[str] = Counter()
        self.fields: Counter[tuple[str, str]] = Counter()
        """How often each pair of reason and field occurred."""
        self.first = ""
        """Place of the first record in quarantine, for whoever sits at this machine."""

    def add(self, source: str, line: int | None, reason: str, *, field: str | None = None, detail: str = "") -> None:
        """Write one record's place and reason; ``detail`` is its observed type or size, never its text."""
        self.first = self.first or (source if line is None else f"{source}, line {line}")
        self.reasons[reason] += 1
        self.fields[reason, field or ""] += 1
        if self._file is None:
            self._file = self._path.open("ab")
        record = QuarantinedRecord(source=self._shown(source), line=line, reason=reason, field=field, detail=detail)
        self._file.write(record.to_json() + b"\n")

    @property
    def total(self) -> int:
        """How many records there are in quarantine."""
        return self.reasons.total()

    def close(self) -> None:
        """Bring everything to the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def place_in(storage: Storage, dataset_id: str, quarantined: int) -> str:
    """Return where a published dataset's quarantine lies; empty where there is none."""
    return f"{storage.location('sanitized', dataset_id)}/{FILE_NAME}" if quarantined else ""
