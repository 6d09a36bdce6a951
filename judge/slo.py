"""Service-level objectives and load figures, from the recorded exchanges.

Latencies count from the scheduled time, so that a stalled target cannot hide
behind requests that were never sent (coordinated omission: G. Tene).
Percentiles are exact, by nearest rank.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harness.config import SloSection
from harness.contracts import Exchange, Outcome, SloResult

ERRORS: frozenset[Outcome] = frozenset({"malformed", "http_error", "timeout", "throttled", "connection_error"})
"""Outcomes that count in the error rate; a block by the target's own filter is an answer of its kind."""
TIMED: frozenset[Outcome] = frozenset({"answered", "malformed", "timeout"})
"""Outcomes whose duration is the target's; a fast refusal or error would flatter it."""
MAX_BUCKETS = 120
_MIN_MEDIAN_COUNT = 10


@dataclass(frozen=True, slots=True)
class _Request:
    """One exchange, reduced to what is measured."""

    outcome: Outcome
    due_s: float | None
    sent_s: float | None
    latency_ms: float | None
    service_ms: float | None
    ttft_ms: float | None


def measure(exchanges: Iterable[Exchange], slo: SloSection) -> tuple[list[SloResult], dict[str, Any]]:
    """Return the objectives with what was observed, and the figures of ``gate.json``'s ``load``.

    They are read from the ``load`` arm where there is one, else from
    ``semantic``; every attempt counts.

    Args:
        exchanges: All exchanges of a run, in any order.
        slo: The objectives; an unset one is not measured.

    Returns:
        One result per objective, ``met`` None where too little was measured to say; and a dictionary of counts,
        rates (per second), latencies (milliseconds) and a series of at most 120 buckets.
    """
    by_arm: dict[str, list[_Request]] = {"load": [], "semantic": []}
    for exchange in exchanges:
        if exchange.arm in by_arm:
            by_arm[exchange.arm].append(_request(exchange))
    arm = "load" if by_arm["load"] else "semantic"
    requests = by_arm[arm]
    return _objectives(requests, slo), {"arm": arm, **_figures(requests, slo)}


def nearest_rank(ordered: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least ``share`` of the values do not exceed; None without values.

    Args:
        ordered: Values in rising order.
        share: 0 < share <= 1; 0.95 for the 95th percentile.
    """
    if not ordered:
        return None
    # 0.95 * 20 is 19.000000000000004 in floating point: without the slack the rank would be one too high.
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]


def _objectives(requests: Sequence[_Request], slo: SloSection) -> list[SloResult]:
    latencies = sorted(r.latency_ms for r in requests if r.outcome in TIMED and r.latency_ms is not None)
    ttfts = sorted(r.ttft_ms for r in requests if r.ttft_ms is not None)
    results = []
    if slo.error_rate is not None:
        errors = sum(r.outcome in ERRORS for r in requests)
        results.append(_error_rate(errors, len(requests), slo.error_rate))
    for metric, share, limit, values in (
        ("p50_ms", 0.5, slo.p50_ms, latencies),
        ("p95_ms", 0.95, slo.p95_ms, latencies),
        ("p99_ms", 0.99, slo.p99_ms, latencies),
        ("ttft_p95_ms", 0.95, slo.ttft_p95_ms, ttfts),
    ):
        if limit is not None:
            results.append(_percentile(metric, share, limit, values))
    return results


def _error_rate(errors: int, count: int, limit: float) -> SloResult:
    """Judge the error rate; one error has to be affordable before a share can be called met or missed."""
    minimum = math.ceil(1 / limit - 1e-9) if limit > 0 else 1
    observed = errors / count if count else None
    return SloResult(
        metric="error_rate",
        observed=observed,
        limit=limit,
        met=_met(count, minimum, missed=errors > limit * max(count, minimum) + 1e-9),
    )


def _percentile(metric: str, share: float, limit: float, ordered: Sequence[float]) -> SloResult:
    """Judge a percentile; missed early only when no further fast replies, up to the least count, could save it."""
    minimum = max(_MIN_MEDIAN_COUNT, math.ceil(1 / (1 - share) - 1e-9))
    slow = sum(value > limit for value in ordered)
    most = max(len(ordered), minimum)
    allowed = most - math.ceil(share * most - 1e-9)
    observed = nearest_rank(ordered, share)
    return SloResult(
        metric=metric, observed=observed, limit=limit, met=_met(len(ordered), minimum, missed=slow > allowed)
    )


def _met(count: int, minimum: int, *, missed: bool) -> bool | None:
    if missed:
        return False
    return True if count >= minimum else None


def _figures(requests: Sequence[_Request], slo: SloSection) -> dict[str, Any]:
    timed = [r for r in requests if r.outcome in TIMED]
    latencies = sorted(r.latency_ms for r in timed if r.latency_ms is not None)
    services = sorted(r.service_ms for r in timed if r.service_ms is not None)
    ttfts = sorted(r.ttft_ms for r in requests if r.ttft_ms is not None)
    good = sum(_is_good(r, slo) for r in requests)
    span_s = _span_s(requests)
    errors = sum(r.outcome in ERRORS for r in requests)
    return {
        "requests": len(requests),
        "duration_s": span_s,
        "attained_rate": len(requests) / span_s if span_s else None,
        "latency_ms": {name: nearest_rank(latencies, share) for name, share in _SHARES},
        "service_ms": {name: nearest_rank(services, share) for name, share in _SHARES},
        "ttft_ms": {name: nearest_rank(ttfts, share) for name, share in _SHARES[:2]},
        "error_rate": errors / len(requests) if requests else None,
        "goodput": good / len(requests) if requests else None,
        "goodput_rate": good / span_s if span_s else None,
        "outcomes": dict(sorted(Counter(r.outcome for r in requests).items())),
        "peak_in_flight": _peak_in_flight(requests),
        "series": _series(requests),
    }


_SHARES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))


def _is_good(request: _Request, slo: SloSection) -> bool:
    """Return whether one request met all objectives at once: the tightest tail limit applies to it."""
    limits = [limit for limit in (slo.p95_ms, slo.p99_ms) if limit is not None]
    in_time = not limits or (request.latency_ms is not None and request.latency_ms <= min(limits))
    first_in_time = slo.ttft_p95_ms is None or request.ttft_ms is None or request.ttft_ms <= slo.ttft_p95_ms
    return request.outcome == "answered" and in_time and first_in_time


def _span_s(requests: Sequence[_Request]) -> float | None:
    """Return the time from the first request sent to the last reply, in seconds."""
    starts = [r.sent_s for r in requests if r.sent_s is not None]
    ends = [r.sent_s + (r.service_ms or 0.0) / 1000 for r in requests if r.sent_s is not None]
    span = max(ends) - min(starts) if starts else 0.0
    return span if span > 0 else None


def _peak_in_flight(requests: Sequence[_Request]) -> int | None:
    changes: list[tuple[float, int]] = []
    for request in requests:
        if request.sent_s is not None and request.service_ms is not None:
            changes += [(request.sent_s, 1), (request.sent_s + request.service_ms / 1000, -1)]
    peak = current = 0
    for _, change in sorted(changes):
        current += change
        peak = max(peak, current)
    return peak if changes else None


def _series(requests: Sequence[_Request]) -> list[dict[str, Any]]:
    dated = [(r.due_s, r) for r in requests if r.due_s is not None]
    if not dated:
        return []
    start = min(due for due, _ in dated)
    width = max(1.0, math.ceil((max(due for due, _ in dated) - start + 1e-9) / MAX_BUCKETS))
    buckets: dict[int, list[_Request]] = {}
    for due, request in dated:
        buckets.setdefault(int((due - start) / width), []).append(request)
    return [_bucket(index * width, buckets[index]) for index in sorted(buckets)]


def _bucket(t_s: float, requests: Sequence[_Request]) -> dict[str, Any]:
    latencies = sorted(r.latency_ms for r in requests if r.outcome in TIMED and r.latency_ms is not None)
    return {
        "t_s": t_s,
        "requests": len(requests),
        "errors": sum(r.outcome in ERRORS for r in requests),
        "p50": nearest_rank(latencies, 0.5),
        "p95": nearest_rank(latencies, 0.95),
    }


def _request(exchange: Exchange) -> _Request:
    sent_s = _seconds(exchange.sent_at)
    due_s = _seconds(exchange.scheduled_at)
    return _Request(
        outcome=exchange.outcome,
        due_s=sent_s if due_s is None else due_s,
        sent_s=due_s if sent_s is None else sent_s,
        latency_ms=exchange.latency_ms,
        service_ms=exchange.service_ms,
        ttft_ms=exchange.ttft_ms,
    )


def _seconds(moment: str | None) -> float | None:
    return datetime.fromisoformat(moment).timestamp() if moment else None
