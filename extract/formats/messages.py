"""Chat messages as every API writes them: OpenAI, Anthropic, Amazon Bedrock's Converse, OpenTelemetry's parts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from extract.formats.interface import RecordError, Rejection, Skipped
from extract.formats.values import as_object, as_objects, as_string, decoded

MESSAGE_KEYS = ("messages", "prompt_messages", "input")
"""Where requests have their messages."""
USER_ROLES = frozenset({"user", "human"})
ASSISTANT_ROLES = frozenset({"assistant", "model", "ai", "chatbot"})
_TEXT_TYPES = frozenset({"text", "input_text", "output_text"})
_TOOL_CALL_TYPES = frozenset({"tool_use", "tool_call", "function_call", "tool-call"})
_TOOL_RESULT_TYPES = frozenset({"tool_result", "tool_call_response", "function_call_output", "tool-result"})
_TOOL_ROLES = frozenset({"tool", "function", "ipython"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a chat."""

    role: str
    text: str | None
    """Its text parts joined; None if it has none."""
    calls_tool: bool = False
    """It asks the application to run a tool: the answer to the user comes in a later message."""
    is_tool_result: bool = False
    """It carries what a tool returned, whatever its role says."""


def read_message(raw: dict[str, Any]) -> Message:
    """Return a message of any API."""
    role = str(raw.get("role") or "").lower()
    content = raw["parts"] if isinstance(raw.get("parts"), list) else raw.get("content")
    kinds = [_kind(block) for block in content] if isinstance(content, list) else []
    calls = bool(raw.get("tool_calls") or raw.get("function_call")) or "call" in kinds or _is(raw, _TOOL_CALL_TYPES)
    result = role in _TOOL_ROLES or "result" in kinds or _is(raw, _TOOL_RESULT_TYPES)
    return Message(
        role=role,
        text=as_string(content_text(content)) or as_string(raw.get("refusal")),
        calls_tool=calls,
        is_tool_result=result,
    )


def content_text(content: Any) -> str | None:
    """Return a message's text; of one in parts, the text parts joined by line breaks."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        return None
    texts = [text for block in content for text in _texts(block)]
    return "\n".join(texts) if texts else None


def as_messages(value: Any) -> list[Any] | None:
    """Return a list of messages, also out of JSON text and of the wrappers of tracing tools; None if it is text."""
    inner = decoded(value)
    if isinstance(inner, dict):
        nested = next((inner[key] for key in MESSAGE_KEYS if isinstance(inner.get(key), list)), None)
        inner = [inner] if nested is None else nested
    if not isinstance(inner, list) or (isinstance(value, str) and not _are_messages(inner)):
        return None
    return inner


def parts_or_text(value: Any) -> Any:
    """Return a message's parts if ``value`` is JSON text of them; a user may also have typed JSON, which stays text."""
    inner = decoded(value)
    return inner if isinstance(inner, list) and any("type" in block for block in as_objects(inner)) else value


def last_user_text(messages: list[Any], field: str) -> str:
    """Return the user's newest message: those before it are in the records of earlier turns.

    Raises:
        RecordError: If there are no messages (rejected), none of the user's, or the newest has no text (skipped).
    """
    read = [read_message(raw) for raw in as_objects(messages)]
    if not any(message.role or message.is_tool_result for message in read):
        raise RecordError(Rejection(reason="missing_field", field=field))
    for message in reversed(read):
        if message.role not in USER_ROLES or (message.is_tool_result and message.text is None):
            continue
        if message.text is None:
            raise RecordError(Skipped("no_text"))
        return message.text
    raise RecordError(Skipped("no_user_message"))


def trailing_answer(messages: Any) -> Message | None:
    """Return what the assistant said after the user's newest message, in a log that writes whole conversations."""
    for raw in reversed(as_objects(messages)):
        message = read_message(raw)
        if message.role in USER_ROLES and not message.is_tool_result:
            return None
        if message.role in ASSISTANT_ROLES and (message.text or message.calls_tool):
            return message
    return None


def _are_messages(values: list[Any]) -> bool:
    return any("role" in raw or "type" in raw for raw in as_objects(values))


def _texts(block: Any) -> Iterator[str]:
    """Yield the text of one part; thoughts, tools, images and grounding sources have none of the speaker's words."""
    if isinstance(block, str):
        yield block
        return
    if not isinstance(block, dict):
        return
    kind = block.get("type")
    if _is(block, _TEXT_TYPES) or (kind is None and "text" in block):
        for key in ("text", "content"):
            if isinstance(block.get(key), str):
                yield block[key]
                return
    elif kind == "refusal" and isinstance(block.get("refusal"), str):
        yield block["refusal"]
    elif kind is None and "guardContent" in block:
        guarded = as_object(as_object(block["guardContent"]).get("text"))
        qualifiers = guarded.get("qualifiers")
        is_source = isinstance(qualifiers, list) and "grounding_source" in qualifiers
        if not is_source and isinstance(guarded.get("text"), str):
            yield guarded["text"]


def _kind(block: Any) -> str:
    if not isinstance(block, dict):
        return ""
    if "toolUse" in block or _is(block, _TOOL_CALL_TYPES):
        return "call"
    return "result" if "toolResult" in block or _is(block, _TOOL_RESULT_TYPES) else ""


def _is(raw: dict[str, Any], kinds: frozenset[str]) -> bool:
    kind = raw.get("type")
    return isinstance(kind, str) and kind in kinds
