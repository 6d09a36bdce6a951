"""A target that is never the limit: canned replies of 1 KB from one asyncio process, pinned to a core of its own.

``python -m bench.target`` prints its port. ``GET /stall`` makes it fall silent for some seconds, once,
as a garbage collection or a failing-over database does; what arrives meanwhile is answered late, never dropped.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

TEXT, PASSAGE = "An answer of a usual length. " * 16, "A passage that it rests on. " * 8
BODY = json.dumps({"data": {"answer": TEXT, "sources": [{"content": PASSAGE}, {"content": PASSAGE}]}}).encode()
REPLY = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY


class Stall:
    """The moment before which nothing is answered."""

    until = 0.0


class Connection(asyncio.Protocol):
    """Answers every whole request on a connection, in order."""

    def __init__(self, latency_s: float, stall_s: float) -> None:
        self._latency_s = latency_s
        self._stall_s = stall_s
        self._pending = b""
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer what is whole."""
        self._pending += data
        while (end := self._pending.find(b"\r\n\r\n")) >= 0:
            head = self._pending[:end].lower()
            _, _, rest = head.partition(b"content-length:")
            whole = end + 4 + int(rest.split(b"\r\n", 1)[0] or 0)
            if len(self._pending) < whole:
                return
            self._pending = self._pending[whole:]
            self._answer(stalls=head.startswith(b"get /stall"))

    def _answer(self, *, stalls: bool) -> None:
        now = self._loop.time()
        if stalls:
            Stall.until = now + self._stall_s
            self._transport.write(REPLY)
            return
        due = max(now, Stall.until) + self._latency_s
        if due <= now:
            self._transport.write(REPLY)
        else:
            self._loop.call_at(due, self._transport.write, REPLY)


async def serve(latency_s: float, stall_s: float) -> None:
    """Serve on a free port of the loopback until standard input closes."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(latency_s, stall_s), "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


@contextmanager
def running_target(*, latency_s: float = 0.0, stall_s: float = 2.0) -> Iterator[int]:
    """Start a target on the last core, leave the other cores to whoever asks, and yield the port."""
    cores = sorted(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "bench.target", "--latency-s", str(latency_s), "--stall-s", str(stall_s)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        if len(cores) > 1:
            os.sched_setaffinity(process.pid, cores[-1:])
            os.sched_setaffinity(0, cores[:-1])
        yield port
    finally:
        os.sched_setaffinity(0, cores)
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def main() -> None:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency-s", type=float, default=0.0)
    parser.add_argument("--stall-s", type=float, default=2.0)
    options = parser.parse_args()
    asyncio.run(serve(options.latency_s, options.stall_s))


if __name__ == "__main__":
    main()
