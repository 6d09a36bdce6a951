"""How a run stands at a moment: what its live view shows, put together from the sender's events and the verdicts."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.contracts import PromptCounts
from judge.generator import LAG_SHARE, SMALL_LAG_MS
from judge.statistics import State
from swarm.arrivals import Profile
from swarm.job import SwarmJob
from swarm.pacing import load_stages
from swarm.quantiles import quantile_ms
from swarm.telemetry import Telemetry

WINDOW_S = 10.0
"""Rates and latencies are those of so many seconds."""
PHASES = {
    "golden": "golden prompts",
    "control_before": "control before",
    "load": "load",
    "recovery": "probing",
    "control_after": "control after",
    "judging": "judging",
    "confirming": "asking again",
}
"""The sender's phases in words, and what is left to do when it has ended."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Median and 95th percentile, in milliseconds."""

    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How the sending goes."""

    elapsed_s: float
    position_s: float
    """How far into the load's profile."""
    sent: int
    in_flight: int
    rate: float
    """Conversations that began in a second of the window where they come by the clock, else replies."""
    scheduled: float | None
    """What the first of the two should be; None without a schedule."""
    latency: Quantiles | None
    """From the moment a turn was due; None where no reply came within the window."""
    service: Quantiles | None
    """From sending."""
    first_token: Quantiles | None
    outcomes: Mapping[str, int]
    lag_p99_ms: float

    @property
    def errors(self) -> dict[str, int]:
        """Replies that were no answers, by outcome."""
        return {outcome: count for outcome, count in self.outcomes.items() if outcome != "answered" and count}

    @property
    def behind(self) -> bool:
        """Whether the generator is late by more than the run's report forgives it."""
        # Not latency's: that contains the very lag that is to be judged.
        typical_ms = self.service.p50_ms if self.service is not None else 0.0
        return self.lag_p99_ms > max(SMALL_LAG_MS, LAG_SHARE * typical_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a run stands."""

    phase: str
    """One of ``PHASES``, in words."""
    duration_s: float | None = None
    """How long the load lasts; None without one."""
    prompts: PromptCounts
    sending: Sending | None = None
    """None while nothing is known of the sender."""
    verdict: State | None = None
    """None where nobody judges."""
    cost_usd: float | None = None
    budget_usd: float | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    """What one progress event said of the time since the one before."""

    at_s: float
    begun: int
    replies: int
    position_s: float
    latencies: Counter[int] = field(default_factory=Counter)
    services: Counter[int] = field(default_factory=Counter)
    first_tokens: Counter[int] = field(default_factory=Counter)


class SenderView:
    """Follows the sender's events.

    Args:
        job: What the sender does.
        telemetry: Told of its progress; None for none.
    """

    def __init__(self, job: SwarmJob, telemetry: Telemetry | None = None) -> None:
        load = job.load
        self._profile = Profile(load_stages(load, job.production)) if load is not None else None
        self._paced = load is not None and load.model != "closed"
        self._steps: deque[_Step] = deque()
        self._event: Mapping[str, Any] = {}
        self._telemetry = telemetry
        self.phase = ""
        """In words; empty before the first event. Without a load the sender sends, and no more is to be said."""
        self.done = 0
        """Prompts that are recorded to their end."""
        self.paused = False
        """Whether the sender waits for a target that broke under the load."""
        self.end: Mapping[str, Any] = {}
        """How the sending ended; empty before."""

    @property
    def duration_s(self) -> float | None:
        """How long the load lasts; None without one."""
        return self._profile.duration_s if self._profile is not None else None

    def take(self, event: Mapping[str, Any]) -> None:
        """Take an event: ``progress`` or ``end``."""
        if event.get("event") == "end":
            self.end = event
        elif event.get("event") == "progress":
            self._progress(event)

    def _progress(self, event: Mapping[str, Any]) -> None:
        if self._telemetry is not None:
            self._telemetry.progress(event)
        self.done, self.paused = event["done"], event["paused"]
        phase = str(event["phase"])
        if self._event and phase != self._event["phase"]:
            # What the phase before did is no part of this one's rate and latencies.
            self._steps = deque(
                [replace(self._steps[-1], latencies=Counter(), services=Counter(), first_tokens=Counter())]
            )
        self._event = event
        self.phase = "sending" if phase == "load" and self._profile is None else PHASES.get(phase, phase)
        step = _Step(
            at_s=event["elapsed_s"],
            begun=event["begun"],
            replies=event["sent"] - event["in_flight"],
            position_s=event["position_s"],
            latencies=_slots(event["latencies"]),
            services=_slots(event["services"]),
            first_tokens=_slots(event["first_tokens"]),
        )
        self._steps.append(step)
        while len(self._steps) > 2 and self._steps[1].at_s <= step.at_s - WINDOW_S:
            self._steps.popleft()

    @property
    def sending(self) -> Sending | None:
        """How the sending goes; None before the first event."""
        if not self._steps:
            return None
        event, last = self._event, self._steps[-1]
        first = self._steps[0] if len(self._steps) > 1 else _Step(0.0, 0, 0, 0.0)
        span_s = max(last.at_s - first.at_s, 1e-3)
        scheduled = None
        if self._paced and self._profile is not None and event["phase"] == "load":
            # The level of the moment: a ramp's mean over the window would always lie behind it.
            scheduled = self._profile.level(last.position_s)
        done = last.begun - first.begun if self._paced else last.replies - first.replies
        return Sending(
            elapsed_s=last.at_s,
            position_s=last.position_s,
            sent=event["sent"],
            in_flight=event["in_flight"],
            rate=max(done, 0) / span_s,
            scheduled=scheduled,
            latency=_quantiles(step.latencies for step in self._steps),
            service=_quantiles(step.services for step in self._steps),
            first_token=_quantiles(step.first_tokens for step in self._steps),
            outcomes=event["outcomes"],
            lag_p99_ms=event["lag_ms"]["p99"],
        )


def _slots(counts: Mapping[str, int]) -> Counter[int]:
    return Counter({int(slot): count for slot, count in counts.items()})


def _quantiles(counts: Iterable[Counter[int]]) -> Quantiles | None:
    whole: Counter[int] = Counter()
    for one in counts:
        whole.update(one)
    p50_ms, p95_ms = quantile_ms(whole, 0.5), quantile_ms(whole, 0.95)
    return None if p50_ms is None or p95_ms is None else Quantiles(p50_ms, p95_ms)
