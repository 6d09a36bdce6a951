"""When conversations begin: the schedule of an open load, and the pace of injection prompts."""

import itertools
from collections.abc import Iterator

from harness.config import LoadSection
from harness.errors import ConfigurationError


def arrivals(load: LoadSection | None) -> Iterator[float]:
    """Yield the moments at which an open load's conversations are due, in seconds from its start, without end.

    They come from the rate alone, never from how the target does, so that
    latency counted from them holds the waiting that a slow target causes.

    Raises:
        ConfigurationError: If there is no open load.
    """
    if load is None or load.model != "open":
        raise ConfigurationError("only [load] model 'open' has a schedule of arrivals", hint="use it with a rate")
    return (number / load.rate for number in itertools.count())


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
