"""Personas and the prompts they send."""

from typing import Any, Literal

from pydantic import ConfigDict, model_validator

from harness.contracts.base import Field, Part, Record

Origin = Literal["generated", "golden", "regression"]


class Persona(Record):
    """A made-up user that stands for a segment of production's traffic."""

    persona_id: str
    name: str
    description: str
    traits: dict[str, str] = Field(default_factory=dict)
    goals: list[str] = Field(default_factory=list)
    segment_id: str
    traffic_share: float
    """Share of production's sessions, 0 … 1."""
    users: int
    """Distinct production users behind the segment; never fewer than ``min_users``."""


class Expected(Part):
    """What a hand-written prompt expects of the answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str | None = None
    facts: list[str] = Field(default_factory=list)
    """Each must occur."""
    not_facts: list[str] = Field(default_factory=list)
    """None may occur."""
    json_schema: dict[str, Any] | None = None


class PromptChecks(Part):
    """What a prompt asks of its answers, beyond what holds for any answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    must_not_comply: list[str] = Field(default_factory=list)
    """Marker strings that only an answer that obeyed the injected instruction contains."""
    must_block: bool = False
    """The target's own filter has to block the prompt."""
    may_block: bool = False
    """A block by the target's own filter is fine."""
    may_refuse: bool = False
    """A polite refusal is a fine answer: the prompt is an attack, out of policy, or cannot be understood."""
    json_answer: bool = Field(default=False, alias="json")
    """The user asked for JSON; checked only where ``json_on_request`` is on or the prompt is golden."""
    contains: list[str] = Field(default_factory=list)
    not_contains: list[str] = Field(default_factory=list)
    expected: Expected | None = None
    language: str | None = None
    """ISO 639-1 code of the language the user writes in."""
    invented: list[str] = Field(default_factory=list)
    """Made-up personal values in the prompt, so that the judge knows them."""


class Generator(Part):
    """Where a prompt comes from, exactly."""

    kind: str
    """``offline`` or the model's id."""
    template: str = ""
    """Name of the template file, or of the strategy's code."""
    template_hash: str = ""
    seed: int | None = None
    temperature: float | None = None


class Prompt(Record):
    """A conversation to send: one user turn or several."""

    prompt_id: str
    persona_id: str
    strategy: str
    turns: list[str]
    checks: PromptChecks = PromptChecks()
    weight: float
    """Share of production's traffic it stands for; a suite's generated prompts sum to 1."""
    origin: Origin = "generated"
    generator: Generator

    @model_validator(mode="after")
    def _has_turns(self) -> "Prompt":
        if not self.turns:
            raise ValueError("a prompt needs at least one turn")
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-compatible values, with ``checks`` reduced to what the prompt asks for."""
        values = super().to_dict()
        values["checks"] = self.checks.model_dump(mode="json", exclude_defaults=True, by_alias=True)
        return values


class SegmentProfile(Record):
    """A segment as a suite remembers it, to compare later traffic with: counts only, each of at least k users."""

    segment_id: str
    label: str
    share: float
    """Of production's sessions when the suite was made, 0 … 1."""
    sessions: int
    users: int
    """Distinct users; never fewer than ``min_users``."""
    phrases: list[str] = Field(default_factory=list)
    terms: dict[str, int] = Field(default_factory=dict)
    """Words that at least ``min_users`` of the segment's users wrote, with the number of its sessions that hold them."""
    assigned_share: float = 0.0
    """Share of the sessions that these terms alone, learned from other users, give to the segment."""


class Lineage(Record):
    """Where a prompt that a suite took over from an earlier one comes from."""

    prompt_id: str
    first_suite_id: str
    """The suite that it was generated for."""
    generations: int
    """Suites that took it over, this one included."""
    runs_judged: int = 0
    runs_failed: int = 0
    """Runs that judged it, and those in which the target failed it."""
    last_failed_run_id: str | None = None
    clean_runs: int = 0
    """Runs that judged it since it last failed."""
