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


class Recall(Part):
    """How many planted values of one kind were removed."""

    name: str
    """A type of value, a way of writing, or ``structured``: all types with a form or a check together."""
    planted: int
    found: int
    recall: float
    lower: float
    """Ends of the exact (Clopper-Pearson) 95 % interval."""
    upper: float
    floor: float = 0.0
    """The least ``lower`` that is accepted; 0 where nothing is asked of this kind by itself."""


class OverRedaction(Part):
    """How many words of messages without anything personal were lost."""

    messages: int
    words: int
    lost: int
    share: float
    lower: float
    """Ends of the exact 95 % interval."""
    upper: float


class ProfilesUsed(Part):
    """How far profiles and logs are about the same users."""

    users: int
    """In the logs that the run read."""
    matched: int
    """Of them, who have a profile."""
    strangers: int
    """Profiles of users who are not in these logs: their values are neither removed nor searched for."""


class CertificateBasis(Part):
    """What a certificate rests on: another of any of these, and it says nothing."""

    dataset_id: str
    created_at: str
    tool_version: str
    detector: dict[str, str] = Field(default_factory=dict)
    """The operating point, and version, thresholds and SHA-256 of what finds names and addresses."""
    configuration_hash: str
    seed: int | None = None
    """Of the tracers, in certificates of earlier versions only: whoever knows it can make them."""
    seed_fingerprint: str = ""
    """Keyed hash of the tracers' seed; both follow from the key of the hashes, and are known to nobody without it."""
    records: int
    """Read by the run that made the dataset."""
    exchanges: int | None = None
    """New ones that these records hold: one may hold many, or none."""
    sessions: int
    turns: int
    users: int
    quarantined: dict[str, int] = Field(default_factory=dict)
    """Records that were left out, by reason."""
    earlier_id: str | None = None
    """The dataset whose sessions are carried over; its own certificate covers them."""
    min_users: int | None = None
    """k: allow-listed values, traits and ratings that fewer users share are left out."""
    keep: list[str] = Field(default_factory=list)
    """Fields of the log that the configuration allow-lists."""
    profile_traits: list[str] = Field(default_factory=list)
    record_keys: list[str] = Field(default_factory=list)
    """Allow-listed fields that hold ids of records, kept though nobody shares their values."""
    suppressed: dict[str, int] = Field(default_factory=dict)
    """Allow-listed values that were left out because too few users share them, by field."""
    personal: dict[str, int] = Field(default_factory=dict)
    """Allow-listed values in which something personal was replaced, by field."""
    profiles: ProfilesUsed | None = None
    """None: no profiles are configured."""


class Certificate(Record):
    """How well a dataset was sanitized: planted tracers, and an audit of the output."""

    tracers_planted: int
    tracers_leaked: int
    recall_by_type: dict[str, float] = Field(default_factory=dict)
    recall_lower: float
    """Lower end of the exact (Clopper-Pearson) 95 % interval over all tracers."""
    recall_upper: float = 1.0
    floor: float
    """The least ``recall_lower`` that the configuration accepts."""
    types: list[Recall] = Field(default_factory=list)
    forms: list[Recall] = Field(default_factory=list)
    """The same tracers by where they stood and how they were written."""
    structured: Recall | None = None
    """All types that have a form or a check, such as cards and e-mail addresses."""
    structured_floor: float = 0.0
    """The least lower end of ``structured`` that the configuration accepts."""
    audited_values: int
    """How many different known raw values were searched for in the whole output."""
    audited_leaks: int
    audited_leaks_by_type: dict[str, int] = Field(default_factory=dict)
    over_redaction: OverRedaction | None = None
    rests_on: CertificateBasis | None = None
    replacement: Literal["placeholder", "surrogate"] = "placeholder"
    """What stands for personal values: with ``surrogate``, names and numbers in the texts are invented ones."""
    not_measured: list[str] = Field(default_factory=list)
    """Types of which not one tracer was planted."""
    limits: list[str] = Field(default_factory=list)
    """What it does not say, in plain words."""
    passed: bool
