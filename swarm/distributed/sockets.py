"""Locust's sockets between master and workers, closed to whoever does not hold the run's key.

CurveZMQ (ZeroMQ RFC 26) encrypts and authenticates every message. Both of the
master's keys follow from the shared one, and the public one is published
nowhere: the protocol never sends it, so only who holds the shared key can
begin a handshake, and only who holds it can answer one.
"""

import hashlib
from typing import Any

import locust.runners
import zmq
from locust.exception import RPCError
from locust.rpc import zmqrpc
from zmq.utils import z85
from zmq.utils.monitor import recv_monitor_message

LINGER_MS = 1000
"""How long a closed socket goes on sending what it holds."""
_PURPOSE = b"reverse-rag swarm master\0"
_FAILED = frozenset(
    {zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.EVENT_HANDSHAKE_FAILED_AUTH}
)


class SecureSockets:
    """Makes what ``locust.runners`` asks its module ``rpc`` for.

    Args:
        key: The shared one.
    """

    def __init__(self, key: str) -> None:
        self._secret = z85.encode(hashlib.sha256(_PURPOSE + key.encode()).digest())
        self._public = zmq.curve_public(self._secret)

    def install(self) -> None:
        """Have Locust's runners of this process use these sockets: they offer no other way to secure theirs."""
        locust.runners.rpc = self

    def Server(self, host: str, port: int) -> "SecureServer":  # noqa: N802 - Locust's name
        """Return the master's socket."""
        return SecureServer(host, port, public=self._public, secret=self._secret)

    def Client(self, host: str, port: int, identity: str) -> "SecureClient":  # noqa: N802 - Locust's name
        """Return a worker's socket."""
        return SecureClient(host, port, identity, master=self._public)


class SecureServer(zmqrpc.BaseSocket):  # type: ignore[misc]  # Locust is not followed by the type checker
    """The master's socket.

    Args:
        host: The address to wait at.
        port: 0 takes a free one.
        public: The master's key.
        secret: What belongs to it.

    Raises:
        RPCError: If it cannot wait there.
    """

    def __init__(self, host: str, port: int, *, public: bytes, secret: bytes) -> None:
        super().__init__(zmq.ROUTER, self.ipv4_only(host, port))
        _set_up(self.socket)
        self.socket.curve_server = True
        self.socket.curve_publickey, self.socket.curve_secretkey = public, secret
        # A worker whose connection broke comes back under its own name before the old connection is found dead.
        self.socket.router_handover = True
        try:
            self.socket.bind(f"tcp://{_bracketed(host)}:{port or '*'}")
        except zmq.ZMQError as error:
            raise RPCError(f"{host}:{port}: {error.strerror}") from None
        self.port = int(self.socket.last_endpoint.rpartition(b":")[2])


class SecureClient(zmqrpc.BaseSocket):  # type: ignore[misc]
    """A worker's socket.

    Args:
        host: The master's address.
        port: Its port.
        identity: The worker's.
        master: The master's key.
    """

    def __init__(self, host: str, port: int, identity: str, *, master: bytes) -> None:
        super().__init__(zmq.DEALER, self.ipv4_only(host, port))
        _set_up(self.socket)
        self.socket.setsockopt(zmq.IDENTITY, identity.encode())
        self.socket.curve_publickey, self.socket.curve_secretkey = zmq.curve_keypair()
        self.socket.curve_serverkey = master
        self._events = self.socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | sum(_FAILED))
        self.socket.connect(f"tcp://{_bracketed(host)}:{port}")
        self.refusals = 0
        """Handshakes in a row that failed: the keys differ."""

    def look(self) -> None:
        """Take note of how the handshakes went since the last time."""
        while self._events.poll(0):
            event: Any = recv_monitor_message(self._events)
            self.refusals = self.refusals + 1 if event["event"] in _FAILED else 0


def _set_up(socket: Any) -> None:
    # Without a limit: past one, a ROUTER drops messages. What is under way is few enough, and its texts are capped.
    socket.sndhwm = socket.rcvhwm = 0
    socket.linger = LINGER_MS


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
