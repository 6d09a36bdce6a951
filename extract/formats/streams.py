"""Streamed answers: the chunks of every API joined, and answers that broke off told from whole ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from extract.formats.interface import RecordError, Rejection, Skipped
from extract.formats.messages import content_text
from extract.formats.replies import is_reply, items_text, reply_text
from extract.formats.values import as_object, as_objects, decoded

_CUT_OFF = "truncated_body"
# Comments and other fields may come before the first data, which an answer in plain text does not imitate.
_SSE = re.compile(r"(?:(?:(?:event|id|retry)?:[^\n]*|[ \t\r]*)\n)*data:[ \t]*[{\[]")


@dataclass(slots=True)
class _Joined:
    """What has been read of a stream."""

    pieces: list[str] = field(default_factory=list)
    calls_tool: bool = False
    ended: bool = False
    whole: str | None = None
    """The answer, where a chunk repeats all of it."""

    def add(self, text: Any) -> None:
        if isinstance(text, str):
            self.pieces.append(text)

    def end(self, reason: Any) -> None:
        """Take a chunk's stop reason; None and empty ones are no end."""
        self.ended = self.ended or bool(reason)
        self.calls_tool = self.calls_tool or reason in ("tool_use", "tool_calls", "function_call")


def answer_text(value: Any, field: str) -> str | None:
    """Return the assistant's words in whatever a log has as the answer.

    Args:
        value: A response body, a list of chunks or messages, JSON text or server-sent events of them, or plain text.
        field: Where it stands in the record, for the reason.

    Raises:
        RecordError: If a stream has no end (rejected), or a tool is asked for (skipped).
    """
    inner = decoded(value)
    if isinstance(value, str):
        chunks = sse_chunks(value)
        if chunks is not None:
            return stream_text(chunks, field)
        if not is_reply(inner):
            return value or None
    if isinstance(inner, list):
        return stream_text(inner, field) if is_stream(inner) else items_text(inner)
    return reply_text(inner) if isinstance(inner, dict) else None


def stream_text(chunks: list[Any], field: str) -> str | None:
    """Return the answer that a list of chunks makes; None if it has no text.

    Raises:
        RecordError: If the stream has no end (rejected: half an answer is none), or asks for a tool (skipped).
    """
    joined = _Joined()
    for chunk in as_objects(chunks):
        _take(joined, chunk)
    if joined.calls_tool:
        raise RecordError(Skipped("tool_call"))
    if not joined.ended:
        raise RecordError(Rejection(reason=_CUT_OFF, field=field, detail=f"{len(chunks)} chunks without an end"))
    return joined.whole or "".join(joined.pieces) or None


def is_stream(value: list[Any]) -> bool:
    """Return whether a list holds chunks of a stream, and not messages or output items."""
    return any(
        "delta" in chunk or "delta" in as_object((as_objects(chunk.get("choices")) or [{}])[0]) or _event(chunk)
        for chunk in as_objects(value)
    )


def sse_chunks(text: str) -> list[dict[str, Any]] | None:
    """Return the chunks in the text of server-sent events; None if it is something else."""
    return list(_data(text)) if _SSE.match(text) else None


def _data(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name != "data":
            continue
        if value.strip() == "[DONE]":
            yield {"type": "message_stop"}
            continue
        try:
            chunk = orjson.loads(value)
        except orjson.JSONDecodeError:
            continue
        if isinstance(chunk, dict):
            yield chunk


def _event(chunk: dict[str, Any]) -> bool:
    kind = chunk.get("type")
    return "contentBlockDelta" in chunk or (
        isinstance(kind, str) and kind.startswith(("message_", "content_block_", "response."))
    )


def _take(joined: _Joined, chunk: dict[str, Any]) -> None:
    if isinstance(chunk.get("choices"), list):
        _openai(joined, chunk)
    elif isinstance(chunk.get("type"), str):
        _typed(joined, chunk)
    elif any(key.startswith(("messageSt", "contentBlock")) for key in chunk):
        _converse(joined, chunk)
    else:
        _completion(joined, chunk)


def _openai(joined: _Joined, chunk: dict[str, Any]) -> None:
    for choice in as_objects(chunk["choices"]):
        if choice.get("index", 0) != 0:
            continue
        delta = as_object(choice.get("delta") or choice.get("message"))
        joined.add(content_text(delta.get("content")) or delta.get("refusal") or choice.get("text"))
        joined.calls_tool = joined.calls_tool or bool(delta.get("tool_calls") or delta.get("function_call"))
        joined.end(choice.get("finish_reason") or choice.get("stop_reason"))


def _typed(joined: _Joined, chunk: dict[str, Any]) -> None:
    """Take an event of Anthropic's messages or of the Responses API."""
    kind = chunk["type"]
    delta = chunk.get("delta")
    block = as_object(chunk.get("content_block"))
    if kind == "content_block_start":
        joined.add(block.get("text"))
        joined.calls_tool = joined.calls_tool or block.get("type") == "tool_use"
    elif kind == "content_block_delta":
        joined.add(as_object(delta).get("text"))
    elif kind == "message_delta":
        joined.end(as_object(delta).get("stop_reason"))
    elif kind == "completion":
        _completion(joined, chunk)
    elif kind == "response.output_text.delta":
        joined.add(delta)
    elif kind in ("response.completed", "response.incomplete"):
        joined.ended = True
        joined.whole = reply_text(as_object(chunk.get("response")))
    elif kind == "response.failed":
        joined.pieces.clear()
        joined.ended = True
    elif kind == "message_stop":
        joined.ended = True


def _converse(joined: _Joined, chunk: dict[str, Any]) -> None:
    """Take an event of ConverseStream, which Nova's own API writes too."""
    start = as_object(as_object(chunk.get("contentBlockStart")).get("start"))
    joined.calls_tool = joined.calls_tool or "toolUse" in start
    joined.add(as_object(as_object(chunk.get("contentBlockDelta")).get("delta")).get("text"))
    joined.end(as_object(chunk.get("messageStop")).get("stopReason"))


def _completion(joined: _Joined, chunk: dict[str, Any]) -> None:
    """Take a chunk of Claude's text completions, Llama, Titan, Mistral or Cohere."""
    outputs = (as_objects(chunk.get("outputs")) or [{}])[0]
    for source in (chunk, outputs):
        for key in ("completion", "generation", "outputText", "text"):
            if chunk.get("event_type") != "stream-end":
                joined.add(source.get(key))
        joined.end(source.get("stop_reason") or source.get("completionReason") or source.get("is_finished"))
