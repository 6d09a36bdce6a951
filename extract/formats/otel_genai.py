"""Calls of language models in OpenTelemetry's traces and logs.

Reads what the GenAI semantic conventions write now (``gen_ai.input.messages``) and wrote before 1.37 (one event a
message, ``gen_ai.content.prompt``), OpenInference (``llm.input_messages.0.message.content``) and OpenLLMetry
(``gen_ai.prompt.0.content``).
"""

from collections.abc import Iterator
from typing import Any

from extract.formats.interface import Found, Part, RecordError, Rejection, Skipped
from extract.formats.otel_messages import messages_in
from extract.formats.otlp import Span, log_groups_of, spans_of
from extract.formats.values import SESSION_KEYS, USER_KEYS, identifier

_CALLS = ("chat", "text_completion", "generate_content", "completion")
_AGENT = "invoke_agent"
_CLIENT_KINDS = (3, "3", "SPAN_KIND_CLIENT", "SpanKind.CLIENT")
_USER_KEYS = (*USER_KEYS, "langfuseuserid", "traceloopassociationpropertiesuserid", "genaiuserid")
_SESSION_KEYS = (
    "genaiconversationid", *SESSION_KEYS, "langfusesessionid", "traceloopassociationpropertiessessionid",
    "traceloopassociationpropertieschatid", "traceloopassociationpropertiesconversationid",
)  # fmt: skip


def read_otlp(values: dict[str, Any], _location: str) -> Iterator[Part]:
    """Yield the exchange of every call of a language model in an export request; other spans are skipped.

    The session is the conversation that a span names, else its trace. Without a user it is no exchange: one user
    taken for many would weaken what is promised about rare groups.

    Raises:
        RecordError: If the record is no OTLP JSON (rejected).
    """
    if not any(key in values for key in ("resourceSpans", "resourceLogs", "resourceMetrics", "spanId", "context")):
        raise RecordError(Rejection(reason="not_otlp", field="resourceSpans"))
    for spans, call in ((spans_of(values), _is_call), (log_groups_of(values), _has_messages)):
        for span in spans:
            if not call(span):
                yield Skipped("not_an_llm_call")
                continue
            try:
                yield _exchange(span)
            except RecordError as error:
                yield error.part


def _is_call(span: Span) -> bool:
    operation = span.attributes.get("gen_ai.operation.name")
    if operation is not None:
        # An agent in the same process has its calls below it; one elsewhere is only seen as a client's call.
        return operation in _CALLS or bool(operation == _AGENT and span.kind in _CLIENT_KINDS)
    kind = span.attributes.get("openinference.span.kind") or span.attributes.get("traceloop.span.kind")
    if kind is not None:
        return bool(kind == "LLM")
    request = span.attributes.get("llm.request.type")
    return request in ("chat", "completion") if request is not None else _has_messages(span)


def _has_messages(span: Span) -> bool:
    named = any(key.startswith(("gen_ai.input", "gen_ai.prompt", "llm.input_messages")) for key in span.attributes)
    return named or any(event.name.startswith("gen_ai.") for event in span.events)


def _exchange(span: Span) -> Found:
    said = messages_in(span)
    sources = (span.attributes, span.resource)
    return Found(
        values={
            "name": span.name,
            "traceId": span.trace_id,
            "spanId": span.span_id,
            "attributes": span.attributes,
            "resource": span.resource,
        },
        fields={
            "user": identifier(sources, _USER_KEYS),
            "session": identifier(sources, _SESSION_KEYS) or span.trace_id,
            "timestamp": _seconds(span.start_ns),
            "prompt": said.prompt(),
            "response": None if span.failed else said.response(),
        },
    )


def _seconds(start_ns: Any) -> Any:
    """Return nanoseconds since 1970 as seconds; other times as they are."""
    if isinstance(start_ns, str) and start_ns.isdecimal() and len(start_ns) < 25:
        start_ns = int(start_ns)
    return start_ns / 1e9 if isinstance(start_ns, int | float) and not isinstance(start_ns, bool) else start_ns
