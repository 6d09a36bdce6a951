"""Whether the load generator kept its own schedule; where it did not, its lateness is not the target's."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.contracts import SloResult
from judge.phrases import milliseconds

SMALL_LAG_MS = 50.0
"""One request in a hundred may be sent so late whatever the target takes: what a busy shared processor costs."""
LAG_SHARE = 0.1
"""… or this share of the target's median service time: less than that hides behind the target's own spread."""


def is_behind(load: Mapping[str, Any]) -> bool:
    """Return whether the generator fell behind: the 99th percentile of its lag is above both bounds.

    The median is that of the service time, which counts from sending: latency
    would raise the bound with the very lag that it is to judge.

    Args:
        load: Figures as ``judge.slo.measure`` returns them.
    """
    lag_ms = load["lag_ms"]["p99"]
    typical_ms = load["service_ms"]["p50"] or 0.0
    return lag_ms is not None and bool(lag_ms > max(SMALL_LAG_MS, LAG_SHARE * typical_ms))


def marked(slo: Sequence[SloResult], load: Mapping[str, Any]) -> tuple[list[SloResult], dict[str, Any]]:
    """Return objectives and load figures that say whether the generator fell behind.

    Where it did, every objective carries a warning, and one that was missed
    counted from the schedule, but not counted from sending, is neither met
    nor missed: the time in between was the generator's.
    """
    figures = {**load, "generator_behind": is_behind(load)}
    if not figures["generator_behind"]:
        return list(slo), figures
    warning = f"1 % of the requests were sent more than {milliseconds(load['lag_ms']['p99'])} after they were due"
    return [_warned(result, load, warning) for result in slo], figures


def _warned(result: SloResult, load: Mapping[str, Any], warning: str) -> SloResult:
    excused = result.met is False and _met_from_sending(result, load)
    return result.model_copy(update={"warning": warning, "met": None if excused else result.met})


def _met_from_sending(result: SloResult, load: Mapping[str, Any]) -> bool:
    """Return whether an objective would be met if every request had been sent when it was due."""
    if result.metric == "goodput":
        return (load["goodput_from_sending"] or 0.0) >= result.limit
    service_ms = load["service_ms"].get(result.metric.removesuffix("_ms"))
    return service_ms is not None and bool(service_ms <= result.limit)
