"""JSON in whatever arrangement: lines, an array, a pretty-printed object, objects without a break, log exports."""

from collections.abc import Iterator
from typing import IO

import orjson

from extract.readers import jsonl
from extract.readers.export import EVENT_START, read_events
from extract.readers.interface import BrokenRecord, RawRecord
from extract.readers.splitting import ValueSplitter


class JsonReader:
    """Reads ``.json`` and what has no suffix of its own, by what its first lines look like.

    An array is read element by element, in memory bounded by the largest; an object over several lines is one
    record, of at most 64 MiB. A bracket too many or too few there makes the rest of the file one broken place;
    in files of one object a line it costs only the line.
    """

    def read(self, file: IO[bytes], source: str) -> Iterator[RawRecord | BrokenRecord]:
        """Yield the records of a file."""
        begun = _begin(file)
        first = begun[-1] if begun else b""
        if EVENT_START.match(first):
            yield from read_events(file, begun, source)
            return
        if _is_value(first) or not first.lstrip().startswith((b"{", b"[")):
            yield from jsonl.read_lines(file, begun, source)
            return
        second = file.readline(jsonl.MAX_LINE_BYTES)
        begun.append(second)
        if first.lstrip().startswith(b"{") and first.strip() != b"{" and second.startswith(b"{"):
            # A torn first line: the second begins a record of its own.
            yield from jsonl.read_lines(file, begun, source)
            return
        yield from _document(file, b"".join(begun), source)


def _begin(file: IO[bytes]) -> list[bytes]:
    """Return the first line that is not blank, after the blank ones before it."""
    begun: list[bytes] = []
    while line := file.readline(jsonl.MAX_LINE_BYTES):
        begun.append(line.removeprefix(jsonl.BOM) if not begun else line)
        if begun[-1].strip():
            break
    return begun


def _is_value(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _document(file: IO[bytes], begun: bytes, source: str) -> Iterator[RawRecord | BrokenRecord]:
    for piece in ValueSplitter(jsonl.MAX_LINE_BYTES, begun).split(file):
        size = f"{piece.size} bytes"
        if not piece.whole:
            yield BrokenRecord(source=source, line=piece.line, reason="cut_off_file", detail=size)
        elif piece.content is None:
            yield BrokenRecord(source=source, line=piece.line, reason="record_too_long", detail=size)
        else:
            yield jsonl.parse_record(piece.content, source, piece.line)
