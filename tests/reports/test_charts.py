from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contracts import EvidencePoint, FailureRate, GateResult, PromptCounts, Rate
from reports import charts, load
from reports.load import Span
from tests.reports.run_folders import make_run

SHARE = st.floats(0, 1, allow_nan=False)


def _gate(root: Path) -> GateResult:
    return GateResult.from_json((make_run(root, prompts=200).run / "gate.json").read_bytes())


@given(st.tuples(SHARE, SHARE, SHARE).map(sorted), st.floats(0.001, 0.5))
def test_the_scale_keeps_order_and_stays_inside(values: list[float], threshold: float) -> None:
    lower, estimate, upper = values
    rate = FailureRate(
        lower=lower, estimate=estimate, upper=upper, raw=Rate(lower=lower, estimate=estimate, upper=upper)
    )
    gate = GateResult(
        run_id="run-1",
        suite_id="suite-1",
        decision="inconclusive",
        reasons=[],
        exit_code=4,
        tier="pr",
        threshold=threshold,
        confidence=0.95,
        failure_rate=rate,
        prompts=PromptCounts(planned=1, sent=1, judged=1, failed=0),
        stopped_because="suite_ended",
    )
    scale = charts.rate_scale(gate, charts.NARROW)
    assert scale.estimate is not None
    assert scale.left <= scale.lower <= scale.estimate <= scale.upper <= scale.right
    assert scale.left < scale.threshold < scale.right


def test_tick_labels_do_not_touch_on_a_phone(tmp_path: Path) -> None:
    scale = charts.rate_scale(_gate(tmp_path), charts.NARROW)
    places = [tick.at for tick in scale.ticks]
    assert all(b - a >= 44 for a, b in pairwise(places))


def test_the_point_of_decision_is_marked() -> None:
    points = [
        EvidencePoint(
            judged=n, failed=n // 4, lower=0.01 * n / 10, upper=0.9, decision="fail" if n >= 30 else "undecided"
        )
        for n in (10, 20, 30, 40)
    ]
    plot = charts.evidence_plot(points, 0.02, charts.WIDE)
    assert plot is not None
    assert plot.moment is not None
    assert plot.moment.label == "fail after 30"


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_points_make_no_picture(count: int) -> None:
    point = EvidencePoint(judged=1, failed=0, lower=0, upper=1, decision="undecided")
    assert charts.evidence_plot([point] * count, 0.02, charts.WIDE) is None
    assert charts.latency_plot([Span(0.0, 1, 0, 1.0, 2.0)] * count, None, charts.WIDE) is None
    assert charts.throughput_plot([Span(0.0, 1, 0, 1.0, 2.0)] * count, charts.WIDE) is None


def test_requests_are_drawn_by_the_second_whatever_the_spans_are() -> None:
    spans = [Span(t_s, 40, 0, 1.0, 2.0) for t_s in (0.0, 2.0, 4.0)]
    plot = charts.throughput_plot(spans, charts.WIDE)
    assert plot is not None
    assert [tick.label for tick in plot.y_ticks] == ["0", "10", "20"]


def test_the_objective_is_always_in_sight() -> None:
    plot = charts.latency_plot([Span(0.0, 1, 0, 10.0, 20.0), Span(1.0, 1, 0, 10.0, 20.0)], 3000, charts.WIDE)
    assert plot is not None
    assert plot.limit is not None
    assert plot.top <= plot.limit.at <= plot.bottom


@pytest.mark.parametrize("count", [0, 1, 2, 99, 100, 101, 1000])
def test_thinning_keeps_the_ends(count: int) -> None:
    kept = charts.thinned(range(count), 100)
    assert len(kept) <= 101
    assert not count or (kept[0], kept[-1]) == (0, count - 1)


def test_the_report_says_what_each_time_counts_from() -> None:
    measured = {"latency_ms": {"count": 12, "p50": 5.0, "p95": 900.0, "p99": None, "max": 12_000.0}, "goodput": 0.5}
    (latency,) = load.times(measured)
    assert latency.title == "Latency from schedule"
    assert "due" in latency.meaning
    assert latency.count == "12"
    assert latency.percentiles == ["5.0\u202fms", "900\u202fms", "–", "12.0\u202fs"]
    assert load.figures(measured) == [("Goodput", "50\u202f%")]


def test_requests_that_were_sent_again_are_told_where_there_were_any() -> None:
    assert load.figures({"resent": 0}) == []
    assert load.figures({"resent": 3}) == [("Maybe sent before, by a process that was killed", "3")]


def test_a_recovery_is_told_or_that_there_was_none() -> None:
    spikes = [
        {"spike_over_s": 40.0, "before_p95_ms": 210.0, "recovered_after_s": 7.0},
        {"spike_over_s": 90.0, "before_p95_ms": 210.0, "recovered_after_s": None},
        {"spike_over_s": 99.0, "before_p95_ms": None, "recovered_after_s": None},
    ]
    found = load.recoveries({"recoveries": spikes})
    assert [(one.over, one.before, one.after) for one in found] == [
        ("40\u202fs", "210\u202fms", "7.0\u202fs"),
        ("1\u202fmin 30\u202fs", "210\u202fms", None),
    ]


def test_what_was_sent_is_drawn_beside_what_was_due() -> None:
    spans = [Span(t_s, 40, 0, 1.0, 2.0, sent=20, width_s=1.0, service_p95_ms=1.5) for t_s in (0.0, 1.0)]
    plot = charts.throughput_plot(spans, charts.WIDE)
    assert plot is not None
    assert [line.css for line in plot.lines] == ["schedule"]
    assert {y for _, y, _, _, _ in plot.bars} == {(plot.top + plot.bottom) / 2}
    latency = charts.latency_plot(spans, None, charts.WIDE)
    assert latency is not None
    assert [line.css for line in latency.lines] == ["p50", "p95", "service"]


def test_missing_and_odd_load_figures_are_left_out() -> None:
    odd = {"p95_ms": None, "requests": "many", "series": [None, {"t_s": 1}], "outcomes": None, "latency_ms": None}
    assert load.figures(odd) == []
    assert (load.times(odd), load.recoveries({"recoveries": 3})) == ([], [])
    assert load.outcomes(odd) == []
    assert load.series(odd) == [Span(1, 0, 0, None, None)]
    assert load.series({}) == []
