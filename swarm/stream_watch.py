"""Reading a stream while it comes in: when the pieces of the answer arrived, and when it has ended."""

from swarm.event_frames import EVENT_FRAMES_TYPE, EventFrames
from swarm.incoming import Incoming
from swarm.json_events import JSON_LINES_TYPES, JsonLines, JsonMembers
from swarm.reply import Received, ReplyMapping
from swarm.sse import EventLines
from swarm.streams import ChatStream, Event
from swarm.timing import Moments

Splitter = EventLines | JsonLines | JsonMembers | EventFrames


class StreamWatch:
    """Follows one reply. A reply that is no stream passes through untouched.

    Args:
        mapping: Gives the collector of the protocol's events.
        streams: The request asked for a stream.
    """

    def __init__(self, mapping: ReplyMapping, *, streams: bool) -> None:
        self._mapping = mapping
        self._streams = streams
        self._offset = 0
        self._decided = False
        self._splitter: Splitter = EventLines()
        self._collector = mapping.new_stream()
        self._following = False
        self.moments = Moments()

    def __call__(self, incoming: Incoming) -> bool:
        """Take in what is new; return whether the stream said that it is done."""
        if not self._decided and not self._decide(incoming):
            return False
        body, offset = incoming.body, self._offset
        if not self._following or offset == len(body):
            return False
        block = bytes(body[offset:] if offset else body)
        self._offset = offset + len(block)
        self._add(self._splitter.feed(block), incoming.arrived)
        return self._collector.done

    def received(self, incoming: Incoming) -> Received:
        """Return the finished reply."""
        received = received_plain(incoming)
        if not self._following:
            return received
        if incoming.whole:
            self._add(self._splitter.close(), incoming.arrived)
        received.stream = self._collector
        received.moments = self.moments
        # After the member that ends a stream nothing is read: the array's own end may come in a later block.
        said_all = self._has_said_all()
        received.unclosed = isinstance(self._splitter, JsonMembers) and not (self._splitter.closed or said_all)
        if incoming.fault in {"cut", "timeout"} and said_all:
            received.fault = None
        return received

    def _add(self, events: list[Event], moment: float) -> None:
        collector = self._collector
        before = collector.events
        for name, data in events:
            collector.add(data, name)
        if collector.events != before:
            self.moments.note(moment)

    def _has_said_all(self) -> bool:
        """Return whether a stream had ended when its connection broke off."""
        collector = self._collector
        return collector.done or (isinstance(collector, ChatStream) and collector.finished)

    def _decide(self, incoming: Incoming) -> bool:
        """Find out whether the body is a stream, and of which kind; return false while that is open."""
        self._decided = True
        if not 200 <= incoming.get_code() < 300:
            return True
        declared = _declared(incoming)
        if declared is not None:
            self._follow(declared())
        elif self._streams and not incoming.body:
            self._decided = False
        elif self._streams:
            self._recognize(incoming.body)
        return self._decided

    def _recognize(self, body: bytearray) -> None:
        """Asked to stream, some servers do it under another content type."""
        if body.startswith((b"data:", b"event:", b": ")):
            self._follow(EventLines())
        elif body.lstrip().startswith(b"["):
            self._follow(JsonMembers())

    def _follow(self, splitter: Splitter) -> None:
        # Without a path to the text, JSON is the answer as it stands.
        if isinstance(splitter, EventLines) or self._mapping.reads_json:
            self._splitter = splitter
            self._following = True


def may_stream(incoming: Incoming) -> bool:
    """Return whether a reply says that it is a stream."""
    return _declared(incoming) is not None


def _declared(incoming: Incoming) -> type[Splitter] | None:
    declared = incoming.headers.get("content-type", "")
    if declared == "application/json":  # nearly always
        return None
    kind = declared.partition(";")[0].strip().lower()
    if kind == "text/event-stream":
        return EventLines
    if kind in JSON_LINES_TYPES:
        return JsonLines
    return EventFrames if kind == EVENT_FRAMES_TYPE else None


def received_plain(incoming: Incoming) -> Received:
    """Return a finished reply that is no stream."""
    return Received(
        status=incoming.get_code() or None,
        headers=incoming.headers,
        body=bytes(incoming.body),
        fault=incoming.fault,
        arrived=incoming.arrived if incoming.fault != "timeout" else None,
    )
