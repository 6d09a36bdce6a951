"""Tells Locust's listeners (its statistics, plug-ins) which requests ended."""

from typing import Any

import gevent

from harness.config import TargetSection
from swarm.replay import Reply

FIRE_EVERY_S = 0.1


class RequestEvents:
    """Fires Locust's request events, many at once.

    Between a reply and the next request it costs twice as much, because
    Locust's code and data have to come back into the processor's cache for
    each.

    Args:
        environment: Locust's.
        target: Whom the requests go to.
    """

    def __init__(self, environment: Any, target: TargetSection) -> None:
        self._environment = environment
        self._method = target.method
        self._name = target.url.partition("?")[0]
        self._unfired: list[tuple[float, int, str | None]] = []

    def add(self, reply: Reply) -> None:
        """Note a request that ended."""
        failure = None if reply.outcome == "answered" else reply.outcome
        self._unfired.append(((reply.ended - reply.sent) * 1000, reply.bytes_received, failure))

    def loop(self) -> None:
        """Fire now and then, without end."""
        while True:
            gevent.sleep(FIRE_EVERY_S)
            self.fire()

    def fire(self) -> None:
        """Fire the events of the requests that ended since the last time."""
        unfired, self._unfired = self._unfired, []
        for response_ms, length, failure in unfired:
            self._environment.events.request.fire(
                request_type=self._method,
                name=self._name,
                response_time=response_ms,
                response_length=length,
                exception=failure,
                context={},
            )
