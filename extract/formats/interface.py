"""What a log format offers: from one record as logged to the exchanges in it, or why there are none."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One exchange as a format found it; ``[extract.fields]`` has the last word."""

    values: Mapping[str, Any]
    """What the expressions of ``[extract.fields]`` are evaluated on."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What the format knows by itself: ``user``, ``session``, ``timestamp``, ``prompt``, ``response``."""
    logged_at: Any = None
    """When it was logged, for a record that does not say when it happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a record, or a part of it, is no exchange though it should be one; never holds its text."""

    reason: str
    field: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of a record that is no exchange by its nature: a tool's span, a health check, an embedding."""

    reason: str


Part = Found | Rejection | Skipped


class RecordError(Exception):
    """A record cannot become an exchange.

    Args:
        part: Why; a ``Rejection`` goes to quarantine, a ``Skipped`` is counted.
    """

    def __init__(self, part: Rejection | Skipped) -> None:
        super().__init__(part.reason)
        self.part = part


LogFormat = Callable[[dict[str, Any], str], Iterator[Part]]
"""Takes a record and the location of its file, and yields its parts.

Raises ``RecordError`` where the rest of the record cannot be used, and no other error whatever the record holds.
"""
