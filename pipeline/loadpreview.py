"""What a tier sends: how much of it, for how long, and what a load profile asks of the target."""

import math
from dataclasses import dataclass

from harness.config import LoadSection, Settings
from pipeline.preparation import holds_load
from swarm.arrivals import Profile
from swarm.pacing import PLAIN_CONCURRENCY


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
class Turns:
    """Requests to the target by the arm that makes them."""

    prompts: int
    """Conversations of the run's own arm."""
    main: int
    """Turns of these."""
    alone: int
    """Of the control arm."""
    golden: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.main + self.alone + self.golden

    @property
    def each(self) -> float:
        """Turns of a conversation, on average."""
        return self.main / self.prompts


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


def preview(load: LoadSection, profile: Profile, turns: float) -> LoadPreview:
    """Return what a load profile asks of the target.

    Args:
        load: The profile's section.
        profile: The profile.
        turns: Of a conversation, on average.
    """
    conversations = None if load.model == "closed" else profile.expected
    return LoadPreview(
        model=load.model,
        duration_s=profile.duration_s,
        conversations=conversations,
        requests=None if conversations is None else conversations * turns,
        peak=profile.peak,
        last=profile.last,
    )


def sent_again(settings: Settings, profile: Profile | None, turns: Turns, seconds: float) -> int:
    """Return how many requests a load that outlasts the prompts makes besides.

    Args:
        settings: Of the tier.
        profile: Of its load; None without one.
        turns: What is sent once.
        seconds: That a request takes.
    """
    if settings.load is None or profile is None or not holds_load(settings):
        return 0
    closed = settings.load.model == "closed"
    sent = profile.duration_s * profile.peak / seconds if closed else profile.expected * turns.each
    return max(0, round(sent) - turns.main)


def sending_minutes(load: LoadSection | None, profile: Profile | None, turns: Turns, seconds: float) -> float:
    """Return how long sending takes if nothing is decided earlier; users who wait for the target take what it takes.

    The golden arm goes before and the control arm, one request at a time, before and after the load.

    Args:
        load: The profile's section; None without a load.
        profile: The profile.
        turns: What is sent.
        seconds: That a request takes.
    """
    beside = turns.golden * seconds / PLAIN_CONCURRENCY + turns.alone * seconds
    if load is None or profile is None:
        return (turns.main * seconds / PLAIN_CONCURRENCY + beside) / 60
    lasts = turns.main * seconds / profile.peak if load.model == "closed" else profile.moment_of(turns.prompts)
    return ((profile.duration_s if math.isinf(lasts) else max(lasts, profile.duration_s)) + beside) / 60
