"""Log events: every export's envelope is opened, and what is inside is read by the inner format."""

import base64
import csv
import datetime as dt
import gzip
import io
from pathlib import Path
from typing import Any

import orjson
import pytest

from extract.readers import RawRecord, find_sources, read_source
from extract.records.mapping import LoggedExchange, RecordMapping, Rejection
from harness.config import ExtractSection
from tests.extract.formats.invocations import ANSWERED, ASKED, converse_body, converse_reply, invocation
from tests.extract.formats.reading import exchange, outcomes, reason, turns

FORM = "cloudwatch-logs"
AT = 1_772_615_702_123
MOMENT = dt.datetime(2026, 3, 4, 9, 15, 2, 123000, tzinfo=dt.UTC)


def said(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return what the application logs, without a time."""
    base = {"user_id": f"u{number}", "session_id": f"s{number}", "prompt": f"question {number}", "response": "yes"}
    return {**base, **changes}


def text(number: int = 1, **changes: Any) -> str:
    return orjson.dumps(said(number, **changes)).decode()


def subscription(*messages: str) -> dict[str, Any]:
    return {
        "messageType": "DATA_MESSAGE",
        "owner": "111122223333",
        "logGroup": "/larkfield/chat",
        "logStream": "backend-1",
        "subscriptionFilters": ["all"],
        "logEvents": [{"id": str(n), "timestamp": AT, "message": m} for n, m in enumerate(messages)],
    }


def payload(value: Any, *, compressed: bool = True) -> str:
    content = orjson.dumps(value)
    return base64.b64encode(gzip.compress(content, mtime=0) if compressed else content).decode()


ENVELOPES: dict[str, dict[str, Any]] = {
    "export task": {"@timestamp": "2026-03-04T09:15:02.123Z", "@message": text()},
    "insights, console": {"@timestamp": "2026-03-04 09:15:02.123", "@message": said(), "@ptr": "x"},
    "insights, api": {
        "results": [
            [{"field": "@timestamp", "value": "2026-03-04 09:15:02.123"}, {"field": "@message", "value": text()}]
        ],
        "status": "Complete",
    },
    "insights, fields": {"@timestamp": "2026-03-04 09:15:02.123", **said()},
    "insights, api, fields": {
        "results": [[{"field": name, "value": value} for name, value in {"@timestamp": str(AT), **said()}.items()]]
    },
    "subscription": subscription(text()),
    "lambda": {"awslogs": {"data": payload(subscription(text()))}},
    "firehose": {"records": [{"recordId": "1", "data": payload(subscription(text()))}]},
    "kinesis": {"Records": [{"kinesis": {"data": payload(subscription(text()), compressed=False)}}]},
    "filter-log-events": {"events": [{"timestamp": AT, "message": text(), "logStreamName": "x"}]},
    "one event": {"timestamp": AT, "message": text(), "ingestionTime": AT},
    "lambda's python prefix": {"timestamp": AT, "message": f"[INFO]\t2026-03-04T09:15:02.123Z\t8f2e\t{text()}"},
}


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_every_envelope_is_opened_and_its_time_is_the_fallback(envelope: str) -> None:
    found = exchange(FORM, ENVELOPES[envelope])
    assert (found.user, found.session, found.prompt, found.response) == ("u1", "s1", "question 1", "yes")
    assert found.at == MOMENT


def test_the_record_knows_its_time_better_under_whatever_name() -> None:
    fields = {"timestamp": "asked_at"}
    event = {"timestamp": AT, "message": text(asked_at="2026-03-01T00:00:00Z")}
    assert exchange(FORM, event, fields=fields).at == dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    assert exchange(FORM, {"timestamp": AT, "message": text()}, fields=fields).at == MOMENT


def test_an_inner_format_reads_the_messages() -> None:
    record = invocation(converse_body(ASKED), converse_reply({"text": ANSWERED}))
    event = {"events": [{"timestamp": AT, "message": orjson.dumps(record).decode()}]}
    assert turns(f"{FORM}:bedrock-invocation-log", event) == [(ASKED, ANSWERED)]
    chat = {"user": "u", "session_id": "s", "messages": [{"role": "user", "content": "hi"}]}
    found = exchange(f"{FORM}:openai-chat", {"@timestamp": AT, "@message": chat})
    assert (found.prompt, found.at) == ("hi", MOMENT)


def test_every_event_counts_once_as_exchange_reason_or_skipped() -> None:
    messages = (
        text(1),
        "START RequestId: 8f2e Version: 7",
        '{"user_id": "u',
        "{not json}",
        text(2, user_id=None),
        text(3),
    )
    mapped, skipped = outcomes(FORM, subscription(*messages))
    assert [m.prompt if isinstance(m, LoggedExchange) else (m.reason, m.detail) for m in mapped] == [
        "question 1",
        ("truncated_message", "14 characters, part 3"),
        ("not_json", "10 characters, part 4"),
        ("missing_field", "part 5"),
        "question 3",
    ]
    assert skipped == {"no_json_message": 1}


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"messageType": "CONTROL_MESSAGE", "data": "x"}, "skipped: control_message"),
        ({"awslogs": {"data": "no base64!"}}, "bad_payload"),
        ({"awslogs": {"data": base64.b64encode(b"\x1f\x8bbroken").decode()}}, "bad_payload"),
        ({"awslogs": {"data": payload([1])}}, "bad_payload"),
        ({"awslogs": {"data": payload({"awslogs": {"data": "x"}})}}, "bad_payload"),
        ({"awslogs": {"data": payload({"a": 1})}}, "not_a_log_event"),
        ({"user_id": "u"}, "not_a_log_event"),
        ({"events": [5]}, "not_a_log_event"),
        ({"results": [[]]}, "not_a_log_event"),
        ({"message": None}, "skipped: no_json_message"),
    ],
)
def test_what_is_no_log_event_says_why(record: dict[str, Any], why: str) -> None:
    assert reason(FORM, record) == why


def read(location: Path, form: str = FORM) -> list[object]:
    mapping = RecordMapping(ExtractSection.model_validate({"format": form}))
    records = [one for source in find_sources(str(location)) for one in read_source(source)]
    assert all(isinstance(one, RawRecord) for one in records), records
    mapped = [m for one in records if isinstance(one, RawRecord) for m in mapping.map_all(one)]
    return [m.reason if isinstance(m, Rejection) else m.prompt for m in mapped]


def test_an_export_task_is_read_as_it_lies_in_the_bucket(tmp_path: Path) -> None:
    pretty = orjson.dumps(said(3), option=orjson.OPT_INDENT_2).decode()
    lines = [
        f"2026-03-04T09:15:0{n}.000Z {m}\n" for n, m in enumerate((text(1), "REPORT RequestId: 8f2e", text(2), pretty))
    ]
    folder = tmp_path / "exportedlogs" / "task" / "backend-1"
    folder.mkdir(parents=True)
    (folder / "000000.gz").write_bytes(gzip.compress("".join(lines).encode()))
    (tmp_path / "exportedlogs" / "aws-logs-write-test").write_bytes(b"Permission Check Successful")
    assert read(tmp_path) == ["question 1", "question 2", "question 3"]


@pytest.mark.parametrize("times", [1, 2])
def test_a_delivery_stream_is_read_as_it_lies_in_the_bucket(tmp_path: Path, times: int) -> None:
    members = b"".join(gzip.compress(orjson.dumps(subscription(text(n), text(n + 1)))) for n in (1, 3))
    name = "larkfield-1-2026-03-04-09-15-02-6f1c2d3e-0000-4000-8000-0123456789ab"
    (tmp_path / (name + ".gz" * (times - 1))).write_bytes(gzip.compress(members) if times == 2 else members)
    assert read(tmp_path) == [f"question {n}" for n in (1, 2, 3, 4)]


def test_results_of_insights_are_read_as_csv_and_json(tmp_path: Path) -> None:
    table = io.StringIO(newline="")
    rows = csv.writer(table)
    rows.writerow(["@timestamp", "@message"])
    rows.writerows([["2026-03-04 09:15:02.000", text(n)] for n in (1, 2)])
    (tmp_path / "a.csv").write_text(table.getvalue())
    results = [{"@timestamp": "2026-03-04 09:15:02.000", "@message": said(n)} for n in (3, 4)]
    (tmp_path / "b.json").write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2))
    assert read(tmp_path) == [f"question {n}" for n in (1, 2, 3, 4)]
