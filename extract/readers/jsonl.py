"""JSON lines."""

import io
from collections.abc import Iterator
from typing import IO

import orjson

from extract.readers.content import HEAD_BYTES
from extract.readers.interface import BrokenRecord, RawRecord
from extract.readers.splitting import ValueSplitter
from harness.errors import InputError

MAX_LINE_BYTES = 64 * 1024 * 1024
"""A longer line is passed over in pieces and quarantined, so that no file can fill the memory."""
BOM = b"\xef\xbb\xbf"


class JsonLinesReader:
    """Reads one JSON object a line; blank lines are nothing."""

    def read(self, file: IO[bytes], source: str) -> Iterator[RawRecord | BrokenRecord]:
        """Yield the records of a file.

        Raises:
            InputError: If the file is one JSON document instead of one object a line.
        """
        first = file.readline(MAX_LINE_BYTES).removeprefix(BOM)
        _refuse_document(first, source)
        yield from read_lines(file, [first], source)


def read_lines(file: IO[bytes], begun: list[bytes], source: str) -> Iterator[RawRecord | BrokenRecord]:
    """Yield the records of a file of JSON lines, of which some lines have been read already."""
    number = 0
    while line := begun.pop(0) if begun else file.readline(MAX_LINE_BYTES):
        number += 1
        if len(line) >= MAX_LINE_BYTES and not line.endswith(b"\n"):
            size = len(line) + _skip_line(file)
            yield BrokenRecord(source=source, line=number, reason="line_too_long", detail=f"{size} bytes")
        elif line := line.strip():
            yield from _parsed(line, source, number)


def parse_record(content: bytes, source: str, number: int) -> RawRecord | BrokenRecord:
    """Return the record that the bytes of one JSON value hold, or why they hold none."""
    try:
        values = orjson.loads(content)
    except orjson.JSONDecodeError:
        return BrokenRecord(source=source, line=number, reason=_why(content), detail=f"{len(content)} bytes")
    if not isinstance(values, dict):
        return BrokenRecord(source=source, line=number, reason="not_an_object", detail=type(values).__name__)
    return RawRecord(source=source, line=number, values=values)


def _parsed(line: bytes, source: str, number: int) -> Iterator[RawRecord | BrokenRecord]:
    """Yield a line's record; delivery streams write several one after the other without a break."""
    record = parse_record(line, source, number)
    if isinstance(record, BrokenRecord) and line.startswith(b"{") and b"}{" in line:
        pieces = list(ValueSplitter(MAX_LINE_BYTES).split(io.BytesIO(line)))
        records = [parse_record(piece.content or b"", source, number) for piece in pieces]
        if any(isinstance(one, RawRecord) for one in records):
            yield from records
            return
    yield record


def _why(line: bytes) -> str:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return "not_utf8"
    return "nul_bytes" if b"\0" in line else "not_json"


def _skip_line(file: IO[bytes]) -> int:
    skipped = 0
    while piece := file.readline(HEAD_BYTES * 256):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def _refuse_document(first: bytes, source: str) -> None:
    if first.strip() in {b"[", b"{"} or (first.lstrip().startswith(b"[{") and first.rstrip().endswith((b"}]", b","))):
        raise InputError(
            f"{source}: looks like one JSON document, not one object a line",
            hint="name it .json, which may hold either",
        )
