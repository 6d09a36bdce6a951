"""The decision, in the terminal."""

from pathlib import Path

from harness.contracts import GateResult
from pipeline.console import Console

_WORDS = {
    "pass": ("PASS", "bold green", "the release may go out"),
    "fail": ("FAIL", "bold red", "do not release"),
    "inconclusive": ("INCONCLUSIVE", "bold yellow", "the evidence is not enough"),
    "void": ("VOID", "bold magenta", "this run proves nothing"),
}


def announce(console: Console, result: GateResult, folder: Path) -> None:
    """Say the decision, why, how sure, and where the report is."""
    word, style, meaning = _WORDS[result.decision]
    console.say()
    console.say(f"{word} — {meaning}", style)
    for reason in result.reasons:
        console.say(f"  {reason}")
    rate = result.failure_rate
    estimate = "unknown" if rate.estimate is None else f"{rate.estimate:.1%}"
    console.fact(
        "rate", f"{estimate} (between {rate.lower:.1%} and {rate.upper:.1%}); threshold {result.threshold:.1%}"
    )
    counts = result.prompts
    console.fact("prompts", f"{counts.judged:,} judged of {counts.planned:,} planned, {counts.failed:,} failed")
    failed = sorted((c for c in result.criteria if c.failed), key=lambda c: -c.failed)
    if failed:
        console.fact("broke", ", ".join(f"{c.name} ×{c.failed}" for c in failed))
    missed = [
        f"{s.metric} {s.observed:g} > {s.limit:g}" for s in result.slo if s.met is False and s.observed is not None
    ]
    if missed:
        console.fact("slo missed", ", ".join(missed))
    console.fact("report", str(folder / "report.html"))
