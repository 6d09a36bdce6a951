"""JSON values in one body, split as their bytes arrive: one a line, or the members of one array."""

import re

from swarm.streams import Event

JSON_LINES_TYPES = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/json-lines",
    "application/json-seq",
    "application/stream+json",
)
"""Media types of one JSON value a line; no standard has settled on one."""
_RECORD_SEPARATOR = b"\x1e"
_STRUCTURE = re.compile(rb'[\\"{}\[\]]')
_OPENING = b"{["


class JsonLines:
    """One JSON value a line; empty lines and the record separators of RFC 7464 are passed over."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, block: bytes) -> list[Event]:
        """Return the lines that the block completes."""
        lines = (self._rest + block if self._rest else block).split(b"\n")
        self._rest = lines.pop()
        return [(b"", stripped) for line in lines if (stripped := line.strip(_RECORD_SEPARATOR + b" \t\r"))]

    def close(self) -> list[Event]:
        """Return the last line, if no line's end follows it."""
        return self.feed(b"\n") if self._rest else []


class JsonMembers:
    """The members of one JSON array: objects, arrays and texts, each as soon as it is whole.

    Attributes:
        closed: The array has ended.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._at = 0
        self._start = 0
        self._depth = 0
        self._in_text = False
        self.closed = False

    def feed(self, block: bytes) -> list[Event]:
        """Return the members that the block completes."""
        self._rest += block
        events: list[Event] = []
        while (found := _STRUCTURE.search(self._rest, self._at)) is not None:
            self._at = found.end()
            if found[0] == b"\\":
                self._at += 1  # what follows is no structure, even if it has yet to come
            elif self._ends_member(found[0], found.start()):
                events.append((b"", self._rest[self._start : self._at]))
        self._at = max(self._at, len(self._rest))
        # Only an unfinished member is kept.
        kept = self._start if self._depth > 1 or self._in_text else min(self._at, len(self._rest))
        self._rest, self._at, self._start = self._rest[kept:], self._at - kept, 0
        return events

    def close(self) -> list[Event]:
        """Return nothing: a member that is not whole is none."""
        return []

    def _ends_member(self, mark: bytes, at: int) -> bool:
        if mark == b'"':
            self._in_text = not self._in_text
            if self._depth == 1 and self._in_text:
                self._start = at
            return self._depth == 1 and not self._in_text
        if self._in_text:
            return False
        if mark in _OPENING:
            if self._depth == 1:
                self._start = at
            self._depth += 1
            return False
        self._depth -= 1
        self.closed = self.closed or self._depth == 0
        return self._depth == 1
