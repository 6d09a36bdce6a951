"""The gate's decision and everything it rests on."""

from typing import Any, Literal

from harness.contracts.base import Field, Part, Record
from harness.contracts.control import Controls

Decision = Literal["pass", "fail", "inconclusive", "void"]


class Rate(Part):
    """A rate and its interval; each end holds at every look at once, with the gate's confidence."""

    estimate: float | None
    lower: float
    upper: float

    @property
    def has_moved(self) -> bool:
        """Whether the estimate is at an end or beyond: verdicts came that earlier ones had made unlikely."""
        if self.estimate is None:
            return False
        return (self.upper < 1.0 and self.estimate >= self.upper) or (self.lower > 0.0 and self.estimate <= self.lower)


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


class GroupRate(Part):
    """The failure rate of one criterion, persona or strategy, read from the prompts that the test read.

    These are a sample of production's traffic, so each stands for the same
    share of it. The interval is exact (Clopper-Pearson), at the gate's
    confidence, and holds for this group alone, at this number of prompts; it
    is of the apparent rate, whatever is known of the judge's error.
    """

    by: Literal["criterion", "persona", "strategy"]
    name: str
    """The criterion, the persona's id, or the strategy."""
    judged: int
    """Prompts of the group that passed or failed; of a criterion: those on which it was decided."""
    failed: int
    estimate: float
    lower: float
    upper: float
    traffic_share: float
    """Of the prompts read, and so of production's traffic, that belong to the group."""


class SegmentRate(Part):
    """One persona against the bar that no persona's failure rate may be above."""

    persona_id: str
    judged: int
    failed: int
    lower: float
    upper: float
    """The interval holds at every look, and for all personas at once."""
    standing: Literal["above", "below", "undecided"]


class WorstSegment(Part):
    """All personas of the sample against the bar ``[gate] worst_segment``."""

    limit: float
    confidence: float
    """Of each persona's test: the gate's error is shared among them."""
    segments: list[SegmentRate] = Field(default_factory=list)


class Confirmations(Part):
    """What became of failing prompts that were asked again; the rate does not read it."""

    times: int
    """How often each was asked again."""
    consistent: list[str] = Field(default_factory=list)
    """Prompts that failed every time."""
    flaky: list[str] = Field(default_factory=list)
    """Prompts that failed first and passed at least once afterwards."""
    unsettled: list[str] = Field(default_factory=list)
    """Prompts that never passed, and were not asked and judged as often as planned."""
    not_asked: int = 0
    """Further failing prompts that were not asked again."""


class NoiseFloor(Part):
    """How often the same prompt in the same arm got another verdict the second time (A/A)."""

    repeats: int
    """Prompts of the sample's beginning whose first and second attempt both passed or failed."""
    flipped: int
    estimate: float
    lower: float
    upper: float
    """Exact (Clopper-Pearson), at the gate's confidence."""


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
    groups: list[GroupRate] = Field(default_factory=list)
    """Rates by criterion, persona and strategy; in each kind the group that is worst for sure first."""
    worst_segment: WorstSegment | None = None
    """None where no bar is configured."""
    confirmations: Confirmations | None = None
    """None where no failing prompt was asked again."""
    noise_floor: NoiseFloor | None = None
    """None where no prompt was judged twice."""
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
