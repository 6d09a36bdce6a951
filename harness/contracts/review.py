"""Answers that a person is to look at, and what that person said of them."""

from typing import Annotated, Literal

from harness.contracts.base import Field, Record
from harness.contracts.session import Turn
from harness.contracts.verdict import CriterionResult

LabelValue = Literal["good", "bad", "unsure"]
"""What a person says of an answer, whatever the judge said of it."""


class ReviewItem(Record):
    """One judged answer with everything a person needs to judge it again."""

    review_id: str
    """Content id of ``judge_id`` and ``exchange_id``: the same answer under another judge is another item."""
    run_id: str
    exchange_id: str
    prompt_id: str
    prompt: str
    """The user's words of this turn."""
    history: list[Turn] = Field(default_factory=list)
    """The turns before it."""
    answer: str
    contexts: list[str] | None = None
    """What the assistant retrieved; None where the target gives no contexts."""
    passed: bool | None
    """The judge's verdict; None where it could not grade the answer."""
    criteria: list[CriterionResult] = Field(default_factory=list)
    judge_id: str
    sampled: Literal["flagged", "audit", "disputed", "control", "golden"]
    """Why it is here: failed, passed and drawn by chance, disputed among models, a planted answer that the judge
    missed, or a failed or disputed answer to a hand-written or regression prompt."""
    sampling_rate: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """With which probability such a verdict got into the store."""
    created_at: str
    """Aware UTC time, ISO 8601."""

    @property
    def is_sample(self) -> bool:
        """Whether it came here as part of a sample of the judge's verdicts on traffic, and so tells how often it errs."""
        return self.sampled not in {"control", "golden"}


class Label(Record):
    """A person's say on an answer; a later one on the same item and criterion by the same person replaces it."""

    review_id: str
    judge_id: str
    label: LabelValue
    criterion: str | None = None
    """None: the answer as a whole."""
    note: str = ""
    labelled_by: str
    labelled_at: str
    """Aware UTC time, ISO 8601."""
