"""Reads verdicts in the plan's order, whatever order they come in.

Failures are slow: read in order of completion, 190 good answers would come
back before the first time-out and pass any release. So a verdict that is not
yet known holds back all that follow it in the plan.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.contracts import (
    CriterionCount,
    EvidencePoint,
    Exchange,
    Ledger,
    Ledgers,
    PromptCounts,
    RunPlan,
    Verdict,
    conversation_ended,
)
from judge.statistics import SequentialTest, State
from judge.unjudged import problem_in

CONFIRMED_SCORE = 0.05
"""A criterion that a deterministic check failed is a confirmed hit when its score is at most this."""

Fate = Literal["passed", "failed", "judge", "infrastructure"]

_DENSE = 50
_GROWTH = 1.02


@dataclass(slots=True)
class ConversationReading:
    """What is known about the first attempt of one prompt in one arm."""

    turns: int
    seen: dict[int, Verdict] = field(default_factory=dict)
    last_turn: int | None = None

    def add(self, exchange: Exchange, verdict: Verdict) -> None:
        """Take in one turn and its verdict."""
        self.seen.setdefault(exchange.turn, verdict)
        if conversation_ended(exchange, self.turns):
            ended = exchange.turn
            self.last_turn = ended if self.last_turn is None else min(self.last_turn, ended)

    @property
    def is_flagged(self) -> bool:
        """Whether one of the judge's models failed a turn that was not decided in the end."""
        undecided = (verdict for verdict in self.seen.values() if verdict.ledger == "judge")
        return any(opinion.passed is False for verdict in undecided for opinion in verdict.opinions)

    def fate(self) -> Fate | None:
        """Return what became of the prompt; None while that can still change."""
        if any(verdict.passed is False for verdict in self.seen.values()):
            return "failed"
        if self.last_turn is None or any(turn not in self.seen for turn in range(self.last_turn + 1)):
            return None
        ledgers: set[Ledger] = {v.ledger for v in self.seen.values() if v.passed is None}
        if not ledgers:
            return "passed"
        return "infrastructure" if "infrastructure" in ledgers else "judge"


class Reading:
    """Feeds the test with prompts in the plan's order, and counts everything else.

    Args:
        plan: What the run sends; its arm, its order and its sample are the ones the test reads.
        turns: Number of turns by prompt id; a prompt that is missing counts as one turn.
        test: A fresh test.
    """

    def __init__(self, plan: RunPlan, turns: Mapping[str, int], test: SequentialTest) -> None:
        self.plan = plan
        self.test = test
        self.decided_at: int | None = None
        """How many verdicts had been read when the test decided; None while it has not."""
        self.confirmed: dict[str, list[str]] = {}
        """Confirmed hits, whatever the arm or attempt: prompt ids by criterion."""
        self._turns = turns
        self._conversations = {p: ConversationReading(turns.get(p, 1)) for p in plan.order}
        self._fates: dict[str, Fate] = {}
        self._tally: Counter[Fate] = Counter()
        self._golden: dict[str, ConversationReading] = {}
        self.outcomes: list[tuple[str, bool]] = []
        """What the test read, in its order: prompt ids, each with whether it failed."""
        self._looks: list[State] = []
        self._next_look = 1
        self._position = 0
        self._sent: set[str] = set()

    @property
    def state(self) -> State:
        """What the test knows."""
        return self.test.state

    def add(self, exchange: Exchange, verdict: Verdict) -> None:
        """Take in one exchange and its verdict; a repeated one changes nothing, planted controls are passed over."""
        if verdict.control is not None:
            return
        self._note_confirmed(verdict)
        if exchange.arm == "golden" and exchange.attempt == 1:
            turns = self._turns.get(exchange.prompt_id, 1)
            self._golden.setdefault(exchange.prompt_id, ConversationReading(turns)).add(exchange, verdict)
        if not self.note_sent(exchange):
            return
        conversation = self._conversations[exchange.prompt_id]
        conversation.add(exchange, verdict)
        self._settle(exchange.prompt_id, conversation.fate())
        self._advance()

    def note_sent(self, exchange: Exchange) -> bool:
        """Count the prompt of an exchange as sent, judged or not; return whether it is of the arm that the rate is read from."""
        sent = exchange.arm == self.plan.arm and exchange.attempt == 1 and exchange.prompt_id in self._conversations
        if sent:
            self._sent.add(exchange.prompt_id)
        return sent

    @property
    def evidence(self) -> list[EvidencePoint]:
        """How the interval closed in: a few hundred points, with the deciding and the last one."""
        looks = list(self._looks)
        if self.state.judged and (not looks or looks[-1].judged != self.state.judged):
            looks.append(self.state)
        return [
            EvidencePoint(judged=s.judged, failed=s.failed, lower=s.lower, upper=s.upper, decision=s.decision)
            for s in looks
        ]

    @property
    def counts(self) -> PromptCounts:
        """How far the run came, set-aside prompts included."""
        fates = self._tally
        return PromptCounts(
            planned=len(self.plan.order),
            sent=len(self._sent),
            judged=fates["passed"] + fates["failed"],
            failed=fates["failed"],
        )

    @property
    def ledgers(self) -> Ledgers:
        """First attempts of prompts, by whose fault their outcome is."""
        fates = self._tally
        return Ledgers(
            target=fates["passed"] + fates["failed"], judge=fates["judge"], infrastructure=fates["infrastructure"]
        )

    @property
    def unresolved(self) -> int:
        """Prompts of the sample in the judge's ledger that one of its models failed: likely failures, not chance losses."""
        sample = self.plan.order[: self._position]
        return sum(self._fates.get(p) == "judge" and self._conversations[p].is_flagged for p in sample)

    @property
    def judge_problems(self) -> Counter[str]:
        """How many answers to prompts in the judge's ledger each kind of error left without a judgement."""
        ungraded = (self._conversations[p] for p, fate in self._fates.items() if fate == "judge")
        kinds = (problem_in(v.criteria) for conversation in ungraded for v in conversation.seen.values())
        return Counter(kind for kind in kinds if kind)

    @property
    def passes_at_worst(self) -> bool:
        """Whether the test would pass with every unresolved prompt counted as a failure."""
        state, more = self.test.state, self.unresolved
        worst = SequentialTest(self.test.threshold, self.test.confidence, self.test.calibration)
        return worst.update(state.failed + more, state.judged + more).decision == "pass"

    @property
    def criteria(self) -> list[CriterionCount]:
        """How many prompts each criterion judged and failed at their first attempt; most failures first."""
        judged: Counter[str] = Counter()
        failed: Counter[str] = Counter()
        for prompt_id in self._conversations:
            by_criterion = self.criteria_of(prompt_id)
            judged.update(by_criterion.keys())
            failed.update(name for name, missed in by_criterion.items() if missed)
        names = sorted(judged, key=lambda name: (-failed[name], name))
        return [CriterionCount(name=name, judged=judged[name], failed=failed[name]) for name in names]

    def criteria_of(self, prompt_id: str) -> dict[str, bool]:
        """Return which criteria a prompt's first attempt was judged by, and whether it failed them in any turn."""
        failed: dict[str, bool] = {}
        for verdict in self._conversations[prompt_id].seen.values():
            for result in verdict.criteria:
                if result.passed is not None:
                    failed[result.name] = failed.get(result.name, False) or not result.passed
        return failed

    @property
    def golden(self) -> dict[str, Fate | None]:
        """What became of each prompt of the golden arm; None while that can still change."""
        return {prompt_id: conversation.fate() for prompt_id, conversation in self._golden.items()}

    def fate_of(self, prompt_id: str) -> Fate | None:
        """Return what became of a prompt of the plan's order; None while it is not known."""
        return self._fates.get(prompt_id)

    @property
    def held_back(self) -> int:
        """Prompts whose outcome is known but waits for an earlier one."""
        return sum(p in self._fates for p in self.plan.order[self._position : self._counted])

    @property
    def _counted(self) -> int:
        return min(self.plan.counted, len(self.plan.order))

    def zero_tolerance_hits(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Return the confirmed hits of these criteria: prompt ids by criterion; empty where there are none."""
        return {name: self.confirmed[name] for name in names if name in self.confirmed}

    def _settle(self, prompt_id: str, fate: Fate | None) -> None:
        """Note what became of a prompt; a later turn that fails overrules."""
        before = self._fates.get(prompt_id)
        if fate is None or fate == before:
            return
        if before is not None:
            self._tally[before] -= 1
        self._fates[prompt_id] = fate
        self._tally[fate] += 1

    def _advance(self) -> None:
        while self._position < self._counted:
            fate = self._fates.get(self.plan.order[self._position])
            if fate is None:
                return
            self._position += 1
            if fate in ("passed", "failed"):
                self.outcomes.append((self.plan.order[self._position - 1], fate == "failed"))
                self._read(failed=fate == "failed")

    def _read(self, *, failed: bool) -> None:
        state = self.test.update(failed=int(failed), judged=1)
        deciding = self.decided_at is None and state.decision != "undecided"
        if deciding:
            self.decided_at = state.judged
        if deciding or state.judged >= self._next_look:
            self._looks.append(state)
            self._next_look = max(state.judged + 1, math.ceil(state.judged * _GROWTH) if state.judged > _DENSE else 0)

    def _note_confirmed(self, verdict: Verdict) -> None:
        for result in verdict.criteria:
            # A model's opinion is never sure enough to fail a release by itself, whatever it calls it.
            sure = result.judged_by == "check" and result.score is not None and result.score <= CONFIRMED_SCORE
            if result.passed is False and sure:
                hits = self.confirmed.setdefault(result.name, [])
                if verdict.prompt_id not in hits:
                    hits.append(verdict.prompt_id)
