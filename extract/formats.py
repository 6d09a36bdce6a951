"""Log formats other than the generic one, brought into its shape."""

from collections.abc import Callable
from typing import Any

from harness.errors import ConfigurationError

Shape = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes a record as logged and returns it with ``prompt``, ``response``, ``user_id`` and ``session_id`` where it can."""


def shape_of(name: str) -> Shape:
    """Return how records of a format are brought into the generic shape.

    Raises:
        ConfigurationError: If this version cannot read the format.
    """
    if name == "generic":
        return _as_it_is
    if name == "openai-chat":
        return from_openai_chat
    raise ConfigurationError(
        f"'extract.format' = '{name}' cannot be read by this version",
        hint="it reads generic and openai-chat; [extract.fields] maps any JSON to generic",
    )


def from_openai_chat(record: dict[str, Any]) -> dict[str, Any]:
    """Return a request/response log of the chat completions API in the generic shape.

    Messages may stand in the record or in its ``request``/``body``, the answer
    in ``response`` or in the record's ``choices``. Only the last user message
    is taken: those before it are in the records of earlier turns. Fields that
    the record has itself are kept.
    """
    request = _object(record.get("request")) or _object(record.get("body")) or record
    reply = _object(record.get("response")) or record
    shaped = dict(record)
    shaped["prompt"] = _last_user_message(request.get("messages"))
    shaped["response"] = _answer(reply.get("choices"))
    shaped.setdefault("user_id", request.get("user") or _object(request.get("metadata")).get("user_id"))
    shaped.setdefault("session_id", _object(request.get("metadata")).get("session_id"))
    shaped.setdefault("timestamp", record.get("created_at") or reply.get("created"))
    return shaped


def _as_it_is(record: dict[str, Any]) -> dict[str, Any]:
    return record


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _last_user_message(messages: Any) -> Any:
    if not isinstance(messages, list):
        return None
    texts = [_text(m.get("content")) for m in messages if isinstance(m, dict) and m.get("role") == "user"]
    return texts[-1] if texts else None


def _answer(choices: Any) -> Any:
    if not isinstance(choices, list) or not choices:
        return None
    return _text(_object(_object(choices[0]).get("message")).get("content"))


def _text(content: Any) -> Any:
    """Return a message's text; a message in parts is joined from its text parts."""
    if not isinstance(content, list):
        return content
    parts = [
        p.get("text") for p in content if isinstance(p, dict) and p.get("type") in {"text", "input_text", "output_text"}
    ]
    return "\n".join(part for part in parts if isinstance(part, str)) or None
