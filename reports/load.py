"""The gate's load figures for display; whatever is missing is left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from reports.figures import count, duration, measured, milliseconds, percent, rate
from reports.wording import METRICS, TIMES


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the run's time."""

    t_s: float
    """Since the run's start."""
    requests: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None
    service_p95_ms: float | None = None
    sent: int | None = None
    """Requests that were sent in it; ``requests`` were due in it."""
    width_s: float | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """One kind of time: what it is, of how many it is known, and its percentiles as text."""

    title: str
    meaning: str
    count: str
    percentiles: list[str]
    """Median, 95th, 99th, largest."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of the target after a spike, as text."""

    over: str
    """When the spike was over, from the first request."""
    before: str
    """The 95th percentile before it."""
    after: str | None
    """How long it took; None where the target did not recover."""


def times(load: Mapping[str, Any]) -> list[Times]:
    """Return the kinds of time that were measured."""
    found = []
    for name, (title, meaning) in TIMES.items():
        values = load.get(name)
        if isinstance(values, dict) and _is_number(values.get("p50")):
            shown = [_shown_ms(values.get(rank)) for rank in ("p50", "p95", "p99", "max")]
            found.append(Times(title, meaning, count(_number(values.get("count"))), shown))
    return found


def recoveries(load: Mapping[str, Any]) -> list[Recovery]:
    """Return how the target recovered from the spikes of the load's profile."""
    raw = load.get("recoveries")
    return [
        Recovery(
            duration(part["spike_over_s"]),
            milliseconds(part["before_p95_ms"]),
            None if (after_s := _number(part.get("recovered_after_s"))) is None else duration(after_s),
        )
        for part in (raw if isinstance(raw, list) else [])
        if isinstance(part, dict) and _is_number(part.get("spike_over_s")) and _is_number(part.get("before_p95_ms"))
    ]


def figures(load: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return titles and values, in the order in which a reader asks for them; that nothing was sent again goes unsaid."""
    known = ((name, title, load.get(name)) for name, title in METRICS.items())
    return [
        (title, _shown(name, value))
        for name, title, value in known
        if _is_number(value) and (value or name != "resent")
    ]


def series(load: Mapping[str, Any]) -> list[Span]:
    """Return what was measured over the run's time."""
    raw = load.get("series")
    return [_span(part) for part in raw if isinstance(part, dict)] if isinstance(raw, list) else []


def outcomes(load: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return the outcomes of all requests, the most frequent first."""
    raw = load.get("outcomes")
    counts = [(str(name), n) for name, n in raw.items() if isinstance(n, int)] if isinstance(raw, dict) else []
    return sorted(counts, key=lambda item: (-item[1], item[0]))


def _shown(name: str, value: float) -> str:
    if name in {"attained_rate", "goodput_rate", "scheduled_rate", "sent_rate"}:
        return rate(value)
    if name == "goodput":
        return percent(value)
    if name == "duration_s":
        return duration(value)
    if name in {"tokens_per_s", "events_per_arrival"}:
        return f"{value:.1f}"
    return measured(name, value) if name.endswith(("_ms", "_rate")) else count(value)


def _shown_ms(value: object) -> str:
    """Return a time; below ten milliseconds, where pauses and lag are, with a tenth."""
    number = _number(value)
    return f"{number:.1f}\u202fms" if number is not None and 0 < number < 10 else milliseconds(number)


def _span(part: Mapping[str, Any]) -> Span:
    def number(*names: str) -> float | None:
        return next((part[name] for name in names if _is_number(part.get(name))), None)

    return Span(
        t_s=number("t_s") or 0.0,
        requests=round(number("requests") or 0),
        errors=round(number("errors") or 0),
        p50_ms=number("p50_ms", "p50"),
        p95_ms=number("p95_ms", "p95"),
        service_p95_ms=number("service_p95"),
        sent=None if (sent := number("sent")) is None else round(sent),
        width_s=number("width_s"),
    )


def _number(value: object) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _is_number(value: object) -> TypeGuard[float]:
    return _number(value) is not None
