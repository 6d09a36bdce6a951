"""Reading an event stream while it comes in: when its first token arrived, and when it has ended."""

from swarm.clock import Clock
from swarm.incoming import Incoming
from swarm.reply import Received, ReplyMapping
from swarm.sse import ChatStream, EventLines, EventStream


class StreamWatch:
    """Follows one reply. A reply that is no event stream passes through untouched.

    Args:
        mapping: Gives the collector of the protocol's events.
        streams: The request asked for a stream.
    """

    def __init__(self, mapping: ReplyMapping, *, streams: bool) -> None:
        self._mapping = mapping
        self._streams = streams
        self._lines = EventLines()
        self._offset = 0
        self.stream: ChatStream | EventStream | None = None
        self.first_token: float | None = None
        self._decided = False

    def __call__(self, incoming: Incoming) -> bool:
        """Take in what is new; return whether the stream said that it is done."""
        if not self._decided and not self._decide(incoming):
            return False
        if self.stream is None or self._offset == len(incoming.body):
            return False
        block = bytes(incoming.body[self._offset :])
        self._offset += len(block)
        for data in self._lines.feed(block):
            self.stream.add(data)
        self._note_token()
        return self.stream.done

    def received(self, incoming: Incoming) -> Received:
        """Return the finished reply."""
        if self.stream is not None and incoming.whole:
            for data in self._lines.close():
                self.stream.add(data)
            self._note_token()
        received = received_plain(incoming)
        received.stream = self.stream
        if self._ended_well(incoming):
            received.fault = None
        return received

    def _ended_well(self, incoming: Incoming) -> bool:
        """Return whether a stream had said all when its connection broke off."""
        if incoming.fault not in {"cut", "timeout"} or self.stream is None:
            return False
        return self.stream.done or (isinstance(self.stream, ChatStream) and self.stream.finished)

    def _decide(self, incoming: Incoming) -> bool:
        """Find out whether the body is an event stream; return false while that is open."""
        if not 200 <= incoming.get_code() < 300:
            self._decided = True
        elif may_stream(incoming):
            self._start()
        elif not self._streams:
            self._decided = True
        elif incoming.body:
            # Asked to stream, some servers do it under another content type.
            if incoming.body.startswith((b"data:", b"event:", b": ")):
                self._start()
            self._decided = True
        return self._decided

    def _start(self) -> None:
        self.stream = self._mapping.new_stream()
        self._decided = True

    def _note_token(self) -> None:
        if self.first_token is None and self.stream is not None and self.stream.began:
            self.first_token = Clock.now()


def may_stream(incoming: Incoming) -> bool:
    """Return whether a reply says that it is an event stream."""
    return "text/event-stream" in incoming.headers.get("content-type", "").lower()


def received_plain(incoming: Incoming) -> Received:
    """Return a reply that is no event stream."""
    return Received(
        status=incoming.get_code() or None, headers=incoming.headers, body=bytes(incoming.body), fault=incoming.fault
    )
