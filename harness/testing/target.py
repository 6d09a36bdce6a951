"""A local assistant for tests: it answers, or misbehaves in one of many ways, over real HTTP.

The way is chosen by the request's path (``/slow``) or, where the path says
nothing, by a word in the prompt (``[slow]``), so that one server serves a whole
suite of mixed prompts.
"""

import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast
from urllib.parse import parse_qs, urlsplit

from harness.testing.target_bodies import (
    ANSWER,
    CONTEXTS,
    ERROR_PAGE,
    RELEASE,
    TOOL_CALL,
    WAF_PAGE,
    chunks,
    completion,
    plain_reply,
    tool_chunks,
)


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
    requests: list[ReceivedRequest] = field(default_factory=list)
    """Everything received, in order of arrival."""
    connections: int = 0
    """How many connections were made."""
    _server: ThreadingHTTPServer | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen and answer."""
        server = _Server(("127.0.0.1", self.port), _Handler)
        server.target = self
        if self.ssl_context is not None:
            server.socket = self.ssl_context.wrap_socket(server.socket, server_side=True)
        self.port = server.server_port
        self._server = server
        self._stopping.clear()
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Stop listening; replies under way are cut."""
        self._stopping.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
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


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    target: TargetServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet: clients that leave are what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else a reply written in pieces waits for the client's delayed acknowledgement.
    disable_nagle_algorithm = True

    @property
    def target(self) -> TargetServer:
        return cast("_Server", self.server).target

    def setup(self) -> None:
        super().setup()
        self.target.connections += 1

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
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


def _openai(handler: _Handler) -> None:
    if isinstance(handler.received.body, dict) and handler.received.body.get("stream"):
        handler.events(chunks())
    else:
        handler.whole(200, completion())


def _slow(handler: _Handler) -> None:
    handler.target.sleep(handler.target.slow_s)
    handler.whole(200, plain_reply())


def _dribble(handler: _Handler) -> None:
    """Send the body a byte at a time, each in time, the whole not."""
    body = plain_reply()
    handler.head(200, "application/json", content_length=str(len(body)))
    for index in range(len(body)):
        handler.wfile.write(body[index : index + 1])
        handler.target.sleep(handler.target.slow_s / 20)


def _slow_stream(handler: _Handler) -> None:
    handler.events(chunks(), pause_s=handler.target.slow_s / 5)


def _reset(handler: _Handler) -> None:
    """Reset the connection before any byte of a reply."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def _cut_json(handler: _Handler) -> None:
    """Announce a whole body, send two thirds of it, close."""
    body = plain_reply()
    handler.head(200, "application/json", content_length=str(len(body)))
    handler.wfile.write(body[: len(body) * 2 // 3])
    handler.cut()


def _half_json(handler: _Handler) -> None:
    """Send a whole HTTP message whose JSON breaks off."""
    body = plain_reply()
    handler.whole(200, body[: len(body) * 2 // 3])


def _until_close(handler: _Handler) -> None:
    """Send a body that only the end of the connection delimits."""
    handler.close_connection = True
    handler.head(200, "application/json", connection="close")
    handler.wfile.write(plain_reply())


def _bad_http(handler: _Handler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")
    handler.cut()


def _gzip_broken(handler: _Handler) -> None:
    body = gzip.compress(plain_reply())
    handler.whole(200, b"\x00\x01" + body[2:], content_encoding="gzip")


def _echo(handler: _Handler) -> None:
    handler.whole(200, plain_reply(f"You said: {handler.received.prompt}"))


def _status(status: int, **headers: str) -> Callable[[_Handler], None]:
    return lambda handler: handler.whole(status, b'{"error":"no"}', **headers)


def _html(status: int, page: bytes) -> Callable[[_Handler], None]:
    return lambda handler: handler.whole(status, page, "text/html; charset=utf-8")


def _redirect(status: int, location: str | None) -> Callable[[_Handler], None]:
    return lambda handler: handler.whole(status, b"", location=location or handler.target.redirect_to)


def _body(body: bytes, kind: str = "application/json", **headers: str) -> Callable[[_Handler], None]:
    return lambda handler: handler.whole(200, body, kind, **headers)


WAYS: dict[str, Callable[[_Handler], None]] = {
    "ok": _body(plain_reply()),
    "echo": _echo,
    "text": _body(ANSWER.encode(), "text/plain; charset=utf-8"),
    "openai": _openai,
    "openai-tools": _body(completion(None, finish_reason="tool_calls", tool_calls=[TOOL_CALL])),
    "openai-filtered": _body(completion("", finish_reason="content_filter")),
    "openai-refusal": _body(completion(None, refusal="I cannot help with that.")),
    "openai-parts": _body(completion(None, content=[{"type": "text", "text": ANSWER}])),
    "azure-filtered": lambda h: h.whole(400, b'{"error":{"code":"content_filter","message":"filtered"}}'),
    "stream": lambda h: h.events(chunks()),
    "stream-cut": lambda h: h.events(chunks(finish_reason=None, done=False)[:5], ended=False),
    "stream-without-end": lambda h: h.events(chunks(finish_reason=None, done=False)),
    "stream-without-done": lambda h: h.events(chunks(done=False)),
    "stream-broken-event": lambda h: h.events([*chunks(finish_reason=None, done=False), "{not json", "[DONE]"]),
    "stream-error": lambda h: h.events([*chunks(finish_reason=None, done=False)[:3], '{"error":{"message":"boom"}}']),
    "stream-tools": lambda h: h.events(tool_chunks()),
    "stream-slow": _slow_stream,
    "stream-words": lambda h: h.events(ANSWER.split(" ")),
    "stream-json": lambda h: h.events([json.dumps({"delta": w + " ", "docs": CONTEXTS}) for w in ANSWER.split(" ")]),
    "slow": _slow,
    "dribble": _dribble,
    "close": lambda h: h.cut(),
    "reset": _reset,
    "html": _html(200, ERROR_PAGE),
    "html-403": _html(403, WAF_PAGE),
    "html-waf": _html(200, WAF_PAGE),
    "403": _status(403),
    "401": _status(401),
    "404": _status(404),
    "429": _status(429, retry_after="1"),
    "500": _status(500),
    "503": _status(503),
    "503-retry": _status(503, retry_after="2"),
    "redirect": _redirect(307, "/ok"),
    "redirect-get": _redirect(302, "/ok"),
    "redirect-loop": _redirect(307, "/redirect-loop"),
    "redirect-away": _redirect(307, None),
    "redirect-nowhere": lambda h: h.whole(302, b""),
    "not-json": _body(b"{'message': 'single quotes'}"),
    "half-json": _half_json,
    "cut-json": _cut_json,
    "until-close": _until_close,
    "other-shape": _body(b'{"reply":"here"}'),
    "text-is-object": _body(b'{"message":{"text":{"nested":true}}}'),
    "no-contexts": _body(b'{"message":{"text":"short"}}'),
    "empty-contexts": _body(b'{"message":{"text":"short","sources":[]}}'),
    "empty-text": _body(plain_reply("")),
    "empty-body": _body(b""),
    "huge": lambda h: h.whole(200, plain_reply("long answer " * 20_000)),
    "endless": lambda h: h.whole(200, plain_reply("x" * (9 * 1024 * 1024))),
    "gzip": lambda h: h.whole(200, gzip.compress(plain_reply()), content_encoding="gzip"),
    "gzip-broken": _gzip_broken,
    "brotli": _body(b"\x0b\x02\x80", content_encoding="br"),
    "latin-1": _body('{"message":{"text":"Fähre"}}'.encode("latin-1"), "application/json; charset=iso-8859-1"),
    "wrong-charset": _body('{"message":{"text":"Fähre"}}'.encode("latin-1"), "application/json; charset=utf-8"),
    "unknown-charset": _body(plain_reply(), "application/json; charset=klingon"),
    "byte-order-mark": _body(b"\xef\xbb\xbf" + plain_reply()),
    "bad-http": _bad_http,
}
"""Every way to answer, by the name that a path or a prompt gives."""
