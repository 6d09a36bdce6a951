"""One watch over the deadlines of everything in flight, instead of a timer for every block that is waited for."""

import contextlib
import socket
import threading

from swarm.clock import Clock


class Deadlines:
    """Ends the waiting on sockets whose deadline has passed.

    A socket's own timeout starts and stops a timer in the event loop for every
    ``recv``, which costs more than the ``recv``. Here a request in flight is an
    entry in a dictionary, and one thread (in a process that Locust has patched:
    one greenlet) sleeps until the earliest deadline. It runs only while
    something is in flight.
    """

    def __init__(self) -> None:
        self._open: dict[socket.socket, float] = {}
        self._wakes_at = float("inf")
        """The moment up to which the thread sleeps; infinite while there is none."""
        self._running = False
        self._lock = threading.Lock()
        self._sooner = threading.Event()

    def begin(self, sock: socket.socket, deadline: float) -> None:
        """Watch a socket: what waits on it when the deadline passes is told that the connection has ended."""
        self._open[sock] = deadline
        if deadline < self._wakes_at:
            self._wake_sooner()

    def end(self, sock: socket.socket) -> bool:
        """Watch a socket no longer; return whether it was still within its deadline, and so is fit for use."""
        # Taking the entry out is what decides: whoever does it, the caller or the watch, does it alone.
        return self._open.pop(sock, None) is not None

    def passed(self, sock: socket.socket) -> bool:
        """Return whether a watched socket's deadline has passed."""
        return sock not in self._open

    def _wake_sooner(self) -> None:
        with self._lock:
            if self._running:
                self._sooner.set()
                return
            self._running = True
            self._wakes_at = float("-inf")  # until the thread has looked, nobody else needs to wake it
        try:
            threading.Thread(target=self._watch, name="deadlines", daemon=True).start()
        except RuntimeError:
            self._running, self._wakes_at = False, float("inf")
            raise

    def _watch(self) -> None:
        while True:
            self._sooner.clear()
            with self._lock:
                # In this order: what begins after the list is made finds the infinite moment, and wakes this thread.
                self._wakes_at = float("inf")
                earliest = min(list(self._open.values()), default=None)
                if earliest is None:
                    self._running = False
                    return
                self._wakes_at = earliest
            self._sooner.wait(max(earliest - Clock.now(), 0.0))
            self._expire(Clock.now())

    def _expire(self, now: float) -> None:
        for sock, deadline in list(self._open.items()):
            if deadline <= now and self._open.pop(sock, None) is not None:
                _hang_up(sock)


def _hang_up(sock: socket.socket) -> None:
    """End a connection under whoever waits on it: they read its end.

    The class's own method, because that of a TLS socket drops the session which
    another thread or greenlet is reading from.
    """
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
