"""OTLP JSON: every generation of the conventions, many spans in a record, calls told from other spans."""

import datetime as dt
from typing import Any

import orjson
import pytest

from extract.records.mapping import LoggedExchange
from tests.extract.formats.reading import exchange, outcomes, reason, turns

FORM = "otel-genai"
ASKED = "why is there a fee of 3 euros?"
ANSWERED = "That is the fee of the cash machine."
START = "1772615702123000000"
MOMENT = dt.datetime(2026, 3, 4, 9, 15, 2, 123000, tzinfo=dt.UTC)
CALL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m-1", "user.id": "u4", "gen_ai.conversation.id": "c4"}
INPUT = [
    {"role": "system", "parts": [{"type": "text", "content": "Be kind."}]},
    {"role": "user", "parts": [{"type": "text", "content": "hello"}]},
    {"role": "assistant", "parts": [{"type": "text", "content": "Hi!"}]},
    {"role": "user", "parts": [{"type": "text", "content": ASKED}, {"type": "blob", "content": "aGk="}]},
]
OUTPUT = [{"role": "assistant", "parts": [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": ANSWERED}], "finish_reason": "stop"}]  # fmt: skip


def value(raw: Any) -> dict[str, Any]:
    """Return a value as OTLP writes it in JSON."""
    if isinstance(raw, bool):
        return {"boolValue": raw}
    if isinstance(raw, int):
        return {"intValue": str(raw)}
    if isinstance(raw, float):
        return {"doubleValue": raw}
    if isinstance(raw, list):
        return {"arrayValue": {"values": [value(item) for item in raw]}}
    if isinstance(raw, dict):
        return {"kvlistValue": {"values": attributes(raw)}}
    return {"stringValue": raw}


def attributes(raw: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value(item)} for key, item in raw.items()]


def span(raw: dict[str, Any], *events: tuple[str, dict[str, Any]], **changes: Any) -> dict[str, Any]:
    return {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "chat m-1",
        "kind": 3,
        "startTimeUnixNano": START,
        "attributes": attributes(raw),
        "events": [{"name": name, "timeUnixNano": START, "attributes": attributes(a)} for name, a in events],
        "status": {},
        **changes,
    }


def traces(*spans: dict[str, Any], resource: dict[str, Any] | None = None) -> dict[str, Any]:
    named = {"attributes": attributes({"service.name": "chat", **(resource or {})})}
    return {"resourceSpans": [{"resource": named, "scopeSpans": [{"scope": {"name": "x"}, "spans": list(spans)}]}]}


def logs(*records: dict[str, Any]) -> dict[str, Any]:
    return {"resourceLogs": [{"resource": {}, "scopeLogs": [{"scope": {}, "logRecords": list(records)}]}]}


def log(name: str, raw: dict[str, Any], body: Any = None, **changes: Any) -> dict[str, Any]:
    record = {"timeUnixNano": START, "traceId": "5b", "spanId": "ee", "eventName": name, "attributes": attributes(raw)}
    return {**record, **({} if body is None else {"body": value(body)}), **changes}


FLAT = {
    "openinference.span.kind": "LLM", "user.id": "u4", "session.id": "c4",
    "llm.input_messages.0.message.role": "system", "llm.input_messages.0.message.content": "Be kind.",
    "llm.input_messages.10.message.role": "user", "llm.input_messages.10.message.content": ASKED,
    "llm.input_messages.9.message.role": "user", "llm.input_messages.9.message.content": "hello",
    "llm.output_messages.0.message.role": "assistant", "llm.output_messages.0.message.content": ANSWERED,
}  # fmt: skip
GENERATIONS: dict[str, dict[str, Any]] = {
    "messages as JSON": traces(
        span({**CALL, "gen_ai.input.messages": orjson.dumps(INPUT).decode(), "gen_ai.output.messages": orjson.dumps(OUTPUT).decode()})
    ),
    "messages structured": traces(span({**CALL, "gen_ai.input.messages": INPUT, "gen_ai.output.messages": OUTPUT})),
    "messages in an event": traces(
        span(CALL, ("gen_ai.client.inference.operation.details", {"gen_ai.input.messages": INPUT, "gen_ai.output.messages": OUTPUT}))
    ),
    "one event a message": traces(
        span(
            CALL,
            ("gen_ai.system.message", {"content": "Be kind."}),
            ("gen_ai.user.message", {"content": ASKED}),
            ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": orjson.dumps({"content": ANSWERED}).decode()}),
        )
    ),
    "events with JSON inside": traces(
        span(
            CALL,
            ("gen_ai.user.message", {"gen_ai.event.content": orjson.dumps({"role": "user", "content": ASKED}).decode()}),
            ("gen_ai.choice", {"gen_ai.event.content": orjson.dumps({"message": {"content": ANSWERED}}).decode()}),
        )
    ),
    "prompt and completion events": traces(
        span(
            CALL,
            ("gen_ai.content.prompt", {"gen_ai.prompt": orjson.dumps([{"role": "user", "content": ASKED}]).decode()}),
            ("gen_ai.content.completion", {"gen_ai.completion": orjson.dumps([{"role": "assistant", "content": ANSWERED}]).decode()}),
        )
    ),
    "openinference": traces(span(FLAT)),
    "openinference, parts": traces(
        span({
            "openinference.span.kind": "LLM", "user.id": "u4", "session.id": "c4",
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.contents.0.message_content.type": "text",
            "llm.input_messages.0.message.contents.0.message_content.text": ASKED,
            "llm.output_messages.0.message.content": ANSWERED,
        })
    ),
    "openinference, bodies": traces(
        span({
            "openinference.span.kind": "LLM", "user.id": "u4", "session.id": "c4",
            "input.value": orjson.dumps({"messages": [{"role": "user", "content": ASKED}]}).decode(),
            "output.value": orjson.dumps({"choices": [{"message": {"role": "assistant", "content": ANSWERED}}]}).decode(),
        })
    ),
    "openllmetry": traces(
        span({
            "llm.request.type": "chat", "traceloop.association.properties.user_id": "u4",
            "traceloop.association.properties.session_id": "c4",
            "gen_ai.prompt.0.role": "system", "gen_ai.prompt.0.content": "Be kind.",
            "gen_ai.prompt.1.role": "user", "gen_ai.prompt.1.content": orjson.dumps([{"type": "text", "text": ASKED}]).decode(),
            "gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.content": ANSWERED,
        })
    ),
    "texts": traces(span({**CALL, "gen_ai.prompt": ASKED, "gen_ai.completion": ANSWERED})),
    "ids on the resource": traces(
        span({"gen_ai.operation.name": "chat", "gen_ai.input.messages": INPUT, "gen_ai.output.messages": OUTPUT}),
        resource={"enduser.id": "u4", "session.id": "c4"},
    ),
    "one span a record": {
        **span({}), "attributes": {**CALL, "gen_ai.input.messages": INPUT, "gen_ai.output.messages": OUTPUT},
    },
    "log of a whole call": logs(
        log("gen_ai.client.inference.operation.details", {**CALL, "gen_ai.input.messages": INPUT, "gen_ai.output.messages": OUTPUT})
    ),
    "logs, one a message": logs(
        log("gen_ai.user.message", CALL, {"content": ASKED}),
        log("gen_ai.choice", CALL, {"index": 0, "message": {"role": "assistant", "content": ANSWERED}}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_generation_of_the_conventions_is_read(generation: str) -> None:
    found = exchange(FORM, GENERATIONS[generation])
    assert (found.prompt, found.response) == (ASKED, ANSWERED)
    assert (found.user, found.session, found.at) == ("u4", "c4", MOMENT)


@pytest.mark.parametrize(
    "other",
    [
        {"http.request.method": "POST"},
        {"gen_ai.operation.name": "embeddings", "gen_ai.input.messages": "x"},
        {"gen_ai.operation.name": "execute_tool"},
        {"openinference.span.kind": "CHAIN", "input.value": "hi"},
        {"openinference.span.kind": "AGENT", "llm.input_messages.0.message.content": "hi"},
        {"traceloop.span.kind": "workflow"},
        {"llm.request.type": "rerank"},
        {"gen_ai.operation.name": ["chat"]},
    ],
)
def test_other_spans_are_skipped_and_counted(other: dict[str, Any]) -> None:
    call = span({**CALL, "gen_ai.input.messages": INPUT})
    mapped, skipped = outcomes(FORM, traces(span(other), call, span(other)))
    assert [m.prompt for m in mapped if isinstance(m, LoggedExchange)] == [ASKED]
    assert skipped == {"not_an_llm_call": 2}


def test_an_agent_counts_only_where_its_own_calls_are_out_of_sight() -> None:
    agent = {**CALL, "gen_ai.operation.name": "invoke_agent", "gen_ai.input.messages": INPUT}
    assert turns(FORM, traces(span(agent, kind="SPAN_KIND_CLIENT"))) == [(ASKED, None)]
    assert reason(FORM, traces(span(agent, kind=1))) == "skipped: not_an_llm_call"


def test_without_a_conversation_the_trace_is_the_session() -> None:
    call = {key: value for key, value in CALL.items() if key != "gen_ai.conversation.id"}
    found = exchange(FORM, traces(span({**call, "gen_ai.input.messages": INPUT})))
    assert found.session == "5b8efff798038103d269b633813fc60c"


def test_a_failed_call_has_no_response() -> None:
    record = traces(span({**CALL, "gen_ai.input.messages": INPUT}, status={"code": 2, "message": "timeout"}))
    assert turns(FORM, record) == [(ASKED, None)]


def test_attributes_of_all_kinds_can_be_mapped_and_kept() -> None:
    extra = {"app.user": 12, "app.tags": ["a", True, 1.5], "gen_ai.input.messages": INPUT}
    fields = {"user": 'attributes."app.user"', "keep": ['attributes."app.tags"', 'resource."service.name"']}
    found = exchange(FORM, traces(span({**CALL, **extra})), fields=fields)
    assert found.user == "12"
    assert found.kept == {'attributes."app.tags"': '["a",true,1.5]', 'resource."service.name"': "chat"}


def test_every_part_of_a_record_is_accounted_for() -> None:
    call = {**CALL, "gen_ai.input.messages": INPUT}
    tool = [{"role": "assistant", "parts": [{"type": "tool_call", "name": "fees"}]}]
    result = [*INPUT, *tool, {"role": "tool", "parts": [{"type": "tool_call_response", "response": "3"}]}]
    mapped, skipped = outcomes(
        FORM,
        traces(
            span(CALL),
            span({**call, "gen_ai.output.messages": tool}),
            span({**CALL, "gen_ai.input.messages": result, "gen_ai.output.messages": OUTPUT}),
            span({**CALL, "gen_ai.input.messages": INPUT[:1]}),
            span({**CALL, "gen_ai.input.messages": 5}),
            span({"gen_ai.operation.name": "chat", "gen_ai.input.messages": INPUT}),
        ),
    )
    assert [m.prompt if isinstance(m, LoggedExchange) else (m.reason, m.field, m.detail) for m in mapped] == [
        ("no_content_captured", "gen_ai.input.messages", ""),
        ASKED,
        ("wrong_type", "gen_ai.input.messages", "int, part 5"),
        ("missing_field", "user_id", "part 6"),
    ]
    assert skipped == {"tool_call": 1, "no_user_message": 1}


def test_answers_apart_from_their_question_are_reasons() -> None:
    assert reason(FORM, logs(log("gen_ai.choice", CALL, {"message": {"content": ANSWERED}}))) == "no_content_captured"
    assert reason(FORM, logs(log("gen_ai.choice", {}, "x", traceId="", spanId=""))) == "no_content_captured"


@pytest.mark.parametrize("record", [{}, {"spans": []}])
def test_what_is_no_otlp_says_so(record: dict[str, Any]) -> None:
    assert reason(FORM, record) == "not_otlp"


@pytest.mark.parametrize(
    "record", [traces(), {"resourceSpans": []}, {"resourceSpans": [{"scopeSpans": 5}]}, {"resourceMetrics": []}]
)
def test_a_record_without_spans_is_counted(record: dict[str, Any]) -> None:
    assert reason(FORM, record) == "skipped: empty_record"
