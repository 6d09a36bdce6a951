"""Exchanges as OpenTelemetry's spans and metrics, in OTLP's JSON encoding (opentelemetry-proto 1.x, protojson).

Names are those of the semantic conventions for generative AI where these have
one; what they lack begins with ``reverse_rag``. Nothing here holds a word of
a prompt or an answer: ids, categories, counts and times only.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from harness.contracts import Exchange
from swarm.tracing import span_id_of

SPAN_KIND_CLIENT = 3
STATUS_ERROR = 2
CUMULATIVE = 2
SECONDS = tuple(0.01 * 2**step for step in range(14))
"""Bucket bounds of times: those that the conventions give for operations of language models."""
TOKENS = tuple(float(4**step) for step in range(14))
"""Bucket bounds of token counts: the conventions' own."""
_NO_ERROR = frozenset({"answered", "blocked"})

Value = str | int | float
Attributes = tuple[tuple[str, Value], ...]


def attributes(values: Iterable[tuple[str, Value | None]]) -> list[dict[str, Any]]:
    """Return attributes as OTLP has them; those without a value are left out."""
    return [{"key": key, "value": _value(value)} for key, value in values if value is not None]


def nanoseconds(at: str) -> int:
    """Return an ISO 8601 time as nanoseconds since 1970."""
    moment = datetime.fromisoformat(at)
    return int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1000


def span_of(exchange: Exchange, common: Attributes) -> dict[str, Any] | None:
    """Return an exchange's span, with the ids that went out in its ``traceparent``; None if it was never sent.

    Args:
        exchange: What was recorded.
        common: Attributes of all spans.
    """
    if exchange.trace_id is None or exchange.sent_at is None:
        return None
    began = nanoseconds(exchange.sent_at)
    took = int((exchange.service_ms or 0.0) * 1_000_000)
    failed = exchange.outcome not in _NO_ERROR
    return {
        "traceId": exchange.trace_id,
        "spanId": span_id_of(exchange.trace_id),
        "name": "chat",
        "kind": SPAN_KIND_CLIENT,
        "startTimeUnixNano": str(began),
        "endTimeUnixNano": str(began + took),
        "attributes": attributes(
            (
                *common,
                ("error.type", (exchange.error or exchange.outcome) if failed else None),
                ("http.response.status_code", exchange.status),
                ("gen_ai.usage.input_tokens", exchange.tokens_in),
                ("gen_ai.usage.output_tokens", exchange.tokens_out),
                ("gen_ai.response.time_to_first_chunk", _seconds(exchange.ttft_ms)),
                ("reverse_rag.exchange_id", exchange.exchange_id),
                ("reverse_rag.prompt_id", exchange.prompt_id),
                ("reverse_rag.arm", exchange.arm),
                ("reverse_rag.attempt", exchange.attempt),
                ("reverse_rag.turn", exchange.turn),
                ("reverse_rag.outcome", exchange.outcome),
                ("reverse_rag.latency", _seconds(exchange.latency_ms)),
            )
        ),
        "status": {"code": STATUS_ERROR} if failed else {},
    }


@dataclass(slots=True)
class Histogram:
    """How many values fell into which bucket, since the beginning."""

    bounds: tuple[float, ...]
    buckets: list[int] = field(init=False)
    total: float = 0.0

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.buckets = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        """Count a value; a bound belongs to the bucket below it."""
        self.buckets[bisect_left(self.bounds, value)] += 1
        self.total += value

    def point(self) -> dict[str, Any]:
        """Return it as a data point."""
        return {
            "count": str(sum(self.buckets)),
            "sum": self.total,
            "bucketCounts": [str(count) for count in self.buckets],
            "explicitBounds": self.bounds,
        }


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a histogram measures."""

    name: str
    unit: str
    bounds: tuple[float, ...]
    description: str


DURATION = Instrument("gen_ai.client.operation.duration", "s", SECONDS, "From sending a turn to its last byte.")
FIRST_CHUNK = Instrument(
    "gen_ai.client.operation.time_to_first_chunk", "s", SECONDS, "From sending a turn to the first piece of its answer."
)
TOKEN_USAGE = Instrument("gen_ai.client.token.usage", "{token}", TOKENS, "Tokens of a turn as the target counts them.")
LATENCY = Instrument("reverse_rag.latency", "s", SECONDS, "From the moment a turn was due to its last byte.")


class Metrics:
    """A run's figures, added up from its exchanges.

    Args:
        common: Attributes of all of them.
        began: Nanoseconds since 1970 from which they count.
    """

    def __init__(self, common: Attributes, began: int) -> None:
        self._common = common
        self._began = began
        self._requests: dict[Attributes, int] = {}
        self._histograms: dict[tuple[Instrument, Attributes], Histogram] = {}
        self.gauges: dict[str, float] = {}
        """The last values of what goes up and down, by name with its unit: ``name unit``."""

    def add(self, exchange: Exchange) -> None:
        """Count an exchange."""
        told: Attributes = (("reverse_rag.arm", exchange.arm), ("reverse_rag.outcome", exchange.outcome))
        if exchange.outcome not in _NO_ERROR:
            told = (*told, ("error.type", exchange.error or exchange.outcome))
        self._requests[told] = self._requests.get(told, 0) + 1
        self._count(DURATION, told, _seconds(exchange.service_ms))
        self._count(LATENCY, told, _seconds(exchange.latency_ms))
        self._count(FIRST_CHUNK, told, _seconds(exchange.ttft_ms))
        self._count(TOKEN_USAGE, (*told, ("gen_ai.token.type", "input")), exchange.tokens_in)
        self._count(TOKEN_USAGE, (*told, ("gen_ai.token.type", "output")), exchange.tokens_out)

    def points(self, now: int) -> list[dict[str, Any]]:
        """Return them as OTLP metrics, as they are at ``now``: nanoseconds since 1970."""
        times = {"startTimeUnixNano": str(self._began), "timeUnixNano": str(now)}
        requests = [
            {"attributes": attributes((*self._common, *told)), "asInt": str(count), **times}
            for told, count in self._requests.items()
        ]
        counted = {"aggregationTemporality": CUMULATIVE, "isMonotonic": True, "dataPoints": requests}
        metrics: dict[str, dict[str, Any]] = {}
        if requests:
            metrics["reverse_rag.requests"] = {"unit": "{request}", "sum": counted}
        for (kind, told), histogram in self._histograms.items():
            described = {"unit": kind.unit, "description": kind.description}
            empty = {"aggregationTemporality": CUMULATIVE, "dataPoints": []}
            metric = metrics.setdefault(kind.name, {**described, "histogram": empty})
            point = {"attributes": attributes((*self._common, *told)), **times, **histogram.point()}
            metric["histogram"]["dataPoints"].append(point)
        for gauge, value in self.gauges.items():
            name, unit = gauge.split(" ")
            point = {"attributes": attributes(self._common), "timeUnixNano": str(now), "asDouble": value}
            metrics[name] = {"unit": unit, "gauge": {"dataPoints": [point]}}
        return [{"name": name, **metric} for name, metric in metrics.items()]

    def _count(self, kind: Instrument, told: Attributes, value: float | None) -> None:
        if value is not None:
            histogram = self._histograms.get((kind, told))
            if histogram is None:
                histogram = self._histograms[kind, told] = Histogram(kind.bounds)
            histogram.add(value)


def payload(signal: str, resource: Mapping[str, Value | None], scope: str, items: list[Any]) -> bytes:
    """Return the body of an export request.

    Args:
        signal: ``span`` or ``metric``.
        resource: Who sends it.
        scope: The version of the instrumentation, which is this project's.
        items: The spans or metrics.
    """
    title = signal.capitalize()
    within = {"scope": {"name": "reverse-rag", "version": scope}, f"{signal}s": items}
    whole = {"resource": {"attributes": attributes(resource.items())}, f"scope{title}s": [within]}
    return orjson.dumps({f"resource{title}s": [whole]})


def _value(value: Value) -> dict[str, Any]:
    if isinstance(value, str):
        return {"stringValue": value}
    return {"intValue": str(value)} if isinstance(value, int) else {"doubleValue": value}


def _seconds(time_ms: float | None) -> float | None:
    return None if time_ms is None else time_ms / 1000
