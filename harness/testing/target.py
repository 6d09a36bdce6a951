"""A local assistant for tests: it answers, or misbehaves in one of many ways, over real HTTP.

The way is chosen by the request's path (``/slow``) or, where the path says
nothing, by a word in the prompt (``[slow]``), so that one server serves a whole
suite of mixed prompts.
"""

import json
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Self, cast
from urllib.parse import parse_qs, urlsplit

from harness.testing.loopback import LoopbackServer
from harness.testing.target_bodies import RELEASE
from harness.testing.target_strain import Strain
from harness.testing.target_ways import WAYS


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request as the server got it."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    """By lower-case name."""
    body: Any
    """The parsed JSON; None where there was none."""
    prompt: str
    received_at: float
    """Monotonic seconds."""


@dataclass(slots=True)
class TargetServer:
    """Runs while its ``with`` block does, on a free loopback port.

    Args:
        delay_s: Before every answer.
        slow_s: How long the slow ways take.
        redirect_to: Where ``/redirect-away`` points.
        ssl_context: Serves HTTPS with it.
        port: 0 takes a free one.
    """

    delay_s: float = 0.0
    slow_s: float = 5.0
    redirect_to: str = "http://elsewhere.invalid/chat"
    ssl_context: Any = None
    port: int = 0
    breaks_after: int = 0
    """``/breaking`` answers so many requests …"""
    broken_for: int = 0
    """… then so many with 503, then answers again."""
    requests: list[ReceivedRequest] = field(default_factory=list)
    """Everything received, in order of arrival."""
    connections: int = 0
    """How many connections were made."""
    strain: Strain = field(default_factory=Strain)
    """What ``/breaking`` and ``/serial`` count."""
    _server: LoopbackServer | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen and answer."""
        self._stopping.clear()
        self._server = LoopbackServer(self, Handler, port=self.port, ssl_context=self.ssl_context)
        self.port = self._server.server_port

    def stop(self) -> None:
        """Stop listening; replies under way are cut."""
        self._stopping.set()
        if self._server is not None:
            self._server.end()
            self._server = None

    def url(self, path: str = "/chat", host: str = "127.0.0.1") -> str:
        """Return the URL of a way to answer."""
        scheme = "http" if self.ssl_context is None else "https"
        return f"{scheme}://{host}:{self.port}{path}"

    @property
    def prompts(self) -> list[str]:
        """The prompts received, in order of arrival."""
        return [request.prompt for request in self.requests]

    def sleep(self, seconds: float) -> None:
        """Sleep, but not beyond the server's end."""
        self._stopping.wait(seconds)


class Handler(BaseHTTPRequestHandler):
    """Serves one connection: what a way to answer works with."""

    protocol_version = "HTTP/1.1"
    # Else a reply written in pieces waits for the client's delayed acknowledgement.
    disable_nagle_algorithm = True

    @property
    def target(self) -> TargetServer:
        """The server that it belongs to."""
        target: TargetServer = cast("LoopbackServer", self.server).owner
        return target

    def setup(self) -> None:
        """Count the connection."""
        super().setup()
        self.target.connections += 1

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer."""
        self._serve()

    def do_POST(self) -> None:
        """Answer."""
        self._serve()

    def do_PUT(self) -> None:
        """Answer."""
        self._serve()

    def _serve(self) -> None:
        self.received = self._receive()
        self.target.requests.append(self.received)
        self.target.sleep(self.target.delay_s)
        way = _way(self.received)
        WAYS[way](self)

    def _receive(self) -> ReceivedRequest:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        return ReceivedRequest(
            method=self.command,
            path=parts.path,
            query=query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            prompt=_prompt(body, query),
            received_at=time.monotonic(),
        )

    def whole(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        """Send a whole reply."""
        self.head(status, kind, **{"content-length": str(len(body)), **headers})
        self.wfile.write(body)

    def head(self, status: int, kind: str, **headers: str) -> None:
        """Send a reply's head."""
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("x-release", RELEASE)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def cut(self) -> None:
        """Close the connection in the middle."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def events(self, pieces: list[str], *, pause_s: float = 0.0, ended: bool = True) -> None:
        """Send server-sent events; cut the connection after them unless ``ended``."""
        self.head(200, "text/event-stream", transfer_encoding="chunked")
        for piece in pieces:
            data = f"data: {piece}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.target.sleep(pause_s)
        if ended:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.cut()


def _prompt(body: Any, query: Mapping[str, list[str]]) -> str:
    if not isinstance(body, dict):
        return next((values[0] for values in query.values()), "")
    if isinstance(body.get("messages"), list):
        return str(body["messages"][-1]["content"])
    return next((value for value in body.values() if isinstance(value, str)), "")


def _way(received: ReceivedRequest) -> str:
    way = received.path.strip("/").split("/")[0]
    if way in WAYS:
        return way
    return next((name for name in WAYS if f"[{name}]" in received.prompt), "openai" if "v1" in received.path else "ok")
