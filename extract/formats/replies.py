"""What the assistant answered, in the whole response bodies of the models' APIs."""

from collections.abc import Iterator
from typing import Any

from extract.formats.interface import RecordError, Skipped
from extract.formats.messages import ASSISTANT_ROLES, Message, content_text, read_message
from extract.formats.values import as_object, as_objects, as_string

REPLY_KEYS = ("choices", "output", "content", "completion", "generation", "results", "outputs", "generations", "text")
"""A whole response body has at least one of them."""


def reply_text(body: dict[str, Any]) -> str | None:
    """Return the assistant's words in a response body; None if it has none.

    Raises:
        RecordError: If it asks for a tool: the answer is in a later record (skipped).
    """
    text = None
    for message in _messages(body):
        text = text or final_text(message)
    return text


def is_reply(value: Any) -> bool:
    """Return whether parsed JSON text is a response's body or messages, and not an answer that is JSON itself."""
    if isinstance(value, list):
        return any("role" in raw or "type" in raw or "choices" in raw for raw in as_objects(value))
    if not isinstance(value, dict):
        return False
    if value.get("role") in ("assistant", "model") or isinstance(value.get("choices"), list):
        return True
    return isinstance(value.get("output"), list | dict) or value.get("type") == "message"


def final_text(message: Message) -> str | None:
    """Return a message's text if it ends the assistant's turn.

    Raises:
        RecordError: If it asks for a tool: the answer is in a later record (skipped).
    """
    if message.calls_tool:
        raise RecordError(Skipped("tool_call"))
    return message.text


def items_text(items: Any) -> str | None:
    """Return the assistant's words in the Responses API's output items, or in a list of messages.

    Raises:
        RecordError: If an item asks for a tool (skipped).
    """
    texts = []
    for raw in as_objects(items):
        message = read_message(raw)
        if message.calls_tool:
            raise RecordError(Skipped("tool_call"))
        said_by_assistant = message.role in ASSISTANT_ROLES or (not message.role and raw.get("type") == "message")
        if said_by_assistant and message.text:
            texts.append(message.text)
    return "\n".join(texts) or None


def _messages(body: dict[str, Any]) -> Iterator[Message]:
    """Yield what can be the answer: Converse and Nova, OpenAI, Anthropic, then the text completions."""
    output = body.get("output")
    if isinstance(output, dict):
        yield read_message({"role": "assistant", **as_object(output.get("message") or output)})
    for choice in as_objects(body.get("choices"))[:1]:
        yield read_message({"role": "assistant", **as_object(choice.get("message"))})
        yield _said(choice.get("text"))
    if isinstance(output, list):
        yield _said(items_text(output))
    if body.get("content") is not None:
        yield read_message({"role": "assistant", **body})
    if isinstance(body.get("message"), dict):
        yield read_message({"role": "assistant", **body["message"]})
    yield _said(body.get("output_text"))
    for key in ("completion", "generation", "text"):
        yield _said(body.get(key))
    for key, inside in (("results", "outputText"), ("outputs", "text"), ("generations", "text")):
        for result in as_objects(body.get(key))[:1]:
            yield _said(result.get(inside))


def _said(text: Any) -> Message:
    return Message(role="assistant", text=as_string(text) or as_string(content_text(text)))
