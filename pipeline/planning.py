"""What a tier can decide, before anything is spent: the gate's own test, simulated."""

import math
import random
from dataclasses import asdict, dataclass
from statistics import mean
from typing import Any

from harness.config import LoadSection, Settings
from harness.storage import Storage
from harness.suites import read_prompts, require_whole
from judge.draw import draw
from judge.statistics import SequentialTest
from pipeline.traffic import stages_for
from swarm.arrivals import Profile
from swarm.pacing import load_stages

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
class LoadPreview:
    """What a load profile asks of the target."""

    model: str
    duration_s: float
    conversations: float | None
    """Expected to begin while it lasts; None where that depends on how fast the target answers."""
    requests: float | None
    """The same in requests."""
    peak: float
    """Most conversations a second, or most users (``closed``)."""
    last: float
    """What goes on when the profile is over and prompts are left; 0 ends the run."""


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
    load: LoadPreview | None
    """None: plain concurrency."""
    outlooks: list[Outlook]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-compatible values."""
        return asdict(self)


def plan_gate(settings: Settings, storage: Storage, *, suite: str, tier_name: str) -> GatePlan:
    """Return what a tier can decide with a suite.

    Raises:
        UsageError: If there is no such suite.
        StorageError: If it was changed since it was published.
        ConfigurationError: If there is no such tier, or production's arrivals are asked for and not known.
    """
    effective, tier = settings.tier(tier_name)
    suite_id = storage.resolve("suites", suite)
    folder = storage.fetch("suites", suite_id)
    require_whole(folder, suite_id)
    prompts = [p for p in read_prompts(folder) if p.origin == "generated"]
    drawn = draw(prompts, wanted=tier.prompts, seed=effective.personas.seed)
    chosen = set(drawn.order)
    turns = sum(len(prompt.turns) for prompt in prompts if prompt.prompt_id in chosen)
    production = stages_for(effective.load, storage, folder, {p.prompt_id: p for p in prompts}, drawn.order)
    profile = Profile(load_stages(effective.load, production)) if effective.load is not None else None
    threshold, confidence = effective.gate.threshold, effective.gate.confidence
    flawless = SequentialTest(threshold=threshold, confidence=confidence)
    pass_needs = next(n for n in range(1, 10_000_000) if flawless.update(failed=0, judged=1).decision == "pass")
    reached = SequentialTest(threshold=threshold, confidence=confidence).update(failed=0, judged=max(1, drawn.counted))
    return GatePlan(
        tier=tier_name,
        prompts=drawn.counted,
        suite_ended=drawn.suite_ended,
        turns=turns,
        minutes=_minutes(effective.load, profile, len(drawn.order), turns),
        pass_needs=pass_needs,
        can_pass=drawn.counted >= pass_needs,
        excludes=reached.upper,
        load=_preview(effective.load, profile, turns / len(drawn.order)) if effective.load and profile else None,
        outlooks=[simulate(r * threshold, drawn.counted, threshold, confidence) for r in TRUE_RATES],
    )


def load_words(load: LoadPreview) -> str:
    """Return what a load profile asks of the target, in words."""
    if load.conversations is None:
        return f"at most {load.peak:,.0f} users at once for {load.duration_s:,.0f} s"
    text = (
        f"{load.conversations:,.0f} conversations ({load.requests:,.0f} requests) begin in {load.duration_s:,.0f} s, "
        f"at most {load.peak:,.1f} a second"
    )
    rest = f"go on at {load.last:,.1f} a second" if load.last else "are not sent"
    return f"{text}; prompts that are left then {rest}"


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


def _preview(load: LoadSection, profile: Profile, turns: float) -> LoadPreview:
    conversations = None if load.model == "closed" else profile.expected
    return LoadPreview(
        model=load.model,
        duration_s=profile.duration_s,
        conversations=conversations,
        requests=None if conversations is None else conversations * turns,
        peak=profile.peak,
        last=profile.last,
    )


def _minutes(load: LoadSection | None, profile: Profile | None, prompts: int, turns: int) -> float:
    """Return how long the tier takes if nothing is decided earlier; a guess where users wait for the target."""
    if load is None or profile is None:
        return turns * SECONDS_PER_PROMPT_UNKNOWN / 10 / 60
    if load.model == "closed":
        seconds = turns * SECONDS_PER_PROMPT_UNKNOWN / profile.peak
    else:
        seconds = profile.moment_of(prompts)
    return (profile.duration_s if math.isinf(seconds) else max(seconds, profile.duration_s)) / 60
