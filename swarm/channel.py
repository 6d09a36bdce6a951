"""One conversation's WebSocket: messages out and in, and what their reply adds up to."""

import socket
import ssl
import threading
from collections import deque
from collections.abc import Iterator, Mapping

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import CloseConnection, Event, Message, Ping, TextMessage
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError

from swarm.awaited import arrival
from swarm.deadlines import Deadlines
from swarm.incoming import MAX_REPLY_BYTES
from swarm.reply import Received, ReplyMapping
from swarm.timing import Moments
from swarm.transport import BLOCK_BYTES, read_block, send_whole

CONTROL_TIMEOUT_S = 1.0
"""How long a server may keep a pong or a goodbye waiting."""
_SAID_ALL = frozenset({CloseReason.NORMAL_CLOSURE, CloseReason.NO_STATUS_RCVD})
"""Codes with which a server ends what it wanted to say."""
_LEFT = _SAID_ALL | {CloseReason.GOING_AWAY, CloseReason.ABNORMAL_CLOSURE, CloseReason.SERVICE_RESTART}
"""Codes that do not blame the message that was sent last."""


class Answer:
    """One turn's reply, message by message.

    Args:
        mapping: Gives what collects several messages.
        several: The reply is more than one.
    """

    def __init__(self, mapping: ReplyMapping, *, several: bool) -> None:
        self._stream = mapping.new_stream() if several else None
        self._moments = Moments()
        self._messages: list[bytes] = []
        self._bytes = 0
        self._endless = self._stream is not None and self._stream.finished
        """No message is the last one: the server closes the connection after it."""
        self.fault: str | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more is needed."""
        if self.fault is not None:
            return True
        if self._stream is None:
            return bool(self._messages)
        return self._stream.done or self._stream.fault is not None

    def add(self, message: bytes, arrived: float) -> None:
        """Take in one message, which arrived at a moment of the clock."""
        self._messages.append(message)
        self._bytes += len(message)
        if self._bytes > MAX_REPLY_BYTES:
            self.fault = "too_large"
        elif self._stream is not None:
            before = self._stream.events
            self._stream.add(message)
            if self._stream.events != before:
                self._moments.note(arrived)

    def closed(self, code: int | None) -> bool:
        """Take note that the connection ended; return false if it did so before anything came, and blames nobody.

        Args:
            code: The server's; None where it sent bytes that are no WebSocket's.
        """
        if self.over or (self._endless and self._messages and code in _SAID_ALL):
            return True
        if not self._messages and code in _LEFT:
            return False
        if code is None:
            self.fault = "bad_websocket"
        else:
            self.fault = "cut" if code in _LEFT else f"closed_{int(code)}"
        return True

    def received(self, headers: Mapping[str, str]) -> Received:
        """Return the reply as the table of outcomes takes it: one message as a body, several as a stream."""
        body = b"\n".join(self._messages)
        if self._stream is None:
            return Received(headers=headers, body=body, fault=self.fault)
        return Received(headers=headers, body=body, fault=self.fault, stream=self._stream, moments=self._moments)


class Channel:
    """One conversation's connection, after the handshake.

    Args:
        sock: The connection; the channel's own from now on.
        deadlines: What watches it.
        rest: What has been read of it already.
        headers: Of the reply to the handshake.
        more: The headers that the handshake had besides those of all.

    Attributes:
        lock: Held by whoever reads or writes.
    """

    def __init__(
        self,
        sock: socket.socket,
        deadlines: Deadlines,
        rest: bytes,
        *,
        headers: Mapping[str, str],
        more: Mapping[str, str] | None,
    ) -> None:
        self._sock = sock
        self._deadlines = deadlines
        self._frames = Connection(ConnectionType.CLIENT)
        self._rest = rest
        self._pieces = bytearray()
        self._open = True
        self._code: int | None = CloseReason.ABNORMAL_CLOSURE
        self.headers = headers
        self.more = more
        self.lock = threading.Lock()

    def attend(self) -> bool:
        """Answer pings and drop the messages that nobody waits for; return whether the connection is open."""
        came = 0
        try:
            while self._open and came + len(self._pieces) <= MAX_REPLY_BYTES:
                self._sock.settimeout(0)
                block, self._rest = self._rest or self._sock.recv(BLOCK_BYTES), b""
                if not block:
                    break
                came += len(block)
                deque(self._messages(block), maxlen=0)
        except (BlockingIOError, ssl.SSLWantReadError):
            # There is nothing more, and that is how it should be.
            self._sock.settimeout(None)
            return True
        except OSError:
            pass  # closed, as below
        self.close()
        return False

    def ask(self, message: str, answer: Answer, deadline: float) -> bool:
        """Send a message and read until the answer is over; return false if nothing came, and blames nobody."""
        if not self._open:
            return answer.closed(self._code)
        whole = False
        self._deadlines.begin(self._sock, deadline)
        try:
            send_whole(self._sock, self._frames.send(TextMessage(data=message)))
            came = self._read(answer)
            whole = answer.fault is None
        finally:
            if not self._deadlines.end(self._sock) or not whole or not self._open:
                self.close()
        return came

    def close(self) -> None:
        """Say goodbye, and close."""
        self._reply(CloseConnection(code=CloseReason.NORMAL_CLOSURE))
        self._open = False
        self._sock.close()

    def _read(self, answer: Answer) -> bool:
        while not answer.over:
            block = read_block(self._sock, self._deadlines, started=True)
            if block is None:
                answer.fault = "timeout"
            elif not block:
                self._open = False
                return answer.closed(CloseReason.ABNORMAL_CLOSURE)
            else:
                arrived = arrival(self._sock)
                for message in self._messages(block):
                    # What comes in the same block after the last one is nobody's.
                    if not answer.over:
                        answer.add(message, arrived)
                if len(self._pieces) > MAX_REPLY_BYTES:
                    answer.fault = "too_large"
                elif not self._open:
                    return answer.closed(self._code)
        return True

    def _messages(self, block: bytes) -> Iterator[bytes]:
        """Yield the messages that a block completes, and answer what else is in it."""
        self._frames.receive_data(block)
        for event in self._frames.events():
            if isinstance(event, Message):
                data = event.data
                self._pieces += data.encode() if isinstance(data, str) else data
                if event.message_finished:
                    message, self._pieces = bytes(self._pieces), bytearray()
                    yield message
            elif isinstance(event, Ping):
                self._reply(event.response())
            elif isinstance(event, CloseConnection):
                # wsproto also tells so of bytes that it cannot read: then the server has not closed anything.
                self._code = event.code if self._frames.state is ConnectionState.REMOTE_CLOSING else None
                self._reply(CloseConnection(code=event.code))
                self._open = False

    def _reply(self, event: Event) -> None:
        if not self._open:
            return
        self._sock.settimeout(CONTROL_TIMEOUT_S)
        try:
            self._sock.sendall(self._frames.send(event))
        except TimeoutError:
            # It does not read, and half a frame may be on its way: the next one would wait as long again.
            self._open = False
        except (LocalProtocolError, OSError):
            pass  # a connection that broke shows it when it is read from
        self._sock.settimeout(None)
