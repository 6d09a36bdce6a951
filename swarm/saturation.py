"""Over-saturation: conversations come faster than the target can end them, so everything waits longer and longer.

A rising number in flight alone does not show it: it rises while a load ramps
up, while the first replies are still awaited, and for a moment after a stall.
guidellm's detector (vllm-project/guidellm#242) therefore asks for a rising
time to first token too, and still stopped healthy runs whose first replies
took longer than its window (#606); a trend of latencies alone is fooled by
long answers that end together, unless it holds in every quarter of the window
(inference-sim/inference-sim#1369). So all of these have to hold over a window
of four quarters, each with replies in it:

* fewer conversations ended than began, by more than chance (three standard
  deviations of a Poisson count) and by more than a twentieth;
* the number in flight rises in every quarter, in none by less than a third of
  the mean rise: a stall lifts it once;
* replies take longer in every quarter, a fifth longer in the last than in the
  first: a target that keeps up with a rising rate answers as fast as before;
* no more conversations end in the last quarter than in the second, beyond
  chance: a target that still speeds up has not reached its limit.
"""

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

QUARTERS = 4
SAMPLES_A_QUARTER = 10
LEAST_DEFICIT = 0.05
SLOWER = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was counted up to a moment."""

    at: float
    begun: int
    """Conversations that began."""
    busy: int
    """Conversations under way."""
    ended: int
    """Conversations that ended, those that timed out left out: giving up on a reply is no throughput."""
    replies: int
    """Replies, time-outs left out."""
    service_s: float
    """How long these took together, from sending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saturation:
    """When the target fell behind, and what it could sustain."""

    since: float
    """The beginning of the window in which it was noticed."""
    arrival_rate: float
    """Conversations that began in a second of that window."""
    sustained_rate: float
    """Conversations that the target ended in a second of it."""

    def summary(self, began: float) -> dict[str, float]:
        """Return what there is to report; ``began`` is when the load did."""
        return {
            "since_s": round(self.since - began, 3),
            "arrival_rate": round(self.arrival_rate, 3),
            "sustained_rate": round(self.sustained_rate, 3),
        }

    def sentence(self) -> str:
        """Return it in words."""
        return (
            f"the target cannot keep up: {self.arrival_rate:.3g} conversations a second began, "
            f"and it ended {self.sustained_rate:.3g}"
        )


@dataclass(frozen=True, slots=True)
class _Quarter:
    """What happened between two samples."""

    ended: int
    in_flight: float
    service_s: float | None
    """Mean time that a reply took; None without replies."""


class SaturationWatch:
    """Looks over the last seconds of an open load.

    Args:
        window_s: How many seconds the target has to fall behind for.
    """

    def __init__(self, window_s: float) -> None:
        self.every_s = window_s / (QUARTERS * SAMPLES_A_QUARTER)
        """How often to take a sample."""
        self.saturation: Saturation | None = None
        """The first finding; None while there is none."""
        self._samples: deque[Sample] = deque(maxlen=QUARTERS * SAMPLES_A_QUARTER + 1)

    def add(self, sample: Sample) -> None:
        """Take in a sample, and look at the window that it ends."""
        self._samples.append(sample)
        if self.saturation is None and len(self._samples) == self._samples.maxlen:
            self.saturation = _judged(list(self._samples))


def _judged(samples: list[Sample]) -> Saturation | None:
    first, last = samples[0], samples[-1]
    quarters = [
        _quarter(samples[number * SAMPLES_A_QUARTER : (number + 1) * SAMPLES_A_QUARTER + 1])
        for number in range(QUARTERS)
    ]
    begun = last.begun - first.begun
    behind = last.busy - first.busy
    deficit = behind > 3 * sqrt(begun) and behind > LEAST_DEFICIT * begun
    if not (deficit and _piles_up(quarters) and _slows_down(quarters) and _is_at_its_limit(quarters)):
        return None
    window_s = last.at - first.at
    return Saturation(
        since=first.at, arrival_rate=begun / window_s, sustained_rate=(last.ended - first.ended) / window_s
    )


def _quarter(samples: list[Sample]) -> _Quarter:
    first, last = samples[0], samples[-1]
    replies = last.replies - first.replies
    return _Quarter(
        ended=last.ended - first.ended,
        in_flight=sum(sample.busy for sample in samples) / len(samples),
        service_s=(last.service_s - first.service_s) / replies if replies else None,
    )


def _piles_up(quarters: list[_Quarter]) -> bool:
    rises = [later.in_flight - earlier.in_flight for earlier, later in pairwise(quarters)]
    return min(rises) > sum(rises) / len(rises) / 3 > 0


def _slows_down(quarters: list[_Quarter]) -> bool:
    times = [quarter.service_s for quarter in quarters if quarter.service_s is not None]
    if len(times) < QUARTERS:
        return False
    return all(earlier < later for earlier, later in pairwise(times)) and times[-1] >= SLOWER * times[0]


def _is_at_its_limit(quarters: list[_Quarter]) -> bool:
    before, now = quarters[1].ended, quarters[-1].ended
    return now - before <= 2 * sqrt(before + now)
