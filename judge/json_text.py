"""JSON inside an answer's text: found, read, or recognised as unfinished."""

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

_FENCED = re.compile(r"^\s*```(?:json|JSON)?\s*\n?(.*?)\n?\s*```\s*$", re.DOTALL)
_START = re.compile(
    r"^\s*(?:```(?:json|JSON)?\s*)?(?:\{\s*(?:\"|\}|$)|\[\s*(?:[\"\[{\]]|-?\d|true\b|false\b|null\b|$))"
)


def json_body(text: str) -> str:
    """Return the text without the code fence around it, if there is one."""
    match = _FENCED.match(text)
    if match:
        return match[1].strip()
    return re.sub(r"^\s*```(?:json|JSON)?\s*", "", text).strip()


def looks_like_json(text: str) -> bool:
    """Return whether the text sets out to be a JSON object or array.

    A square bracket alone is no sign: answers begin with ``[1]`` or ``[Note]`` too.
    """
    if not _START.match(text):
        return False
    body = json_body(text)
    return body.startswith("{") or not re.match(r"\[\d+\]\s*\S", body)


def read_json(text: str) -> Any:
    """Return the JSON value that the text is.

    Raises:
        ValueError: If it is none.
    """
    return orjson.loads(json_body(text))


def unfinished_json(body: str) -> bool:
    """Return whether a JSON text breaks off: everything up to its end is right, and more has to follow."""
    try:
        json.loads(body)
    except json.JSONDecodeError as error:
        broken_string = error.msg.startswith(("Unterminated string", "Invalid control character"))
        broken_escape = error.msg.startswith("Invalid \\") and error.pos >= len(body) - len(r"\u0000")
        return broken_string or broken_escape or error.pos >= len(body.rstrip())
    except RecursionError:
        return False
    return False


def texts_in(value: Any) -> Iterator[str]:
    """Yield the texts and numbers of a JSON value, in order, without its keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
