"""The sender over HTTP: one turn in, what became of it out."""

import contextlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from harness.config import TargetSection, resolve_secret
from harness.errors import DependencyError
from swarm.authorization import Authorization, authorization_for
from swarm.carrying import Carried, Carrier
from swarm.clock import Clock
from swarm.delivery import REDIRECT_NOT_ALLOWED, Delivery, Flight
from swarm.headers import request_headers, turn_headers
from swarm.hosts import AllowList, Origin, origin_of, over_http, request_path, resolve
from swarm.mapping import Request, request_builder
from swarm.markers import refuse_production
from swarm.polling import Polling, retry_after_s
from swarm.redaction import redaction_for
from swarm.replay import Call, Reply
from swarm.reply import Mapped, Received, ReplyMapping, capped, is_from_cache, writable
from swarm.tls import TlsContexts
from swarm.tracing import new_trace_id
from swarm.transport import NoReplyError
from swarm.websocket import Opening, Sockets

__all__ = ["REDIRECT_NOT_ALLOWED", "HttpSender"]

TOKEN_TIMEOUT_S = 10.0


class HttpSender:
    """Sends turns to the configured target.

    Args:
        target: The assistant under test; its files by absolute paths.
        run_id: Goes out with every request, so that the target's owner can find the run.
        env: Where secrets are; None takes the process's environment.

    Raises:
        SafetyError: If the target's URL looks like production's.
        HostNotAllowedError: If the target's host is not listed, or resolves to an address that is never contacted.
        ConfigurationError: If a secret, a certificate or AWS credentials are missing, or a header, a JMESPath
            expression or a proxy is not valid.
    """

    def __init__(self, target: TargetSection, run_id: str, *, env: Mapping[str, str] | None = None) -> None:
        allowed = AllowList(target.allow_hosts)
        url = resolve_secret(target.url, key="target.url", env=env)
        self._origin = origin_of(over_http(url))
        _require_safe(url, self._origin, allowed, production=target.production)
        self._build = request_builder(target, url)
        self._turn_headers = turn_headers(target, env)
        self._mapping = ReplyMapping(target)
        self._timeout_s = target.timeout_s
        self._streams = target.stream
        self._version_header = (target.version_header or "").lower()
        carrier = Carrier(target)
        self._carrier = carrier if carrier.needed else None
        self._polling = None if target.poll is None else Polling(target.poll)
        tls = TlsContexts(target.tls, self._origin, env)
        self._tokens = self._token_delivery(target, allowed, tls, env)
        self._authorization: Authorization | None = authorization_for(target.auth, self._post_form, env)
        headers = request_headers(target, run_id, env)
        self._delivery = Delivery(
            self._origin,
            headers,
            allowed=allowed,
            tls=tls,
            authorization=self._authorization,
            cookies=target.cookies,
        )
        self._sockets: Sockets | None = None
        self._flight: type[Flight] = Flight
        if target.over_websocket:
            self._sockets, self._flight = Sockets(target, self._origin, self._delivery, carrier), Opening
        self._redaction = redaction_for(target, env)

    def authorize(self) -> None:
        """Have the credentials that requests need, before the first one.

        Raises:
            DependencyError: If they are not to be had.
        """
        if self._authorization is not None:
            self._authorization.ready()

    @property
    def proxy_host(self) -> str | None:
        """The host of the proxy on the way to the target; None where there is none."""
        return self._delivery.proxy_host

    def send(self, call: Call) -> Reply:
        """Return what became of the turn; see ``Sender``."""
        carried = None
        if self._carrier is not None:
            carried = call.carried if isinstance(call.carried, Carried) else self._carrier.first()
            call = call._replace(carried=carried)
        request = self._build(call)
        if self._turn_headers is not None:
            request = request._replace(headers=self._turn_headers(call))
        if self._authorization is not None:
            with contextlib.suppress(DependencyError):
                self._authorization.ready()
        sent = Clock.now()
        flight = self._flight(sent + self._timeout_s, new_trace_id(), self._mapping, self._streams)
        if carried is not None:
            flight.jar = carried.jar
        try:
            if self._sockets is None:
                accepted = received = self._delivery.deliver(self._origin, request, flight)
            else:
                accepted = received = self._sockets.deliver(call, request, flight)
            if self._polling is not None:
                received = self._polling.answer(self._delivery, self._origin, request, accepted, flight)
        except NoReplyError as failure:
            tries = f" after {flight.tries} tries" if flight.tries > 1 else ""
            return Reply(
                outcome="connection_error",
                sent=sent,
                ended=Clock.now(),
                request_body=capped(self._redaction.along(flight.more).text(request.recorded)),
                trace_id=flight.trace_id,
                error=failure.category + tries,
            )
        reply = self._reply(request, received, flight, sent)
        if self._carrier is not None and carried is not None:
            for one in (accepted,) if accepted is received else (accepted, received):
                carried = self._carrier.after(carried, one)
            reply = _with_carried(reply, carried)
        return reply

    def close(self) -> None:
        """Close the idle connections."""
        if self._sockets is not None:
            self._sockets.close()
        self._delivery.close()
        if self._tokens is not None:
            self._tokens.close()

    def _reply(self, request: Request, received: Received, flight: Flight, sent: float) -> Reply:
        ended = Clock.now() if received.arrived is None else received.arrived
        redaction = self._redaction.along(flight.more)
        mapped = redaction.answer(self._mapping.read(received))
        version = received.headers.get(self._version_header) if self._version_header else None
        if flight.refusal is not None:
            mapped = Mapped(outcome="http_error", error=flight.refusal)
        retry_after = received.headers.get("retry-after") if mapped["outcome"] == "throttled" else None
        return Reply(
            sent=sent,
            ended=ended,
            first_token=received.moments.first if received.moments is not None else None,
            status=received.status,
            request_body=capped(redaction.text(request.recorded)),
            response_body=capped(redaction.body(received.body))
            if received.body or mapped["outcome"] == "answered"
            else None,
            trace_id=flight.trace_id,
            target_version=None if version is None else redaction.text(version),
            refused_host=flight.refused_host,
            bytes_received=len(received.body),
            retry_after_s=0.0 if retry_after is None else retry_after_s(retry_after),
            from_cache=is_from_cache(received.headers),
            **mapped,
        )

    def _token_delivery(
        self, target: TargetSection, allowed: AllowList, tls: TlsContexts, env: Mapping[str, str] | None
    ) -> Delivery | None:
        """Return what brings requests to the token host, which is another origin; None where there is none."""
        if target.auth.token_url is None:
            return None
        self._token_url = resolve_secret(target.auth.token_url, key="target.auth.token_url", env=env)
        origin = origin_of(self._token_url)
        allowed.require(origin.host)
        return Delivery(origin, {"user-agent": "reverse-rag"}, allowed=allowed, tls=tls)

    def _post_form(self, headers: Mapping[str, str], form: bytes) -> Received:
        """Send a form to the token host, whose redirects are not followed: it holds a secret."""
        assert self._tokens is not None  # noqa: S101 - nobody else asks for tokens
        request = Request("POST", request_path(urlsplit(self._token_url)), form, "", headers)
        flight = Flight(Clock.now() + TOKEN_TIMEOUT_S, new_trace_id(), self._mapping, streams=False)
        try:
            return self._tokens.attempt(origin_of(self._token_url), request, flight)
        except NoReplyError as failure:
            return Received(fault=failure.category)


def _with_carried(reply: Reply, carried: Carried) -> Reply:
    """Return a reply with what the next turn brings along; malformed if that cannot be sent."""
    if writable(carried.values):
        return reply._replace(carried=carried)
    return reply._replace(outcome="malformed", error="too_deep") if reply.outcome == "answered" else reply


def _require_safe(url: str, origin: Origin, allowed: AllowList, *, production: bool) -> None:
    """Raise unless a target may be contacted; a name that does not resolve is no matter yet."""
    allowed.require(origin.host)
    if not production:
        refuse_production(url)
    with contextlib.suppress(OSError):
        resolve(origin)
