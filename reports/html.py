"""The HTML report: one file that needs nothing else, and in which hostile text stays text."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.contracts import GateResult, GroupRate, Manifest
from harness.pii.kinds import spoken_kind
from reports import charts, controls, figures, load, lockout, precedents, reuse, strain, wording
from reports.clusters import Cluster
from reports.conversations import Conversation, Key
from reports.details import pack, packed
from reports.heat import heat_table
from reports.loading import Run
from reports.payload import columns
from reports.visible import one_line, visible

STYLES = ("base.css", "summary.css", "sections.css", "explorer.css")
SCRIPTS = ("data.js", "text.js", "state.js", "list.js", "detail.js", "page.js")
FIRST_FAILURES = 20
"""Failures that are readable without a script, beside each cause's example."""
_EVIDENCE_POINTS = 300
_SERIES_POINTS = 240

Details = Mapping[Key, dict[str, Any]]


def page(
    run: Run, conversations: Sequence[Conversation], clusters: Sequence[Cluster], details: Details
) -> Iterator[str]:
    """Yield the page piece by piece.

    Its content security policy allows exactly the style and the script that it
    brings along, by their hashes, and nothing from anywhere else.
    """
    style, script = _style(), _script()
    context = {
        "policy": _policy(style, script),
        "style": style,
        "script": script,
        "rows": pack(columns(run, conversations, clusters, list(details))),
        "blocks": packed(dict(details)),
        **_summary(run, conversations),
        **_sections(run, conversations, clusters, details),
    }
    return _environment().get_template("report.html.j2").generate(context)


def _summary(run: Run, conversations: Sequence[Conversation]) -> dict[str, Any]:
    gate = run.gate
    return {
        "run": run,
        "gate": gate,
        "statement": wording.statement(gate),
        "symbol": wording.SYMBOLS[gate.decision],
        "scales": [charts.rate_scale(gate, width) for width in (charts.WIDE, charts.NARROW)],
        "evidence": _evidence(gate),
        "conversations": conversations,
        "manifests": [(name, m) for name, m in _manifests(run) if m],
    }


def _sections(
    run: Run, conversations: Sequence[Conversation], clusters: Sequence[Cluster], details: Details
) -> dict[str, Any]:
    shown = {c.example.key for c in clusters}
    failed = [c for c in conversations if c.status == "failed" and c.key in details and c.key not in shown]
    return {
        "clusters": clusters,
        "details": details,
        "first_failures": failed[:FIRST_FAILURES],
        "heat": [
            ("Persona", "persona", heat_table(conversations, lambda c: c.facts.persona_id, _rates(run, "persona"))),
            ("Strategy", "strategy", heat_table(conversations, lambda c: c.facts.strategy, _rates(run, "strategy"))),
        ],
        "precedents": precedents.sentences(run.gate),
        "before_and_now": precedents.four_fields(run.gate),
        "fallen": precedents.fallen(run.gate, conversations),
        "missed_controls": controls.missed(run),
        "lockout": lockout.sentences(run.gate.load),
        "reused": reuse.sentence(run),
        "by_criterion": {rate.name: rate for rate in _rates(run, "criterion")},
        **_load(run.gate),
    }


def _rates(run: Run, by: str) -> list[GroupRate]:
    return [rate for rate in run.gate.groups if rate.by == by]


def _evidence(gate: GateResult) -> list[charts.Plot]:
    points = gate.evidence
    decided = next((i for i, p in enumerate(points) if p.decision != "undecided"), None)
    kept = charts.thinned(points, _EVIDENCE_POINTS)
    if decided is not None and points[decided] not in kept:
        kept = sorted([*kept, points[decided]], key=lambda p: p.judged)
    plots = (charts.evidence_plot(kept, gate.threshold, width) for width in (charts.WIDE, charts.NARROW))
    return [plot for plot in plots if plot]


def _load(gate: GateResult) -> dict[str, Any]:
    series = charts.thinned(load.series(gate.load), _SERIES_POINTS)
    limit = next((slo.limit for slo in gate.slo if slo.metric == "p95_ms"), None)
    widths = (charts.WIDE, charts.NARROW)
    return {
        "strains": strain.sentences(gate.load),
        "pairs": strain.four_fields(gate.load),
        "load_figures": load.figures(gate.load),
        "times": load.times(gate.load),
        "recoveries": load.recoveries(gate.load),
        "outcomes": load.outcomes(gate.load),
        "latency_plots": [p for w in widths if (p := charts.latency_plot(series, limit, w))],
        "throughput_plots": [p for w in widths if (p := charts.throughput_plot(series, w))],
        "series": charts.thinned(series, 30),
    }


def _manifests(run: Run) -> list[tuple[str, Manifest | None]]:
    return [("Run", run.manifest), ("Suite", run.suite), ("Data set", run.dataset)]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": figures.percent,
        "each_end": figures.each_end,
        "number": figures.count,
        "ms": figures.milliseconds,
        "duration": figures.duration,
        "dollars": figures.dollars,
        "criterion": wording.criterion_title,
        "planted": controls.what,
        "line": lambda text: one_line(str(text), 300),
        "kind": lambda name: one_line(spoken_kind(str(name)), 80) or "(unknown)",
        "spoken": lambda name: one_line(str(name).replace("_", " "), 80) or "(unknown)",
        "visible": lambda text: visible(str(text)),
    }
    environment.globals |= {
        "again": wording.AGAIN,
        "ended": wording.ended,
        "measured": figures.measured,
        "moved": figures.MOVED,
        "metrics": wording.METRICS,
        "statuses": wording.STATUSES,
    }
    return environment


@cache
def _style() -> str:
    return "\n" + "".join(_asset(name) for name in STYLES)


@cache
def _script() -> str:
    # One function around all of it: nothing of the page's script is reachable by name from outside.
    return '\n(() => {\n"use strict";\n' + "".join(_asset(name) for name in SCRIPTS) + "})();\n"


def _asset(name: str) -> str:
    return resources.files("reports").joinpath("assets", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
