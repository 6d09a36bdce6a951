"""HTTP/1.1 over kept connections, with one deadline for the whole reply.

Sockets are the standard library's, parsing is geventhttpclient's C parser. In
a process that Locust has patched the sockets are cooperative; in any other
they block their thread.
"""

import errno
import socket
import ssl
import zlib
from collections.abc import Callable, Mapping
from http.client import HTTPException

from geventhttpclient.response import HTTPResponse

from swarm.clock import Clock
from swarm.hosts import Address, Origin, resolve

MAX_REPLY_BYTES = 8 * 1024 * 1024
MAX_IDLE_S = 4.0
"""Common servers close a connection after five idle seconds: one older than this is not trusted."""
CONNECT_TIMEOUT_S = 10.0
RESOLVE_EVERY_S = 10.0
STREAM_TAIL_S = 0.25
"""How long the end of the HTTP message is waited for when a stream has said that it is done."""
_BLOCK = 65536


class NoReplyError(Exception):
    """No byte of a reply came; its argument is the category.

    Args:
        category: What happened, e.g. ``refused``.
        retry: Whether another attempt may help.
    """

    def __init__(self, category: str, *, retry: bool) -> None:
        super().__init__(category)
        self.category = category
        self.retry = retry


class Incoming(HTTPResponse):  # type: ignore[misc]  # geventhttpclient is not followed by the type checker
    """A reply while it comes in.

    Attributes:
        body: What has come so far, decompressed.
        fault: Why it will not become whole; None while it may.
    """

    def __init__(self, method: str) -> None:
        super().__init__(method)
        self.body = bytearray()
        self.fault: str | None = None
        self._decode: Callable[[bytes, int], bytes] | None = None
        self._encoding = ""

    def _on_headers_complete(self) -> object:
        result = super()._on_headers_complete()
        self._encoding = str(self.get("content-encoding") or "").strip().lower()
        if self._encoding in {"gzip", "x-gzip", "deflate"}:
            # 32: the library tells gzip from zlib by their headers.
            self._decode = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS).decompress
        return result

    def _on_body(self, buf: bytes) -> None:
        if self.fault is not None:
            return
        block = bytes(buf)
        if self._decode is not None:
            try:
                # No more than is needed to see that it is too much: one block can hold a thousand times its size.
                block = self._decode(block, MAX_REPLY_BYTES + 1 - len(self.body))
            except zlib.error:
                self.fault = "bad_encoding"
                return
        elif self._encoding not in {"", "identity"}:
            self.fault = "bad_encoding"
            return
        self.body += block
        if len(self.body) > MAX_REPLY_BYTES:
            self.fault = "too_large"

    @property
    def whole(self) -> bool:
        """Whether the final response (not an interim one) has ended."""
        return bool(self.message_complete) and self.get_code() >= 200

    def plain_headers(self) -> Mapping[str, str]:
        """Return the headers by lower-case name; the last of repeated ones."""
        return {str(name).lower(): str(value) for name, value in self.items()}


class Connection:
    """One connection and since when it is idle."""

    __slots__ = ("idle_since", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.idle_since = 0.0


class Connections:
    """The connections to one origin; as many as are asked for at once.

    Args:
        origin: What to connect to. The caller has checked that its host is listed.
    """

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self._idle: list[Connection] = []
        self._addresses: list[Address] = []
        self._resolved_at = float("-inf")
        self._tls = _tls_context() if origin.scheme == "https" else None

    def take(self, deadline: float, *, fresh: bool) -> Connection:
        """Return a connection, kept or new.

        Args:
            deadline: The moment by which the reply is due.
            fresh: Take no kept one.

        Raises:
            NoReplyError: If none can be made.
            HostNotAllowedError: If the host resolves to an address that is never contacted.
        """
        now = Clock.now()
        while self._idle:
            connection = self._idle.pop()
            if not fresh and now - connection.idle_since < MAX_IDLE_S:
                return connection
            connection.sock.close()
        return Connection(self._connect(min(max(deadline - now, 0.001), CONNECT_TIMEOUT_S)))

    def give_back(self, connection: Connection) -> None:
        """Keep a connection for the next request."""
        connection.idle_since = Clock.now()
        self._idle.append(connection)

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().sock.close()

    def _connect(self, timeout_s: float) -> socket.socket:
        failure = NoReplyError("dns", retry=True)
        for family, sockaddr in self._resolved():
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                sock.settimeout(timeout_s)
                sock.connect(sockaddr)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return self._tls.wrap_socket(sock, server_hostname=self.origin.host) if self._tls else sock
            except OSError as error:
                sock.close()
                failure = _connect_failure(error)
            except BaseException:
                sock.close()
                raise
        self._resolved_at = float("-inf")
        raise failure

    def _resolved(self) -> list[Address]:
        now = Clock.now()
        if now - self._resolved_at > RESOLVE_EVERY_S:
            try:
                self._addresses = resolve(self.origin)
            except OSError:
                raise NoReplyError("dns", retry=False) from None
            self._resolved_at = now
        return self._addresses


def roundtrip(
    connections: Connections,
    request: bytes,
    method: str,
    *,
    deadline: float,
    fresh: bool = False,
    watch: Callable[[Incoming], bool] | None = None,
) -> Incoming:
    """Send one request and read its reply until it is whole, faulty, or late.

    Args:
        connections: Where to send it.
        request: Head and body.
        method: The request's method.
        deadline: The moment by which the whole reply is due.
        fresh: Use a new connection.
        watch: Called with what has come so far after every block; true once nothing more is needed.

    Raises:
        NoReplyError: If no byte of a reply came, and not because time ran out.
        HostNotAllowedError: If the host resolves to an address that is never contacted.
    """
    incoming = Incoming(method)
    connection = connections.take(deadline, fresh=fresh)
    kept = False
    try:
        _send(connection.sock, request, deadline)
        _receive(connection.sock, incoming, deadline, watch)
        kept = incoming.whole and incoming.fault is None and not incoming.should_close()
    except TimeoutError:
        incoming.fault = "timeout"
    finally:
        if kept:
            connections.give_back(connection)
        else:
            connection.sock.close()
    return incoming


def _send(sock: socket.socket, request: bytes, deadline: float) -> None:
    sock.settimeout(max(deadline - Clock.now(), 0.001))
    try:
        sock.sendall(request)
    except (BrokenPipeError, ConnectionResetError):
        # The server may have answered before it closed (413, 401): what it said is read next.
        return


def _receive(
    sock: socket.socket, incoming: Incoming, deadline: float, watch: Callable[[Incoming], bool] | None
) -> None:
    done = started = False
    while not incoming.whole:
        remaining = deadline - Clock.now()
        if remaining <= 0:
            raise TimeoutError
        sock.settimeout(remaining)
        try:
            block = sock.recv(_BLOCK)
        except TimeoutError:
            if done:
                return
            raise
        except OSError:
            block = b""
        if not block and not started:
            raise NoReplyError("closed_before_reply", retry=True)
        started = True
        if not _feed(incoming, block):
            return
        if watch is not None and incoming.headers_complete and not done and watch(incoming):
            done = True
            deadline = min(deadline, Clock.now() + STREAM_TAIL_S)


def _feed(incoming: Incoming, block: bytes) -> bool:
    """Parse a block (empty: the connection has ended); return whether to go on."""
    try:
        incoming.feed(block)
    except HTTPException:
        incoming.fault = incoming.fault or ("bad_http" if block else "cut")
    return bool(block) and incoming.fault is None


def _connect_failure(error: OSError) -> NoReplyError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return NoReplyError("tls_certificate", retry=False)
    if isinstance(error, ssl.SSLError):
        return NoReplyError("tls", retry=False)
    if isinstance(error, TimeoutError):
        return NoReplyError("connect_timeout", retry=False)
    if isinstance(error, ConnectionRefusedError):
        return NoReplyError("refused", retry=True)
    if error.errno in {errno.EMFILE, errno.ENFILE}:
        return NoReplyError("generator_out_of_sockets", retry=False)
    return NoReplyError(
        "unreachable" if error.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH} else "reset", retry=True
    )


def _tls_context() -> ssl.SSLContext:
    paths = ssl.get_default_verify_paths()
    if paths.cafile or paths.capath:
        return ssl.create_default_context()
    import certifi

    return ssl.create_default_context(cafile=certifi.where())
