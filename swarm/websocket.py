"""Targets that are talked to over a WebSocket (RFC 6455): one for each conversation, open from turn to turn.

The handshake is an HTTP request like any other; wsproto does the framing of what follows it.
"""

import socket
import threading
import time
from dataclasses import dataclass

from wsproto.utilities import generate_accept_token, generate_nonce

from harness.config import TargetSection
from harness.errors import ConfigurationError
from swarm.carrying import Carrier
from swarm.channel import Answer, Channel
from swarm.deadlines import Deadlines
from swarm.delivery import Delivery, Flight
from swarm.hosts import Origin
from swarm.incoming import Incoming
from swarm.mapping import Request
from swarm.replay import Call
from swarm.reply import Received
from swarm.transport import Connections, NoReplyError, read_block, send_whole

TEND_EVERY_S = 5.0
"""How often the pings of idle connections are answered; servers commonly wait some twenty seconds for that."""
_SUBPROTOCOL = "sec-websocket-protocol"
_END_OF_HEAD = b"\r\n\r\n"
_MAX_HEAD_BYTES = 65536


@dataclass(slots=True)
class Opening(Flight):
    """One turn's way to a WebSocket target; what is exchanged is the handshake, where the turn needs one."""

    sock: socket.socket | None = None
    """The connection, once the target has switched protocols."""
    rest: bytes = b""
    """What came in the same block as the end of the handshake."""
    deadlines: Deadlines | None = None

    def exchange(self, connections: Connections, wire: bytes) -> Incoming:
        """Send a handshake and read the reply to it, but nothing of what follows a switch of protocols."""
        incoming = Incoming()
        self.deadlines = deadlines = connections.deadlines
        sock = connections.take(self.deadline, fresh=True)
        switched = False
        try:
            deadlines.begin(sock, self.deadline)
            send_whole(sock, wire)
            switched = self._receive(sock, incoming, deadlines)
        finally:
            if deadlines.end(sock) and switched:
                self.sock = sock
            else:
                sock.close()
        return incoming

    def _receive(self, sock: socket.socket, incoming: Incoming, deadlines: Deadlines) -> bool:
        """Return whether the target has switched protocols."""
        pending = b""
        started = False
        while not incoming.whole:
            block = read_block(sock, deadlines, started=started)
            if block is None:
                incoming.fault = "timeout"
                return False
            started = True
            pending += block
            # Head by head, because what follows that of a 101 is no HTTP.
            while incoming.get_code() < 200 and _END_OF_HEAD in pending:
                head, _, pending = pending.partition(_END_OF_HEAD)
                incoming.feed_block(head + _END_OF_HEAD)
                if incoming.get_code() == 101:
                    incoming.fault, self.rest = None, pending
                    return True
            if pending and (not block or incoming.get_code() >= 200 or len(pending) > _MAX_HEAD_BYTES):
                incoming.feed_block(pending)
                pending = b""
            if not block:
                incoming.feed_block(block)
            if not block or incoming.fault is not None:
                return False
        return False


class Sockets:
    """The connections to a WebSocket target: one for each conversation, until it ends.

    Args:
        target: What replies look like.
        origin: The target's.
        delivery: Brings handshakes there.
        carrier: Knows whether anything but the connection tells the target which conversation a turn belongs to.

    Raises:
        ConfigurationError: If the way there is one that WebSockets do not take.
    """

    def __init__(self, target: TargetSection, origin: Origin, delivery: Delivery, carrier: Carrier) -> None:
        if origin.scheme == "http" and delivery.proxy_host is not None:
            raise ConfigurationError(
                "'target.url': ws:// does not go through the proxy that the environment names",
                hint="use wss://, or list the target's host in NO_PROXY",
            )
        self._origin = origin
        self._delivery = delivery
        self._several = target.stream or target.response.end is not None
        self._by_socket = carrier.by_socket
        offered = next((value for name, value in target.headers.items() if name.lower() == _SUBPROTOCOL), "")
        self._offered = {name.strip() for name in offered.split(",")}
        self._channels: dict[str, Channel] = {}
        self._tending = False
        self._lock = threading.Lock()

    def deliver(self, call: Call, request: Request, flight: Flight) -> Received:
        """Send a turn's message; return what comes of it.

        A connection that was closed since the last turn is made again, and one that closes before anything of the
        reply came is, too: the message is then sent once more.

        Args:
            call: The turn.
            request: Its path and message.
            flight: Its own, an ``Opening``.

        Raises:
            NoReplyError: If no connection can be made, or the conversation's was another process's.
            HostNotAllowedError: If the host resolves to an address that is never contacted.
        """
        assert isinstance(flight, Opening)  # noqa: S101 - the sender makes it so
        received: Received | None = None
        try:
            received = self._asked(call, request, flight)
        finally:
            # A conversation that goes on is one whose turn was answered.
            if received is None or call.last or flight.mapping.read(received)["outcome"] != "answered":
                self._end(call.conversation_id)
        return received

    def close(self) -> None:
        """Close the connections of all conversations."""
        for conversation_id in list(self._channels):
            self._end(conversation_id)

    def _asked(self, call: Call, request: Request, flight: Opening) -> Received:
        if not call.turn:
            self._end(call.conversation_id)  # what is told from its beginning begins on a new connection
        channel = self._channels.get(call.conversation_id)
        if channel is not None:
            answer = self._answer(flight)
            flight.more = channel.more
            with channel.lock:
                if channel.attend() and channel.ask(request.recorded, answer, flight.deadline):
                    return answer.received(channel.headers)
        elif call.turn and self._by_socket:
            # What was said before is known to nobody on a new connection: no answer could be held against the target.
            raise NoReplyError("conversation_lost", retry=False)
        opened = self._opened(request, flight)
        if isinstance(opened, Received):
            return opened
        self._channels[call.conversation_id] = opened
        self._tend_soon()
        answer = self._answer(flight)
        with opened.lock:
            opened.attend()
            if not opened.ask(request.recorded, answer, flight.deadline):
                answer.fault = "cut"
        return answer.received(opened.headers)

    def _answer(self, flight: Flight) -> Answer:
        return Answer(flight.mapping, several=self._several)

    def _opened(self, request: Request, flight: Opening) -> Channel | Received:
        """Have the target switch protocols; return its reply where it does not."""
        nonce = generate_nonce()
        handshake = {
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-key": nonce.decode(),
            "sec-websocket-version": "13",
        }
        opening = Request("GET", request.path, b"", "", {**request.headers, **handshake})
        received = self._delivery.attempt(self._origin, opening, flight)
        headers, sock, deadlines = received.headers, flight.sock, flight.deadlines
        if sock is None or deadlines is None:
            if received.status is not None and 200 <= received.status < 300:
                received.fault = received.fault or "not_a_websocket"
            return received
        if (
            headers.get("sec-websocket-accept", "").encode() != generate_accept_token(nonce)
            or (_SUBPROTOCOL in headers and headers[_SUBPROTOCOL] not in self._offered)
            or "sec-websocket-extensions" in headers
        ):
            sock.close()
            return Received(headers=headers, fault="bad_websocket")
        return Channel(sock, deadlines, flight.rest, headers=headers, more=flight.more)

    def _end(self, conversation_id: str) -> None:
        channel = self._channels.pop(conversation_id, None)
        if channel is not None:
            with channel.lock:
                channel.close()

    def _tend_soon(self) -> None:
        with self._lock:
            if self._tending:
                return
            self._tending = True
        threading.Thread(target=self._tend, name="websockets", daemon=True).start()

    def _tend(self) -> None:
        """Look after the connections whose conversations pause, as long as there are any."""
        while True:
            time.sleep(TEND_EVERY_S)
            with self._lock:
                channels = list(self._channels.values())
                if not channels:
                    self._tending = False
                    return
            for channel in channels:
                if channel.lock.acquire(blocking=False):
                    try:
                        channel.attend()
                    finally:
                        channel.lock.release()
