"""Which files a source means, where they are, and the records in them."""

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from extract.readers.content import HEAD_BYTES, Compression, decompressed, looks_like
from extract.readers.copies import copies_among
from extract.readers.delimited import DelimitedReader
from extract.readers.interface import BrokenRecord, RawRecord, Reader
from extract.readers.json_text import JsonReader
from extract.readers.jsonl import JsonLinesReader
from extract.readers.parquet import ParquetReader
from extract.readers.s3 import s3_path
from harness.aws import list_objects
from harness.errors import ConfigurationError, InputError, StorageError
from harness.wording import counted

_READERS: dict[str, Reader] = {
    ".jsonl": JsonLinesReader(),
    ".ndjson": JsonLinesReader(),
    ".json": JsonReader(),
    ".csv": DelimitedReader(),
    ".tsv": DelimitedReader(),
    ".parquet": ParquetReader(),
}
_COMPRESSIONS: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}
_READABLE = ".jsonl, .ndjson, .json, .csv, .tsv (each also .gz or .zst) and .parquet"
_COPY = "copy of another"
_SUFFIX = re.compile(r"\.[a-z][a-z0-9]{0,9}")
# Export tasks name their files 000000.gz, delivery streams theirs by stream, time and id.
_EXPORTED = re.compile(r"\d{6}")
_DELIVERED = re.compile(r".+-\d{4}(?:-\d\d){5}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Bodies that invocation logs refer to lie below the logs, but are none.
_OFFLOADED = re.compile(r"[0-9a-f-]{8,}_(?:input|output)\.json(?:\.gz)?")


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


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """What a path, glob, folder or URI means."""

    readable: list[Source]
    """Sorted by name."""
    unread: Counter[str]
    """Files that are passed over, by suffix, and copies of others on a disk; hidden ones and bodies that logs refer to are not among them."""


def find_sources(location: str, *, key: str = "extract.source") -> list[Source]:
    """Return the readable files that a path, glob, folder or ``s3://`` URI means, sorted by name.

    Args:
        location: Absolute path or URI.
        key: The configuration key it stands at, for errors.

    Raises:
        InputError: If there is no such file, or none that can be read.
        ConfigurationError: If it is a URI of another kind.
    """
    return _readable(location, key)[0]


def look_for(location: str, *, key: str = "extract.source") -> FoundFiles:
    """Return the readable files as ``find_sources`` does but for copies on a disk, and how many are passed over.

    Raises:
        InputError: If there is no such file, or none that can be read.
        ConfigurationError: If it is a URI of another kind.
    """
    readable, unread = _readable(location, key)
    copies = copies_among(readable)
    if copies:
        unread[_COPY] = len(copies)
    return FoundFiles(readable=[source for source in readable if source not in copies], unread=unread)


def _readable(location: str, key: str) -> tuple[list[Source], Counter[str]]:
    """Return the readable files, and how many others there are by suffix."""
    if "://" in location and not location.startswith(("s3://", "file://")):
        raise ConfigurationError(
            f"'{key}': {location.split('://')[0]}:// cannot be read", hint="give a path, a glob or an s3:// URI"
        )
    paths = _in_s3(location) if location.startswith("s3://") else _on_disk(location.removeprefix("file://"))
    paths = [path for path in paths if not _is_body(path)]
    sources = {path: source for path in paths if (source := _source(path)) is not None}
    if not sources:
        found = f"{counted(len(paths), 'file')} there, none of them readable" if paths else "no file matches"
        raise InputError(
            f"'{key}' = {location}: {found}", hint=f"readable are {_READABLE}" if paths else "check the path"
        )
    readable = sorted(sources.values(), key=lambda s: (s.name, str(s.path)))
    return readable, Counter(_suffix(path) for path in paths if path not in sources)


def every_file(location: str, *, key: str) -> list[tuple[Any, Source | None]]:
    """Return the path of every file that a location means but hidden ones, and how it is read; None: it cannot be.

    Args:
        location: Absolute path or URI.
        key: What names it, for errors.

    Raises:
        InputError: If there is no such file.
    """
    paths = _in_s3(location) if location.startswith("s3://") else _on_disk(location.removeprefix("file://"))
    if not paths:
        raise InputError(f"'{key}' = {location}: no file matches", hint="check the path")
    return [(path, _source(path)) for path in sorted(paths, key=str)]


def read_source(source: Source) -> Iterator[RawRecord | BrokenRecord]:
    """Yield every record of a file; what is broken or cut off is yielded as such.

    Raises:
        InputError: If the file cannot be opened, or is not what its suffix says.
    """
    line = 0
    location = str(source.path)
    try:
        with _open(source) as file, closing(decompressed(file, source.compression, source.name)) as plain:
            if not _head(plain, source):
                return
            for record in source.reader.read(plain, source.name):
                line = record.line
                yield replace(record, location=location) if isinstance(record, RawRecord) else record
    except (EOFError, zlib.error) as error:
        yield BrokenRecord(source=source.name, line=line + 1, reason="cut_off_file", detail=type(error).__name__)
    except OSError as error:
        raise InputError(f"{source.path}: cannot be read: {error.strerror or type(error).__name__}") from None


def _source(path: Any) -> Source | None:
    if _EXPORTED.fullmatch(path.stem) or _DELIVERED.fullmatch(path.name.removesuffix(".gz")):
        return Source(path, JsonReader(), "any")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression: Compression = "none"
    if suffixes and suffixes[-1] in _COMPRESSIONS:
        compression = _COMPRESSIONS[suffixes.pop()]
    reader = _READERS.get(suffixes[-1]) if suffixes else None
    return None if reader is None else Source(path, reader, compression)


def _is_body(path: Any) -> bool:
    return path.parent.name == "data" and bool(_OFFLOADED.fullmatch(path.name))


def _suffix(path: Any) -> str:
    """Return a file's suffix; of an unusual one only that, for it may say anything."""
    suffix = str(path.suffix).lower()
    return suffix if _SUFFIX.fullmatch(suffix) else "no suffix" if not suffix else "other"


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
    fixed, _, pattern = _split_pattern(location.rstrip("/"))
    try:
        found = list(list_objects(fixed))
    except (StorageError, ValueError) as error:
        # Botocore refuses impossible bucket names with a ValueError.
        raise InputError(
            f"{location}: cannot be listed: {error if isinstance(error, StorageError) else 'no bucket name'}",
            hint="check that it exists, the credentials and the region",
        ) from None
    if pattern:
        wanted = _glob(pattern)
        return [s3_path(uri) for uri in found if wanted.fullmatch(uri, len(fixed))]
    return [s3_path(uri) for uri in found if uri == fixed or uri.startswith(fixed + "/")]


def _glob(pattern: str) -> re.Pattern[str]:
    """Return what keys match a glob: ``*`` stays within a folder, ``**/`` is any number of them."""
    folders = ["(?:[^/]+/)*" if part == "**" else _segment(part) + "/" for part in pattern.split("/")]
    try:
        return re.compile("".join(folders).removesuffix("/"))
    except re.error:
        raise ConfigurationError(
            f"'extract.source': '{pattern}' is no pattern", hint="check what is in brackets"
        ) from None


def _segment(part: str) -> str:
    wildcards = {"*": "[^/]*", "?": "[^/]"}
    pieces = re.findall(r"\*|\?|\[!?[^\]/]+\]|.", part)
    return "".join(
        wildcards.get(p) or ("[^" + p[2:] if p.startswith("[!") else p if len(p) > 1 else re.escape(p)) for p in pieces
    )


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
