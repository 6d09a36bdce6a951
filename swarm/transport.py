"""HTTP/1.1 over kept connections, with one deadline for the whole reply.

Sockets are the standard library's. In a process that Locust has patched they
are cooperative; in any other they block their thread.
"""

import contextlib
import errno
import fcntl
import socket
import ssl
import termios
import threading
from collections import deque
from collections.abc import Callable
from functools import partial

from harness.errors import HostNotAllowedError
from swarm.awaited import arrival, new_socket
from swarm.clock import Clock
from swarm.deadlines import Deadlines
from swarm.hosts import Address, Origin, resolve
from swarm.incoming import Incoming
from swarm.proxies import Proxy, TunnelError, open_tunnel

MAX_IDLE_S = 4.0
"""Common servers close a connection after five idle seconds: one older than this is not trusted."""
CONNECT_TIMEOUT_S = 10.0
RESOLVE_EVERY_S = 10.0
STREAM_TAIL_S = 0.25
"""How long the end of the HTTP message is waited for when a stream has said that it is done."""
BLOCK_BYTES = 65536
_NOTHING = bytes(4)

Watching = Callable[[Incoming], Callable[[Incoming], bool] | None]
"""Looks at a reply's headers, and returns what follows its body, if that is needed."""


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


class Connections:
    """The connections to one origin; as many as are asked for at once.

    Args:
        origin: What to connect to. The caller has checked that its host is listed.
        deadlines: Watches what is in flight.
        tls: What an HTTPS connection trusts and shows.
        proxy: Whom to connect to in its place.
    """

    def __init__(
        self, origin: Origin, deadlines: Deadlines, *, tls: ssl.SSLContext | None = None, proxy: Proxy | None = None
    ) -> None:
        self.origin = origin
        self.deadlines = deadlines
        self.proxy = proxy
        self._idle: deque[tuple[socket.socket, float]] = deque()
        """Each with the moment since which it is idle; the one that was used last is taken first."""
        self._looks_at = float("-inf")
        """The moment from which idle connections are looked through again."""
        self._addresses: list[Address] = []
        self._resolved_at = float("-inf")
        self._tls = tls

    def take(self, deadline: float, *, fresh: bool) -> socket.socket:
        """Return a connection, kept or new, whose waiting has no end of its own.

        Args:
            deadline: The moment by which the reply is due.
            fresh: Take no kept one.

        Raises:
            NoReplyError: If none can be made.
            HostNotAllowedError: If the host resolves to an address that is never contacted.
        """
        now = Clock.now()
        while self._idle:
            try:
                sock, idle_since = self._idle.pop()
            except IndexError:  # another thread has taken the last one
                break
            if not fresh and now - idle_since < MAX_IDLE_S and not _unread(sock):
                return sock
            sock.close()
        sock = self._connect(min(deadline, now + CONNECT_TIMEOUT_S))
        sock.settimeout(None)
        return sock

    def give_back(self, sock: socket.socket) -> None:
        """Keep a connection for the next request."""
        now = Clock.now()
        self._idle.append((sock, now))
        if now >= self._looks_at:
            self._close_stale(now)

    def _close_stale(self, now: float) -> None:
        """Close the connections that a busier time has left over: those at the other end are not taken any more."""
        self._looks_at = now + MAX_IDLE_S
        with contextlib.suppress(IndexError):  # another thread has taken the last one
            while now - self._idle[0][1] >= MAX_IDLE_S:
                self._idle.popleft()[0].close()

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop()[0].close()

    def _connect(self, give_up_at: float) -> socket.socket:
        failure = self._named(NoReplyError("dns", retry=True))
        for family, sockaddr in self._resolved(give_up_at):
            try:
                sock = new_socket(family)
            except OSError as error:
                failure = self._named(_connect_failure(error))
                continue
            try:
                sock.settimeout(_left_s(give_up_at))
                sock.connect(sockaddr)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                sock.close()
                failure = self._named(_connect_failure(error))
            except BaseException:
                sock.close()
                raise
            else:
                return self._secured(sock, give_up_at)
        self._resolved_at = float("-inf")
        raise failure

    def _secured(self, sock: socket.socket, give_up_at: float) -> socket.socket:
        """Return a connection with the tunnel and the TLS session that the origin needs; closes it if that fails."""
        if self._tls is None:
            return sock
        try:
            if self.proxy is not None:
                self._do(partial(open_tunnel, sock, self.origin, self.proxy), sock, give_up_at)
            # Wrapping takes the connection over, so it has to be the new one that is watched.
            sock = secured = self._tls.wrap_socket(
                sock, server_hostname=self.origin.host, do_handshake_on_connect=False
            )
            self._do(secured.do_handshake, secured, give_up_at)
        except TunnelError as error:
            sock.close()
            raise NoReplyError(str(error), retry=False) from None
        except OSError as error:
            sock.close()
            raise _connect_failure(error) from None
        except BaseException:
            sock.close()
            raise
        else:
            return secured

    def _do(self, work: Callable[[], None], sock: socket.socket, give_up_at: float) -> None:
        """Talk over a connection until a moment at most: its own timeout begins anew with every byte.

        Raises:
            TimeoutError: If it takes longer.
        """
        self.deadlines.begin(sock, give_up_at)
        try:
            work()
        except (OSError, TunnelError):
            if self.deadlines.passed(sock):
                raise TimeoutError from None
            raise
        finally:
            in_time = self.deadlines.end(sock)
        if not in_time:
            raise TimeoutError

    def _named(self, failure: NoReplyError) -> NoReplyError:
        """Return why no connection was made; where it leads to a proxy, the proxy is named."""
        return failure if self.proxy is None else NoReplyError(f"proxy_{failure.category}", retry=failure.retry)

    def _resolved(self, give_up_at: float) -> list[Address]:
        now = Clock.now()
        if now - self._resolved_at > RESOLVE_EVERY_S:
            try:
                # These addresses, which were looked at, are connected to: a name that changes its mind gains nothing.
                self._addresses = _resolved_by(give_up_at, self.origin if self.proxy is None else self.proxy.origin)
            except OSError:
                raise self._named(NoReplyError("dns", retry=False)) from None
            self._resolved_at = now
        return self._addresses


def roundtrip(
    connections: Connections,
    request: bytes,
    *,
    deadline: float,
    fresh: bool = False,
    watch: Watching | None = None,
) -> Incoming:
    """Send one request and read its reply until it is whole, faulty, or late.

    Args:
        connections: Where to send it.
        request: Head and body.
        deadline: The moment by which the whole reply is due.
        fresh: Use a new connection.
        watch: Called once with the headers of the final reply. What it returns, if anything, is called with what
            has come so far after every block; true once nothing more is needed.

    Raises:
        NoReplyError: If no byte of a reply came, and not because time ran out.
        HostNotAllowedError: If the host resolves to an address that is never contacted.
    """
    incoming = Incoming()
    deadlines = connections.deadlines
    sock = connections.take(deadline, fresh=fresh)
    kept = False
    try:
        deadlines.begin(sock, deadline)
        send_whole(sock, request)
        _receive(sock, incoming, deadlines, watch)
        kept = incoming.whole and incoming.fault is None and not incoming.should_close()
    except TimeoutError:
        incoming.fault = "timeout"
    finally:
        if deadlines.end(sock) and kept:
            connections.give_back(sock)
        else:
            sock.close()
    return incoming


def send_whole(sock: socket.socket, request: bytes) -> None:
    """Send all of a request; a connection that breaks meanwhile shows it when it is read from."""
    try:
        # Nearly always all of it; gevent's "sendall" costs as much again.
        sent = sock.send(request)
        if sent < len(request):
            sock.sendall(request[sent:])
    except OSError:
        # The server may have answered before it closed (413, 401): what it said is read next, a TLS alert included.
        return


def _receive(sock: socket.socket, incoming: Incoming, deadlines: Deadlines, watch: Watching | None) -> None:
    watching: Callable[[Incoming], bool] | None = None
    tail_ends_at: float | None = None
    started = False
    while not incoming.whole:
        if tail_ends_at is not None:
            sock.settimeout(max(tail_ends_at - Clock.now(), 0.001))
        block = read_block(sock, deadlines, started=started)
        if block is None:
            if tail_ends_at is None:
                raise TimeoutError
            return
        started = True
        incoming.arrived = arrival(sock)
        if not incoming.feed_block(block):
            return
        if watch is not None and incoming.headers_complete and incoming.get_code() >= 200:
            watching, watch = watch(incoming), None
        if watching is not None and tail_ends_at is None and watching(incoming):
            tail_ends_at = Clock.now() + STREAM_TAIL_S
    if tail_ends_at is not None:
        sock.settimeout(None)


def read_block(sock: socket.socket, deadlines: Deadlines, *, started: bool) -> bytes | None:
    """Return what has come; empty where the connection has ended, None where time has run out.

    Args:
        sock: A watched connection.
        deadlines: What watches it.
        started: Something of the reply came before.

    Raises:
        NoReplyError: If the connection has ended and nothing came before.
    """
    try:
        block = sock.recv(BLOCK_BYTES)
    except TimeoutError:
        return None
    except OSError as error:
        if not started and isinstance(error, ssl.SSLError) and "CERTIFICATE_REQUIRED" in (error.reason or ""):
            raise NoReplyError("tls_client_certificate", retry=False) from None
        block = b""
    # A first block counts even if it came at the last moment: it may be the whole reply.
    if (not block or started) and deadlines.passed(sock):
        return None
    if not block and not started:
        raise NoReplyError("closed_before_reply", retry=True)
    return block


def _resolved_by(give_up_at: float, origin: Origin) -> list[Address]:
    """Return the addresses of a host; the system's resolver has time-outs of its own, which may be longer.

    Raises:
        HostNotAllowedError: If any of them is never contacted.
        OSError: If the name does not resolve in time.
    """
    found: list[list[Address] | Exception] = []

    def look() -> None:
        try:
            found.append(resolve(origin))
        except (OSError, HostNotAllowedError) as error:
            found.append(error)

    looking = threading.Thread(target=look, name="resolving", daemon=True)
    looking.start()
    looking.join(_left_s(give_up_at))
    answer = found[0] if found else TimeoutError()
    if isinstance(answer, Exception):
        raise answer
    return answer


def _left_s(give_up_at: float) -> float:
    """Return the seconds until a moment; never 0, with which a socket would not wait at all."""
    return max(give_up_at - Clock.now(), 0.001)


def _unread(sock: socket.socket) -> bool:
    """Return whether an idle connection holds bytes: a server's farewell, such as a 408, would pass for a reply."""
    return fcntl.ioctl(sock.fileno(), termios.FIONREAD, _NOTHING) != _NOTHING


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
    unreachable = {errno.EAFNOSUPPORT, errno.EHOSTUNREACH, errno.ENETUNREACH}
    return NoReplyError("unreachable" if error.errno in unreachable else "reset", retry=True)
