"""Connections are kept while they are of use, and made in time or not at all."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from swarm.clock import Clock
from swarm.deadlines import Deadlines
from swarm.hosts import Origin
from swarm.proxies import Proxy
from swarm.transport import MAX_IDLE_S, Connections, NoReplyError

ORIGIN = Origin("http", "127.0.0.1", 80)


class HandClock:
    """Shows what it is set to."""

    moment = 0.0

    @classmethod
    def now(cls) -> float:
        """Return the moment."""
        return cls.moment


def test_connections_that_a_busier_time_left_over_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """They lie at the bottom of the pool, where nobody takes them, and would pile up."""
    monkeypatch.setattr("swarm.transport.Clock", HandClock)
    monkeypatch.setattr(HandClock, "moment", 0.0)
    connections = Connections(ORIGIN, Deadlines())
    old, busy = [socket.socket() for _ in range(3)], socket.socket()
    for sock in old:
        connections.give_back(sock)
    monkeypatch.setattr(HandClock, "moment", MAX_IDLE_S + 1)
    connections.give_back(busy)
    assert [sock.fileno() for sock in old] == [-1, -1, -1]
    assert busy.fileno() >= 0
    connections.close()
    assert busy.fileno() == -1


def test_a_connection_is_kept_as_long_as_servers_keep_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swarm.transport.Clock", HandClock)
    monkeypatch.setattr(HandClock, "moment", 0.0)
    connections = Connections(ORIGIN, Deadlines())
    ours, theirs = socket.socketpair()
    with theirs:
        connections.give_back(ours)
        monkeypatch.setattr(HandClock, "moment", MAX_IDLE_S / 2)
        assert connections.take(MAX_IDLE_S, fresh=False) is ours
        ours.close()


@contextlib.contextmanager
def dripping(first: bytes = b"") -> Iterator[int]:
    """Answer a connection with these bytes, and then with another now and then, without end; yield the port."""
    over = threading.Event()

    def drip() -> None:
        peer, _ = listener.accept()
        with peer, contextlib.suppress(OSError):
            peer.sendall(first)
            while not over.wait(0.02):
                peer.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=drip, daemon=True)
        server.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            server.join(5)


def test_a_proxy_that_never_ends_its_answer_takes_no_more_than_the_turn_s_time() -> None:
    with dripping() as port:
        proxy = Proxy(Origin("http", "127.0.0.1", port), None)
        target = Origin("https", "staging.bank.test", 443)
        connections = Connections(target, Deadlines(), tls=ssl.create_default_context(), proxy=proxy)
        with pytest.raises(NoReplyError) as raised:
            connections.take(Clock.now() + 0.3, fresh=False)
    assert raised.value.category == "connect_timeout"


def test_a_tls_handshake_that_never_ends_takes_no_more_than_the_turn_s_time() -> None:
    """Each byte belongs to one long record (RFC 8446, 5.1), and the handshake waits for the rest of it."""
    with dripping(b"\x16\x03\x03\x40\x00") as port:
        target = Origin("https", "127.0.0.1", port)
        connections = Connections(target, Deadlines(), tls=ssl.create_default_context())
        with pytest.raises(NoReplyError) as raised:
            connections.take(Clock.now() + 0.3, fresh=False)
    assert raised.value.category == "connect_timeout"


def test_a_name_server_that_does_not_answer_takes_no_more_than_the_turn_s_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()

    def silent(_: Origin) -> list[object]:
        answered.wait()
        return []

    monkeypatch.setattr("swarm.transport.resolve", silent)
    with pytest.raises(NoReplyError) as raised:
        Connections(ORIGIN, Deadlines()).take(Clock.now() + 0.1, fresh=False)
    answered.set()
    assert raised.value.category == "dns"
