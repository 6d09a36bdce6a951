"""A forward proxy for the tests: it tunnels, forwards, and asks for a password."""

import http.client
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Self, cast
from urllib.parse import urlsplit

from harness.testing.loopback import LoopbackServer


@dataclass(slots=True)
class ProxyServer:
    """Runs while its ``with`` block does. Wherever it is asked to connect to, it goes to ``to``.

    Args:
        to: Port on loopback.
        authorization: The ``Proxy-Authorization`` that it wants; None wants none.
        refuses: A status to answer everything with.
    """

    to: int
    authorization: str | None = None
    refuses: int | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Methods and targets of the requests, in order of arrival."""
    port: int = 0
    _server: LoopbackServer | None = None

    def __enter__(self) -> Self:
        self._server = LoopbackServer(self, _Handler)
        self.port = self._server.server_port
        return self

    def __exit__(self, *exc: object) -> None:
        if self._server is not None:
            self._server.end()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def proxy(self) -> ProxyServer:
        proxy: ProxyServer = cast("LoopbackServer", self.server).owner
        return proxy

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""

    def do_CONNECT(self) -> None:
        if self._refused():
            return
        with socket.create_connection(("127.0.0.1", self.proxy.to)) as there:
            self.connection.sendall(b"HTTP/1.1 200 Connection established\r\nx-proxy: test\r\n\r\n")
            threading.Thread(target=_copy, args=(there, self.connection), daemon=True).start()
            _copy(self.connection, there)
        self.close_connection = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self._refused():
            return
        parts = urlsplit(self.path)
        there = http.client.HTTPConnection("127.0.0.1", self.proxy.to)
        there.request("POST", parts.path, body, {"host": parts.netloc, "content-type": self.headers["content-type"]})
        reply = there.getresponse()
        content = reply.read()
        self.send_response(reply.status)
        self.send_header("content-length", str(len(content)))
        if location := reply.headers["location"]:
            self.send_header("location", location)
        self.end_headers()
        self.wfile.write(content)
        there.close()

    def _refused(self) -> bool:
        self.proxy.asked.append((self.command, self.path))
        wanted = self.proxy.authorization
        status = self.proxy.refuses
        if wanted is not None and self.headers.get("proxy-authorization") != wanted:
            status = 407
        if status is not None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()
        return status is not None


def _copy(source: socket.socket, sink: socket.socket) -> None:
    try:
        while block := source.recv(65536):
            sink.sendall(block)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return
