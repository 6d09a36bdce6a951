"""One watch over everything in flight."""

import socket
import threading
from collections.abc import Iterator

import pytest

from swarm.clock import Clock
from swarm.deadlines import Deadlines

PATIENCE_S = 30.0


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE_S)
    with ours, theirs:
        yield ours, theirs


def test_what_waits_when_its_deadline_passes_reads_the_end(pair: tuple[socket.socket, socket.socket]) -> None:
    deadlines = Deadlines()
    deadlines.begin(pair[0], Clock.now() + 0.05)
    assert pair[0].recv(1) == b""
    assert deadlines.passed(pair[0])
    assert not deadlines.end(pair[0])


def test_what_ended_in_time_can_be_used_again(pair: tuple[socket.socket, socket.socket]) -> None:
    deadlines = Deadlines()
    with socket.socketpair()[0] as late:
        deadlines.begin(late, Clock.now() + 0.05)
        deadlines.begin(pair[0], Clock.now() + 0.05)
        assert deadlines.end(pair[0])
        late.settimeout(PATIENCE_S)
        assert late.recv(1) == b"", "the watch has gone over that moment"
    pair[1].sendall(b"!")
    assert pair[0].recv(1) == b"!"


def test_an_earlier_deadline_that_comes_later_is_not_slept_over(pair: tuple[socket.socket, socket.socket]) -> None:
    deadlines = Deadlines()
    deadlines.begin(pair[1], Clock.now() + 10 * PATIENCE_S)
    deadlines.begin(pair[0], Clock.now() + 0.05)
    assert pair[0].recv(1) == b""
    assert deadlines.end(pair[1])


def test_the_watch_starts_again_after_nothing_was_in_flight(pair: tuple[socket.socket, socket.socket]) -> None:
    deadlines = Deadlines()
    with socket.socketpair()[0] as first:
        first.settimeout(PATIENCE_S)
        deadlines.begin(first, Clock.now())
        assert first.recv(1) == b""
    for thread in threading.enumerate():
        if thread.name == "deadlines" and not deadlines._open:
            thread.join(0.2)
    deadlines.begin(pair[0], Clock.now() + 0.01)
    assert pair[0].recv(1) == b""
