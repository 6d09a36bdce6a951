"""Asks sentinels beside whatever goes on, and acts on what they tell. Import Locust first."""

import math
from collections.abc import Callable
from typing import Any

import gevent
import gevent.event

from swarm.clock import Clock
from swarm.lockout import Lockout
from swarm.monitor import Monitor
from swarm.replay import Conversation, Exchanged, Reply

POLL_S = 0.05


class Sentinels:
    """The sentinels of one process.

    Args:
        lockout: Says which are due, and what they mean.
        monitor: Knows whether the run goes on.
        converse: Asks a conversation.
        record: Records what was held back.
        stop: Ends the run, and says why.
    """

    def __init__(
        self,
        lockout: Lockout,
        monitor: Monitor,
        *,
        converse: Callable[[Conversation, float], Reply | None],
        record: Callable[[Exchanged], None],
        stop: Callable[..., None],
    ) -> None:
        self._lockout = lockout
        self._monitor = monitor
        self._converse = converse
        self._record = record
        self._stop = stop
        self._wanted = gevent.event.Event()
        """Wakes who asks them, when one may be due sooner than was known."""

    @property
    def summary(self) -> dict[str, Any] | None:
        """What there is to report; None where none was asked."""
        return self._lockout.summary()

    def holds(self, exchanged: Exchanged) -> bool:
        """Take in what became of a turn; return whether it is not to be recorded yet.

        Raises:
            StorageError: If what is held back cannot be kept.
        """
        held = self._lockout.holds(exchanged)
        if self._lockout.due_at < math.inf:
            self._wanted.set()
        return held

    def watch(self) -> None:
        """Ask them whenever they are due, until nothing more is sent."""
        while True:
            due_at = self._lockout.due_at
            if (left_s := due_at - Clock.now()) > 0:
                self._wanted.clear()
                self._wanted.wait(None if math.isinf(due_at) else left_s)
            elif self._goes_on:
                self._ask()
            else:
                return

    def clear_doubts(self) -> bool:
        """Wait until they have told what to make of all that was held back; return whether they have.

        A held conversation is not recorded, and would else be dealt again where the record tells what comes next.
        """
        give_up_at = Clock.now() + self._lockout.patience_s
        while self._lockout.doubts and self._goes_on and Clock.now() < give_up_at:
            gevent.sleep(POLL_S)
        return not self._lockout.doubts

    @property
    def _goes_on(self) -> bool:
        return self._monitor.stopped_because is None and not self._monitor.paused

    def _ask(self) -> None:
        sentinel = self._lockout.next()
        reply = self._converse(sentinel, Clock.now())
        for exchanged in self._lockout.replied(sentinel, reply, Clock.now()):
            self._record(exchanged)
        if self._lockout.banned:
            self._stop("lockout", message=self._lockout.sentence())
