"""What a tier can decide, before anything is spent: the gate's own test, simulated."""

import math
import random
from dataclasses import asdict, dataclass
from statistics import mean
from typing import Any

from harness.config import Settings
from harness.storage import Storage
from harness.suites import read_prompts, require_whole
from judge.draw import draw
from judge.statistics import SequentialTest

TRUE_RATES = (0.0, 0.25, 0.5, 1.0, 1.5, 2.5, 5.0)
"""Multiples of the threshold that are simulated."""
SIMULATIONS = 60
SECONDS_PER_PROMPT_UNKNOWN = 2.0
"""A plain guess at a turn's duration where no load profile gives the pace; said as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What happens to releases of one true failure rate."""

    true_rate: float
    passes: float
    """Share of simulated runs."""
    fails: float
    undecided: float
    mean_prompts: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePlan:
    """What a tier can and cannot decide."""

    tier: str
    prompts: int
    """Prompts the test can read: the tier's, at most the suite's thinned sample."""
    suite_ended: bool
    turns: int
    minutes: float
    pass_needs: int
    """Prompts after which a release without any failure passes."""
    can_pass: bool
    excludes: float
    """The upper bound that the tier reaches without any failure."""
    outlooks: list[Outlook]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-compatible values."""
        return asdict(self)


def plan_gate(settings: Settings, storage: Storage, *, suite: str, tier_name: str) -> GatePlan:
    """Return what a tier can decide with a suite.

    Raises:
        UsageError: If there is no such suite.
        StorageError: If it was changed since it was published.
        ConfigurationError: If there is no such tier.
    """
    effective, tier = settings.tier(tier_name)
    suite_id = storage.resolve("suites", suite)
    folder = storage.fetch("suites", suite_id)
    require_whole(folder, suite_id)
    prompts = [p for p in read_prompts(folder) if p.origin == "generated"]
    drawn = draw(prompts, wanted=tier.prompts, seed=effective.personas.seed)
    chosen = set(drawn.order)
    turns = sum(len(prompt.turns) for prompt in prompts if prompt.prompt_id in chosen)
    threshold, confidence = effective.gate.threshold, effective.gate.confidence
    flawless = SequentialTest(threshold=threshold, confidence=confidence)
    pass_needs = next(n for n in range(1, 10_000_000) if flawless.update(failed=0, judged=1).decision == "pass")
    reached = SequentialTest(threshold=threshold, confidence=confidence).update(failed=0, judged=max(1, drawn.counted))
    return GatePlan(
        tier=tier_name,
        prompts=drawn.counted,
        suite_ended=drawn.suite_ended,
        turns=turns,
        minutes=_minutes(effective, turns),
        pass_needs=pass_needs,
        can_pass=drawn.counted >= pass_needs,
        excludes=reached.upper,
        outlooks=[simulate(r * threshold, drawn.counted, threshold, confidence) for r in TRUE_RATES],
    )


def simulate(true_rate: float, cap: int, threshold: float, confidence: float) -> Outlook:
    """Run the test on seeded coin flips of a true rate, up to ``cap`` prompts, and return what it does."""
    rng = random.Random(20_260_101)
    ends: list[tuple[str, int]] = []
    for _ in range(1 if true_rate == 0 else SIMULATIONS):
        test, decision, count = SequentialTest(threshold=threshold, confidence=confidence), "undecided", 0
        while count < cap and decision == "undecided":
            # Failures are rare: jump to the next one, since only passes lie between.
            gap = cap if true_rate == 0 else int(math.log(1 - rng.random()) / math.log(1 - true_rate))
            for failed in [0] * min(gap, cap - count) + [1] * (count + gap < cap):
                count += 1
                decision = test.update(failed=failed, judged=1).decision
                if decision != "undecided":
                    break
        ends.append((decision, count))
    share = {d: sum(end[0] == d for end in ends) / len(ends) for d in ("pass", "fail", "undecided")}
    return Outlook(
        true_rate=true_rate,
        passes=share["pass"],
        fails=share["fail"],
        undecided=share["undecided"],
        mean_prompts=mean(end[1] for end in ends),
    )


def _minutes(settings: Settings, turns: int) -> float:
    load = settings.load
    if load is None:
        return turns * SECONDS_PER_PROMPT_UNKNOWN / 10 / 60
    seconds = turns / load.rate if load.model != "closed" else turns * SECONDS_PER_PROMPT_UNKNOWN / load.users
    return max(seconds, load.duration_s) / 60
