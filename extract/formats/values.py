"""Looking for values in JSON that may hold anything anywhere."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

USER_KEYS = ("userid", "enduserid", "enduser", "user", "customerid", "safetyidentifier")
"""Names of a user's id, in order of preference, as ``plain`` writes them."""
SESSION_KEYS = ("sessionid", "session", "conversationid", "conversation", "threadid", "chatid")
"""Names of a session's id, in order of preference, as ``plain`` writes them."""
_NO_LETTER = re.compile(r"[^a-z]")


def as_object(value: Any) -> dict[str, Any]:
    """Return ``value`` if it is an object, or JSON text of one; else an empty object."""
    value = decoded(value)
    return value if isinstance(value, dict) else {}


def as_objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects in ``value`` if it is a list, else none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_string(value: Any) -> str | None:
    """Return ``value`` if it is text that is not empty."""
    return value if isinstance(value, str) and value else None


def decoded(value: Any) -> Any:
    """Return what JSON text of an object or a list holds; anything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def first_present(sources: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> Any:
    """Return the first value under one of the exact keys that is neither null nor empty."""
    for source in sources:
        for key in keys:
            if source.get(key) not in (None, "", [], {}):
                return source[key]
    return None


def identifier(sources: Iterable[Mapping[str, Any]], names: Sequence[str]) -> str | int | None:
    """Return the first id under one of ``names``, in whatever case and with whatever separators; sources in order."""
    for source in sources:
        known = {plain(key): value for key, value in source.items() if isinstance(key, str)}
        for name in names:
            value = known.get(name)
            if isinstance(value, dict):
                value = value.get("id")
            if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                return value
    return None


@lru_cache(maxsize=4096)
def plain(key: str) -> str:
    """Return a key in lower-case letters only: ``user_id``, ``userId`` and ``user.id`` are all ``userid``."""
    return _NO_LETTER.sub("", key.lower())
