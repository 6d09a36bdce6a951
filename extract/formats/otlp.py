"""OTLP's JSON: spans and log records out of their envelopes, attributes as plain values."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from extract.formats.values import as_object, as_objects

_DEEPEST = 32
"""Attributes nested deeper are dropped: no instrumentation writes them."""
_WRAPPERS = ("stringValue", "boolValue", "intValue", "doubleValue", "bytesValue", "arrayValue", "kvlistValue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event of a span, or a log record that belongs to one."""

    name: str
    attributes: dict[str, Any]
    """With ``body``, if a log record has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One span, or the log records of one."""

    attributes: dict[str, Any]
    resource: dict[str, Any] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    name: str = ""
    kind: Any = None
    trace_id: Any = None
    span_id: Any = None
    start_ns: Any = None
    """Nanoseconds since 1970, as text or number."""
    failed: bool = False


def spans_of(values: dict[str, Any]) -> Iterator[Span]:
    """Yield the spans of an export request, or the record itself if it is one span."""
    batches = as_objects(values.get("resourceSpans"))
    for batch in batches:
        resource = attributes_of(as_object(batch.get("resource")))
        for scope in as_objects(batch.get("scopeSpans") or batch.get("instrumentationLibrarySpans")):
            for raw in as_objects(scope.get("spans")):
                yield _span(raw, resource)
    if not batches and "attributes" in values and ("spanId" in values or "context" in values):
        yield _span(values, {})


def log_groups_of(values: dict[str, Any]) -> Iterator[Span]:
    """Yield the log records of an export request, those of one span together."""
    groups: dict[Any, list[dict[str, Any]]] = {}
    for batch in as_objects(values.get("resourceLogs")):
        for scope in as_objects(batch.get("scopeLogs")):
            for number, raw in enumerate(as_objects(scope.get("logRecords"))):
                place = (raw.get("traceId"), raw.get("spanId"))
                key = repr(place) if all(isinstance(part, str) and part for part in place) else (id(scope), number)
                groups.setdefault(key, []).append(raw)
    for records in groups.values():
        yield _group(records)


def attributes_of(holder: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a span, an event or a resource; some exporters write them as a plain object."""
    raw = holder.get("attributes")
    if isinstance(raw, dict):
        return raw
    return {pair["key"]: _value(pair.get("value"), 0) for pair in as_objects(raw) if isinstance(pair.get("key"), str)}


def _span(raw: dict[str, Any], resource: dict[str, Any]) -> Span:
    status = as_object(raw.get("status"))
    context = as_object(raw.get("context"))
    return Span(
        attributes=attributes_of(raw),
        resource=resource,
        events=tuple(
            Event(name=str(event.get("name") or ""), attributes=attributes_of(event))
            for event in as_objects(raw.get("events"))
        ),
        name=str(raw.get("name") or ""),
        kind=raw.get("kind"),
        trace_id=raw.get("traceId") or context.get("trace_id"),
        span_id=raw.get("spanId") or context.get("span_id"),
        start_ns=raw.get("startTimeUnixNano") or raw.get("start_time"),
        failed=status.get("code", status.get("status_code")) in (2, "STATUS_CODE_ERROR", "ERROR"),
    )


def _group(records: list[dict[str, Any]]) -> Span:
    events = []
    shared: dict[str, Any] = {}
    for raw in records:
        attributes = attributes_of(raw)
        name = raw.get("eventName") or attributes.get("event.name") or ""
        body = _value(raw.get("body"), 0)
        events.append(Event(name=str(name), attributes=attributes if body is None else {**attributes, "body": body}))
        shared.update(attributes)
    first = records[0]
    return Span(
        attributes=shared,
        events=tuple(events),
        trace_id=first.get("traceId"),
        span_id=first.get("spanId"),
        start_ns=first.get("timeUnixNano") or first.get("observedTimeUnixNano"),
    )


def _value(raw: Any, depth: int) -> Any:
    """Return an attribute's value: text, number, boolean, list or object."""
    if not isinstance(raw, dict):
        return raw
    if depth > _DEEPEST:
        return None
    kind = next((name for name in _WRAPPERS if name in raw), None)
    inner = raw.get(kind) if kind else None
    if kind == "arrayValue":
        values = inner.get("values") if isinstance(inner, dict) else None
        return [_value(item, depth + 1) for item in values] if isinstance(values, list) else []
    if kind == "kvlistValue":
        pairs = as_objects(inner.get("values")) if isinstance(inner, dict) else []
        return {p["key"]: _value(p.get("value"), depth + 1) for p in pairs if isinstance(p.get("key"), str)}
    if kind == "intValue" and isinstance(inner, str) and inner.lstrip("-").isdecimal() and len(inner) < 25:
        return int(inner)
    return inner
