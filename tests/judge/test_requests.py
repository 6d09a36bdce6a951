"""Columns of measurements and exact percentiles."""

import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contracts import Gaps
from judge.requests import Requests, counted_rank, measured, nearest_rank
from tests.judge.records import exchange

SHARES = st.sampled_from([0.5, 0.95, 0.99, 1.0])


@given(values=st.lists(st.floats(0, 1e6), min_size=1, max_size=200), share=SHARES)
def test_the_nearest_rank_is_the_smallest_value_that_enough_values_do_not_exceed(
    values: list[float], share: float
) -> None:
    ordered = sorted(values)
    found = nearest_rank(ordered, share)
    assert found in ordered
    below = sum(value <= found for value in ordered)
    assert below >= share * len(ordered) - 1e-6
    smaller = [value for value in ordered if value < found]
    assert len(smaller) < share * len(ordered) + 1e-6


@given(values=st.lists(st.integers(0, 30).map(float), max_size=200), share=SHARES)
def test_counted_values_have_the_same_ranks(values: list[float], share: float) -> None:
    assert counted_rank(Counter(values), share) == nearest_rank(sorted(values), share)


def test_ranks_are_exact_where_floating_point_is_not() -> None:
    assert nearest_rank([float(n) for n in range(1, 21)], 0.95) == 19.0
    assert nearest_rank([], 0.95) is None


def test_what_was_not_measured_stays_out_of_the_columns() -> None:
    requests = Requests()
    requests.add(exchange("a", latency_ms=5.0))
    requests.add(exchange("b", ttft_ms=2.0, outcome="http_error", latency_ms=1.0))
    assert len(requests) == 2
    assert measured(requests.ttft_ms) == [2.0]
    assert requests.timed(requests.latency_ms) == [5.0]
    assert (requests.errors, list(requests.outcomes())) == (1, ["answered", "http_error"])


def test_pauses_are_counted_and_not_kept() -> None:
    """A hundred long answers take no more memory than the few different pauses in them."""
    requests = Requests()
    gaps = Gaps(p50=10.0, p95=11.0, max=40.0, each=[10.0, 11.0] * 200 + [40.0])
    for number in range(100):
        requests.add(exchange(f"p-{number}", gaps_ms=gaps, content_events=802, tokens_per_s=95.0))
    assert requests.gaps_ms == {10.0: 20_000, 11.0: 20_000, 40.0: 100}
    assert sys.getsizeof(requests.gaps_ms) < 1000
    assert (requests.content_events, requests.arrivals) == (80_200, 40_200)


@pytest.mark.parametrize("field", ["due", "sent", "latency_ms", "service_ms", "ttft_ms", "gap_p95_ms", "tokens_per_s"])
def test_a_column_takes_eight_bytes_a_request(field: str) -> None:
    requests = Requests()
    for number in range(500):
        requests.add(exchange(f"p-{number}", latency_ms=float(number)))
    column = getattr(requests, field)
    assert (len(column), column.itemsize) == (500, 8)
