"""Over-saturation, on simulated targets: queues with so many servers, and no clock but the simulation's."""

import heapq
import random
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from swarm.saturation import Sample, Saturation, SaturationWatch

WINDOW_S = 20.0
LASTS_S = 90.0


def constant(rate: float) -> Iterator[float]:
    return (number / rate for number in count())


def poisson(rate: float, seed: int) -> Iterator[float]:
    rng, at = random.Random(seed), 0.0
    while True:
        at += rng.expovariate(rate)
        yield at


def ramp(to_rate: float, over_s: float) -> Iterator[float]:
    return ((2 * number * over_s / to_rate) ** 0.5 for number in count())


def queue(
    arrivals: Iterator[float],
    service_s: Callable[[], float],
    *,
    servers: int,
    stall: tuple[float, float] = (-1.0, -1.0),
    timeout_s: float = 29.0,
) -> Saturation | None:
    """Return what the watch finds: first come first served, nothing begins during the stall, time-outs give up."""
    free = [0.0] * servers
    begins, ends, timeouts, service = [], [], [], []
    for due in arrivals:
        if due > LASTS_S:
            break
        start = max(heapq.heappop(free), due)
        if stall[0] <= start < stall[1]:
            start = stall[1]
        end = start + service_s()
        heapq.heappush(free, end)
        begins.append(due)
        if end - due > timeout_s:
            timeouts.append(due + timeout_s)
        else:
            ends.append(end)
            service.append((end, end - due))
    watch = SaturationWatch(WINDOW_S)
    moments = [number * watch.every_s for number in range(int(LASTS_S / watch.every_s) + 1)]
    for at in moments:
        ended = sum(end <= at for end in ends)
        gave_up = sum(end <= at for end in timeouts)
        begun = sum(begin <= at for begin in begins)
        watch.add(
            Sample(
                at=at,
                begun=begun,
                busy=begun - ended - gave_up,
                ended=ended,
                replies=ended,
                service_s=sum(took for end, took in service if end <= at),
            )
        )
    return watch.saturation


@pytest.mark.parametrize(("overload", "servers"), [(1.2, 24), (1.5, 4), (2.0, 4), (6.0, 4)])
def test_a_target_that_is_sent_more_than_it_can_answer_is_found_with_the_rate_it_sustains(
    overload: float, servers: int
) -> None:
    limit = servers / 0.4
    found = queue(constant(limit * overload), lambda: 0.4, servers=servers)
    assert found is not None
    assert found.since < 10.0
    assert found.arrival_rate == pytest.approx(limit * overload, rel=0.05)
    assert found.sustained_rate == pytest.approx(limit, rel=0.1)


def test_it_is_found_with_random_arrivals_and_service_times_too() -> None:
    for seed in range(5):
        rng = random.Random(seed)
        found = queue(poisson(20, seed), lambda r=rng: r.expovariate(1 / 0.4), servers=4)  # type: ignore[misc]
        assert found is not None
        assert found.sustained_rate == pytest.approx(10.0, rel=0.25)


def test_a_ramp_beyond_the_limit_is_found_once_it_is_passed() -> None:
    found = queue(ramp(30, LASTS_S), lambda: 0.4, servers=4)
    assert found is not None
    assert found.since > 15.0


@pytest.mark.parametrize("at", [0.0, 7.0, 24.9, 27.5, 33.3, 41.0])
def test_a_stall_of_two_seconds_is_no_saturation(at: float) -> None:
    assert queue(constant(50), lambda: 0.1, servers=8, stall=(at, at + 2.0)) is None


@pytest.mark.parametrize("seed", range(6))
def test_a_busy_target_that_keeps_up_is_not_accused(seed: int) -> None:
    """Nine tenths busy, random arrivals, heavy-tailed service times."""
    rng = random.Random(seed)
    assert queue(poisson(18, seed), lambda: 0.4 * rng.lognormvariate(-0.5, 1.0), servers=8) is None


@pytest.mark.parametrize("service_s", [5.0, 15.0, 25.0])
def test_slow_replies_that_are_still_awaited_at_the_start_are_no_saturation(service_s: float) -> None:
    """Nothing has ended when the first window is full: a rising number in flight alone says nothing."""
    assert queue(constant(10), lambda: service_s, servers=1000) is None


def test_a_ramp_that_the_target_follows_is_no_saturation() -> None:
    assert queue(ramp(30, LASTS_S), lambda: 3.0, servers=1000) is None


def test_a_target_that_answers_nothing_is_broken_and_not_saturated() -> None:
    assert queue(constant(10), lambda: 1000.0, servers=1) is None


def test_what_was_found_is_told_in_seconds_from_the_load_s_beginning() -> None:
    found = Saturation(since=105.0, arrival_rate=30.0, sustained_rate=10.0)
    assert found.summary(100.0) == {"since_s": 5.0, "arrival_rate": 30.0, "sustained_rate": 10.0}
    assert "30 conversations a second began, and it ended 10" in found.sentence()
