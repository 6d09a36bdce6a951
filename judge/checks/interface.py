"""What a check gets, what it gives, and how one is built."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from harness.config import Settings
from harness.contracts import CriterionResult, Exchange, Prompt

CERTAIN = 0.0
"""Score of a failure that leaves no doubt: it may fail the gate alone where its criterion has zero tolerance."""
WEAK = 0.3
"""Score of a failure that a person may see otherwise; it counts in the rate only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer under judgement, with everything that was said before it."""

    exchange: Exchange
    """Its outcome is ``answered``."""
    prompt: Prompt | None = None
    """None where only the exchange was recorded."""
    history: Sequence[Exchange] = field(default=())
    """Earlier turns of the same conversation, in order."""

    @property
    def text(self) -> str:
        """What the assistant said."""
        return self.exchange.response_text or ""

    @property
    def user_texts(self) -> list[str]:
        """What the user said up to this answer, this turn's words first."""
        return [self.exchange.prompt, *(turn.prompt for turn in self.history)]

    @property
    def earlier_answers(self) -> list[str]:
        """What the assistant said in earlier turns."""
        return [turn.response_text for turn in self.history if turn.response_text]

    @property
    def contexts(self) -> list[str]:
        """Passages retrieved for this answer, then those of earlier turns."""
        return [*(self.exchange.contexts or ()), *(c for turn in self.history for c in turn.contexts or ())]

    @property
    def is_last_turn(self) -> bool:
        """Whether the conversation ends here; expectations of a prompt are about its last answer."""
        return self.prompt is None or self.exchange.turn >= len(self.prompt.turns) - 1


class Check(Protocol):
    """Decides one criterion of an answer, without a model."""

    name: str
    """Of the criterion, as it stands in verdicts and in ``[gate] zero_tolerance``."""
    version: str
    """Changes whenever the check may decide differently: verdicts of different versions do not compare."""

    def check(self, answer: Answer) -> CriterionResult | None:
        """Return the criterion's result; None where it does not apply to this answer."""
        ...


Build = Callable[[Settings], Check | None]
"""Makes a check from the configuration, or nothing where the configuration does not ask for it.

Entry points of the group ``reverse_rag.checks`` name such functions.
"""


def passes(name: str, *, score: float = 1.0, reason: str = "") -> CriterionResult:
    """Return a passed criterion."""
    return CriterionResult(name=name, passed=True, score=score, reason=reason)


def fails(name: str, reason: str, *evidence: str, score: float = CERTAIN) -> CriterionResult:
    """Return a failed criterion.

    Args:
        name: Of the criterion.
        reason: One plain sentence, without the answer's words.
        *evidence: Passages of the answer, word for word.
        score: ``CERTAIN`` or ``WEAK``, or between.
    """
    return CriterionResult(name=name, passed=False, score=score, reason=reason, evidence=list(evidence))


def undecided(name: str, reason: str, *, score: float | None = None) -> CriterionResult:
    """Return a criterion with nothing to check, or nothing to check it by."""
    return CriterionResult(name=name, passed=None, score=score, reason=reason)
