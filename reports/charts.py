"""Charts as plain geometry; the templates draw it as SVG that needs no script, prints, and follows the colour scheme.

Each chart is laid out for a width in CSS pixels, once for a page and once for
a phone: a chart that is only scaled down has labels nobody can read.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from harness.contracts import EvidencePoint, GateResult
from reports.figures import count, milliseconds, percent
from reports.load import Span

WIDE = 960
NARROW = 340
_RATE_TICKS = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_ENDS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)

PointT = TypeVar("PointT")
Mapping1D = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis and its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class RateScale:
    """The failure rate's interval against the threshold on one line (square-root scale from 0)."""

    width: int
    left: float
    right: float
    threshold: float
    lower: float
    upper: float
    estimate: float | None
    ticks: list[Tick]


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its name, its class for the style sheet, its path."""

    name: str
    css: str
    path: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves over a horizontal axis."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    lines: list[Line]
    band: str = ""
    limit: Tick | None = None
    """A horizontal line: the threshold or the objective."""
    moment: Tick | None = None
    """A vertical line: where the decision fell."""
    bars: list[tuple[float, float, float, float, str]] = field(default_factory=list)
    """x, y, width, height, class."""


def rate_scale(gate: GateResult, width: int) -> RateScale:
    """Return where the threshold, the interval and the estimate lie."""
    rate = gate.failure_rate
    end = _end(max(rate.upper, 2.5 * gate.threshold))
    left, right = 14.0, width - 14.0
    at = _root(end, left, right)
    return RateScale(
        width=width,
        left=left,
        right=right,
        threshold=at(gate.threshold),
        lower=at(rate.lower),
        upper=at(min(rate.upper, end)),
        estimate=None if rate.estimate is None else at(rate.estimate),
        ticks=_spaced([Tick(at(t), percent(t)) for t in _RATE_TICKS if t <= end], 44),
    )


def evidence_plot(points: Sequence[EvidencePoint], threshold: float, width: int) -> Plot | None:
    """Return how the interval closed in with the prompts judged; None with fewer than two points."""
    if len(points) < 2:
        return None
    height, left, right, top = _frame(width)
    bottom = height - 30.0
    # Early intervals reach to 100 %; what matters is where they end up, and a root scale keeps both in sight.
    settled = max(p.upper for p in points[len(points) // 3 :])
    end = _end(max(settled, 2.5 * threshold))
    x = _linear(0, max(p.judged for p in points), left, right)
    y = _root(end, bottom, top)
    upper = [(x(p.judged), y(min(p.upper, end))) for p in points]
    lower = [(x(p.judged), y(min(p.lower, end))) for p in points]
    observed = [(x(p.judged), y(min(p.failed / p.judged, end))) for p in points if p.judged]
    decided = next((p for p in points if p.decision != "undecided"), None)
    return Plot(
        width=width, height=height, left=left, right=right, top=top, bottom=bottom,
        x_ticks=_axis(x, max(p.judged for p in points), width, count),
        y_ticks=_spaced([Tick(y(t), percent(t)) for t in _RATE_TICKS if t <= end], 18),
        band=_path(upper + lower[::-1]) + "Z",
        lines=[Line("observed failure rate", "observed", _path(observed))],
        limit=Tick(y(threshold), f"threshold {percent(threshold)}"),
        moment=Tick(x(decided.judged), f"{decided.decision} after {count(decided.judged)}") if decided else None,
    )  # fmt: skip


def latency_plot(series: Sequence[Span], limit_ms: float | None, width: int) -> Plot | None:
    """Return latency percentiles over the run's time; None where nothing was measured."""
    timed = [(s.t_s, s.p50_ms, s.p95_ms) for s in series if s.p50_ms is not None and s.p95_ms is not None]
    if len(timed) < 2:
        return None
    height, left, right, top = _frame(width)
    bottom = height - 30.0
    ceiling = _nice(1.05 * max([p95 for _, _, p95 in timed] + ([limit_ms] if limit_ms else [])))
    end_s = max(t for t, _, _ in timed) or 1.0
    x, y = _linear(0, end_s, left, right), _linear(0, ceiling, bottom, top)
    median = Line("median", "p50", _path([(x(t), y(p50)) for t, p50, _ in timed]))
    tail = Line("95th percentile", "p95", _path([(x(t), y(p95)) for t, _, p95 in timed]))
    served = [(x(s.t_s), y(s.service_p95_ms)) for s in series if s.service_p95_ms is not None]
    return Plot(
        width=width, height=height, left=left, right=right, top=top, bottom=bottom,
        x_ticks=_axis(x, end_s, width, _seconds),
        y_ticks=[Tick(y(ceiling * i / 4), milliseconds(ceiling * i / 4)) for i in range(5)],
        lines=[median, tail, *([Line("service time", "service", _path(served))] if len(served) > 1 else [])],
        limit=Tick(y(limit_ms), f"limit {milliseconds(limit_ms)}") if limit_ms else None,
    )  # fmt: skip


def throughput_plot(series: Sequence[Span], width: int) -> Plot | None:
    """Return requests sent and errors a second as bars over the run's time, and the schedule; None if not measured."""
    if len(series) < 2:
        return None
    height, left, right, top = _frame(width)
    height = round(height * 0.7)
    bottom = height - 30.0
    times = [s.t_s for s in series]
    step = series[0].width_s or min((b - a for a, b in pairwise(times) if b > a), default=1.0)
    rates = [(s.requests if s.sent is None else s.sent) / step for s in series]
    scheduled = [s.requests / step for s in series]
    errors = [s.errors / step for s in series]
    ceiling = _nice(max([*rates, *scheduled, 0.1]))
    end_s = max(times) + step
    x, y = _linear(0, end_s, left, right), _linear(0, ceiling, bottom, top)
    wide = max(1.0, (right - left) * step / end_s - 1.0)
    bars = [
        (x(t), y(value), wide, bottom - y(value), css)
        for css, values in (("requests", rates), ("errors", errors))
        for t, value in zip(times, values, strict=True)
        if value > 0
    ]
    return Plot(
        width=width, height=height, left=left, right=right, top=top, bottom=bottom,
        x_ticks=_axis(x, end_s, width, _seconds),
        y_ticks=[Tick(y(ceiling * i / 2), f"{ceiling * i / 2:g}") for i in range(3)],
        lines=[Line("schedule", "schedule", _steps([(x(t), x(t + step), y(n)) for t, n in zip(times, scheduled, strict=True)]))],
        bars=bars,
    )  # fmt: skip


def thinned(points: Sequence[PointT], most: int) -> list[PointT]:
    """Return at most about ``most`` of the points, evenly, the last one always."""
    step = max(1, math.ceil(len(points) / most))
    kept = list(points[::step])
    if points and (len(points) - 1) % step:
        kept.append(points[-1])
    return kept


def _frame(width: int) -> tuple[int, float, float, float]:
    return (300 if width > 500 else 220), 56.0, width - 16.0, 22.0


def _end(reach: float) -> float:
    return next((end for end in _ENDS if end >= min(reach, 1.0)), 1.0)


def _root(end: float, start_px: float, end_px: float) -> Mapping1D:
    return lambda value: round(start_px + (end_px - start_px) * math.sqrt(max(0.0, min(1.0, value / end))), 1)


def _linear(low: float, high: float, start_px: float, end_px: float) -> Mapping1D:
    span = (high - low) or 1.0
    return lambda value: round(start_px + (end_px - start_px) * (value - low) / span, 1)


def _nice(value: float) -> float:
    """Return the next of 1, 2, 3, 4, 5, 6, 8 × 10ⁿ: its quarters are still short numbers."""
    return _next(value, (1, 2, 3, 4, 5, 6, 8))


def _next(value: float, steps: Sequence[int]) -> float:
    power = 10.0 ** math.floor(math.log10(max(value, 1e-9)))
    return next((step * power for step in steps if step * power >= value), 10 * power)


def _axis(at: Mapping1D, end: float, width: int, label: Callable[[float], str]) -> list[Tick]:
    step = _next(end / (8 if width > 500 else 4), (1, 2, 5))
    return [Tick(at(step * i), label(step * i)) for i in range(math.floor(end / step + 1e-9) + 1)]


def _seconds(value: float) -> str:
    return f"{value:g}\u202fs"


def _spaced(ticks: list[Tick], distance: float) -> list[Tick]:
    """Keep the last tick and, going back, those whose labels do not touch."""
    kept: list[Tick] = []
    for tick in reversed(ticks):
        if not kept or abs(kept[-1].at - tick.at) >= distance:
            kept.append(tick)
    return kept[::-1]


def _steps(stretches: Sequence[tuple[float, float, float]]) -> str:
    return _path([(at, y) for start, end, y in stretches for at in (start, end)])


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) if points else ""
