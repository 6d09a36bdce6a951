"""Service levels in the words of the gate's reasons."""

from collections.abc import Iterable, Mapping
from typing import Any

from harness.contracts import SloResult
from judge.phrases import milliseconds, percent
from judge.strain import KILL_SWITCH

_NAMES = {
    "error_rate": "error rate",
    KILL_SWITCH: "share of errors that trips the kill switch",
    "p50_ms": "median latency",
    "p95_ms": "95th percentile of latency",
    "p99_ms": "99th percentile of latency",
    "ttft_p95_ms": "95th percentile of time to first token",
    "gap_p95_ms": "95th percentile of the pauses within answers",
}
_SHARES = frozenset({"error_rate", "goodput", KILL_SWITCH})


def missed(slo: Iterable[SloResult]) -> list[str]:
    """Return one sentence for each objective that is missed; they fail the gate."""
    return [
        f"Service level missed: {_metric(result)} was {_amount(result, result.observed)}, "
        f"and {_bound(result)} is {'asked for' if result.metric == 'goodput' else 'allowed'}."
        for result in slo
        if result.met is False
    ]


def behind(load: Mapping[str, Any]) -> list[str]:
    """Return whether the load generator was late itself; at most one sentence, which decides nothing."""
    if not load.get("generator_behind"):
        return []
    late = milliseconds(load["lag_ms"]["p99"])
    sentence = (
        f"The load generator fell behind its own schedule: 1 % of the requests were sent more than {late} after they "
        "were due, which latencies contain and the target did not cause. Lower the load, or give it more of a machine."
    )
    return [sentence]


def unmeasured(slo: Iterable[SloResult]) -> list[str]:
    """Return one sentence for each objective that nobody can call met; no pass rests on them."""
    return [_untold(result) if result.warning else _too_little(result) for result in slo if result.met is None]


def _untold(result: SloResult) -> str:
    return (
        f"Whether the service level {_metric(result)} of {_bound(result)} is met cannot be told "
        f"(observed: {_amount(result, result.observed)}): {result.warning}."
    )


def _too_little(result: SloResult) -> str:
    observed = f" (observed so far: {_amount(result, result.observed)})" if result.observed is not None else ""
    return (
        f"Too little was measured to say whether the service level {_metric(result)} of "
        f"{_bound(result)} is met{observed}."
    )


def _metric(result: SloResult) -> str:
    return _NAMES.get(result.metric, result.metric)


def _bound(result: SloResult) -> str:
    return f"at {'least' if result.metric == 'goodput' else 'most'} {_amount(result, result.limit)}"


def _amount(result: SloResult, value: float | None) -> str:
    if value is None:
        return "not measured"
    return percent(value) if result.metric in _SHARES else milliseconds(value)
