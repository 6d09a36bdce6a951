"""Export tasks of Amazon CloudWatch Logs: one event a line, its time before its message."""

import re
from collections.abc import Iterator
from typing import IO

from extract.readers import jsonl
from extract.readers.interface import BrokenRecord, RawRecord

EVENT_START = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z) ")
"""Begins an event; a line without it goes on with the message of the one before."""


def read_events(file: IO[bytes], begun: list[bytes], source: str) -> Iterator[RawRecord | BrokenRecord]:
    """Yield the events of an exported file as ``@timestamp`` and ``@message``, as Logs Insights names them.

    Args:
        file: The rest of the file.
        begun: The lines that have been read already.
        source: The file's name.
    """
    number = 0
    begins = 1
    event = bytearray()
    size = 0
    while line := begun.pop(0) if begun else file.readline(jsonl.MAX_LINE_BYTES):
        if EVENT_START.match(line) and size:
            yield _event(bytes(event), size, source, begins)
            event.clear()
            size = 0
        number += 1
        if not size:
            begins = number
        size += len(line)
        if size <= jsonl.MAX_LINE_BYTES:
            event += line
    if size:
        yield _event(bytes(event), size, source, begins)


def _event(content: bytes, size: int, source: str, line: int) -> RawRecord | BrokenRecord:
    if size > jsonl.MAX_LINE_BYTES:
        return BrokenRecord(source=source, line=line, reason="record_too_long", detail=f"{size} bytes")
    start = EVENT_START.match(content)
    if start is None:
        return BrokenRecord(source=source, line=line, reason="not_json", detail=f"{size} bytes")
    try:
        message = content[start.end() :].decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        return BrokenRecord(source=source, line=line, reason="not_utf8", detail=f"{size} bytes")
    return RawRecord(source=source, line=line, values={"@timestamp": start[1].decode(), "@message": message})
