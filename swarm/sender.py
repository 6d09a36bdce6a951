"""The sender over HTTP: one turn in, what became of it out."""

import contextlib
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from harness.config import TargetSection, resolve_secret
from harness.errors import ConfigurationError
from swarm.clock import Clock
from swarm.deadlines import Deadlines
from swarm.headers import HARMLESS_HEADERS, Head, request_headers
from swarm.hosts import AllowList, Origin, origin_of, request_path, resolve
from swarm.incoming import Incoming
from swarm.mapping import Request, request_builder
from swarm.replay import Call, Reply
from swarm.reply import Received, ReplyMapping, capped
from swarm.stream_watch import StreamWatch, may_stream, received_plain
from swarm.transport import Connections, NoReplyError, roundtrip

MAX_REDIRECTS = 3
RETRY_PAUSES_S = (0.1, 0.3)
"""Before the second and the third try, where no byte of a reply came."""
REDIRECT_NOT_ALLOWED = "redirect_not_allowed"
"""The error of an exchange whose reply redirected to a host that is not listed; nothing was sent there."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class HttpSender:
    """Sends turns to the configured target.

    Args:
        target: The assistant under test.
        run_id: Goes out with every request, so that the target's owner can find the run.
        env: Where secrets are; None takes the process's environment.

    Raises:
        HostNotAllowedError: If the target's host is not listed, or resolves to an address that is never contacted.
        ConfigurationError: If a secret is missing, or a header or JMESPath expression is not valid.
    """

    def __init__(self, target: TargetSection, run_id: str, *, env: Mapping[str, str] | None = None) -> None:
        self._allowed = AllowList(target.allow_hosts)
        url = resolve_secret(target.url, key="target.url", env=env)
        self._origin = origin_of(url)
        self._allowed.require(self._origin.host)
        _refuse_bad_addresses(self._origin)
        self._url = url
        self._build = request_builder(target, url)
        self._mapping = ReplyMapping(target)
        self._headers = request_headers(target, run_id, env)
        self._head = Head(self._origin, self._headers)
        self._timeout_s = target.timeout_s
        self._streams = target.stream
        self._version_header = (target.version_header or "").lower()
        self._connections: dict[Origin, Connections] = {}
        self._deadlines = Deadlines()

    def send(self, call: Call) -> Reply:
        """Return what became of the turn; see ``Sender``."""
        request = self._build(call)
        trace_id = f"{random.getrandbits(128) or 1:032x}"
        sent = Clock.now()
        flight = _Flight(sent + self._timeout_s, trace_id, self._mapping, self._streams)
        try:
            received = self._try(self._origin, self._head, request, flight)
            if received.status in _REDIRECTS and "location" in received.headers:
                received = self._follow(request, received, flight)
        except NoReplyError as failure:
            tries = f" after {flight.tries} tries" if flight.tries > 1 else ""
            return Reply(
                outcome="connection_error",
                sent=sent,
                ended=Clock.now(),
                request_body=capped(request.recorded),
                trace_id=trace_id,
                error=failure.category + tries,
            )
        return self._reply(request, received, flight, sent)

    def close(self) -> None:
        """Close the idle connections."""
        for connections in self._connections.values():
            connections.close()

    def _reply(self, request: Request, received: Received, flight: "_Flight", sent: float) -> Reply:
        ended = Clock.now()
        mapped = self._mapping.read(received)
        if flight.refusal is not None:
            mapped = {"outcome": "http_error", "error": flight.refusal}
        return Reply(
            sent=sent,
            ended=ended,
            first_token=flight.watch.first_token if flight.watch is not None else None,
            status=received.status,
            request_body=capped(request.recorded),
            response_body=capped(received.body) if received.body or mapped["outcome"] == "answered" else None,
            trace_id=flight.trace_id,
            target_version=received.headers.get(self._version_header) if self._version_header else None,
            refused_host=flight.refused_host,
            bytes_received=len(received.body),
            **mapped,
        )

    def _follow(self, request: Request, received: Received, flight: "_Flight") -> Received:
        """Follow the redirects of the target's reply, as far as they are allowed."""
        url = self._url
        headers = self._headers
        for hop in range(MAX_REDIRECTS + 1):
            location = received.headers.get("location") if received.status in _REDIRECTS else None
            if location is None:
                return received
            following = urljoin(url, location)
            if not self._may_follow(url, following, flight):
                return received
            if hop == MAX_REDIRECTS:
                break
            origin = origin_of(following)
            if origin != origin_of(url):
                # What the configuration gives to one origin, secrets above all, is not for another.
                headers = {name: value for name, value in headers.items() if name in HARMLESS_HEADERS}
            request = _redirected(request, received.status or 0, following)
            url = following
            received = self._try(origin, Head(origin, headers), request, flight)
        flight.refusal = "too_many_redirects"
        return received

    def _may_follow(self, url: str, following: str, flight: "_Flight") -> bool:
        try:
            origin = origin_of(following)
        except ConfigurationError:
            flight.refusal = "bad_redirect"
            return False
        downgrade = url.startswith("https:") and origin.scheme == "http"
        if self._allowed.allows(origin.host) and not downgrade:
            return True
        flight.refusal = REDIRECT_NOT_ALLOWED
        flight.refused_host = origin.host
        return False

    def _try(self, origin: Origin, head: Head, request: Request, flight: "_Flight") -> Received:
        connections = self._connections.get(origin)
        if connections is None:
            connections = self._connections[origin] = Connections(origin, self._deadlines)
        for pause_s in (*RETRY_PAUSES_S, None):
            flight.tries += 1
            flight.watch = None
            wire = head.before(request, flight.trace_id) + request.body
            try:
                incoming = roundtrip(
                    connections,
                    wire,
                    deadline=flight.deadline,
                    fresh=flight.tries > 1,
                    watch=flight.watching,
                )
            except NoReplyError as failure:
                if pause_s is None or not failure.retry or Clock.now() + pause_s >= flight.deadline:
                    raise
                time.sleep(pause_s)
            else:
                return flight.watch.received(incoming) if flight.watch is not None else received_plain(incoming)
        raise AssertionError("the last try returns or raises")


@dataclass(slots=True)
class _Flight:
    """One turn's way to the target and back, redirects and retries included."""

    deadline: float
    trace_id: str
    mapping: ReplyMapping
    streams: bool
    tries: int = 0
    watch: StreamWatch | None = None
    """Of the try under way, where its reply may be a stream."""
    refusal: str | None = None
    """Why a redirect was not followed."""
    refused_host: str | None = None

    def watching(self, incoming: Incoming) -> StreamWatch | None:
        """Return what follows a reply; None where its headers are enough to know that it is no stream."""
        if self.streams or may_stream(incoming):
            self.watch = StreamWatch(self.mapping, streams=self.streams)
        return self.watch


def _refuse_bad_addresses(origin: Origin) -> None:
    """Raise if a host resolves to an address that is never contacted; one that does not resolve is no matter yet."""
    with contextlib.suppress(OSError):
        resolve(origin)


def _redirected(request: Request, status: int, url: str) -> Request:
    """Return what a redirect asks to send next, as browsers understand it (Fetch Standard, 4.4)."""
    path = request_path(urlsplit(url))
    if status == 303 or (status in {301, 302} and request.method == "POST"):
        return Request("GET", path, b"", request.recorded)
    return request._replace(path=path)
