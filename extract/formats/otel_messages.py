"""The messages of one call, wherever an instrumentation's version puts them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from extract.formats.interface import RecordError, Rejection
from extract.formats.messages import as_messages, last_user_text, parts_or_text
from extract.formats.otlp import Event, Span
from extract.formats.requests import PROMPT_KEYS, user_text
from extract.formats.streams import answer_text
from extract.formats.templates import user_text_in
from extract.formats.values import as_object, decoded

_INPUT = "gen_ai.input.messages"
_INDEXED = re.compile(r"(\d{1,6})\.(?:message\.)?(.+)")
_CONTENTS = re.compile(r"contents\.\d{1,6}\.message_content\.text")
_ROLE_OF_EVENT = {
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.system.message": "system",
    "gen_ai.tool.message": "tool",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What went into a call and what came out, as found."""

    asked: Any
    """Messages, a request's body, or text; None if nothing was captured."""
    answered: Any
    field: str
    """Where the question stands, for reasons."""

    def prompt(self) -> str:
        """Return the user's newest words.

        Raises:
            RecordError: If nothing was captured (rejected), or the user says nothing (skipped).
        """
        if self.asked in (None, "", [], {}):
            raise RecordError(Rejection(reason="no_content_captured", field=self.field))
        body = as_object(self.asked)
        if any(key in body for key in PROMPT_KEYS):
            return user_text(body, self.field)
        messages = as_messages(self.asked)
        if messages is not None:
            return last_user_text(messages, self.field)
        if not isinstance(self.asked, str):
            raise RecordError(Rejection(reason="wrong_type", field=self.field, detail=type(self.asked).__name__))
        return user_text_in(self.asked)

    def response(self) -> str | None:
        """Return the assistant's words; None if there are none.

        Raises:
            RecordError: If it asks for a tool (skipped), or is a stream without an end (rejected).
        """
        return answer_text(self.answered, self.field)


def messages_in(span: Span) -> Said:
    """Return the messages of a span: from its attributes, else from its events."""
    for attributes in (span.attributes, *(event.attributes for event in span.events)):
        if _INPUT in attributes:
            return Said(asked=attributes[_INPUT], answered=attributes.get("gen_ai.output.messages"), field=_INPUT)
    if any(event.name in _ROLE_OF_EVENT or event.name == "gen_ai.choice" for event in span.events):
        return _from_events(span.events)
    for asked, answered in (("llm.input_messages.", "llm.output_messages."), ("gen_ai.prompt.", "gen_ai.completion.")):
        if messages := _indexed(span.attributes, asked):
            replies = [{"role": "assistant", **reply} for reply in _indexed(span.attributes, answered)]
            return Said(asked=messages, answered=replies, field=f"{asked}N")
    return _from_texts(span)


def _from_events(events: tuple[Event, ...]) -> Said:
    asked = []
    answered = []
    for event in events:
        message = _event_message(event)
        if event.name == "gen_ai.choice":
            answered.append({"role": "assistant", **as_object(message.get("message") or message)})
        elif event.name in _ROLE_OF_EVENT:
            asked.append({"role": _ROLE_OF_EVENT[event.name], **message})
    return Said(asked=asked, answered=answered, field="gen_ai.user.message")


def _event_message(event: Event) -> dict[str, Any]:
    """Return an event's message: in the body of a log record, in one attribute, or spread over them."""
    for key in ("body", "gen_ai.event.content", "event_body"):
        value = decoded(event.attributes.get(key))
        if isinstance(value, dict):
            return value
        if isinstance(value, str):
            return {"content": value}
    attributes = event.attributes
    found = {name: attributes[name] for name in ("role", "message", "tool_calls") if attributes.get(name) is not None}
    return found if attributes.get("content") is None else {**found, "content": parts_or_text(attributes["content"])}


def _from_texts(span: Span) -> Said:
    """Return what older conventions write in one value: a prompt as text or as JSON."""
    found: dict[str, Any] = {}
    for attributes in (span.attributes, *(event.attributes for event in span.events)):
        for key in ("gen_ai.prompt", "gen_ai.completion", "input.value", "output.value"):
            if attributes.get(key) is not None:
                found.setdefault(key, attributes[key])
    asked = "gen_ai.prompt" if "gen_ai.prompt" in found else "input.value"
    answered = "gen_ai.completion" if "gen_ai.completion" in found else "output.value"
    return Said(asked=found.get(asked), answered=found.get(answered), field=asked if asked in found else _INPUT)


def _indexed(attributes: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """Return the messages of attributes such as ``llm.input_messages.0.message.content``, in order."""
    messages: dict[int, dict[str, Any]] = {}
    for number, name, value in _split(attributes, prefix):
        message = messages.setdefault(number, {})
        if _CONTENTS.fullmatch(name):
            message.setdefault("content", [])
            if isinstance(message["content"], list):
                message["content"].append({"type": "text", "text": value})
        elif name.startswith(("tool_calls", "function_call")):
            message["tool_calls"] = True
        elif name == "role" or (name == "content" and not message.get("content")):
            message[name] = parts_or_text(value) if name == "content" else value
    return [messages[number] for number in sorted(messages)]


def _split(attributes: Mapping[str, Any], prefix: str) -> Iterator[tuple[int, str, Any]]:
    for key, value in attributes.items():
        if key.startswith(prefix) and (match := _INDEXED.fullmatch(key, len(prefix))):
            yield int(match[1]), match[2], value
