"""JSON lines."""

from collections.abc import Iterator
from typing import IO

import orjson

from extract.readers.content import HEAD_BYTES
from extract.readers.interface import BrokenRecord, RawRecord
from harness.errors import InputError

MAX_LINE_BYTES = 64 * 1024 * 1024
"""A longer line is passed over in pieces and quarantined, so that no file can fill the memory."""
_BOM = b"\xef\xbb\xbf"


class JsonLinesReader:
    """Reads one JSON object a line; blank lines are nothing."""

    def read(self, file: IO[bytes], source: str) -> Iterator[RawRecord | BrokenRecord]:
        """Yield the records of a file.

        Raises:
            InputError: If the file is one JSON document instead of one object a line.
        """
        number = 0
        while line := file.readline(MAX_LINE_BYTES):
            number += 1
            if number == 1:
                line = line.removeprefix(_BOM)
                _refuse_document(line, source)
            if len(line) >= MAX_LINE_BYTES and not line.endswith(b"\n"):
                size = len(line) + _skip_line(file)
                yield BrokenRecord(source=source, line=number, reason="line_too_long", detail=f"{size} bytes")
            elif line := line.strip():
                yield _parse(line, source, number)


def _parse(line: bytes, source: str, number: int) -> RawRecord | BrokenRecord:
    try:
        values = orjson.loads(line)
    except orjson.JSONDecodeError:
        return BrokenRecord(source=source, line=number, reason=_why(line), detail=f"{len(line)} bytes")
    if not isinstance(values, dict):
        return BrokenRecord(source=source, line=number, reason="not_an_object", detail=type(values).__name__)
    return RawRecord(source=source, line=number, values=values)


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
            hint="write one object a line, for example with `jq -c '.[]'`",
        )
