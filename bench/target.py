"""A target that is never the limit: canned replies of 1 KB from one asyncio process, pinned to a core of its own.

``python -m bench.target`` prints its port. ``GET /stall`` makes it fall silent for some seconds, once,
as a garbage collection or a failing-over database does; what arrives meanwhile is answered late, never dropped.
``POST /stream`` is answered with a chat completion's stream, a token every ten milliseconds; each token is the
moment at which it was sent, by the clock that all processes of a machine share. ``POST /counted`` is answered like any
other and counted; ``GET /received`` tells how often each of these bodies came.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

TEXT, PASSAGE = "An answer of a usual length. " * 16, "A passage that it rests on. " * 8
BODY = json.dumps({"data": {"answer": TEXT, "sources": [{"content": PASSAGE}, {"content": PASSAGE}]}}).encode()
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
REPLY = HEAD % len(BODY) + BODY
RECEIVED: Counter[str] = Counter()
"""How often each body came, of the requests that are counted."""

STREAM_TOKENS = 50
STREAM_GAP_S = 0.01
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
TOKEN = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1760000000,"model":"bench",'
    b'"choices":[{"index":0,"delta":{"content":"%.6f "},"logprobs":null,"finish_reason":null}]}\n\n'
)
STREAM_END = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


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
            body, self._pending = self._pending[end + 4 : whole], self._pending[whole:]
            if head.startswith(b"get /received"):
                told = json.dumps(RECEIVED).encode()
                self._transport.write(HEAD % len(told) + told)
                continue
            if head.startswith(b"post /counted"):
                RECEIVED[body.decode()] += 1
            if head.startswith(b"post /stream"):
                self._stream(0, self._loop.time())
            else:
                self._answer(stalls=head.startswith(b"get /stall"))

    def _stream(self, token: int, begun: float) -> None:
        """Send a token, and have the next one sent when it is due, however late this one was."""
        if token == STREAM_TOKENS:
            self._transport.write(_chunk(STREAM_END) + _chunk(b""))
            return
        event = _chunk(TOKEN % time.monotonic())
        self._transport.write(event if token else STREAM_HEAD + event)
        self._loop.call_at(begun + (token + 1) * STREAM_GAP_S, self._stream, token + 1, begun)

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


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


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
