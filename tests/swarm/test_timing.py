"""Moments of a streamed answer, and what they add up to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm.timing import Moments, StreamTiming


def timing(*moments_ms: float, events: int | None = None, tokens: int | None = None) -> StreamTiming:
    moments = Moments()
    for moment in moments_ms:
        moments.note(100.0 + moment / 1000)
    found = moments.timing(len(moments_ms) if events is None else events, tokens)
    assert found is not None
    return found


def test_pauses_lie_between_arrivals_and_the_first_wait_is_none_of_them() -> None:
    gaps = timing(0, 10, 30, 35).gaps
    assert gaps is not None
    assert gaps.each == [10.0, 20.0, 5.0]
    assert (gaps.p50, gaps.p95, gaps.max) == (10.0, 20.0, 20.0)


def test_what_comes_together_is_one_arrival_and_no_pause_of_zero() -> None:
    found = timing(0, 0.1, 0.2, 50, 50.3)
    assert found.gaps is not None
    assert found.gaps.each == [50.0]
    assert found.content_events == 5


def test_a_rate_counts_what_came_after_the_first_arrival() -> None:
    assert timing(0, 100, 200).tokens_per_s == pytest.approx(10.0)
    by_usage = timing(0, 100, 200, tokens=11)
    assert by_usage.tokens_per_s == pytest.approx(50.0)
    assert by_usage.tokens_from == "usage"
    assert timing(0, 100, 200).tokens_from == "events"


@pytest.mark.parametrize("tokens", [None, 0, 1, 20])
def test_one_arrival_has_neither_pauses_nor_a_rate(tokens: int | None) -> None:
    assert timing(0, tokens=tokens, events=20) == StreamTiming(20, None, None, None)


def test_nothing_that_arrived_has_no_timing() -> None:
    assert Moments().timing(0, None) is None


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=60))
def test_pauses_add_up_to_the_time_and_none_is_shorter_than_a_moment(steps_ms: list[float]) -> None:
    moments_ms = [sum(steps_ms[: n + 1]) for n in range(len(steps_ms))]
    found = timing(*moments_ms)
    if found.gaps is None:
        assert moments_ms[-1] - moments_ms[0] < 1.001
        return
    assert len(found.gaps.each) < len(moments_ms)
    assert min(found.gaps.each) >= 1.0
    assert sum(found.gaps.each) <= moments_ms[-1] - moments_ms[0] + 0.05 * len(found.gaps.each) + 0.01
    assert found.gaps.p50 in found.gaps.each
    assert found.gaps.max == max(found.gaps.each)
