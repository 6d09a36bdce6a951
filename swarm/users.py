"""Locust's users: what they do is a run's conversations. Import Locust first."""

import math
from typing import TYPE_CHECKING, Any

import gevent
import locust
from locust.exception import StopUser

from swarm.dealing import Wait
from swarm.pacing import Schedule

if TYPE_CHECKING:
    from swarm.locust_user import Swarm


class ClosedUser(locust.User):  # type: ignore[misc]  # Locust is not followed by the type checker
    """One of a fixed number of users: the next conversation begins when the last has ended."""

    @locust.task  # type: ignore[untyped-decorator]
    def converse(self) -> None:
        """Replay conversations until there are none left."""
        swarm: Swarm = self.environment.swarm
        number = swarm.schedule.join()
        due = swarm.clock.now()
        # One task for all of them: Locust's way from one task to the next costs as much as a small reply.
        while (wanted_at := swarm.schedule.wanted_at(number, due)) < math.inf:
            if wanted_at > due:
                due = wanted_at
            elif (dealt := swarm.deal()) is None:
                break
            elif isinstance(dealt, Wait):
                due = max(dealt.until, due + 0.001)
            else:
                reply = swarm.converse(dealt, due)
                think_s = swarm.schedule.think_s(dealt.prompt_id, dealt.attempt, len(dealt.turns))
                due = swarm.clock.now() + max(think_s, swarm.monitor.pause_s(reply))
            if (left_s := due - swarm.clock.now()) > 0:
                gevent.sleep(left_s)
        raise StopUser


class OpenUser(locust.User):  # type: ignore[misc]
    """The source of an open load: every arrival begins on schedule, however many are still under way."""

    @locust.task  # type: ignore[untyped-decorator]
    def arrive(self) -> None:
        """Begin conversations on schedule until there are none left."""
        swarm: Swarm = self.environment.swarm
        for due in swarm.schedule.arrivals(swarm.clock.now()):
            gevent.sleep(max(due - swarm.clock.now(), 0.0))
            while isinstance(dealt := swarm.deal(), Wait):
                # Only injections are left, whose pace is ours: the arrival is due when the next of them may begin, so
                # that no latency of the target contains the waiting.
                swarm.schedule.postpone(dealt.until)
                gevent.sleep(max(dealt.until - swarm.clock.now(), 0.001))
            if dealt is None:
                break
            swarm.begin(dealt, max(due, swarm.schedule.postponed_to))
        raise StopUser


def user_class(schedule: Schedule) -> type[Any]:
    """Return the kind of users that follow a schedule."""
    return OpenUser if schedule.paced else ClosedUser
