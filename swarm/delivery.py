"""Bringing requests to the target and the replies back: retries, redirects, cookies and authorization."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar
from urllib.parse import urlsplit

from harness.errors import ConfigurationError, DependencyError
from swarm.authorization import Authorization
from swarm.clock import Clock
from swarm.cookies import cookie_header, keep_cookies
from swarm.deadlines import Deadlines
from swarm.headers import HARMLESS_HEADERS, Head, sendable
from swarm.hosts import AllowList, Origin, joined, origin_of, refuse_forbidden, request_path
from swarm.incoming import Incoming
from swarm.mapping import Request
from swarm.proxies import Proxy, proxy_for
from swarm.reply import Received, ReplyMapping
from swarm.stream_watch import StreamWatch, may_stream, received_plain
from swarm.tls import TlsContexts
from swarm.transport import Connections, NoReplyError, roundtrip

MAX_REDIRECTS = 3
RETRY_PAUSES_S = (0.1, 0.3)
"""Before the second and the third try, where no byte of a reply came."""
REDIRECT_NOT_ALLOWED = "redirect_not_allowed"
"""The error of an exchange whose reply led to a host that is not listed; nothing was sent there."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(slots=True)
class Flight:
    """One turn's way to the target and back, redirects, retries and later questions included."""

    deadline: float
    trace_id: str
    mapping: ReplyMapping
    streams: bool
    jar: CookieJar | None = None
    """The conversation's cookies."""
    more: Mapping[str, str] | None = None
    """The headers that the try under way has besides those of all requests."""
    tries: int = 0
    watch: StreamWatch | None = None
    """Of the try under way, where its reply may be a stream."""
    strayed: bool = False
    """A redirect led to another origin: nothing of the target's own goes along from there."""
    refusal: str | None = None
    """Why a redirect was not followed."""
    refused_host: str | None = None

    def exchange(self, connections: Connections, wire: bytes) -> Incoming:
        """Send a request once; return the reply."""
        return roundtrip(connections, wire, deadline=self.deadline, fresh=self.tries > 1, watch=self.watching)

    def watching(self, incoming: Incoming) -> StreamWatch | None:
        """Return what follows a reply; None where its headers are enough to know that it is no stream."""
        if self.streams or may_stream(incoming):
            self.watch = StreamWatch(self.mapping, streams=self.streams)
        return self.watch


class Delivery:
    """Sends requests to one origin, and to those that its replies lead to.

    Args:
        origin: The one that headers and authorization are for.
        headers: What all its requests carry.
        allowed: Whom replies may lead to.
        tls: What HTTPS connections trust and show.
        authorization: Lets requests in; None where the headers are enough.
        cookies: Keep those of each conversation.

    Raises:
        ConfigurationError: If the environment names a proxy that cannot be used.
    """

    def __init__(
        self,
        origin: Origin,
        headers: Mapping[str, str],
        *,
        allowed: AllowList,
        tls: TlsContexts,
        authorization: Authorization | None = None,
        cookies: bool = False,
    ) -> None:
        self._origin = origin
        self._allowed = allowed
        self._tls = tls
        self._authorization = authorization
        # A request has one Cookie header: the configured cookies join the conversation's.
        self._cookie = headers.get("cookie") if cookies else None
        own = {name: value for name, value in headers.items() if name != "cookie" or not cookies}
        self._harmless = {name: value for name, value in headers.items() if name in HARMLESS_HEADERS}
        self._signed = {n: v for n, v in own.items() if n == "content-type" or n.startswith("x-amz-")}
        self._varies = cookies or authorization is not None
        self._deadlines = Deadlines()
        proxy_for(origin)  # raises, if it cannot be used
        self._connections: dict[Origin, Connections] = {}
        self._head = Head(origin, own, proxy=_unencrypted(self._connections_to(origin)))

    @property
    def proxy_host(self) -> str | None:
        """The host of the proxy on the way to the origin; None where there is none."""
        proxy = self._connections_to(self._origin).proxy
        return None if proxy is None else proxy.origin.host

    def deliver(self, origin: Origin, request: Request, flight: Flight) -> Received:
        """Send a request; return the last reply that it leads to.

        Raises:
            NoReplyError: If no byte of a reply came.
            HostNotAllowedError: If a host resolves to an address that is never contacted.
        """
        received = self.attempt(origin, request, flight)
        if received.status in _REDIRECTS and "location" in received.headers:
            return self._follow(origin, request, received, flight)
        return received

    def attempt(self, origin: Origin, request: Request, flight: Flight) -> Received:
        """Send a request, again while no byte of a reply comes, and once more with a new token after a 401."""
        received = self._try(origin, request, flight)
        if not self._varies:
            return received
        authorization = self._authorization if self._is_own(origin, flight) else None
        if received.status == 401 and authorization is not None and authorization.refused(flight.more or {}):
            received = self._try(origin, request, flight)
        if flight.jar is not None and (set_cookie := received.headers.get("set-cookie")):
            keep_cookies(flight.jar, origin.url(request.path), set_cookie)
        return received

    def may_ask(self, url: str, following: str, flight: Flight) -> bool:
        """Return whether a reply from ``url`` may lead to ``following``; if not, the flight says why."""
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

    def close(self) -> None:
        """Close the idle connections."""
        for connections in self._connections.values():
            connections.close()

    def _follow(self, origin: Origin, request: Request, received: Received, flight: Flight) -> Received:
        """Follow the redirects of a reply, as far as they are allowed."""
        for hop in range(MAX_REDIRECTS + 1):
            location = received.headers.get("location") if received.status in _REDIRECTS else None
            if location is None:
                return received
            url = origin.url(request.path)
            following = joined(url, location)
            if not self.may_ask(url, following, flight):
                return received
            if hop == MAX_REDIRECTS:
                break
            origin, before = origin_of(following), origin
            # What the configuration gives to one origin, secrets above all, is not for another.
            flight.strayed = flight.strayed or origin != before
            request = _redirected(request, received.status or 0, following)
            received = self.attempt(origin, request, flight)
        flight.refusal = "too_many_redirects"
        return received

    def _is_own(self, origin: Origin, flight: Flight) -> bool:
        return origin == self._origin and not flight.strayed

    def _more(self, origin: Origin, request: Request, flight: Flight) -> dict[str, str]:
        """Return the headers of this request alone."""
        own = self._is_own(origin, flight)
        more = dict(request.headers) if own else {}
        url = origin.url(request.path)
        if flight.jar is not None:
            cookies = (self._cookie if own else None, sendable(cookie_header(flight.jar, url)))
            if any(cookies):
                more["cookie"] = "; ".join(filter(None, cookies))
        if own and self._authorization is not None:
            turn = {name: value for name, value in more.items() if name.startswith("x-amz-")}
            try:
                more |= self._authorization.headers(request, url, {"host": origin.header, **self._signed, **turn})
            except DependencyError:
                raise NoReplyError("auth", retry=False) from None
        return more

    def _try(self, origin: Origin, request: Request, flight: Flight) -> Received:
        connections = self._connections_to(origin)
        head = self._head
        if not self._is_own(origin, flight):
            head = Head(origin, self._harmless, proxy=_unencrypted(connections))
        varies = self._varies or request.headers
        flight.tries = 0
        for pause_s in (*RETRY_PAUSES_S, None):
            flight.tries += 1
            flight.watch = None
            if varies:
                flight.more = self._more(origin, request, flight)
            wire = head.before(request, flight.trace_id, flight.more) + request.body
            try:
                incoming = flight.exchange(connections, wire)
            except NoReplyError as failure:
                if pause_s is None or not failure.retry or Clock.now() + pause_s >= flight.deadline:
                    raise
                time.sleep(pause_s)
            else:
                if incoming.get_code() == 407 and _unencrypted(connections) is not None:
                    raise NoReplyError("proxy_407", retry=False)
                return flight.watch.received(incoming) if flight.watch is not None else received_plain(incoming)
        raise AssertionError("the last try returns or raises")

    def _connections_to(self, origin: Origin) -> Connections:
        connections = self._connections.get(origin)
        if connections is None:
            try:
                proxy = proxy_for(origin)
            except ConfigurationError:
                raise NoReplyError("proxy_unusable", retry=False) from None
            if proxy is not None:
                refuse_forbidden(origin)  # nobody but the proxy will look at the address
            connections = Connections(origin, self._deadlines, tls=self._tls.for_origin(origin), proxy=proxy)
            self._connections[origin] = connections
        return connections


def _unencrypted(connections: Connections) -> Proxy | None:
    """Return the proxy that sees the requests themselves; None where there is none, or a tunnel through it."""
    return connections.proxy if connections.origin.scheme == "http" else None


def _redirected(request: Request, status: int, url: str) -> Request:
    """Return what a redirect asks to send next, as browsers understand it (Fetch Standard, 4.4)."""
    path = request_path(urlsplit(url))
    if status == 303 or (status in {301, 302} and request.method == "POST"):
        return request._replace(method="GET", path=path, body=b"")
    return request._replace(path=path)
