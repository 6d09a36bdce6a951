"""What the test target says: its one answer in every shape that protocols give it."""

import json
from typing import Any

ANSWER = "Vehicles must be at the gate ninety minutes before departure."
CONTEXTS = ["Vehicles must be at the gate ninety minutes before departure.", "Foot passengers need forty-five."]
TOOL_CALL = {"id": "call_1", "type": "function", "function": {"name": "timetable", "arguments": '{"route":"north"}'}}
WAF_PAGE = b"<!DOCTYPE html><html><body><h1>Request blocked</h1><p>Reference 0.2f1c</p></body></html>"
ERROR_PAGE = b"<html><body><h1>Something went wrong</h1></body></html>"
RELEASE = "2.7.1"


def plain_reply(text: str = ANSWER) -> bytes:
    """Return a reply of the ``json`` protocol: text and sources."""
    return json.dumps({"message": {"text": text, "sources": [{"text": context} for context in CONTEXTS]}}).encode()


def completion(text: str | None = ANSWER, *, finish_reason: str = "stop", **message: Any) -> bytes:
    """Return a chat completion as OpenAI's API gives it."""
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": "assistant", "content": text, **message},
        "finish_reason": finish_reason,
    }
    usage = {"prompt_tokens": 11, "completion_tokens": 9, "total_tokens": 20}
    whole: dict[str, Any] = {"object": "chat.completion", "choices": [choice], "usage": usage, "sources": CONTEXTS}
    return json.dumps(whole).encode()


def chunks(text: str = ANSWER, *, finish_reason: str | None = "stop", done: bool = True) -> list[str]:
    """Return a chat completion as the data of its stream's events."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word + " "} for word in text.split()]
    events: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    if finish_reason:
        events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish_reason}]})
        events.append({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 9}, "sources": CONTEXTS})
    return [json.dumps(event) for event in events] + (["[DONE]"] if done else [])


def tool_chunks() -> list[str]:
    """Return a call of a tool as the data of its stream's events."""
    pieces: list[dict[str, Any]] = [
        {"index": 0, "id": "call_1", "type": "function", "function": {"name": "timetable", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"route":'}},
        {"index": 0, "function": {"arguments": '"north"}'}},
    ]
    events = [{"choices": [{"index": 0, "delta": {"tool_calls": [piece]}}]} for piece in pieces]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    return [json.dumps(event) for event in events] + ["[DONE]"]
