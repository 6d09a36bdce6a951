"""Objectives that nothing to come could save."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config import SloSection
from judge.hopelessness import Hopelessness
from judge.slo import measure
from tests.judge.records import exchange


def feed(watched: Hopelessness, count: int, service_ms: float = 10.0, **values: Any) -> None:
    for number in range(count):
        watched.add(exchange(f"p-{number}", arm="load", service_ms=service_ms, **values))


def test_a_percentile_is_hopeless_with_the_first_slow_reply_too_many_for_the_whole_run() -> None:
    watched = Hopelessness(SloSection(p95_ms=100.0), "load", 1000)
    feed(watched, 50, 500.0)
    assert watched.missed == []
    feed(watched, 1, 500.0)
    assert watched.missed == ["p95_ms"]


def test_fast_replies_and_those_at_the_limit_change_nothing() -> None:
    watched = Hopelessness(SloSection(p50_ms=100.0, p99_ms=100.0), "load", 100)
    feed(watched, 100, 100.0)
    assert watched.missed == []


def test_an_error_rate_is_hopeless_when_all_else_could_not_dilute_it() -> None:
    watched = Hopelessness(SloSection(error_rate=0.01), "load", 500)
    feed(watched, 5, outcome="http_error")
    assert watched.missed == []
    feed(watched, 1, outcome="timeout")
    assert watched.missed == ["error_rate"]


def test_other_arms_do_not_count() -> None:
    watched = Hopelessness(SloSection(error_rate=0.0), "load", 10)
    watched.add(exchange("a", arm="control", outcome="timeout"))
    assert watched.missed == []


@pytest.mark.parametrize("metric", ["p50_ms", "p95_ms", "p99_ms"])
@given(slow=st.integers(0, 60), fast=st.integers(0, 60), more=st.integers(0, 60))
def test_what_is_called_hopeless_is_missed_whatever_is_still_to_come(
    metric: str, slow: int, fast: int, more: int
) -> None:
    """And what is not hopeless could still be met, or left undecided, by fast replies alone."""
    slo = SloSection(**{metric: 100.0})
    rows = [
        exchange(f"p-{number}", arm="load", service_ms=took, latency_ms=took)
        for number, took in enumerate([500.0] * slow + [10.0] * (fast + more))
    ]
    watched = Hopelessness(slo, "load", len(rows))
    for row in rows[: slow + fast]:
        watched.add(row)
    for seen in (rows[: slow + fast], rows):
        results, _ = measure(seen, slo)
        if watched.missed:
            assert results[0].met is False
    if not watched.missed:
        assert measure(rows, slo)[0][0].met is not False
