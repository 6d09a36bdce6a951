"""Sanitized sessions and what is known about a whole dataset of them."""

import datetime as dt
from typing import Literal

from harness.contracts.base import Field, Part, Record

Role = Literal["user", "assistant"]


class Turn(Part):
    """One message of a conversation."""

    role: Role
    text: str


class SanitizedSession(Record):
    """One conversation from production without anything that identifies a person."""

    session_id: str
    """Keyed hash of the logged session id."""
    user_key: str
    """Keyed hash of the logged user id."""
    started_on: dt.date
    """Day of the first turn; times of day are never kept."""
    turns: list[Turn]
    entities: dict[str, int] = Field(default_factory=dict)
    """How many values of each type were replaced by placeholders."""
    feedback: Literal["up", "down"] | None = None
    traits: dict[str, str] = Field(default_factory=dict)
    """Allow-listed profile fields, coarsened."""
    metadata: dict[str, str] = Field(default_factory=dict)
    """Allow-listed log fields."""


class ArrivalCell(Part):
    """A span of the week and how busy production was in it."""

    from_minute: int
    """Minutes since Monday 00:00 UTC, inclusive."""
    to_minute: int
    """Exclusive."""
    requests_per_minute: float


class Arrivals(Record):
    """The shape of production's traffic over a week, and nobody's times.

    Neighbouring minutes are merged until each cell holds ``min_users`` users.
    """

    min_users: int
    cells: list[ArrivalCell] = Field(default_factory=list)


class QuarantinedRecord(Record):
    """A log record that could not be used. Its text is never kept."""

    source: str
    line: int | None
    """Line (or row) number in the source, from 1."""
    reason: str
    """A short category such as ``not_json`` or ``missing_field``."""
    field: str | None = None
    detail: str = ""
    """Observed type or size, never the value."""


class Certificate(Record):
    """How well a dataset was sanitized: planted tracers, and an audit of the output."""

    tracers_planted: int
    tracers_leaked: int
    recall_by_type: dict[str, float] = Field(default_factory=dict)
    recall_lower: float
    """Lower end of the exact (Clopper-Pearson) 95 % interval over all tracers."""
    floor: float
    """The least overall recall that the configuration accepts."""
    audited_values: int
    """How many known raw values were searched for in the whole output."""
    audited_leaks: int
    passed: bool
