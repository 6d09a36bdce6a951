"""The gate's decision and everything it rests on."""

from typing import Any, Literal

from harness.contracts.base import Field, Part, Record

Decision = Literal["pass", "fail", "inconclusive", "void"]


class Rate(Part):
    """A rate and the interval that holds at every look at once."""

    estimate: float | None
    lower: float
    upper: float


class FailureRate(Rate):
    """The rate that decided, beside the apparent and the judge-corrected one."""

    raw: Rate
    corrected: Rate | None = None


class PromptCounts(Part):
    """How far the run came, in prompts."""

    planned: int
    sent: int
    judged: int
    failed: int


class CriterionCount(Part):
    """How often a criterion was judged and failed, in prompts."""

    name: str
    judged: int
    failed: int


class Ledgers(Part):
    """First attempts of prompts by whose fault their outcome is."""

    target: int = 0
    judge: int = 0
    infrastructure: int = 0


class SloResult(Part):
    """One service-level objective: observed against its limit."""

    metric: str
    observed: float | None
    limit: float
    met: bool | None
    """None where too little was measured, or a miss may be the load generator's own."""
    warning: str = ""
    """What keeps this from being said of the target alone; empty where nothing does."""


class Controls(Part):
    """Answers of known quality that were planted to test the judge."""

    planted: int = 0
    missed: int = 0


class EvidencePoint(Part):
    """What the test knew after some number of prompts."""

    judged: int
    failed: int
    lower: float
    upper: float
    decision: Literal["pass", "fail", "undecided"]


class GateResult(Record):
    """``gate.json``: the decision, why, and how sure."""

    run_id: str
    suite_id: str
    decision: Decision
    reasons: list[str]
    exit_code: int
    tier: str
    threshold: float
    confidence: float
    failure_rate: FailureRate
    prompts: PromptCounts
    criteria: list[CriterionCount] = Field(default_factory=list)
    ledgers: Ledgers = Ledgers()
    slo: list[SloResult] = Field(default_factory=list)
    load: dict[str, Any] = Field(default_factory=dict)
    controls: Controls = Controls()
    golden: dict[str, Any] = Field(default_factory=dict)
    baseline: dict[str, Any] = Field(default_factory=dict)
    evidence: list[EvidencePoint] = Field(default_factory=list)
    """How the interval closed in; thinned to a few hundred points, the deciding one kept."""
    target_version: str | None = None
    cost_usd: float = 0.0
    duration_s: float = 0.0
    stopped_because: str
    judge_error_known: bool = False
    """False: no judge card, so the rate is the apparent one."""
    files: dict[str, str] = Field(default_factory=dict)
    """SHA-256 of every file the decision rests on."""
