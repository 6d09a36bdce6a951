"""A local HTTP server whose every reply a test writes: token hosts, asynchronous APIs, cookies."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple, Self, cast

from harness.testing.loopback import LoopbackServer


class Asked(NamedTuple):
    """One request as the server got it."""

    method: str
    target: str
    """Path and query as they stood in the request line."""
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes

    @property
    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)


class Answer(NamedTuple):
    """A reply: an object goes out as JSON."""

    content: Any = None
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()


@dataclass(slots=True)
class ScriptedTarget:
    """Runs while its ``with`` block does, on a free loopback port.

    Args:
        respond: Gives the reply to a request.
        ssl_context: Serves HTTPS with it.
    """

    respond: Callable[[Asked], Answer]
    ssl_context: Any = None
    requests: list[Asked] = field(default_factory=list)
    """Everything received, in order of arrival."""
    port: int = 0
    _server: LoopbackServer | None = None

    def __enter__(self) -> Self:
        self._server = LoopbackServer(self, _Handler, ssl_context=self.ssl_context)
        self.port = self._server.server_port
        return self

    def __exit__(self, *exc: object) -> None:
        if self._server is not None:
            self._server.end()

    def url(self, path: str = "/chat", host: str = "127.0.0.1") -> str:
        """Return the URL of a path."""
        return f"{'http' if self.ssl_context is None else 'https'}://{host}:{self.port}{path}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        script: ScriptedTarget = cast("LoopbackServer", self.server).owner
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, self.rfile.read(int(headers.get("content-length") or 0)))
        script.requests.append(asked)
        answer = script.respond(asked)
        body = answer.content if isinstance(answer.content, bytes) else json.dumps(answer.content).encode()
        self.send_response(answer.status)
        for name, value in (*answer.headers, ("content-length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
