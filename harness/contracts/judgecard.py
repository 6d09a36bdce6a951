"""How far a judge can be trusted, measured on people's labels."""

from typing import Annotated, Literal

from harness.contracts.base import Field, Part, Record

Count = Annotated[int, Field(ge=0)]
EffectiveCount = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


class Estimate(Part):
    """A figure measured on a sample of fixed size, with its interval at the card's confidence."""

    estimate: float | None
    """None where no label tells anything."""
    lower: float
    upper: float


class LabelCounts(Part):
    """Labels by what they say."""

    good: Count = 0
    bad: Count = 0
    unsure: Count = 0
    """In no figure: the person could not tell."""


class Agreement(Part):
    """A judge against people. Positive is a bad answer that the judge failed."""

    tp: Count = 0
    """Bad answers that the judge failed."""
    fn: Count = 0
    """Bad answers that it passed."""
    tn: Count = 0
    """Good answers that it passed."""
    fp: Count = 0
    """Good answers that it failed."""
    sensitivity: Estimate
    """Share of bad answers that the judge fails."""
    specificity: Estimate
    """Share of good answers that the judge passes."""
    kappa: Estimate
    """Cohen's kappa, -1 … 1."""


class VerdictStrata(Part):
    """What reweighting needs where labels were drawn by verdict: the judge's verdicts behind the labels."""

    flagged: EffectiveCount
    """Failed verdicts in the store, in effective numbers."""
    passed: EffectiveCount
    """Passed verdicts in the store, in effective numbers."""
    flagged_weight: Annotated[float, Field(gt=0.0)] = 1.0
    """How many verdicts a failed one in the store stands for."""
    passed_weight: Annotated[float, Field(gt=0.0)] = 1.0
    """How many verdicts a passed one in the store stands for."""
    tp: EffectiveCount = 0.0
    fp: EffectiveCount = 0.0
    """With ``tp``: labels on failed verdicts, in effective numbers."""
    fn: EffectiveCount = 0.0
    tn: EffectiveCount = 0.0
    """With ``fn``: labels on passed verdicts, in effective numbers."""


class JudgeCard(Record):
    """What labels say about one judge; bound to it by ``judge_id``, which hashes model, prompt, rubric and parameters."""

    card_id: str
    """Content id of everything below."""
    judge_id: str
    model: str = ""
    """The judge's model or models, for people."""
    labels: LabelCounts
    """Labels on answers as a whole."""
    overall: Agreement
    by_criterion: dict[str, Agreement] = Field(default_factory=dict)
    confidence: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.95
    """Of every interval here, each for itself."""
    weighted: bool = False
    """Labels were drawn by verdict, so the rates are reweighted to all verdicts."""
    strata: VerdictStrata | None = None
    """Only where ``weighted``."""
    notes: list[str] = Field(default_factory=list)
    """What was left out, and what to know when reading the figures."""
    made_at: str
    """Aware UTC time, ISO 8601."""
    expires_at: str
    """From then on the card is stale."""


class CardUse(Record):
    """Which card a run rests on; kept with the run, so that its decision can be made again."""

    judge_id: str
    """The run's judge."""
    standing: Literal["valid", "expired", "other_judge", "missing"]
    """Only a valid card corrects the rate; with ``other_judge`` there are cards, but none of this judge."""
    card: JudgeCard | None = None
