"""Amazon CloudWatch Logs: log events with another format inside.

Export tasks (a time and the message a line), subscription filters (also as Lambda, Kinesis and Firehose get them:
base64 of gzip), ``filter-log-events``, single events, and results of Logs Insights as JSON or CSV.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from extract.formats.interface import Found, LogFormat, Part, RecordError, Rejection, Skipped
from extract.formats.values import as_object, as_objects

MAX_PAYLOAD_BYTES = 64 * 1024 * 1024
_ANY_HEADER = 32 + zlib.MAX_WBITS
# AWS Lambda writes times, request ids and levels before the message, separated by tabs.
_BEHIND_PREFIX = re.compile(r"[^{\n]*\t(?=\{)")


class _Event(NamedTuple):
    message: Any
    logged_at: Any


def read_log_events(inner: LogFormat, values: dict[str, Any], location: str) -> Iterator[Part]:
    """Yield what the inner format finds in the messages of one record; messages without JSON are skipped.

    Raises:
        RecordError: If the record holds no log events (rejected).
    """
    for event in _events(values):
        if not isinstance(event, _Event):
            yield event
            continue
        try:
            for part in inner(_record(event.message), location):
                yield replace(part, logged_at=event.logged_at) if isinstance(part, Found) else part
        except RecordError as error:
            yield error.part


def _events(values: dict[str, Any]) -> Iterator[_Event | Part]:
    """Yield the log events of whatever CloudWatch Logs wrote; what cannot be unpacked as a rejection."""
    if "@message" in values or "@timestamp" in values:
        # A query of Logs Insights that names fields instead of @message has the record in its columns.
        yield _Event(values.get("@message", values), values.get("@timestamp"))
    elif isinstance(values.get("logEvents"), list):
        yield from _listed(values["logEvents"])
    elif isinstance(values.get("events"), list):
        yield from _listed(values["events"])
    elif isinstance(values.get("results"), list):
        yield from _query_results(values["results"])
    elif values.get("messageType") == "CONTROL_MESSAGE":
        yield Skipped("control_message")
    elif payloads := list(_payloads(values)):
        for payload in payloads:
            yield from _unpacked(payload)
    elif "message" in values:
        yield _Event(values["message"], values.get("timestamp"))
    else:
        raise RecordError(Rejection(reason="not_a_log_event"))


def _listed(events: list[Any]) -> Iterator[_Event | Part]:
    for event in events:
        if isinstance(event, dict) and "message" in event:
            yield _Event(event["message"], event.get("timestamp"))
        else:
            yield Rejection(reason="not_a_log_event", detail=type(event).__name__)


def _query_results(rows: list[Any]) -> Iterator[_Event | Part]:
    """Yield the rows of ``get-query-results``: lists of fields and values."""
    for row in rows:
        fields = {cell["field"]: cell.get("value") for cell in as_objects(row) if isinstance(cell.get("field"), str)}
        if fields:
            yield from _events({"@timestamp": None, **fields})
        else:
            yield Rejection(reason="not_a_log_event", detail=type(row).__name__)


def _payloads(values: dict[str, Any]) -> Iterator[str]:
    """Yield the base64 payloads of Lambda's, Firehose's and Kinesis's events."""
    records = [*as_objects(values.get("records")), *as_objects(values.get("Records"))]
    for holder in (values.get("awslogs"), values, *records, *(record.get("kinesis") for record in records)):
        data = as_object(holder).get("data")
        if isinstance(data, str):
            yield data


def _unpacked(payload: str) -> Iterator[_Event | Part]:
    """Yield the events in a base64 payload, which is mostly compressed."""
    try:
        content = base64.b64decode(payload, validate=True)
        if content.startswith(b"\x1f\x8b"):
            content = zlib.decompressobj(_ANY_HEADER).decompress(content, MAX_PAYLOAD_BYTES)
        values = orjson.loads(content)
    except (binascii.Error, ValueError, zlib.error) as error:
        yield Rejection(reason="bad_payload", field="data", detail=type(error).__name__)
        return
    if not isinstance(values, dict) or any(True for _ in _payloads(values)):
        yield Rejection(reason="bad_payload", field="data", detail=type(values).__name__)
        return
    try:
        yield from _events(values)
    except RecordError as error:
        yield error.part


def _record(message: Any) -> dict[str, Any]:
    """Return the application's record in a message.

    Raises:
        RecordError: If the message begins like JSON and is none (rejected), or is plain text (skipped).
    """
    if isinstance(message, dict):
        return message
    text = message.strip() if isinstance(message, str) else ""
    if not text.startswith("{"):
        prefix = _BEHIND_PREFIX.match(text)
        if prefix is None:
            raise RecordError(Skipped("no_json_message"))
        text = text[prefix.end() :]
    try:
        record = orjson.loads(text)
    except orjson.JSONDecodeError:
        reason = "not_json" if text.endswith("}") else "truncated_message"
        raise RecordError(Rejection(reason=reason, field="@message", detail=f"{len(text)} characters")) from None
    return as_object(record)
