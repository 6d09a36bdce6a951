"""The judge's language models: one or a jury that reads everything, and a stronger one that is asked in doubt.

Who decides. The first tier judges every answer that the checks let pass. The second judges what the first failed,
could not decide or gave no usable judgement of, what addresses its judge, and a random share of what the first
passed. Where the second was asked, it decides, also against a first tier that passed: both opinions stay in the
verdict, which is *disputed* where they differ.

Why that does not bias the rate. Whether a passed answer is audited hangs on its exchange's id and on nothing that is
said in it, so every answer meets the same procedure and the verdicts stay exchangeable. The procedure *is* the judge:
with sensitivities s₁ and s₂ of the tiers and an audit share a, it finds a bad answer with probability
s₁·s₂ + (1 - s₁)·a·s₂ (were the tiers' errors independent), and the same formula holds for good answers that are
failed. That is one fixed sensitivity and specificity, which calibration measures as they are, and ``judge_id`` hashes
all that they hang on. Another audit share is another judge.

When the second tier cannot be had. An audit then has not taken place and the first tier's pass stands: chance chose
it, so nothing is biased. A flagged answer goes to the judge's ledger: the target is not accused on the word of a judge
that was to be checked. But such answers are not missing at random, they are the likely failures; so a pass has to hold
with all of them counted as failures, or the gate is inconclusive (``judge.decision``). The same holds for failures that
a model proves by words which the answer does not contain.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from harness.contracts import CriterionResult
from harness.identity import uniform
from harness.models import Budget, ModelCall, ModelClient, Usage
from judge.judgements import Judgements
from judge.opinions import Opinion, opinion_of, verdict_of_jury
from judge.own_rubric import Criterion

LOST_IN_A_ROW = 5
"""So many escalations in a row without a usable judgement: the second tier is down."""
_AUDIT = "audit"


def answers_at_once(concurrency: int) -> int:
    """Return how many answers are worked on at once: some are ready to be asked about while all calls are out.

    Args:
        concurrency: Calls in flight at most.
    """
    return concurrency + concurrency // 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the panel says about one answer."""

    criteria: list[CriterionResult]
    """What decides; empty where no usable judgement was had."""
    opinions: list[CriterionResult]
    """Single models' that do not."""
    problem: str
    """Kind of the error of whoever was to decide; empty where there was none."""
    cost_usd: float
    tokens: int
    cached: bool


class Panel:
    """Asks the models about answers; safe for many calls in flight.

    Args:
        first: Reads everything; more than one is a jury.
        second: Is asked in doubt.
        audit_share: Of the first tier's passes that the second judges too.
        known: Earlier judgements; None asks always.
        budget: That the models were connected with, so that what was paid before can be entered.
    """

    def __init__(
        self,
        first: Sequence[ModelClient],
        *,
        second: ModelClient | None = None,
        audit_share: float = 0.0,
        known: Judgements | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.first = tuple(first)
        self._second = second
        self._audit_share = audit_share
        self._known = known
        self._budget = budget
        self.lost_in_a_row = 0
        """Escalations, the last ones without a break, that got no usable judgement."""

    @property
    def model_id(self) -> str:
        """The models, for people."""
        names = " + ".join(model.model_id for model in self.first)
        return f"{names} → {self._second.model_id}" if self._second else names

    @property
    def model_ids(self) -> list[str]:
        """Every model, as configured."""
        return [model.model_id for model in self._models]

    @property
    def identity(self) -> dict[str, object]:
        """Everything about the models that can change a verdict."""
        return {
            "first": [model.model_id for model in self.first],
            "second": self._second.model_id if self._second else None,
            "audit_share": self._audit_share if self._second else 0.0,
        }

    @property
    def usage(self) -> Usage:
        """What all calls so far consumed, those that failed included."""
        return sum((model.usage for model in self._models), Usage())

    @property
    def owed(self) -> Usage | None:
        """What counts against the budget, with the worst of what was cut off; None without a budget."""
        return self._budget.spent if self._budget is not None else None

    def paid_before(self, usage: Usage) -> None:
        """Count what earlier parts of the same run consumed against the budget."""
        if self._budget is not None:
            self._budget.paid_before(usage)

    async def judge(
        self,
        call: ModelCall,
        asked: Sequence[Criterion],
        text: str,
        *,
        exchange_id: str,
        suspicious: bool,
        fresh: bool = False,
    ) -> Finding:
        """Return what the models say about an answer.

        Args:
            call: What to ask.
            asked: The criteria that it names.
            text: The answer.
            exchange_id: Decides whether a pass is audited.
            suspicious: The answer addresses its judge.
            fresh: Earlier judgements do not count, and this one is not kept.

        Raises:
            BudgetSpentError: If a call was not made because it cannot be paid.
        """
        known = None if fresh else self._known
        first = verdict_of_jury(await self._heard(call, asked, text, known))
        why = self._escalation(first, exchange_id, suspicious=suspicious)
        if self._second is None or not why:
            return _finding(first)
        second = await opinion_of(self._second, call, asked, text, known)
        self.lost_in_a_row = self.lost_in_a_row + 1 if second.problem else 0
        return _settled(first, second, audit=why == _AUDIT)

    async def _heard(
        self, call: ModelCall, asked: Sequence[Criterion], text: str, known: Judgements | None
    ) -> list[Opinion]:
        """Return every juror's opinion; where one cannot be paid, the others are waited for all the same: they are paid."""
        asking = (opinion_of(model, call, asked, text, known) for model in self.first)
        opinions = []
        for said in await asyncio.gather(*asking, return_exceptions=True):
            if isinstance(said, BaseException):
                raise said
            opinions.append(said)
        return opinions

    async def close(self) -> None:
        """Release connections and files. May be called twice."""
        for model in self._models:
            await model.close()
        if self._known is not None:
            self._known.close()

    @property
    def _models(self) -> tuple[ModelClient, ...]:
        return self.first if self._second is None else (*self.first, self._second)

    def _escalation(self, first: Opinion, exchange_id: str, *, suspicious: bool) -> str:
        """Return why the second tier is asked; empty where it is not."""
        if self._second is None:
            return ""
        if first.grade is not True:
            return "flagged"
        if suspicious:
            return "suspicious"
        return _AUDIT if uniform(0, "audit", exchange_id) < self._audit_share else ""


def _finding(first: Opinion) -> Finding:
    return Finding(
        criteria=first.results,
        opinions=first.said,
        problem=first.problem,
        cost_usd=first.cost_usd,
        tokens=first.tokens,
        cached=first.cached,
    )


def _settled(first: Opinion, second: Opinion, *, audit: bool) -> Finding:
    """Return what both tiers make together: the second decides, and where it says nothing, only an audited pass stands."""
    stands = audit and bool(second.problem) and not second.said
    return Finding(
        criteria=first.results if stands else second.results,
        opinions=first.said if stands else [*first.results, *first.said, *second.said],
        problem=second.problem,
        cost_usd=first.cost_usd + second.cost_usd,
        tokens=first.tokens + second.tokens,
        cached=first.cached and second.cached,
    )
