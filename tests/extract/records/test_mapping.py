"""Mapping: one exchange per record, or the reason and the field; never a value."""

import datetime as dt
from typing import Any, get_args

import pytest

from extract.readers import RawRecord
from extract.records.expressions import compile_expression
from extract.records.mapping import LoggedExchange, RecordMapping, Rejection, feedback_of, parse_time
from harness.config import ExtractSection, FieldMap
from harness.config.sections import LogFormatName
from harness.errors import ConfigurationError
from tests.extract.conftest import MakeSettings, record

PLAIN = RecordMapping(ExtractSection())


def mapped(values: dict[str, Any], mapping: RecordMapping = PLAIN) -> LoggedExchange | Rejection:
    (only,) = mapping.map_all(RawRecord(source="a.jsonl", line=7, values=values))
    return only


def test_a_good_record_is_an_exchange() -> None:
    exchange = mapped(record(0, user_id=12, prompt="hi\u200b\x00 there"))
    assert isinstance(exchange, LoggedExchange)
    assert (exchange.user, exchange.session, exchange.prompt, exchange.line) == ("12", "session-0", "hi there", 7)
    assert exchange.at == dt.datetime(2026, 10, 1, 8, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("change", "reason", "field", "detail"),
    [
        ({"user_id": None}, "missing_field", "user_id", ""),
        ({"session_id": ""}, "missing_field", "session_id", ""),
        ({"session_id": " \t"}, "missing_field", "session_id", ""),
        ({"user_id": "\u200b "}, "missing_field", "user_id", ""),
        ({"timestamp": " "}, "missing_field", "timestamp", ""),
        ({"session_id": ["s"]}, "wrong_type", "session_id", "list"),
        ({"user_id": True}, "wrong_type", "user_id", "bool"),
        ({"prompt": None}, "missing_field", "prompt", ""),
        ({"prompt": 5}, "wrong_type", "prompt", "int"),
        ({"prompt": " \n"}, "empty_message", "prompt", ""),
        ({"prompt": "x" * 200_001}, "message_too_long", "prompt", "200001 characters"),
        ({"response": {"text": "hi"}}, "wrong_type", "response", "dict"),
        ({"response": "x" * 5_000_000}, "message_too_long", "response", "5000000 characters"),
        ({"timestamp": None}, "missing_field", "timestamp", ""),
        ({"timestamp": "last Tuesday"}, "bad_timestamp", "timestamp", "text of 12 characters"),
        ({"timestamp": [1]}, "bad_timestamp", "timestamp", "list"),
    ],
)
def test_a_bad_record_is_rejected_by_field(change: dict[str, Any], reason: str, field: str, detail: str) -> None:
    assert mapped(record(0, **change)) == Rejection(reason=reason, field=field, detail=detail)


def test_a_response_may_be_null_or_absent() -> None:
    without = record(0)
    del without["response"]
    for values in (without, record(0, response=None), record(0, response="")):
        exchange = mapped(values)
        assert isinstance(exchange, LoggedExchange)
        assert exchange.response is None


def test_fields_are_jmespath_and_only_kept_ones_survive() -> None:
    fields = FieldMap.model_validate({
        "user": "who.id", "session": '"session-id"', "timestamp": "at", "prompt": "messages[-1].text", "response": "reply", "keep": ["channel", "tags", "app.version", "none"],
    })  # fmt: skip
    mapping = RecordMapping(ExtractSection(fields=fields))
    values = {"who": {"id": "u"}, "session-id": "s", "at": 1_790_000_000, "messages": [{"text": "a"}, {"text": "b"}], "channel": "web", "tags": [1, 2], "app": {"version": 3}, "secret": "x"}  # fmt: skip
    exchange = mapped(values, mapping)
    assert isinstance(exchange, LoggedExchange)
    assert exchange.prompt == "b"
    assert exchange.kept == {"channel": "web", "tags": "[1,2]", "app.version": "3"}


def test_a_function_on_the_wrong_type_rejects_the_record_only() -> None:
    mapping = RecordMapping(ExtractSection(fields=FieldMap(prompt="join(' ', parts)")))
    assert mapped(record(0, parts=5), mapping) == Rejection(reason="unmappable_field", field="join(' ', parts)")
    assert isinstance(mapped(record(0, parts=["a", "b"]), mapping), LoggedExchange)


def test_a_bad_expression_is_named_by_its_key() -> None:
    with pytest.raises(ConfigurationError, match=r"'extract\.fields\.prompt'"):
        RecordMapping(ExtractSection(fields=FieldMap(prompt="messages[")))


def test_a_plain_path_through_something_else_than_an_object_is_nothing() -> None:
    assert compile_expression("a.b", key="k")({"a": [1]}) is None


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-10-01T08:00:00Z", "2026-10-01T08:00:00+00:00"),
        ("2026-10-01T08:00:00+02:00", "2026-10-01T06:00:00+00:00"),
        ("2026-10-01 08:00:00.123", "2026-10-01T08:00:00.123000+00:00"),
        ("2026-10-01", "2026-10-01T00:00:00+00:00"),
        (1_790_000_000, "2026-09-21T14:13:20+00:00"),
        ("1790000000000", "2026-09-21T14:13:20+00:00"),
        (dt.date(2026, 1, 2), "2026-01-02T00:00:00+00:00"),
        (float("nan"), None),
        (10**30, None),
        ("0001-01-01T00:00:00+14:00", None),
        (True, None),
    ],
)
def test_times_are_read_as_aware_utc(value: Any, moment: str | None) -> None:
    parsed = parse_time(value)
    assert (parsed.isoformat() if parsed else None) == moment


@pytest.mark.parametrize(
    ("value", "mood"),
    [("up", "up"), ("Thumbs_Down", "down"), ("👎", "down"), (1, "up"), (-1, "down"), (0, "down"), (True, "up"), (5, "up"), ("2", "down"), (3, None), (None, None), ("?", None), ([], None)],
)  # fmt: skip
def test_ratings_of_all_sorts_are_up_or_down(value: Any, mood: str | None) -> None:
    assert feedback_of(value) == mood


def test_every_format_that_the_configuration_takes_can_be_read() -> None:
    for name in get_args(LogFormatName):
        assert RecordMapping(ExtractSection(format=name))


def test_an_unknown_format_names_the_nearest(make_settings: MakeSettings) -> None:
    with pytest.raises(ConfigurationError, match=r"'extract\.format'.*did you mean 'bedrock-invocation-log'"):
        make_settings(format="bedrock-invocation-logs")
    with pytest.raises(ConfigurationError, match=r"'extract\.format'.*'otel-genai'"):
        make_settings(format="xml")


def test_large_bodies_are_an_s3_prefix(make_settings: MakeSettings) -> None:
    assert make_settings(large_bodies="s3://bodies/AWSLogs").extract.large_bodies == "s3://bodies/AWSLogs"
    with pytest.raises(ConfigurationError, match=r"'extract\.large_bodies'"):
        make_settings(large_bodies="bodies/")


def test_all_parts_of_a_record_are_mapped() -> None:
    listing = {"data": [{"messages": [{"role": "user", "content": text}], **record(0)} for text in ("a", "b")]}
    mapping = RecordMapping(ExtractSection(format="openai-chat"))
    mapped = list(mapping.map_all(RawRecord(source="a.json", line=3, values=listing)))
    assert [(m.prompt, m.line) for m in mapped if isinstance(m, LoggedExchange)] == [("a", 3), ("b", 3)]


def test_what_a_format_finds_gives_way_to_an_expression_of_the_configuration() -> None:
    logged = {"who": "w", "response": {"text": "raw"}, **record(0), "messages": [{"role": "user", "content": "asked"}]}
    fields = FieldMap(user="who", prompt="join(' ', [prompt, user_id])", response="response")
    (mapped,) = RecordMapping(ExtractSection(format="openai-chat", fields=fields)).map_all(
        RawRecord(source="a.jsonl", line=1, values=logged)
    )
    assert isinstance(mapped, LoggedExchange)
    assert (mapped.user, mapped.session, mapped.response) == ("w", "session-0", "Two days.")
    assert mapped.prompt == "How long does a transfer to France take, please? (0) customer-0"


def test_a_line_of_plain_text_behind_a_time_is_not_json_to_the_generic_format() -> None:
    rejected = mapped({"@timestamp": "2026-01-01T00:00:00Z", "@message": "GET /health 200"})
    assert isinstance(rejected, Rejection)
    assert rejected.reason == "not_json"
