"""How a swarm is doing: counts, the target's health, the generator's own lag, and why it stops."""

from collections import Counter
from typing import Any, Literal

from harness.contracts import INFRASTRUCTURE_OUTCOMES
from swarm.clock import Clock
from swarm.killswitch import KillSwitch
from swarm.quantiles import Times, quantile_ms, slot_of
from swarm.replay import Reply
from swarm.saturation import Sample

StoppedBecause = Literal[
    "prompts_sent",
    "duration",
    "decided",
    "stopped",
    "parent_gone",
    "interrupted",
    "terminated",
    "max_requests",
    "target_unreachable",
    "target_lost",
    "kill_switch",
    "lockout",
    "over_saturated",
    "host_not_allowed",
    "storage",
    "workers_lost",
    "bug",
]
Phase = Literal["golden", "control_before", "load", "recovery", "control_after"]
"""What a run is at: pairs whose control comes first, the load, probing a target that broke, the other pairs."""
UNREACHABLE_AFTER = 20
"""Connection errors in a row, without a single reply ever, after which the target counts as unreachable."""
LOST_AFTER = 50
"""Connection errors in a row, after replies, that may end the run …"""
LOST_AFTER_S = 10.0
"""… once they have gone on for this long: a rolling restart is shorter."""
STOP_GRACE_S = 10.0
"""How long requests in flight may go on after a stop; the target's timeout if that is shorter."""
BACK_OFF_AFTER = 5
MAX_BACK_OFF_S = 5.0
MAX_RETRY_AFTER_S = 60.0
"""No user waits longer before the next conversation, whatever a throttling target asks for."""


def stop_grace_s(because: StoppedBecause, timeout_s: float) -> float:
    """Return how many seconds what is in flight has after a stop.

    What the last requests of a budget bring is paid for: they have all the
    time that a request may take.

    Args:
        because: Why the run stops.
        timeout_s: How long a request may take.
    """
    return timeout_s if because == "max_requests" else min(STOP_GRACE_S, timeout_s)


class LagMeter:
    """Quantiles of the generator's lag, in constant memory."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._max_ms = 0.0

    def add(self, lag_s: float) -> None:
        """Count one lag."""
        lag_ms = max(lag_s, 0.0) * 1000
        self._counts[slot_of(lag_ms)] += 1
        self._max_ms = max(self._max_ms, lag_ms)

    def quantile_ms(self, share: float) -> float:
        """Return the lag that ``share`` of all do not exceed; 0 where nothing was measured."""
        return min(quantile_ms(self._counts, share) or 0.0, self._max_ms)

    def summary(self) -> dict[str, float]:
        """Return p50, p99 and maximum in milliseconds."""
        quantiles = {"p50": self.quantile_ms(0.5), "p99": self.quantile_ms(0.99), "max": self._max_ms}
        return {name: round(value, 3) for name, value in quantiles.items()}


class Monitor:
    """Counts what is sent and what comes back, and decides when the target is gone.

    Args:
        planned: Prompts in the plan.
        requested: Requests that the run sent before this process.
        done: Prompts that were recorded to their end before this process.
        max_requests: The run's ceiling of requests; None for none.
    """

    def __init__(self, *, planned: int, requested: int = 0, done: int = 0, max_requests: int | None = None) -> None:
        self.planned = planned
        self.done = done
        self.sent = 0
        self.finished = 0
        self.begun = 0
        """Conversations that began."""
        self.busy = 0
        """Conversations under way."""
        self.kill_switch: KillSwitch | None = None
        """Watches the target while it is under load."""
        self.outcomes: Counter[str] = Counter()
        self.lag = LagMeter()
        self.phase: Phase = "control_before"
        self.stopped_because: StoppedBecause | None = None
        self.message = ""
        self._requested = requested
        self._max_requests = max_requests
        self._service_s = 0.0
        self._replied = False
        self._refusals = 0
        self._refused_since = 0.0
        self.started = Clock.now()
        self._shown_at = self.started
        self._shown_finished = 0
        self._latencies, self._services, self._first_tokens = Times(), Times(), Times()
        self._check_ceiling()

    @property
    def in_flight(self) -> int:
        """Requests whose reply is awaited."""
        return self.sent - self.finished

    def stop(self, because: StoppedBecause, message: str = "") -> None:
        """End the run; the first reason given stands."""
        if self.stopped_because is None:
            self.stopped_because = because
            self.message = message

    def conversation_begins(self) -> None:
        """Count a conversation, before its greenlet runs: else a load could end between its last arrival and that."""
        self.begun += 1
        self.busy += 1

    def sending(self) -> None:
        """Count a request that is about to be sent."""
        self.sent += 1
        self._check_ceiling()

    def abandoned(self) -> None:
        """Count a request that was given up without a reply."""
        self.finished += 1

    def received(self, reply: Reply, *, due: float | None = None) -> None:
        """Count a reply, and look after the target's health.

        Args:
            reply: What came back.
            due: The moment for which its turn was scheduled; None: when it was sent.
        """
        self.finished += 1
        self._latencies.add(reply.ended - (reply.sent if due is None else due))
        self._services.add(reply.ended - reply.sent)
        if reply.first_token is not None:
            self._first_tokens.add(reply.first_token - reply.sent)
        self.outcomes[reply.outcome] += 1
        if reply.outcome != "timeout":
            self._service_s += reply.ended - reply.sent
        if self.kill_switch is not None:
            self.kill_switch.received(reply)
        if reply.refused_host is not None:
            self.stop(
                "host_not_allowed",
                f"the target redirected to host '{reply.refused_host}', which [target] allow_hosts does not list; "
                "nothing was sent to it",
            )
        if reply.outcome != "connection_error":
            self._replied = True
            self._refusals = 0
            return
        self._refusals += 1
        if self._refusals == 1:
            self._refused_since = reply.ended
        self._give_up_if_gone(reply)

    def back_off_s(self) -> float:
        """Return how long a user should wait before the next conversation: longer the longer the target is away."""
        beyond = self._refusals - BACK_OFF_AFTER
        return 0.0 if beyond < 0 else min(0.25 * 2.0 ** min(beyond, 10), MAX_BACK_OFF_S)

    def pause_s(self, reply: Reply | None) -> float:
        """Return how long who got a reply should wait before asking anything else: as the target says, or lets feel."""
        if reply is not None and reply.outcome == "answered":
            return 0.0
        asked_s = 0.0 if reply is None else min(reply.retry_after_s, MAX_RETRY_AFTER_S)
        return max(asked_s, self.back_off_s())

    @property
    def paused(self) -> bool:
        """Whether the target broke under the load, so that nothing new may begin."""
        return self.kill_switch is not None and self.kill_switch.tripped_at is not None

    def sample(self) -> Sample:
        """Return what was counted up to now."""
        timeouts = self.outcomes["timeout"]
        return Sample(
            at=Clock.now(),
            begun=self.begun,
            busy=self.busy,
            ended=self.begun - self.busy - timeouts,
            replies=self.finished - timeouts,
            service_s=self._service_s,
        )

    def progress(self) -> dict[str, Any]:
        """Return the ``progress`` event; its rate and its times are those since the event before."""
        now = Clock.now()
        elapsed_s = max(now - self._shown_at, 1e-6)
        rate = (self.finished - self._shown_finished) / elapsed_s
        self._shown_at, self._shown_finished = now, self.finished
        return {
            "event": "progress",
            **self._counts(now),
            "rate": round(rate, 2),
            "paused": self.paused,
            "phase": self.phase,
            "begun": self.begun,
            "latencies": self._latencies.take(),
            "services": self._services.take(),
            "first_tokens": self._first_tokens.take(),
            "outcomes": dict(self.outcomes),
        }

    def end(self) -> dict[str, Any]:
        """Return the ``end`` event."""
        now = Clock.now()
        rate = self.finished / max(now - self.started, 1e-6)
        return {
            "event": "end",
            "stopped_because": self.stopped_because,
            "message": self.message,
            **self._counts(now),
            "rate": round(rate, 2),
            "outcomes": dict(self.outcomes),
        }

    def _counts(self, now: float) -> dict[str, Any]:
        errors = sum(count for outcome, count in self.outcomes.items() if outcome != "answered")
        return {
            "planned": self.planned,
            "sent": self.sent,
            "done": self.done,
            "in_flight": self.in_flight,
            "errors": errors,
            "infrastructure": sum(self.outcomes[outcome] for outcome in INFRASTRUCTURE_OUTCOMES),
            "elapsed_s": round(now - self.started, 3),
            "lag_ms": self.lag.summary(),
        }

    def _check_ceiling(self) -> None:
        if self._max_requests is not None and self._requested + self.sent >= self._max_requests:
            self.stop("max_requests", f"the budget of {self._max_requests} requests is spent")

    def _give_up_if_gone(self, reply: Reply) -> None:
        if self.paused:
            # The kill switch gives the target its time to come back.
            return
        if not self._replied and self._refusals >= UNREACHABLE_AFTER:
            self.stop(
                "target_unreachable",
                f"the target never answered: {self._refusals} connection errors in a row ({reply.error})",
            )
        elif self._refusals >= LOST_AFTER and reply.ended - self._refused_since >= LOST_AFTER_S:
            self.stop(
                "target_lost",
                f"the target went away: {self._refusals} connection errors in a row ({reply.error})",
            )
