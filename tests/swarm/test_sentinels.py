"""Who asks sentinels: asleep while none can be due, awake as soon as one is."""

import math
from typing import Any

import gevent

from swarm.monitor import Monitor
from swarm.replay import Conversation, Exchanged, Reply
from swarm.sentinels import Sentinels

SENTINEL = Conversation(run_id="run-1", prompt_id="p0", arm="sentinel", turns=("When?",))
REPLY = Reply(outcome="answered", sent=1.0, ended=2.0)


class Scripted:
    """A lockout of which the test says when a sentinel is due."""

    def __init__(self) -> None:
        self.at = math.inf
        self.looks = 0
        self.banned = False

    @property
    def due_at(self) -> float:
        """Count the looks."""
        self.looks += 1
        return self.at

    def holds(self, _: Exchanged) -> bool:
        """Have a sentinel asked."""
        self.at = -math.inf
        return True

    def next(self) -> Conversation:
        """Return the sentinel; none is due after it."""
        self.at = math.inf
        return SENTINEL

    def replied(self, *_: object) -> list[Exchanged]:
        """Return that nothing was held back."""
        return []


def watching(lockout: Any, monitor: Monitor) -> tuple[Sentinels, list[Conversation], Any]:
    asked: list[Conversation] = []

    def converse(sentinel: Conversation, due: float) -> Reply:
        asked.append(sentinel)
        return REPLY

    sentinels = Sentinels(lockout, monitor, converse=converse, record=lambda _: None, stop=lambda *_, **__: None)
    return sentinels, asked, gevent.spawn(sentinels.watch)


def test_nobody_looks_while_no_sentinel_can_be_due() -> None:
    lockout = Scripted()
    _, asked, watch = watching(lockout, Monitor(planned=1))
    gevent.sleep(0.2)
    watch.kill()
    assert (lockout.looks, asked) == (1, [])


def test_a_reply_that_is_held_back_has_one_asked_at_once() -> None:
    sentinels, asked, watch = watching(Scripted(), Monitor(planned=1))
    gevent.sleep(0)
    assert sentinels.holds(Exchanged(SENTINEL, 0, 1.0, REPLY))
    gevent.sleep(0)
    watch.kill()
    assert asked == [SENTINEL]


def test_none_is_asked_once_the_run_has_ended() -> None:
    monitor = Monitor(planned=1)
    monitor.stop("stopped")
    sentinels, asked, watch = watching(Scripted(), monitor)
    gevent.sleep(0)
    sentinels.holds(Exchanged(SENTINEL, 0, 1.0, REPLY))
    gevent.joinall([watch], timeout=60)
    assert watch.ready()
    assert asked == []
