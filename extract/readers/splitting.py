"""JSON values out of a stream of bytes, one after the other, without reading the whole."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

CHUNK_BYTES = 1 << 18
_MARK = re.compile(rb'["\[\]{}]')
# A whole string, or a mark; possessive, so that a long one with many escapes takes no memory.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{}]', re.DOTALL)
_BETWEEN = b" \t\r\n,"
_OPENING = b"{["
_QUOTE = ord('"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The bytes of one value, not parsed yet."""

    line: int
    """Where it begins, from 1."""
    size: int
    content: bytes | None
    """None if it is larger than the limit."""
    whole: bool = True
    """False if the file ends inside it."""


class ValueSplitter:
    """Splits concatenated JSON values; of an array, its elements.

    It only counts brackets and follows quotes, so what is between two values and no value comes out as a piece too.

    Args:
        limit: Bytes of the largest value that is kept; a larger one is passed over.
        begun: What was read of the file already.
    """

    def __init__(self, limit: int, begun: bytes = b"") -> None:
        self._limit = limit
        self._begun = begun
        self._value = bytearray()
        self._size = 0
        self._depth = 0
        self._in_array = False
        self._in_text = False
        self._escaped = False
        self._line = 1
        self._begins = 1

    def split(self, file: IO[bytes]) -> Iterator[Piece]:
        """Yield the pieces of a file from where it stands."""
        chunk = self._begun or file.read(CHUNK_BYTES)
        while chunk:
            yield from self._feed(chunk)
            chunk = file.read(CHUNK_BYTES)
        if self._size or self._in_array:
            yield self._piece(whole=False)

    def _feed(self, chunk: bytes) -> Iterator[Piece]:
        place = 0
        while place < len(chunk):
            if self._in_text:
                place = self._text(chunk, place)
                continue
            if self._depth:
                place = self._inside(chunk, place)
                if not self._depth:
                    yield self._piece()
                continue
            mark = _MARK.search(chunk, place)
            end = mark.start() if mark else len(chunk)
            if end > place:
                yield from self._plain(chunk[place:end])
            if mark is None:
                return
            yield from self._structure(mark[0])
            place = mark.end()

    def _inside(self, chunk: bytes, place: int) -> int:
        """Take the rest of a value from ``place``, and return where it ends, a string runs on, or the chunk ends."""
        end = len(chunk)
        for token in _TOKEN.finditer(chunk, place):
            first = chunk[token.start()]
            if first == _QUOTE:
                if token.end() - token.start() == 1:
                    self._in_text = True
                    end = token.end()
                    break
            elif first in _OPENING:
                self._depth += 1
            else:
                self._depth -= 1
                if not self._depth:
                    end = token.end()
                    break
        self._keep(chunk[place:end])
        return end

    def _text(self, chunk: bytes, place: int) -> int:
        """Take the inside of a string from ``place``, and return where it ends or the chunk does."""
        start = place
        place += self._escaped
        self._escaped = False
        while (quote := chunk.find(b'"', place)) >= 0:
            escapes = quote - place - len(chunk[place:quote].rstrip(b"\\"))
            place = quote + 1
            if escapes % 2 == 0:
                self._in_text = False
                self._keep(chunk[start:place])
                return place
        rest = chunk[place:]
        self._escaped = (len(rest) - len(rest.rstrip(b"\\"))) % 2 == 1
        self._keep(chunk[start:])
        return len(chunk)

    def _plain(self, content: bytes) -> Iterator[Piece]:
        """Take bytes between values, where only white space and commas belong."""
        for number, token in enumerate(content.replace(b"\n", b",\n").split(b",")):
            if number and self._size:
                yield self._piece()
            if token.strip(_BETWEEN):
                self._keep(token)
            else:
                self._line += token.count(b"\n")

    def _structure(self, mark: bytes) -> Iterator[Piece]:
        """Take a quote or a bracket between values."""
        if mark == b'"':
            self._in_text = True
            self._keep(mark)
        elif mark in _OPENING:
            if self._size:
                yield self._piece()
            if mark == b"[" and not self._in_array:
                self._in_array = True
            else:
                self._depth += 1
                self._keep(mark)
        elif mark == b"]" and self._in_array:
            if self._size:
                yield self._piece()
            self._in_array = False
        else:
            self._keep(mark)

    def _keep(self, content: bytes) -> None:
        if not self._size:
            content_starts = len(content) - len(content.lstrip(_BETWEEN))
            self._begins = self._line + content[:content_starts].count(b"\n")
        self._line += content.count(b"\n")
        self._size += len(content)
        if self._size <= self._limit:
            self._value += content
        else:
            self._value.clear()

    def _piece(self, *, whole: bool = True) -> Piece:
        kept = bytes(self._value) if self._size <= self._limit else None
        piece = Piece(line=self._begins if self._size else self._line, size=self._size, content=kept, whole=whole)
        self._value.clear()
        self._size = 0
        return piece
