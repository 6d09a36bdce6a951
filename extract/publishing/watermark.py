"""How far the logs have been read, so that the next run reads on from there: nothing lost, nothing twice."""

import datetime as dt
import hashlib
import mmap
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from extract.buckets import BucketFiles
from extract.hashes import HASH_BYTES, is_in, numbers, short_hash
from extract.readers import BrokenRecord, RawRecord, Source, read_source
from extract.records.mapping import LoggedExchange
from harness.config import Settings
from harness.contracts import Manifest, Part
from harness.datasets import require_whole_dataset
from harness.errors import UsageError
from harness.identity import keyed_hash
from harness.storage import Storage

INDEX = "exchanges.index"
"""Keyed hashes of all exchanges in a dataset, eight bytes each, sorted."""
_UNRELATED = {
    "source",
    "workers",
    "incremental",
    "window_days",
    "certificate_floor",
    "certificate_floors",
    "certificate_structured_floor",
    "tracers",
    "audit_certainty",
    "hmac_key",
}


class SourceMark(Part):
    """How far one file has been read."""

    place: str
    """Keyed hash of its path."""
    size: int
    changed: str
    """Time of its last change, or the object's ETag."""
    records: int
    """Records up to the last readable one: half a line at the end may be whole the next time."""
    digest: str
    """Keyed hash of those records."""


class Watermark(Part):
    """What a dataset knows of the logs it was made from."""

    basis: str
    """Keyed hash of what has to be the same for a later run to go on: key, fields, k, version."""
    newest_on: dt.date
    hours: list[tuple[int, int]]
    """What its arrivals cover."""
    sources: list[SourceMark]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The dataset that a run goes on from."""

    dataset_id: str
    folder: Path
    manifest: Manifest
    watermark: Watermark


def basis_of(settings: Settings, key: bytes, sanitizer: str) -> str:
    """Return the hash of what two runs must share so that one can go on where the other ended.

    Args:
        settings: The configuration.
        key: Of the hashes.
        sanitizer: Which version sanitizes, with which model.
    """
    values = settings.extract.model_dump(mode="json", exclude=_UNRELATED)
    text = orjson.dumps([sanitizer, settings.personas.min_users, values], option=orjson.OPT_SORT_KEYS)
    return keyed_hash(key, text.decode())


def find_earlier(storage: Storage, basis: str) -> tuple[Earlier | None, str]:
    """Return the latest dataset if a run can go on from it, else None and why not.

    Raises:
        StorageError: If the storage cannot be read, or that dataset was changed since it was published.
    """
    try:
        dataset_id = storage.resolve("sanitized", "latest")
    except UsageError:
        return None, "there is no earlier dataset"
    folder = storage.fetch("sanitized", dataset_id)
    with suppress(OSError, ValidationError, KeyError):
        manifest = Manifest.from_json((folder / "manifest.json").read_bytes())
        watermark = Watermark.model_validate(manifest.details["watermark"])
        if not (folder / INDEX).exists():
            raise KeyError(INDEX)
        if watermark.basis != basis:
            return None, f"{dataset_id} was made with another key, version or configuration"
        # What came into it since would be published again, under a new certificate.
        require_whole_dataset(folder, dataset_id)
        return Earlier(dataset_id, folder, manifest, watermark), ""
    return None, f"{dataset_id} was not made incrementally"


class SourceReading:
    """One file, read on from where an earlier run ended.

    Args:
        source: The file.
        mark: How far it had been read; None: not at all.
        key: Of the hashes.
    """

    def __init__(self, source: Source, mark: SourceMark | None, key: bytes) -> None:
        self._source = source
        self._mark = mark
        self._key = key
        self._digest = _RecordDigest(key)
        status = source.path.stat()
        self._size = int(status.st_size)
        self._changed = str(getattr(source.path, "etag", "") or getattr(status, "st_mtime_ns", status.st_mtime))
        self.is_unchanged = mark is not None and (mark.size, mark.changed) == (self._size, self._changed)
        self.continues = False
        """What is read now follows on what an earlier run read."""
        self.was_rewritten = False
        """What an earlier run read is not there any more: the file is read from its start."""

    def records(self) -> Iterator[RawRecord | BrokenRecord]:
        """Yield the records that no earlier run has read.

        Raises:
            InputError: If the file cannot be read.
        """
        records = read_source(self._source)
        if self._mark is not None and self._mark.records:
            self.continues = self._passes(records, self._mark)
            if not self.continues:
                self.was_rewritten = True
                self._digest = _RecordDigest(self._key)
                records = read_source(self._source)
        for record in records:
            self._digest.add(record)
            yield record

    def mark(self) -> SourceMark:
        """Return how far it has been read by now."""
        if self.is_unchanged and self._mark is not None:
            return self._mark
        return SourceMark(
            place=place_of(self._source, self._key),
            size=self._size,
            changed=self._changed,
            records=self._digest.records,
            digest=self._digest.value,
        )

    def _passes(self, records: Iterator[RawRecord | BrokenRecord], mark: SourceMark) -> bool:
        """Pass over the records that were read before; return whether they are the same."""
        for record in records:
            self._digest.add(record)
            if self._digest.records >= mark.records:
                return (self._digest.records, self._digest.value) == (mark.records, mark.digest)
        return False


def place_of(source: Source, key: bytes) -> str:
    """Return what a file is remembered by."""
    return keyed_hash(key, str(source.path))


class _RecordDigest:
    """A running hash of records, up to the last readable one."""

    def __init__(self, key: bytes) -> None:
        self._all = hashlib.blake2b(digest_size=16, key=key[: hashlib.blake2b.MAX_KEY_SIZE])
        self._readable = self._all
        self._count = 0
        self.records = 0

    @property
    def value(self) -> str:
        return self._readable.hexdigest()

    def add(self, record: RawRecord | BrokenRecord) -> None:
        self._count += 1
        if isinstance(record, BrokenRecord):
            if self._readable is self._all:
                self._readable = self._all.copy()
            self._all.update(f"{record.reason} {record.detail}\x1e".encode())
        else:
            self._all.update(f"{record.values!r}\x1e".encode("utf-8", "surrogatepass"))
            self._readable = self._all
            self.records = self._count


class ExchangeIndex:
    """Which exchanges a dataset holds; for each run the earlier ones and its own.

    Args:
        folder: A private folder.
        key: Of the hashes.
        earlier: The earlier dataset; None if there is none.
    """

    def __init__(self, folder: Path, key: bytes, earlier: Earlier | None) -> None:
        self._key = key
        self._new = BucketFiles(folder, "seen", 256)
        self._old = _mapped(earlier.folder / INDEX) if earlier else b""

    def hash(self, exchange: LoggedExchange) -> bytes:
        """Return what an exchange is remembered by."""
        at = exchange.at.isoformat()
        return short_hash(self._key, exchange.user, exchange.session, at, exchange.prompt, exchange.response or "")

    def add(self, hashed: bytes) -> None:
        """Remember an exchange."""
        self._new.add(hashed[0], hashed)

    def is_old(self, hashed: bytes) -> bool:
        """Return whether the earlier dataset holds an exchange."""
        # Hashes are looked for where they lie on the disk: the index may be larger than what memory is for.
        return is_in(_Stored(self._old), int.from_bytes(hashed, "big"))

    def write(self, folder: Path) -> None:
        """Write all hashes, old and new, into a dataset's folder.

        Raises:
            StorageError: If the disk is full.
        """
        self._new.flush()
        old, at = _Stored(self._old), 0
        with (folder / INDEX).open("wb") as file:
            for first in range(256):
                hashes = set(numbers(self._new.read(first)))
                while at < len(old) and old[at] >> 56 == first:
                    hashes.add(old[at])
                    at += 1
                file.write(b"".join(number.to_bytes(HASH_BYTES, "big") for number in sorted(hashes)))


class _Stored:
    """Sorted hashes in a file, as a sequence of numbers."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def __len__(self) -> int:
        return len(self._data) // HASH_BYTES

    def __getitem__(self, place: int) -> int:
        return int.from_bytes(self._data[place * HASH_BYTES : (place + 1) * HASH_BYTES], "big")


def _mapped(path: Path) -> Any:
    if not path.stat().st_size:
        return b""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
