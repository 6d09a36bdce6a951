"""Asks sentinels beside whatever goes on, and acts on what they tell. Import Locust first."""

from collections.abc import Callable
from typing import Any

import gevent

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

    @property
    def summary(self) -> dict[str, Any] | None:
        """What there is to report; None where none was asked."""
        return self._lockout.summary()

    def holds(self, exchanged: Exchanged) -> bool:
        """Take in what became of a turn; return whether it is not to be recorded yet."""
        return self._lockout.holds(exchanged)

    def watch(self) -> None:
        """Ask them whenever they are due."""
        while True:
            gevent.sleep(POLL_S)
            if self._goes_on and self._lockout.is_due(Clock.now()):
                self._ask()

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
