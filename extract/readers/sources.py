"""Which files a source means, where they are, and the records in them."""

import os
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from extract.readers.content import HEAD_BYTES, Compression, decompressed, looks_like
from extract.readers.delimited import DelimitedReader
from extract.readers.interface import BrokenRecord, RawRecord, Reader
from extract.readers.jsonl import JsonLinesReader
from extract.readers.parquet import ParquetReader
from harness.errors import ConfigurationError, InputError

_READERS: dict[str, Reader] = {
    ".jsonl": JsonLinesReader(),
    ".ndjson": JsonLinesReader(),
    ".csv": DelimitedReader(),
    ".tsv": DelimitedReader(),
    ".parquet": ParquetReader(),
}
_COMPRESSIONS: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}
_READABLE = ".jsonl, .csv (each also .gz or .zst) and .parquet"


@dataclass(frozen=True, slots=True)
class Source:
    """One file of logs."""

    path: Any
    """A ``pathlib.Path``, or a cloudpathlib path that offers the same."""
    reader: Reader
    compression: Compression

    @property
    def name(self) -> str:
        """The file's name, without its folders."""
        return str(self.path.name)


def find_sources(location: str, *, key: str = "extract.source") -> list[Source]:
    """Return the readable files that a path, glob, folder or ``s3://`` URI means, sorted by name.

    Args:
        location: Absolute path or URI.
        key: The configuration key it stands at, for errors.

    Raises:
        InputError: If there is no such file, or none that can be read.
        ConfigurationError: If it is a URI of another kind.
    """
    if "://" in location and not location.startswith(("s3://", "file://")):
        raise ConfigurationError(
            f"'{key}': {location.split('://')[0]}:// cannot be read", hint="give a path, a glob or an s3:// URI"
        )
    paths = _in_s3(location) if location.startswith("s3://") else _on_disk(location.removeprefix("file://"))
    sources = [source for path in paths if (source := _source(path)) is not None]
    if not sources:
        found = f"{len(paths)} files there, none of them readable" if paths else "no file matches"
        raise InputError(
            f"'{key}' = {location}: {found}", hint=f"readable are {_READABLE}" if paths else "check the path"
        )
    return sorted(sources, key=lambda s: (s.name, str(s.path)))


def read_source(source: Source) -> Iterator[RawRecord | BrokenRecord]:
    """Yield every record of a file; what is broken or cut off is yielded as such.

    Raises:
        InputError: If the file cannot be opened, or is not what its suffix says.
    """
    line = 0
    try:
        with _open(source) as file, closing(decompressed(file, source.compression, source.name)) as plain:
            if not _head(plain, source):
                return
            for record in source.reader.read(plain, source.name):
                line = record.line
                yield record
    except (EOFError, zlib.error) as error:
        yield BrokenRecord(source=source.name, line=line + 1, reason="cut_off_file", detail=type(error).__name__)
    except OSError as error:
        raise InputError(f"{source.path}: cannot be read: {error.strerror or type(error).__name__}") from None


def _source(path: Any) -> Source | None:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression: Compression = "none"
    if suffixes and suffixes[-1] in _COMPRESSIONS:
        compression = _COMPRESSIONS[suffixes.pop()]
    reader = _READERS.get(suffixes[-1]) if suffixes else None
    return None if reader is None else Source(path, reader, compression)


def _on_disk(location: str) -> list[Any]:
    path = Path(location)
    if path.is_dir():
        return [p for p in sorted(path.rglob("*")) if p.is_file() and not p.name.startswith(".")]
    if path.is_file():
        return [path]
    if not _is_pattern(location):
        return []
    # pathlib globs relative patterns only.
    fixed, _, below = _split_pattern(location)
    return sorted(p for p in Path(fixed).glob(below) if p.is_file())


def _in_s3(location: str) -> list[Any]:
    from cloudpathlib import S3Client, S3Path

    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    client = S3Client(endpoint_url=endpoint)
    try:
        fixed, _, pattern = _split_pattern(location)
        path = S3Path(fixed, client=client)
        if pattern:
            return sorted(p for p in path.glob(pattern) if p.is_file())
        if path.is_file():
            return [path]
        return sorted(p for p in path.rglob("*") if p.is_file()) if path.exists() else []
    except Exception as error:
        if not type(error).__module__.startswith(("boto", "cloudpathlib")):
            raise
        raise InputError(
            f"{location}: cannot be listed: {type(error).__name__}",
            hint="check that it exists, the credentials and the region",
        ) from None


def _split_pattern(location: str) -> tuple[str, str, str]:
    """Return the folder before the first part with a wildcard, a slash, and the rest."""
    parts = location.split("/")
    for place, part in enumerate(parts):
        if _is_pattern(part):
            return "/".join(parts[:place]) + "/", "/", "/".join(parts[place:])
    return location, "", ""


def _is_pattern(location: str) -> bool:
    return any(c in location for c in "*?[")


def _open(source: Source) -> IO[bytes]:
    file: IO[bytes] = source.path.open("rb")
    return file


def _head(plain: Any, source: Source) -> bytes:
    """Return the first bytes without consuming them, once they are known to be of the promised kind."""
    head: bytes = plain.peek(HEAD_BYTES)[:HEAD_BYTES]
    if head:
        _refuse_other(head, source)
    return head


def _refuse_other(head: bytes, source: Source) -> None:
    seen = looks_like(head)
    expected = "a Parquet file" if isinstance(source.reader, ParquetReader) else "text"
    if seen != expected:
        raise InputError(
            f"{source.name}: its suffix promises {expected}, but it looks like {seen}",
            hint="name the file as what it is, or leave it out of the source",
        )
