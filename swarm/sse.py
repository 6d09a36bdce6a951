"""Server-sent events, split as their bytes arrive (HTML Living Standard, 9.2.6)."""

from swarm.streams import Event

_BOM = b"\xef\xbb\xbf"


class EventLines:
    """Splits bytes into events, however they are cut, inside a character too.

    Two things go beyond the standard, because servers need them: an event without data that has a name is an event,
    and the last one counts although its empty line is missing. ``id`` and ``retry``, which serve reconnecting, and
    comments are passed over.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._name = b""
        self._after_cr = False
        self._begun = False

    def feed(self, block: bytes) -> list[Event]:
        """Return the events that the block completes."""
        if self._after_cr and block:
            # Half of a CRLF; the CR has ended the line already, for what it completes has arrived.
            self._after_cr = False
            block = block.removeprefix(b"\n")
        if self._begun and not (self._rest or self._data or self._name):
            # Nearly always a block is one event of one line.
            end = block.find(b"\n")
            if block.startswith(b"data: ") and end == len(block) - 2 and block.endswith(b"\n\n") and b"\r" not in block:
                return [(b"", block[6:end])]
        text = self._rest + block if self._rest else block
        if b"\r" in text:
            self._after_cr = text.endswith(b"\r")
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = text.split(b"\n")
        self._rest = lines.pop()
        if not self._begun and lines:
            self._begun = True
            lines[0] = lines[0].removeprefix(_BOM)
        return self._events(lines)

    def close(self) -> list[Event]:
        """Return what a stream that ended without its last empty line still holds."""
        lines, self._rest = [self._rest, b""], b""
        return self._events(lines)

    def _events(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif not line:
                if self._data or self._name:
                    events.append((self._name, b"\n".join(self._data)))
                    self._data, self._name = [], b""
            elif line.startswith(b"event:"):
                self._name = line[6:].strip()
            elif line == b"data":
                self._data.append(b"")
        return events
