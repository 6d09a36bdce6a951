"""The decision, in the terminal."""

from collections.abc import Mapping
from typing import Any

from harness.contracts import GateResult
from pipeline.console import Console, shown

_WORDS = {
    "pass": ("PASS", "bold green", "the release may go out"),
    "fail": ("FAIL", "bold red", "do not release"),
    "inconclusive": ("INCONCLUSIVE", "bold yellow", "the evidence is not enough"),
    "void": ("VOID", "bold magenta", "this run proves nothing"),
}

_REMEDIES = {
    "connection_error": "Is the target running, and are host and port of [target] url right?",
    "timeout": "Is [target] timeout_s long enough?",
    "malformed": "Do protocol and [target.response] fit what it sends?",
    "http_error": "Do url, method, headers and body of [target] fit?",
    "throttled": "Does its rate limit let this machine through?",
}


def announce(console: Console, result: GateResult, location: str) -> None:
    """Say the decision, why, how sure, and where below ``location`` the report is."""
    word, style, meaning = _WORDS[result.decision]
    ledgers = result.ledgers
    if not (result.prompts.judged or ledgers.judge or ledgers.infrastructure):
        meaning = "nothing was tested"
    console.say()
    console.say(f"{word} — {meaning}", style)
    for reason in result.reasons:
        console.say(f"  {reason}")
    counts = result.prompts
    judged = f"{counts.judged:,} judged of {counts.planned:,} planned, {counts.failed:,} failed"
    console.fact("prompts", f"{judged}{_read(result)}")
    failed = sorted((c for c in result.criteria if c.failed), key=lambda c: -c.failed)
    if failed:
        console.fact("broke", ", ".join(f"{c.name} ×{c.failed}" for c in failed))
    console.fact("load", _load(result.load))
    say_recovery(console, result.load.get("kill_switch"))
    if result.cost_usd:
        console.fact("cost", f"${result.cost_usd:.2f} for the judge's model")
    if remedy := _remedy(result.load):
        console.fact("look at", remedy, "yellow")
    console.fact("report", shown(f"{location}/report.html"))


def say_recovery(console: Console, tripped: Mapping[str, Any] | None) -> None:
    """Say whether a target that broke under the load came back, and after how long; nothing where it did not break.

    Args:
        console: Told.
        tripped: What the kill switch saw, as ``load.kill_switch`` of ``gate.json`` has it.
    """
    if tripped is None:
        return
    after_s = tripped["recovery_s"]
    if after_s is None:
        console.fact("recovery", "the target did not answer again in the time it was given", "yellow")
        return
    after = f"{after_s:.0f}" if after_s >= 10 else f"{after_s:.1f}"
    console.fact("recovery", f"left alone, the target answered again after {after} s")


def _read(result: GateResult) -> str:
    """Say how many of the judged prompts the rate is read from, where it is not all of them."""
    read = result.evidence[-1].judged if result.evidence else 0
    if not read or read == result.prompts.judged:
        return ""
    return f"; the rate reads the first {read:,} in the draw's order"


def _remedy(load: Mapping[str, Any]) -> str:
    """Say what to look at when not one reply was usable: more often a configuration than a release."""
    outcomes: Mapping[str, int] = load.get("outcomes") or {}
    if not outcomes or outcomes.get("answered") or outcomes.get("blocked"):
        return ""
    worst = max(outcomes, key=lambda outcome: outcomes[outcome])
    meant = _REMEDIES.get(worst, "Does the target work at all?")
    return f"no reply was usable ({worst} ×{outcomes[worst]}). {meant} `reverse-rag doctor` sends one request"


def _load(load: Mapping[str, Any]) -> str:
    latency = load.get("latency_ms") or {}
    parts = [
        f"{load.get('requests', 0):,} requests",
        f"{load['attained_rate']:.1f} a second" if load.get("attained_rate") else "",
        f"95 % within {latency['p95']:,.0f} ms" if latency.get("p95") is not None else "",
        f"{load['error_rate']:.1%} errors" if load.get("error_rate") is not None else "",
    ]
    return ", ".join(part for part in parts if part)
