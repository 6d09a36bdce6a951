"""Sends a run's spans and metrics to an OpenTelemetry collector, from what is recorded: the sending pays nothing for it.

A collector that is slow, full or dead costs a run nothing either: it is asked
from a thread of its own, what waits for it is bounded, and what it did not
take is counted and said once.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Mapping
from importlib.metadata import version
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import orjson

from harness.config import TargetSection, TelemetrySection, TlsSection, resolve_secret
from harness.contracts import Exchange
from harness.errors import ConfigurationError, HostNotAllowedError
from harness.wording import counted
from swarm.clock import Clock
from swarm.delivery import Delivery, Flight
from swarm.headers import configured_headers
from swarm.hosts import AllowList, origin_of, over_http, request_path
from swarm.mapping import Request
from swarm.otlp import Attributes, Metrics, payload, span_of
from swarm.reply import Received, ReplyMapping
from swarm.tls import TlsContexts
from swarm.tracing import new_trace_id
from swarm.transport import NoReplyError

BATCH = 512
WAITING = 20_000
"""So many spans wait for the collector at most, about 1 KiB each; more are dropped."""
EVERY_S = 1.0
METRICS_EVERY_S = 10.0
TIMEOUT_S = 10.0
"""Of one request to the collector."""
MAX_PAUSE_S = 30.0
CLOSE_S = 3.0
"""How long the end of a run waits for the collector."""
_LATER = frozenset({429, 502, 503, 504})
"""Statuses after which the same request may be taken later (OTLP specification, "Failures")."""


class Telemetry:
    """The spans and metrics of one run.

    Args:
        section: Where they go; it names an endpoint.
        run_id: The run's.
        target: Whom the exchanges were with.
        earlier: So many of the exchanges that come first were recorded before this process, and are passed over.
        env: Where secrets are; None takes the process's environment.

    Raises:
        ConfigurationError: If a header is not valid, or a secret is missing.
    """

    def __init__(
        self,
        section: TelemetrySection,
        *,
        run_id: str,
        target: TargetSection,
        earlier: int = 0,
        env: Mapping[str, str] | None = None,
    ) -> None:
        url = resolve_secret(section.otlp_endpoint or "", key="telemetry.otlp_endpoint", env=env).rstrip("/")
        self._origin = origin_of(url)
        self._base = request_path(urlsplit(url)).rstrip("/")
        headers = {"content-type": "application/json", "user-agent": "reverse-rag"}
        headers |= dict(configured_headers(section.headers, table="telemetry.headers", env=env))
        # Whatever the collector answers, nothing goes anywhere else: redirects are not followed.
        tls = TlsContexts(TlsSection(), self._origin, env)
        self._delivery = Delivery(self._origin, headers, allowed=AllowList([self._origin.host]), tls=tls)
        self._mapping = ReplyMapping(TargetSection())
        self._version = version("reverse-rag")
        self._resource = {
            "service.name": "reverse-rag",
            "service.version": self._version,
            "service.instance.id": run_id,
            "reverse_rag.run_id": run_id,
        }
        self._common = _common(target, env)
        self._metrics = Metrics(self._common, time.time_ns())
        self._earlier = earlier
        self._waiting: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._give_up_at = float("inf")
        self._spans = 0
        self._dropped = 0
        self._failures: Counter[str] = Counter()
        self._metrics_lost = False
        self._thread = threading.Thread(target=self._work, name="telemetry", daemon=True)

    def start(self) -> None:
        """Begin to send what comes."""
        self._thread.start()

    def add(self, exchange: Exchange) -> None:
        """Take an exchange; never waits."""
        if self._earlier > 0:
            self._earlier -= 1
            return
        span = span_of(exchange, self._common)
        with self._lock:
            self._metrics.add(exchange)
            if span is None:
                return
            self._spans += 1
            if len(self._waiting) < WAITING:
                self._waiting.append(orjson.dumps(span))
            else:
                self._dropped += 1

    def progress(self, event: Mapping[str, Any]) -> None:
        """Take the sender's ``progress`` event: what is in flight, and how late it sends."""
        with self._lock:
            self._metrics.gauges["reverse_rag.in_flight {request}"] = float(event.get("in_flight", 0))
            lag_ms = event.get("lag_ms", {}).get("p99", 0.0)
            self._metrics.gauges["reverse_rag.generator.lag_p99 s"] = lag_ms / 1000

    def close(self) -> str:
        """Send what waits, a few seconds at most; return in a sentence what was lost, empty if nothing was."""
        self._give_up_at = Clock.now() + CLOSE_S
        self._closing.set()
        self._thread.join(CLOSE_S + 0.5)
        with self._lock:
            lost = self._dropped + len(self._waiting)
            spans, reasons = self._spans, ", ".join(reason for reason, _ in self._failures.most_common(3))
        if not lost and not self._metrics_lost:
            return ""
        what = f"{lost:,} of {counted(spans, 'span')}" if lost else "the metrics"
        also = " and the last metrics" if lost and self._metrics_lost else ""
        return f"telemetry: {what}{also} did not reach {self._origin.url('')} ({reasons or 'no time was left'})"

    def _work(self) -> None:
        pause_s, metrics_at = EVERY_S, Clock.now() + METRICS_EVERY_S
        while True:
            closing = self._closing.wait(pause_s)
            taken = self._send_spans()
            if closing or Clock.now() >= metrics_at:
                taken = self._send_metrics() and taken
                metrics_at = Clock.now() + METRICS_EVERY_S
            if closing:
                return
            pause_s = EVERY_S if taken else min(2 * pause_s, MAX_PAUSE_S)

    def _send_spans(self) -> bool:
        """Send what waits, batch by batch; return false if the collector should be left alone for a while."""
        while Clock.now() < self._give_up_at:
            with self._lock:
                batch = list(islice(self._waiting, BATCH))
            if not batch:
                return True
            fragments = [orjson.Fragment(span) for span in batch]
            reply = self._post("/v1/traces", payload("span", self._resource, self._version, fragments))
            if reply is None:
                return False
            with self._lock:
                for _ in batch:
                    self._waiting.popleft()
                self._dropped += self._refused(reply, len(batch))
        return False

    def _send_metrics(self) -> bool:
        with self._lock:
            points = self._metrics.points(time.time_ns())
        reply = self._post("/v1/metrics", payload("metric", self._resource, self._version, points))
        self._metrics_lost = reply is None or self._refused(reply, len(points)) > 0
        return reply is not None

    def _refused(self, reply: Received, count: int) -> int:
        """Return how many of a request's items the collector did not take."""
        if reply.status is None or not 200 <= reply.status < 300:
            self._failures[f"status {reply.status}"] += 1
            return count
        rejected = _rejected(reply.body)
        if rejected:
            self._failures["rejected by the collector"] += rejected
        return min(rejected, count)

    def _post(self, path: str, body: bytes) -> Received | None:
        """Return the collector's reply; None if the same request may be taken later."""
        deadline = min(Clock.now() + TIMEOUT_S, self._give_up_at)
        flight = Flight(deadline, new_trace_id(), self._mapping, streams=False)
        try:
            reply = self._delivery.attempt(self._origin, Request("POST", f"{self._base}{path}", body, "", {}), flight)
        except (NoReplyError, ConfigurationError) as failure:
            self._failures[str(failure)] += 1
            return None
        except HostNotAllowedError:
            self._failures["it resolves to a link-local or metadata address"] += 1
            return None
        if reply.fault is not None or reply.status in _LATER:
            self._failures[reply.fault or f"status {reply.status}"] += 1
            return None
        return reply


def _common(target: TargetSection, env: Mapping[str, str] | None) -> Attributes:
    origin = origin_of(over_http(resolve_secret(target.url, key="target.url", env=env)))
    common: Attributes = (
        ("gen_ai.operation.name", "chat"),
        ("server.address", origin.host),
        ("server.port", origin.port),
    )
    # The conventions' name for the flavour of the API, whoever serves it.
    return (*common, ("gen_ai.provider.name", "openai")) if target.protocol == "openai-chat" else common


def _rejected(body: bytes) -> int:
    """Return how many items a whole reply says that the collector rejected (OTLP specification, "Partial Success")."""
    try:
        partial = orjson.loads(body).get("partialSuccess") or {}
        return int(partial.get("rejectedSpans") or partial.get("rejectedDataPoints") or 0)
    except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError):
        return 0
