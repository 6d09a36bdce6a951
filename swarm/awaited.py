"""Connections that are waited for before they are read, and that know when what they read arrived."""

import socket
import ssl
import struct
import time
from typing import Any

import gevent.socket
import gevent.ssl
from gevent import get_hub

from swarm.clock import Clock

_READ = 1
"""The event loops' number for "there is something to read"."""
_STAMP = struct.Struct("@qq")
"""A ``timespec``: seconds and nanoseconds since 1970."""
_STAMP_SPACE = socket.CMSG_SPACE(_STAMP.size)
_SO_TIMESTAMPNS = 35
"""asm-generic/socket.h; the standard library does not name it."""
_LONGEST_S = 60.0
"""A block that is said to have waited for longer did not: the machine's clock was set."""
_PEEKED_BYTES = 65536


class AwaitedSocket(gevent.socket.socket):  # type: ignore[misc]  # gevent is not followed by the type checker
    """A cooperative connection for requests.

    gevent reads at once, and waits only where there is nothing yet. Right after a request there never is: the system
    call and its error would be for nothing.

    Attributes:
        arrived: When what was read last arrived, in the clock's seconds: the kernel's word, where it gives it (Linux),
            so that a process which is behind does not measure itself.
    """

    __slots__ = ("_readable", "_stamped", "arrived")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._readable = get_hub().loop.io(self.fileno(), _READ)
        self.arrived = 0.0
        self._stamped = _stamping(self)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what has come, once something has."""
        if self.timeout is None:
            gevent.socket.wait(self._readable)
        block: bytes
        if not self._stamped:
            block = super().recv(size, flags)
            self.arrived = Clock.now()
            return block
        block, stamps, _, _ = super().recvmsg(size, _STAMP_SPACE, flags)
        self.arrived = _moment(stamps)
        return block

    def close(self) -> None:
        """Close it, and wait for nothing more."""
        self._readable.close()
        super().close()

    def detach(self) -> int:
        """Give the connection away, e.g. to a TLS session, which waits by itself."""
        self._readable.close()
        number: int = super().detach()
        return number


class AwaitedTlsSocket(gevent.ssl.SSLSocket):  # type: ignore[misc]
    """The same over TLS. The library does not tell when a record arrived, so its bytes are peeked at first.

    Attributes:
        arrived: When the last piece of what was read last arrived.
    """

    arrived = 0.0
    _readable: Any = None

    def recv(self, size: int = 1024, flags: int = 0) -> bytes:
        """Return what has come, once something has."""
        if self.gettimeout() is not None:
            block = self._read(size, flags)
            self.arrived = Clock.now()
            return block
        if self.pending():
            return self._read(size, flags)  # it came with what was read before
        if self._readable is None:
            self._readable = get_hub().loop.io(self.fileno(), _READ)
        while True:
            gevent.socket.wait(self._readable)
            _, stamps, _, _ = gevent.socket.socket.recvmsg(self, _PEEKED_BYTES, _STAMP_SPACE, socket.MSG_PEEK)
            arrived = _moment(stamps)
            self.settimeout(0.0)  # reads what is there, or says that it is no answer yet
            try:
                block = self._read(size, flags)
            except ssl.SSLWantReadError:
                continue  # half a record, or one of the session's own
            finally:
                self.settimeout(None)
            self.arrived = arrived
            return block

    def close(self) -> None:
        """Close it, and wait for nothing more."""
        if self._readable is not None:
            self._readable.close()
        super().close()

    def _read(self, size: int, flags: int) -> bytes:
        block: bytes = super().recv(size, flags)
        return block


def new_socket(family: int) -> socket.socket:
    """Return a new TCP socket; in a process that is not patched it is the standard library's, which blocks."""
    kind: Any = AwaitedSocket if socket.socket is gevent.socket.socket else socket.socket
    made: socket.socket = kind(family, socket.SOCK_STREAM)
    return made


def awaited(context: ssl.SSLContext) -> ssl.SSLContext:
    """Return a context whose connections are waited for, too; in a process that is not patched it stays as it is."""
    if isinstance(context, gevent.ssl.SSLContext):
        context.sslsocket_class = AwaitedTlsSocket
    return context


def arrival(sock: socket.socket) -> float:
    """Return when what was just read from a connection arrived, as well as that is known."""
    return sock.arrived if isinstance(sock, AwaitedSocket | AwaitedTlsSocket) else Clock.now()


def _stamping(sock: socket.socket) -> bool:
    """Have the kernel stamp what arrives; return whether it does."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    except OSError:
        return False
    return True


def _moment(stamps: list[tuple[int, int, bytes]]) -> float:
    """Return the moment of a block's arrival; the present where the kernel did not say, or its clock was set."""
    now = Clock.now()
    if not stamps:
        return now
    seconds, nanoseconds = _STAMP.unpack(stamps[0][2])
    age_s = time.time() - (seconds + nanoseconds * 1e-9)
    return now - age_s if 0.0 < age_s < _LONGEST_S else now
