"""The gate's load figures for display; whatever is missing is left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.figures import count, duration, measured, percent, rate
from reports.wording import METRICS


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the run's time."""

    t_s: float
    """Since the run's start."""
    requests: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None


def figures(load: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return titles and values, in the order in which a reader asks for them."""
    flat = _flat(load)
    return [(title, _shown(name, flat[name])) for name, title in METRICS.items() if name in flat]


def series(load: Mapping[str, Any]) -> list[Span]:
    """Return what was measured over the run's time."""
    raw = load.get("series")
    return [_span(part) for part in raw if isinstance(part, dict)] if isinstance(raw, list) else []


def outcomes(load: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return the outcomes of all requests, the most frequent first."""
    raw = load.get("outcomes")
    counts = [(str(name), n) for name, n in raw.items() if isinstance(n, int)] if isinstance(raw, dict) else []
    return sorted(counts, key=lambda item: (-item[1], item[0]))


def _flat(load: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers, percentiles as ``p95_ms``, ``service_p95_ms`` and ``ttft_p95_ms``."""
    flat: dict[str, float] = {}
    for name, value in load.items():
        if _is_number(value):
            flat[name] = value
        elif isinstance(value, dict) and name.endswith("_ms"):
            prefix = "" if name == "latency_ms" else name.removesuffix("ms")
            flat |= {f"{prefix}{rank}_ms": v for rank, v in value.items() if _is_number(v)}
    return flat


def _shown(name: str, value: float) -> str:
    if name in ("attained_rate", "goodput_rate"):
        return rate(value)
    if name == "goodput":
        return percent(value) if value <= 1 else rate(value)
    if name == "duration_s":
        return duration(value)
    return measured(name, value) if name.endswith(("_ms", "_rate")) else count(value)


def _span(part: Mapping[str, Any]) -> Span:
    def number(*names: str) -> float | None:
        return next((part[name] for name in names if _is_number(part.get(name))), None)

    return Span(
        t_s=number("t_s") or 0.0,
        requests=round(number("requests") or 0),
        errors=round(number("errors") or 0),
        p50_ms=number("p50_ms", "p50"),
        p95_ms=number("p95_ms", "p95"),
    )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
