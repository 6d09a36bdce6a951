"""From a turn to the request's body: templates of the ``json`` protocol, messages of ``openai-chat``."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import orjson

from harness.config import TargetSection
from harness.errors import ConfigurationError
from swarm.hosts import request_path
from swarm.replay import Call, Message

_PLACEHOLDER = re.compile(r"\{(prompt|history|conversation_id)\}")
_SECRET = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")


class Request(NamedTuple):
    """A request without its headers."""

    method: str
    path: str
    body: bytes
    recorded: str
    """What is written as ``request_body``; a GET's query, which has no body."""


def request_builder(target: TargetSection, url: str) -> Callable[[Call], Request]:
    """Return what turns a call into a request.

    Args:
        target: Method, protocol and body template.
        url: The target's URL with its secrets resolved.

    Raises:
        ConfigurationError: If the body holds a secret: bodies are recorded.
    """
    if target.protocol == "openai-chat":
        return _openai_builder(target, request_path(urlsplit(url)))
    if _SECRET.search(orjson.dumps(target.body).decode()):
        raise ConfigurationError(
            "'target.body' holds a ${NAME} reference, and bodies are recorded",
            hint="send the secret in [target] headers, which are not",
        )
    return _query_builder(target, url) if target.method == "GET" else _json_builder(target, url)


def fill(template: Any, call: Call) -> Any:
    """Return a template with its placeholders replaced, at any depth.

    Values go in as data, never as syntax, and are not searched for
    placeholders again. A text that is nothing but ``{history}`` becomes a list
    of ``{role, content}``; inside other text the history is one line a message.
    """
    if isinstance(template, str):
        return _fill_text(template, call)
    if isinstance(template, Mapping):
        return {key: fill(value, call) for key, value in template.items()}
    if isinstance(template, Sequence):
        return [fill(value, call) for value in template]
    return template


def _fill_text(template: str, call: Call) -> Any:
    if template == "{prompt}":
        return call.prompt
    if template == "{history}":
        return list(call.history)
    if "{" not in template:
        return template
    return _PLACEHOLDER.sub(lambda match: _as_text(match[1], call), template)


def _as_text(name: str, call: Call) -> str:
    if name == "prompt":
        return call.prompt
    if name == "conversation_id":
        return call.conversation_id
    return "\n".join(f"{message['role']}: {message['content']}" for message in call.history)


def _json_builder(target: TargetSection, url: str) -> Callable[[Call], Request]:
    path = request_path(urlsplit(url))
    method, template = target.method, target.body
    flat = all(isinstance(value, str) for value in template.values())

    def build(call: Call) -> Request:
        filled = {key: _fill_text(value, call) for key, value in template.items()} if flat else fill(template, call)
        body = orjson.dumps(filled)
        return Request(method, path, body, body.decode())

    return build


def _query_builder(target: TargetSection, url: str) -> Callable[[Call], Request]:
    path = request_path(urlsplit(url))
    joint = "&" if "?" in path else "?"

    def build(call: Call) -> Request:
        filled = fill(target.body, call)
        query = urlencode({name: _query_value(value) for name, value in filled.items() if value is not None})
        return Request("GET", f"{path}{joint}{query}" if query else path, b"", query)

    return build


def _query_value(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _openai_builder(target: TargetSection, path: str) -> Callable[[Call], Request]:
    options: dict[str, Any] = {"stream": target.stream}
    if target.stream:
        options["stream_options"] = {"include_usage": True}

    def build(call: Call) -> Request:
        turn: Message = {"role": "user", "content": call.prompt}
        body = orjson.dumps({"model": target.model, "messages": [*call.history, turn], **options})
        return Request("POST", path, body, body.decode())

    return build
