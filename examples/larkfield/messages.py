"""Reading requests of both protocols, and saying what is wrong with them."""

import json
from dataclasses import dataclass
from typing import Any

from larkfield.answer import Turn

LARGEST_BODY = 8 * 1024 * 1024


class BadRequestError(Exception):
    """A request that cannot be answered.

    Attributes:
        status: The HTTP status of the reply.
        message: What is wrong, for the caller.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class Ask:
    """One message to be answered, whichever protocol it came by."""

    message: str
    history: tuple[Turn, ...] = ()
    thread: str = ""
    stream: bool = False
    include_usage: bool = False
    model: str = "larkfield"


def read_chat(body: bytes) -> Ask:
    """Read a request to ``/chat``: ``{"message": str, "thread": str}``.

    Raises:
        BadRequestError: If the body is no JSON object or a field is missing or of a wrong type.
    """
    content = _object(body)
    if "message" not in content:
        raise BadRequestError(422, "field 'message' is missing")
    message, thread = content["message"], content.get("thread")
    if not isinstance(message, str):
        raise BadRequestError(422, "field 'message' must be a string")
    if thread is not None and not isinstance(thread, str):
        raise BadRequestError(422, "field 'thread' must be a string")
    return Ask(message=message, thread=thread or "")


def read_completion(body: bytes) -> Ask:
    """Read a request to ``/v1/chat/completions``.

    Raises:
        BadRequestError: If the body is no JSON object or has no user message at its end.
    """
    content = _object(body)
    messages = content.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise BadRequestError(400, "field 'messages' must be a list of messages")
    spoken = [(m.get("role"), _text(m.get("content"))) for m in messages if m.get("role") in {"user", "assistant"}]
    if not spoken or spoken[-1][0] != "user":
        raise BadRequestError(400, "the last message must be the user's")
    options = content.get("stream_options")
    return Ask(
        message=spoken[-1][1],
        history=_turns(spoken[:-1]),
        stream=content.get("stream") is True,
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
        model=content["model"] if isinstance(content.get("model"), str) else "larkfield",
    )


def _object(body: bytes) -> dict[str, Any]:
    if len(body) > LARGEST_BODY:
        raise BadRequestError(413, f"the body is larger than {LARGEST_BODY} bytes")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequestError(400, "the body is not valid JSON") from None
    if not isinstance(content, dict):
        raise BadRequestError(400, "the body must be a JSON object")
    return content


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise BadRequestError(400, "a message's content must be a string or a list of parts")
    parts = [part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)]
    return " ".join(parts)


def _turns(spoken: list[tuple[Any, str]]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for role, text in spoken:
        if role == "user":
            turns.append(Turn(text))
        elif turns:
            turns[-1] = Turn(turns[-1].message, text)
    return tuple(turns)
