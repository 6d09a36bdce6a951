"""Local model servers that speak the real wire formats and fail on command."""

import json
import socket
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self

from harness.testing.instances import instance_of
from harness.testing.script import Fault, ReceivedCall
from harness.testing.wire import TOKENS_IN, TOKENS_OUT, BedrockWire, OpenAIWire, Tokens, Wire

Reply = Callable[[ReceivedCall], Any]
Count = Callable[[ReceivedCall, Any], Tokens]

__all__ = ["BedrockServer", "Fault", "ModelServer", "OpenAIServer", "ReceivedCall"]


def default_reply(call: ReceivedCall) -> Any:
    """Return a valid instance of what the call asks for; text where it asks for no form."""
    return instance_of(call.schema) if call.schema is not None else "some text"


class ModelServer(ABC):
    """A model server on a free loopback port, one thread per connection.

    Args:
        reply: The answer to a call: a JSON object for the tool, or text. By default a valid instance of the schema.
        faults: What happens to the first requests, in order of arrival; later ones go well.
        latency_s: How long every good answer takes.
        count: How many tokens a call and its answer are; absent, the same for all.
    """

    wire: ClassVar[Wire]
    listings: ClassVar[Mapping[str, dict[str, Any]]] = {}
    """Replies to GET by path."""

    def __init__(
        self,
        reply: Reply = default_reply,
        *,
        faults: Iterable[Fault] = (),
        latency_s: float = 0.0,
        count: Count | None = None,
    ) -> None:
        self.reply = reply
        self.count = count
        self.billed: list[Tokens] = []
        """What each answer is billed, whether or not anybody waited for it: the provider's own ledger."""
        self.latency_s = latency_s
        self.calls: list[ReceivedCall] = []
        self.requests = 0
        """All of them, those that met a fault included."""
        self.most_in_flight = 0
        self._in_flight = 0
        self._faults: Iterator[Fault] = iter(faults)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def origin(self) -> str:
        """``http://127.0.0.1:<port>``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    @abstractmethod
    def url(self) -> str:
        """What a client has to be pointed at."""

    @property
    @abstractmethod
    def spec(self) -> str:
        """A configuration value that means this server."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop answering and free the port; waiting replies end at once."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def meet(self, faults: Iterable[Fault]) -> None:
        """Let the next requests meet these faults, in order of arrival, and no others."""
        with self._lock:
            self._faults = iter(faults)

    def begin(self, call: ReceivedCall) -> Fault | None:
        """Remember a request; return the fault it meets."""
        with self._lock:
            self.calls.append(call)
            self.requests += 1
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
            return next(self._faults, None)

    def bill(self, tokens: Tokens) -> None:
        """Enter an answer into the ledger."""
        with self._lock:
            self.billed.append(tokens)

    def end(self) -> None:
        """Note that a request is done with."""
        with self._lock:
            self._in_flight -= 1

    def pause(self, seconds: float) -> None:
        """Wait, unless the server stops."""
        if seconds > 0:
            self._stopping.wait(seconds)


class OpenAIServer(ModelServer):
    """Speaks ``POST /v1/chat/completions``: tools, tool_choice, response_format, usage; and ``GET /v1/models``."""

    wire = OpenAIWire()
    listings: ClassVar[Mapping[str, dict[str, Any]]] = {
        "/v1/models": {"object": "list", "data": [{"id": "scripted-model", "object": "model", "owned_by": "tests"}]}
    }

    @property
    def url(self) -> str:
        """The base URL for ``openai:<model>@<base-url>``."""
        return f"{self.origin}/v1"

    @property
    def spec(self) -> str:
        """A configuration value that means this server."""
        return f"openai:scripted-model@{self.url}"


class BedrockServer(ModelServer):
    """Speaks ``POST /model/{id}/converse``: toolUse blocks, stopReason, usage, and AWS's error shape."""

    wire = BedrockWire()

    @property
    def url(self) -> str:
        """What ``AWS_ENDPOINT_URL_BEDROCK_RUNTIME`` has to be."""
        return self.origin

    @property
    def spec(self) -> str:
        """A configuration value that means this server, once the endpoint is set."""
        return "bedrock:amazon.nova-lite-v1:0"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    # Threads that wait for a client's next request would hold up the end of the test.
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about broken connections: clients that time out make them all the time."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _handler(server: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(_ModelHandler):
        owner = server

    return Handler


class _ModelHandler(BaseHTTPRequestHandler):
    owner: ClassVar[ModelServer]
    protocol_version = "HTTP/1.1"
    # Head and body leave in one segment each; without this, Nagle's algorithm adds 40 ms to every reply.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        listing = self.owner.listings.get(self.path)
        self._send(404 if listing is None else 200, listing or {})

    def do_POST(self) -> None:
        wire = self.owner.wire
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", "0"))))
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = wire.parse(self.path, body, headers)
        if call is None:
            self._send(404, wire.error("not_found", "no such path")[0])
            return
        fault = self.owner.begin(call)
        try:
            self._answer(call, fault)
        finally:
            self.owner.end()

    def _answer(self, call: ReceivedCall, fault: Fault | None) -> None:
        wire = self.owner.wire
        if fault is not None and fault.kind == "close":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault is not None and fault.kind in {"throttle", "error"}:
            body, headers = wire.error(fault.code or wire.code_of(fault), fault.text or "scripted")
            if fault.retry_after_s is not None:
                headers = {**headers, "retry-after": f"{fault.retry_after_s:g}"}
            self._send(fault.status, body, headers)
        elif fault is not None and fault.kind == "garbage":
            self._send(fault.status or 200, fault.text or "<html>scripted proxy page</html>")
        else:
            self.owner.pause(fault.delay_s if fault is not None else self.owner.latency_s)
            value = self.owner.reply(call)
            tokens = self.owner.count(call, value) if self.owner.count else (TOKENS_IN, TOKENS_OUT)
            self.owner.bill(tokens)
            self._send(200, wire.metered(wire.answer(call, value, fault), tokens))

    def _send(self, status: int, body: dict[str, Any] | str, headers: dict[str, str] | None = None) -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("content-type", "text/html" if isinstance(body, str) else "application/json")
        self.send_header("content-length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""
