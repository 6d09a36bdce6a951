"""The pace of a process: when its conversations and their turns are due, and how often injection prompts are."""

import itertools
import math
from collections.abc import Iterator, Sequence

from harness.config import LoadSection, LoadStage
from harness.config.load import DEFAULT_RATE
from harness.identity import uniform
from swarm.arrivals import Profile, arrivals

PLAIN_CONCURRENCY = 10
"""Users at once where there is no load."""
_ROUNDING_S = 1e-6


def load_stages(load: LoadSection, production: Sequence[LoadStage] = ()) -> Sequence[LoadStage]:
    """Return the stages that a load consists of.

    Args:
        load: The load.
        production: Those of production's arrivals, for model ``replay``.
    """
    if load.model == "replay":
        return production
    level = {"rate": load.rate or DEFAULT_RATE} if load.model == "open" else {"users": load.users}
    steady = [LoadStage(duration_s=0, **level), LoadStage(duration_s=load.lasts_s, **level)]
    return load.stages or steady


class Schedule:
    """When a process's conversations are due, and how long users think between turns.

    Args:
        load: The load; None: plain concurrency.
        production: The stages of production's arrivals, for model ``replay``.
        seed: The run's; arrivals at random and think times follow from it.
        ended: Conversations that the run had sent to their end before this process: arrivals go on after as many, since
            those that it could not end are begun again.
    """

    def __init__(
        self,
        load: LoadSection | None,
        production: Sequence[LoadStage] = (),
        *,
        seed: int,
        ended: int = 0,
    ) -> None:
        self.paced = load is not None and load.model != "closed"
        """Whether conversations begin by the clock, and not when others have ended."""
        self.over = False
        """Whether the profile has come to an end after which nothing more begins."""
        self._lasts = load is not None
        self._profile = Profile(load_stages(load, production)) if load is not None else Profile([])
        self._steady = load is None or not (self.paced or load.stages)
        self._concurrency = PLAIN_CONCURRENCY if load is None else math.floor(self._profile.peak)
        self._gaps_seed = seed if load is not None and load.arrivals == "poisson" else None
        self._seed = seed
        think = load.think_time_s if load is not None else 0.0
        self._think_s = think if isinstance(think, tuple) else (think, think)
        self._ended = ended
        self._zero: float | None = None
        self._position_s = 0.0
        self._began = 0.0
        self.postponed_to = float("-inf")
        """The moment before which no arrival can begin any more; minus infinity while they begin when they come."""
        self._numbers = itertools.count(1)

    @property
    def users(self) -> int:
        """How many users there are at most; one begins all conversations that come by the clock."""
        return 1 if self.paced else self._concurrency

    def arrivals(self, now: float) -> Iterator[float]:
        """Yield the moments at which conversations are due, from now on.

        What ended before this process is passed over, in the profile too: a
        resumed load goes on where it was, and not again from its beginning.
        """
        reached_s = 0.0
        if self._ended:
            before = arrivals(self._profile, seed=self._gaps_seed, after=self._ended - 1)
            reached_s = next(before, self._profile.duration_s)
        self._began = now - reached_s
        for moment_s in arrivals(self._profile, seed=self._gaps_seed, after=self._ended):
            self._position_s = max(moment_s, self._position_s)
            yield self._began + moment_s
        self.over = True

    def postpone(self, until: float) -> None:
        """Hold the arrivals up; the profile goes on meanwhile.

        Args:
            until: The moment at which the next of them is due, at the earliest.
        """
        self.postponed_to = until
        self._position_s = max(until - self._began, self._position_s)

    def lasting(self, now: float) -> bool:
        """Return whether the profile's duration is not over.

        Where conversations come by the clock, the moment counts for which the
        latest was due: a process that slept over the end still begins all.
        """
        if not self._lasts:
            return False
        passed_s = self._position_s - _ROUNDING_S if self.paced else now - self._start(now)
        return passed_s < self._profile.duration_s

    def position_s(self, now: float) -> float:
        """Return how far into the profile the load is, in seconds; 0 before it begins."""
        if self.paced:
            return self._position_s
        return now - self._zero if self._zero is not None else 0.0

    def join(self) -> int:
        """Return a further user's number, from 1."""
        return next(self._numbers)

    def wanted_at(self, number: int, now: float) -> float:
        """Return the moment, at the earliest now, from which a user takes part; infinite if never again."""
        if self._steady:
            return now
        start = self._start(now)
        moment = start + self._profile.next_at(number, now - start)
        self.over = self.over or (number == 1 and math.isinf(moment))
        return max(moment, now)

    def think_s(self, prompt_id: str, attempt: int, turn: int) -> float:
        """Return how long a user thinks after the reply to a turn: the same in every process."""
        least, most = self._think_s
        if least == most:
            return least
        return least + (most - least) * uniform(self._seed, "think", prompt_id, str(attempt), str(turn))

    def _start(self, now: float) -> float:
        if self._zero is None:
            self._zero = now
        return self._zero


class InjectionPace:
    """At most so many injection prompts a minute, evenly spaced.

    A firewall may ban the sender after a few of them.

    Args:
        per_minute: None sets no limit.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._gap_s = 60.0 / per_minute if per_minute else 0.0
        self.next_at = float("-inf")
        """The moment from which the next one may begin."""

    def take(self, now: float) -> bool:
        """Return whether one may begin now, and count it if so."""
        if now < self.next_at:
            return False
        self.next_at = now + self._gap_s
        return True
