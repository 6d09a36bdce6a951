"""Connections that are waited for before they are read, in processes that gevent has patched and in others."""

import select
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from swarm.awaited import AwaitedSocket, arrival, new_socket
from swarm.clock import Clock
from tests.swarm.certificates import self_signed

PATCHED = """
from gevent import monkey
monkey.patch_all()
import select, socket, sys, time
import gevent
from swarm.awaited import AwaitedSocket, AwaitedTlsSocket, arrival, awaited, new_socket
from swarm.clock import Clock

listener = socket.create_server(("127.0.0.1", 0))
mine = new_socket(socket.AF_INET)
mine.connect(listener.getsockname())
theirs, _ = listener.accept()
assert isinstance(mine, AwaitedSocket)
"""


ENCRYPTED = """
import ssl
trusting = ssl.create_default_context(cafile=sys.argv[1])
serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
serving.load_cert_chain(sys.argv[1])
wrapping = gevent.spawn(serving.wrap_socket, theirs, server_side=True)
mine = awaited(trusting).wrap_socket(mine, server_hostname="localhost")
theirs = wrapping.get(timeout=20)
assert isinstance(mine, AwaitedTlsSocket) and mine.version() == "TLSv1.3"
"""


def patched(program: str, *args: object) -> str:
    """Run a program in a process that gevent has patched, with two ends of a connection; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", PATCHED + textwrap.dedent(program), *map(str, args)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_reading_waits_and_lets_others_go_on() -> None:
    """A reader who waits for a reply holds up nobody."""
    program = """
        order = []
        def read():
            order.append(mine.recv(100))
        reader = gevent.spawn(read)
        gevent.sleep(0)
        order.append("others")
        theirs.sendall(b"reply")
        reader.join(timeout=20)
        print(order)
    """
    assert patched(program).strip() == "['others', b'reply']"


def test_a_reply_arrived_when_the_kernel_got_it() -> None:
    """A process that was busy when the reply came does not count its own lateness as the target's."""
    program = """
        poll = monkey.get_original("select", "select")
        sent = Clock.now()
        theirs.sendall(b"reply")
        poll([mine.fileno()], [], [], 20)
        there = Clock.now()
        monkey.get_original("time", "sleep")(0.02)
        assert mine.recv(100) == b"reply"
        print(sent <= arrival(mine) <= there)
    """
    if sys.platform != "linux":
        pytest.skip("only Linux stamps what arrives")
    assert patched(program).strip() == "True"


def test_a_record_arrived_when_the_kernel_got_it(tmp_path: Path) -> None:
    """Over TLS, too, where tickets of the session come before the first answer."""
    program = f"""{ENCRYPTED}
poll = monkey.get_original("select", "select")
busy = monkey.get_original("time", "sleep")
reader = gevent.spawn(mine.recv, 100)
gevent.sleep(0.05)  # the session's own records are read by now, and were no answer
assert not reader.ready()
for answer in (b"first", b"second"):
    sent = Clock.now()
    theirs.sendall(answer)
    poll([mine.fileno()], [], [], 20)
    there = Clock.now()
    busy(0.02)
    assert reader.get(timeout=20) == answer
    print(sent <= arrival(mine) <= there)
    reader = gevent.spawn(mine.recv, 100)
    gevent.sleep(0)
"""
    if sys.platform != "linux":
        pytest.skip("only Linux stamps what arrives")
    assert patched(program, self_signed(tmp_path)).split() == ["True", "True"]


def test_a_record_that_is_read_in_pieces_arrived_once(tmp_path: Path) -> None:
    """What the library holds already is not waited for."""
    program = f"""{ENCRYPTED}
theirs.sendall(b"answer")
first = mine.recv(2)
moment = arrival(mine)
print(first + mine.recv(100), moment == arrival(mine))
theirs.close()
print(mine.recv(100))
mine.close()
"""
    assert patched(program, self_signed(tmp_path)).splitlines() == ["b'answer' True", "b''"]


def test_the_end_of_a_connection_is_read_at_once() -> None:
    """A closed connection is readable: it gives nothing, and its moment is the present."""
    program = """
        theirs.close()
        before = Clock.now()
        assert mine.recv(100) == b""
        print(before <= arrival(mine) <= Clock.now())
        mine.close()
    """
    assert patched(program).strip() == "True"


def test_a_timeout_still_ends_the_waiting() -> None:
    """The end of a stream is waited for with a timeout of the socket's own."""
    program = """
        mine.settimeout(0.05)
        try:
            mine.recv(100)
        except TimeoutError:
            print("late")
    """
    assert patched(program).strip() == "late"


def test_a_shut_down_connection_wakes_its_reader() -> None:
    """What watches the deadlines shuts connections down under those who wait on them."""
    program = """
        reader = gevent.spawn(mine.recv, 100)
        gevent.sleep(0)
        socket.socket.shutdown(mine, socket.SHUT_RDWR)
        reader.join(timeout=20)
        print(reader.value)
    """
    assert patched(program).strip() == "b''"


def test_threads_get_the_standard_librarys_sockets() -> None:
    """In a process that nobody has patched a connection blocks its thread, and what is read has just arrived."""
    with socket.create_server(("127.0.0.1", 0)) as listener, new_socket(socket.AF_INET) as mine:
        mine.connect(listener.getsockname())
        theirs, _ = listener.accept()
        with theirs:
            theirs.sendall(b"reply")
            select.select([mine], [], [], 20)
            before = Clock.now()
            assert mine.recv(100) == b"reply"
            assert not isinstance(mine, AwaitedSocket)
            assert arrival(mine) >= before
