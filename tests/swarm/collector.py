"""A local OpenTelemetry collector: takes OTLP over HTTP in JSON, and keeps what came."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Self, cast

from harness.testing.loopback import LoopbackServer


@dataclass(slots=True)
class Collector:
    """Runs while its ``with`` block does, on a free loopback port.

    Args:
        statuses: What it answers, one after the other; 200 when they are used up.
        reply: The body of its answers.
        location: Where its redirects point.
        silent: It takes requests and never answers them.
    """

    statuses: list[int] = field(default_factory=list)
    reply: bytes = b"{}"
    location: str = ""
    silent: bool = False
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    """Path and body of everything that came."""
    headers: list[dict[str, str]] = field(default_factory=list)
    _taken: list[tuple[str, Any]] = field(default_factory=list)
    _server: LoopbackServer | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._server = LoopbackServer(self, _Handler)
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopping.set()
        if self._server is not None:
            self._server.end()

    @property
    def url(self) -> str:
        """What ``[telemetry] otlp_endpoint`` is set to."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def spans(self) -> list[dict[str, Any]]:
        """The spans that it took, their attributes as plain values."""
        return [
            {**span, "attributes": plain(span["attributes"])}
            for path, body in self._taken
            if path.endswith("/v1/traces")
            for resource in body["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """The last state of every metric that it took, by name."""
        return {
            metric["name"]: metric
            for path, body in self._taken
            if path.endswith("/v1/metrics")
            for resource in body["resourceMetrics"]
            for scope in resource["scopeMetrics"]
            for metric in scope["metrics"]
        }

    def receive(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """Keep a request; return the status of its answer."""
        self.bodies.append((path, body))
        self.headers.append(headers)
        if self.silent:
            self._stopping.wait()
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self._taken.append((path, json.loads(body)))
        return status


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""

    def do_POST(self) -> None:
        collector: Collector = cast("LoopbackServer", self.server).owner
        body = self.rfile.read(int(self.headers["content-length"]))
        status = collector.receive(self.path, {n.lower(): v for n, v in self.headers.items()}, body)
        self.send_response(status)
        self.send_header("content-length", str(len(collector.reply)))
        if collector.location:
            self.send_header("location", collector.location)
        self.end_headers()
        self.wfile.write(collector.reply)


def plain(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return OTLP's attributes as plain values."""
    return dict(_pairs(attributes))


def _pairs(attributes: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for attribute in attributes:
        ((kind, value),) = attribute["value"].items()
        yield attribute["key"], int(value) if kind == "intValue" else value


def points(metric: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a metric's data points, their attributes as plain values."""
    kind = next(kind for kind in ("sum", "histogram", "gauge") if kind in metric)
    return [{**point, "attributes": plain(point["attributes"])} for point in metric[kind]["dataPoints"]]
