"""What the judge says about one exchange."""

from typing import Literal

from harness.contracts.base import Field, Part, Record
from harness.contracts.exchange import Ledger


class CriterionResult(Part):
    """One criterion's say on one answer."""

    name: str
    passed: bool | None
    """None: not decided (the judge failed, or there was nothing to check)."""
    reason: str = ""
    evidence: list[str] = Field(default_factory=list)
    """Passages of the answer that offend, word for word, for marking."""
    score: float | None = None
    """1 = surely fine … 0 = surely failed."""
    judged_by: str = "check"
    """``check`` or the model's id."""


class Verdict(Record):
    """The judge's say on one exchange."""

    prompt_id: str
    exchange_id: str
    turn: int = 0
    attempt: int = 1
    """The exchange's: above 1 it repeats an earlier answer to the same prompt, and enters no rate."""
    passed: bool | None
    """None where nobody could grade it (judge's ledger) or nothing was answered (infrastructure's)."""
    ledger: Ledger
    """Whose the outcome is: a pass and a failure of the target are both ``target``."""
    criteria: list[CriterionResult] = Field(default_factory=list)
    opinions: list[CriterionResult] = Field(default_factory=list)
    """What single models said where several were asked: an earlier tier, each juror. They decide nothing: ``criteria`` does."""
    judge_id: str
    cost_usd: float = 0.0
    """Of all models asked, unusable answers included; 0 for what was known from an earlier call."""
    tokens: int = 0
    """The same in tokens, both ways."""
    cached: bool = False
    """Every model's judgement was known from an earlier call and cost nothing this time."""
    control: Literal["known_good", "known_bad"] | None = None

    @property
    def disputed(self) -> bool:
        """Whether a model that was asked saw a criterion otherwise than it was decided."""
        decided = {result.name: result.passed for result in self.criteria}
        return any(opinion.passed != decided.get(opinion.name, opinion.passed) for opinion in self.opinions)
