"""Service-level objectives and load figures, from the recorded exchanges.

Latencies count from the scheduled time, so that a stalled target cannot hide
behind requests that were never sent (coordinated omission: G. Tene).
Percentiles are exact, by nearest rank.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from harness.config import LoadSection, SloSection
from harness.contracts import Exchange, Outcome, SloResult
from judge.recovery import recovered_after_s, spikes
from judge.requests import ERRORS, TIMED, Requests, counted_rank, measured, nearest_rank

MAX_BUCKETS = 120
_MIN_MEDIAN_COUNT = 10
_ROUNDING_S = 0.001
_KEPT: frozenset[Outcome] = frozenset({"answered", "blocked"})
"""Outcomes of a target that serves."""


def measure(
    exchanges: Iterable[Exchange], slo: SloSection, profile: LoadSection | None = None, *, began: str | None = None
) -> tuple[list[SloResult], dict[str, Any]]:
    """Return the objectives with what was observed, and the figures of ``gate.json``'s ``load``.

    They are read from the ``load`` arm where there is one, else from
    ``semantic``; every attempt counts.

    Args:
        exchanges: All exchanges of a run, in any order.
        slo: The objectives; an unset one is not measured.
        profile: The shape of the load; its stages tell where spikes were.
        began: The moment at which the profile did, in aware ISO 8601, in the last process that sent under load; None:
            unknown, and the first arrival stands in for it.

    Returns:
        One result per objective, ``met`` None where too little was measured to say; and a dictionary of counts,
        rates (per second), latencies and pauses (milliseconds) and a series of at most 120 buckets.
    """
    by_arm: dict[str, Requests] = {"load": Requests(), "semantic": Requests()}
    for exchange in exchanges:
        if exchange.arm in by_arm:
            by_arm[exchange.arm].add(exchange)
    arm = "load" if len(by_arm["load"]) else "semantic"
    requests = by_arm[arm]
    good = sum(_good(requests, slo, requests.latency_ms))
    figures = _figures(requests, good) | {"goodput_from_sending": _goodput_from_sending(requests, slo)}
    return _objectives(requests, slo, good), {"arm": arm, **figures, **_recoveries(requests, profile, began)}


def _objectives(requests: Requests, slo: SloSection, good: int) -> list[SloResult]:
    latencies = requests.timed(requests.latency_ms)
    results = []
    if slo.error_rate is not None:
        results.append(_share("error_rate", requests.errors, len(requests), slo.error_rate))
    if slo.goodput is not None:
        results.append(_goodput(good, len(requests), slo.goodput))
    for metric, share, limit, values in (
        ("p50_ms", 0.5, slo.p50_ms, latencies),
        ("p95_ms", 0.95, slo.p95_ms, latencies),
        ("p99_ms", 0.99, slo.p99_ms, latencies),
        ("ttft_p95_ms", 0.95, slo.ttft_p95_ms, measured(requests.ttft_ms)),
    ):
        if limit is not None:
            results.append(_percentile(metric, share, limit, values))
    if slo.gap_p95_ms is not None:
        results.append(_gaps(requests, slo.gap_p95_ms))
    return results


def _share(metric: str, bad: int, count: int, limit: float) -> SloResult:
    """Judge a largest share; one bad request has to be affordable before it can be called met or missed."""
    minimum = least_of_share(limit)
    missed = bad > limit * max(count, minimum) + 1e-9
    return SloResult(
        metric=metric, observed=bad / count if count else None, limit=limit, met=_met(count, minimum, missed=missed)
    )


def _goodput(good: int, count: int, least: float) -> SloResult:
    """Judge the least share of good requests, as the largest share of others."""
    judged = _share("goodput", count - good, count, 1 - least)
    return judged.model_copy(update={"observed": good / count if count else None, "limit": least})


def _percentile(metric: str, share: float, limit: float, ordered: Sequence[float]) -> SloResult:
    """Judge a percentile; missed early only when no further fast replies, up to the least count, could save it."""
    minimum = least_of_percentile(share)
    slow = sum(value > limit for value in ordered)
    allowed = affordable(share, max(len(ordered), minimum))
    observed = nearest_rank(ordered, share)
    return SloResult(
        metric=metric, observed=observed, limit=limit, met=_met(len(ordered), minimum, missed=slow > allowed)
    )


def least_of_share(limit: float) -> int:
    """Return how many requests it takes to call a largest share met."""
    return math.ceil(1 / limit - 1e-9) if limit > 0 else 1


def least_of_percentile(share: float) -> int:
    """Return how many requests it takes to call a percentile met."""
    return max(_MIN_MEDIAN_COUNT, math.ceil(1 / (1 - share) - 1e-9))


def affordable(share: float, count: int) -> int:
    """Return how many of so many requests may be slow when a percentile by nearest rank is to be met."""
    return count - math.ceil(share * count - 1e-9)


def _gaps(requests: Requests, limit: float) -> SloResult:
    """Judge the pauses of all answers together, once there are as many answers as a percentile of them would need."""
    observed = counted_rank(requests.gaps_ms, 0.95)
    answers = len(measured(requests.gap_p95_ms))
    met = None if observed is None or answers < least_of_percentile(0.95) else observed <= limit
    return SloResult(metric="gap_p95_ms", observed=observed, limit=limit, met=met)


def _met(count: int, minimum: int, *, missed: bool) -> bool | None:
    if missed:
        return False
    return True if count >= minimum else None


def _goodput_from_sending(requests: Requests, slo: SloSection) -> float | None:
    """Return what the goodput would be if every request had been sent when it was due."""
    return sum(_good(requests, slo, requests.service_ms)) / len(requests) if len(requests) else None


def _good(requests: Requests, slo: SloSection, durations_ms: Sequence[float]) -> Iterator[bool]:
    """Yield for each request whether it met all objectives at once: the tightest tail limit applies to its duration."""
    tails = [limit for limit in (slo.p95_ms, slo.p99_ms) if limit is not None]
    most_ms = min(tails, default=math.inf)
    first_ms = math.inf if slo.ttft_p95_ms is None else slo.ttft_p95_ms
    gap_ms = math.inf if slo.gap_p95_ms is None else slo.gap_p95_ms
    columns = (requests.outcomes(), durations_ms, requests.ttft_ms, requests.gap_p95_ms)
    for outcome, duration, first, gap in zip(*columns, strict=True):
        # What was not streamed has no first token and no pauses; those comparisons with NaN are false. A duration
        # has to be there where one is asked for.
        in_time = not tails or duration <= most_ms
        yield outcome in _KEPT and in_time and not (first > first_ms or gap > gap_ms)


def _figures(requests: Requests, good: int) -> dict[str, Any]:
    count = len(requests)
    span_s = _span_s(requests)
    return {
        "requests": count,
        "resent": requests.resent,
        "duration_s": span_s,
        "attained_rate": count / span_s if span_s else None,
        "scheduled_rate": _rate(measured(requests.due)),
        "sent_rate": _rate(measured(requests.sent)),
        "latency_ms": _quantiles(requests.timed(requests.latency_ms)),
        "service_ms": _quantiles(requests.timed(requests.service_ms)),
        "lag_ms": _quantiles(measured(_lags(requests))),
        "ttft_ms": _quantiles(measured(requests.ttft_ms)),
        "gap_ms": _gap_quantiles(requests.gaps_ms),
        "tokens_per_s": nearest_rank(measured(requests.tokens_per_s), 0.5),
        "events_per_arrival": requests.content_events / requests.arrivals if requests.arrivals else None,
        "error_rate": requests.errors / count if count else None,
        "goodput": good / count if count else None,
        "goodput_rate": good / span_s if span_s else None,
        "outcomes": dict(sorted(Counter(requests.outcomes()).items())),
        "peak_in_flight": _peak_in_flight(requests),
        "series": _series(requests),
    }


def _quantiles(ordered: Sequence[float]) -> dict[str, Any]:
    """Return percentiles and the largest value, and how many there are of them."""
    shares = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
    return {"count": len(ordered)} | {name: nearest_rank(ordered, share) for name, share in shares}


def _gap_quantiles(gaps: Counter[float]) -> dict[str, Any]:
    shares = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
    return {"count": gaps.total()} | {name: counted_rank(gaps, share) for name, share in shares}


def _lags(requests: Requests) -> list[float]:
    """Return by how many milliseconds each request was sent after it was due."""
    return [(sent - due) * 1000 for due, sent in zip(requests.due, requests.sent, strict=True)]


def _rate(ordered: Sequence[float]) -> float | None:
    """Return moments a second, from the first to the last of them."""
    span = ordered[-1] - ordered[0] if ordered else 0.0
    return (len(ordered) - 1) / span if span > 0 else None


def _stretches(requests: Requests) -> list[tuple[float, float]]:
    """Return when each request was sent and ended."""
    pairs = zip(requests.sent, requests.service_ms, strict=True)
    return [(sent, sent + (0.0 if math.isnan(ms) else ms) / 1000) for sent, ms in pairs if not math.isnan(sent)]


def _span_s(requests: Requests) -> float | None:
    """Return the time from the first request sent to the last reply, in seconds."""
    stretches = _stretches(requests)
    span = max(end for _, end in stretches) - min(start for start, _ in stretches) if stretches else 0.0
    return span if span > 0 else None


def _peak_in_flight(requests: Requests) -> int | None:
    stretches = _stretches(requests)
    ends = sorted(end for _, end in stretches)
    ended = peak = 0
    for begun, start in enumerate(sorted(start for start, _ in stretches), start=1):
        while ended < len(ends) and ends[ended] <= start:
            ended += 1
        peak = max(peak, begun - ended)
    return peak if stretches else None


def _recoveries(requests: Requests, profile: LoadSection | None, began: str | None) -> dict[str, Any]:
    found = list(spikes(profile)) if profile is not None else []
    dues = measured(requests.due)
    if not found or not dues:
        return {}
    zero = dues[0] if began is None else datetime.fromisoformat(began).timestamp()
    if dues[0] < zero - _ROUNDING_S:
        # An earlier process sent a part of the load: the time between the two is in no profile.
        return {}
    columns = zip(requests.outcomes(), requests.due, requests.latency_ms, strict=True)
    timed = [(due - zero, ms) for outcome, due, ms in columns if outcome in TIMED and not math.isnan(due + ms)]
    recoveries = []
    for spike in found:
        before_ms, after_s = recovered_after_s(timed, spike)
        recoveries.append({"spike_over_s": spike.over_s, "before_p95_ms": before_ms, "recovered_after_s": after_s})
    return {"recoveries": recoveries}


def _series(requests: Requests) -> list[dict[str, Any]]:
    dues = measured(requests.due)
    if not dues:
        return []
    start = dues[0]
    width = max(1.0, math.ceil((dues[-1] - start + 1e-9) / MAX_BUCKETS))
    sent = Counter(int((moment - start) / width) for moment in measured(requests.sent))
    buckets: dict[int, list[tuple[Outcome, float, float]]] = {}
    columns = (requests.due, requests.outcomes(), requests.latency_ms, requests.service_ms)
    for due, outcome, latency_ms, service_ms in zip(*columns, strict=True):
        if not math.isnan(due):
            buckets.setdefault(int((due - start) / width), []).append((outcome, latency_ms, service_ms))
    return [_bucket(at * width, width, buckets[at], sent[at]) for at in sorted(buckets)]


def _bucket(t_s: float, width_s: float, requests: Sequence[tuple[Outcome, float, float]], sent: int) -> dict[str, Any]:
    latencies = measured([latency for outcome, latency, _ in requests if outcome in TIMED])
    services = measured([service for outcome, _, service in requests if outcome in TIMED])
    return {
        "t_s": t_s,
        "width_s": width_s,
        "requests": len(requests),
        "sent": sent,
        "errors": sum(outcome in ERRORS for outcome, _, _ in requests),
        "p50": nearest_rank(latencies, 0.5),
        "p95": nearest_rank(latencies, 0.95),
        "service_p95": nearest_rank(services, 0.95),
    }
