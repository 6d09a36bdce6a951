"""The kill switch: notices that the target breaks under the load, and when it has recovered."""

from typing import Any

from harness.config import KillSwitchSection
from harness.contracts import Outcome
from swarm.replay import Reply

SLOTS = 20
"""The window moves in steps of a twentieth."""
FIRST_PAUSE_S = 0.25
MAX_PAUSE_S = 5.0
_HURT: frozenset[Outcome] = frozenset({"timeout", "throttled", "connection_error"})


class KillSwitch:
    """Watches the share of errors among the last replies, in constant memory.

    Errors are 5xx, throttling, time-outs and lost connections; connections
    that fail before the target ever replied are not: a target that never
    answered is unreachable, not hurt.

    Args:
        limits: When it trips, and what counts as recovered.
    """

    def __init__(self, limits: KillSwitchSection) -> None:
        self._limits = limits
        self._width_s = limits.window_s / SLOTS
        self._slot = 0
        self._totals = [0] * SLOTS
        self._errors = [0] * SLOTS
        self._replied = False
        self._lost_in_a_row = 0
        self._reached = False
        self._good = 0
        self._recovered_at: float | None = None
        self.tripped_at: float | None = None
        """The moment at which it tripped; None while it has not."""
        self.pause_s = FIRST_PAUSE_S
        """How long to wait before the next probe: longer after each that found the target still down."""
        self._observed: tuple[int, int] = (0, 0)

    def received(self, reply: Reply) -> None:
        """Count a reply to the load, and trip if it is one error too many."""
        lost = reply.outcome == "connection_error"
        self._replied = self._replied or not lost
        self._lost_in_a_row = self._lost_in_a_row + 1 if lost else 0
        if self.tripped_at is not None:
            self._reached = self._reached or not lost
            return
        if not self._replied:
            return
        slot = int(reply.ended / self._width_s)
        if slot > self._slot:
            self._turn_to(slot)
        place = self._slot % SLOTS
        self._totals[place] += 1
        if hurts(reply):
            self._errors[place] += 1
            self._judge(reply.ended)

    def probed(self, reply: Reply) -> None:
        """Take in the reply to a probe."""
        self._reached = self._reached or reply.outcome != "connection_error"
        if hurts(reply):
            self._good, self._recovered_at = 0, None
            self.pause_s = min(2 * self.pause_s, MAX_PAUSE_S)
            return
        self._good += 1
        self._recovered_at = reply.ended if self._recovered_at is None else self._recovered_at
        self.pause_s = FIRST_PAUSE_S

    @property
    def recovered(self) -> bool:
        """Whether enough probes in a row were answered."""
        return self._good >= self._limits.good_replies

    @property
    def gone(self) -> bool:
        """Whether it tripped over lost connections alone and no reply came since: nobody can tell whose fault that is."""
        return self.tripped_at is not None and not self._reached

    @property
    def recovery_s(self) -> float | None:
        """Seconds from the trip to the first of the good replies in a row; None: not recovered."""
        if self.tripped_at is None or self._recovered_at is None or not self.recovered:
            return None
        return round(self._recovered_at - self.tripped_at, 3)

    def gives_up(self, now: float) -> bool:
        """Return whether the target has had its time to recover."""
        return self.tripped_at is not None and now - self.tripped_at >= self._limits.recover_within_s

    def summary(self, began: float) -> dict[str, Any] | None:
        """Return what there is to report; None if it never tripped.

        Args:
            began: When the load did.
        """
        if self.tripped_at is None:
            return None
        errors, requests = self._observed
        return {
            "tripped_after_s": round(self.tripped_at - began, 3),
            "error_share": errors / requests,
            "limit": self._limits.error_share,
            "requests": requests,
            "recovery_s": self.recovery_s,
            "gone": self.gone,
        }

    def sentence(self) -> str:
        """Return in words what happened since it tripped."""
        errors, requests = self._observed
        again = "it did not recover" if self.recovery_s is None else f"it answered again after {self.recovery_s:.1f} s"
        return f"the target broke under the load: {errors} of the last {requests} replies were errors; {again}"

    def _judge(self, now: float) -> None:
        requests, errors = sum(self._totals), sum(self._errors)
        if requests >= self._limits.min_requests and errors > self._limits.error_share * requests:
            self.tripped_at = now
            self._observed = errors, requests
            self._reached = errors > self._lost_in_a_row

    def _turn_to(self, slot: int) -> None:
        for passed in range(max(self._slot + 1, slot - SLOTS + 1), slot + 1):
            self._totals[passed % SLOTS] = self._errors[passed % SLOTS] = 0
        self._slot = slot


def hurts(reply: Reply) -> bool:
    """Return whether a reply is one that a healthy target does not give."""
    if reply.outcome == "http_error":
        return (reply.status or 0) >= 500
    return reply.outcome in _HURT
