"""From a turn to the request: templates of the ``json`` protocol, messages of ``openai-chat``."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import orjson

from harness.config import TargetSection
from harness.errors import ConfigurationError
from swarm.carrying import ABSENT, carried_value
from swarm.hosts import request_path
from swarm.replay import Call, Message

_NAMES = r"prompt|history|conversation_id|turn|uuid|carry\.[A-Za-z_]\w*"
PLACEHOLDER = re.compile(rf"\{{({_NAMES})\}}")
_QUOTED_PLACEHOLDER = re.compile(rf"%7B({_NAMES})%7D")
_SECRET = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_NO_HEADERS: Mapping[str, str] = {}


class Request(NamedTuple):
    """A request without the headers that all have in common."""

    method: str
    path: str
    body: bytes
    recorded: str
    """What is written as ``request_body``; a GET's query, which has no body."""
    headers: Mapping[str, str] = _NO_HEADERS
    """Those of this turn, by lower-case name."""


def request_builder(target: TargetSection, url: str) -> Callable[[Call], Request]:
    """Return what turns a call into a request.

    Args:
        target: Method, protocol and body template.
        url: The target's URL with its secrets resolved.

    Raises:
        ConfigurationError: If the body holds a secret, because bodies are recorded, or a template refers to a value
            that is not carried.
    """
    path = _path_builder(target, url)
    if target.protocol == "openai-chat":
        return _openai_builder(target, path)
    body = orjson.dumps(target.body).decode()
    if _SECRET.search(body):
        raise ConfigurationError(
            "'target.body' holds a ${NAME} reference, and bodies are recorded",
            hint="send the secret in [target] headers, which are not",
        )
    require_carried(body, target, key="target.body")
    return _query_builder(target, path) if target.method == "GET" else _json_builder(target, path)


def require_carried(template: str, target: TargetSection, *, key: str, first: bool = False) -> None:
    """Raise if a template refers to a value that turns do not carry.

    Args:
        template: A text with placeholders.
        target: What is carried.
        key: The dotted key it stands at, for the error.
        first: The template needs a value in the first turn, too.

    Raises:
        ConfigurationError: If it does; names the key.
    """
    for name in re.findall(r"\{carry\.([A-Za-z_]\w*)\}", template):
        if name not in target.carry:
            raise ConfigurationError(
                f"'{key}' holds {{carry.{name}}}, which [target.carry] does not define",
                hint=f'add {name} = "JMESPath" to [target.carry]',
            )
        if first and name not in target.carry_first:
            raise ConfigurationError(
                f"'{key}' holds {{carry.{name}}}, which is nothing in a first turn",
                hint=f"say what it is there: {name} in [target.carry_first]",
            )


def fill(template: Any, call: Call) -> Any:
    """Return a template with its placeholders replaced, at any depth.

    Values go in as data, never as syntax, and are not searched for
    placeholders again. A text that is nothing but ``{history}`` becomes a list
    of ``{role, content}``, ``{turn}`` a number and ``{carry.NAME}`` the JSON
    value; inside other text the history is one line a message. Members that
    are a carried value which is not there are left out.
    """
    if isinstance(template, str):
        return _fill_text(template, call)
    if isinstance(template, Mapping):
        return {key: value for key, inner in template.items() if (value := fill(inner, call)) is not ABSENT}
    if isinstance(template, Sequence):
        return [value for inner in template if (value := fill(inner, call)) is not ABSENT]
    return template


def placeholder_text(name: str, call: Call) -> str:
    """Return what a placeholder stands for inside a text; empty for a carried value that is not there."""
    if name == "prompt":
        return call.prompt
    if name == "conversation_id":
        return call.conversation_id
    if name == "turn":
        return str(call.turn)
    if name == "uuid":
        return _turn_uuid(call)
    if name == "history":
        return "\n".join(f"{message['role']}: {message['content']}" for message in call.history)
    value = carried_value(call.carried, name.removeprefix("carry."))
    if value is ABSENT:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _fill_text(template: str, call: Call) -> Any:
    if template == "{prompt}":
        return call.prompt
    if template == "{history}":
        return list(call.history)
    if "{" not in template:
        return template
    if template == "{turn}":
        return call.turn
    if template.startswith("{carry.") and PLACEHOLDER.fullmatch(template):
        return carried_value(call.carried, template[len("{carry.") : -1])
    return PLACEHOLDER.sub(lambda match: placeholder_text(match[1], call), template)


def _turn_uuid(call: Call) -> str:
    """Return a turn's own UUID: the same for its every retry, in whichever process."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.conversation_id}/{call.turn}"))


def _path_builder(target: TargetSection, url: str) -> Callable[[Call], str]:
    require_carried(url, target, key="target.url", first=True)
    path = request_path(urlsplit(url))
    # Quoted text and the names of placeholders in turn.
    pieces = _QUOTED_PLACEHOLDER.split(path)
    if len(pieces) == 1:
        return lambda _: path

    def build(call: Call) -> str:
        filled = list(pieces)
        filled[1::2] = [quote(placeholder_text(name, call), safe="") for name in pieces[1::2]]
        return "".join(filled)

    return build


def _json_builder(target: TargetSection, path: Callable[[Call], str]) -> Callable[[Call], Request]:
    method, template = target.method, target.body
    flat = not target.carry and all(isinstance(value, str) for value in template.values())

    def build(call: Call) -> Request:
        filled = {key: _fill_text(value, call) for key, value in template.items()} if flat else fill(template, call)
        body = orjson.dumps(filled)
        return Request(method, path(call), body, body.decode())

    return build


def _query_builder(target: TargetSection, path: Callable[[Call], str]) -> Callable[[Call], Request]:
    def build(call: Call) -> Request:
        filled = fill(target.body, call)
        fields = {name: _query_value(value) for name, value in filled.items() if value is not None}
        # Blanks as %20, which every server understands and signatures need.
        query = urlencode(fields, quote_via=quote)
        whole = path(call)
        joint = "&" if "?" in whole else "?"
        return Request("GET", f"{whole}{joint}{query}" if query else whole, b"", query)

    return build


def _query_value(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _openai_builder(target: TargetSection, path: Callable[[Call], str]) -> Callable[[Call], Request]:
    options: dict[str, Any] = {"stream": target.stream}
    if target.stream:
        options["stream_options"] = {"include_usage": True}

    def build(call: Call) -> Request:
        turn: Message = {"role": "user", "content": call.prompt}
        body = orjson.dumps({"model": target.model, "messages": [*call.history, turn], **options})
        return Request("POST", path(call), body, body.decode())

    return build
