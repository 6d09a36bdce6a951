"""What one turn of a conversation hands to the next: values of the reply, and cookies."""

import re
from collections.abc import Mapping
from http.cookiejar import CookieJar
from typing import Any, NamedTuple

import orjson

from harness.config import TargetSection
from swarm.paths import compiled
from swarm.reply import Received, json_or_none

_TELLS_THE_CONVERSATION = re.compile(r"\{(history|conversation_id|carry\.\w+)\}")
ABSENT: Any = object()
"""A carried value that is not there."""


class Carried(NamedTuple):
    """What the next turn of a conversation brings along."""

    values: Mapping[str, Any]
    """By their names in ``[target.carry]``."""
    jar: CookieJar | None
    """The conversation's cookies; None where none are kept."""


def carried_value(carried: object, name: str) -> Any:
    """Return a carried value; ``ABSENT`` where there is none."""
    return carried.values.get(name, ABSENT) if isinstance(carried, Carried) else ABSENT


class Carrier:
    """Takes out of replies what the next turn has to bring along.

    Args:
        target: Values, their beginnings, and whether cookies are kept.

    Raises:
        ConfigurationError: If an expression is not valid JMESPath; names its key.
    """

    def __init__(self, target: TargetSection) -> None:
        self._read = {name: compiled(path, f"target.carry.{name}") for name, path in target.carry.items()}
        self._first = dict(target.carry_first)
        self._cookies = target.cookies
        told = orjson.dumps([target.url, target.headers, target.body]).decode()
        self.by_socket = target.over_websocket and _TELLS_THE_CONVERSATION.search(told) is None
        """Nothing but its connection tells the target which conversation a turn belongs to."""

    @property
    def needed(self) -> bool:
        """Whether anything is carried at all."""
        return bool(self._read) or self._cookies or self.by_socket

    def first(self) -> Carried:
        """Return what a first turn brings along."""
        return Carried(self._first, CookieJar() if self._cookies else None)

    def after(self, carried: Carried, received: Received) -> Carried:
        """Return what the turn after a reply brings along; a value that the reply does not hold stays as it was."""
        if not self._read:
            return carried
        if received.stream is not None:
            found = self._found(received.stream.merged())
        else:
            found = self._found(json_or_none(received.body))
        return carried._replace(values={**carried.values, **found})

    def restored(self, body: str | None) -> Carried | None:
        """Return what the turn after a recorded reply brings along; None where its record does not tell all of it."""
        if body is None or self._cookies or self.by_socket:
            return None
        found = self._found(json_or_none(body))
        return Carried(found, None) if found.keys() == self._read.keys() else None

    def _found(self, value: Any) -> dict[str, Any]:
        found = {name: read(value) for name, read in self._read.items() if read is not None}
        return {name: one for name, one in found.items() if one is not None}
