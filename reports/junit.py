"""JUnit XML: what CI systems show of a run. Ids, categories and masked excerpts only."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from harness.contracts import GateResult, SloResult
from reports import precedents
from reports.conversations import Conversation
from reports.figures import count, each_end, measured, percent
from reports.loading import Run
from reports.masking import guard
from reports.visible import one_line, visible
from reports.wording import AGAIN, METRICS, STATUSES, criterion_title, statement

_MESSAGE_LENGTH = 300
_MOST_IDS = 50
Attributes = dict[str, str]


class _Suite:
    """Writes one test suite; its counts have to be known before its first case."""

    def __init__(self, out: XMLGenerator, name: str, counts: Attributes) -> None:
        self._out = out
        out.startElement("testsuite", _legal({"name": name, **counts}))

    def case(self, attributes: Attributes, result: tuple[str, Attributes, str] | None) -> None:
        self._out.startElement("testcase", _legal(attributes))
        if result:
            name, values, text = result
            self._out.startElement(name, _legal(values))
            self._out.characters(visible(text))
            self._out.endElement(name)
        self._out.endElement("testcase")
        self._out.ignorableWhitespace("\n")

    def end(self) -> None:
        self._out.endElement("testsuite")
        self._out.ignorableWhitespace("\n")


def write_junit(path: Path, run: Run, conversations: Iterable[Conversation]) -> None:
    """Write a suite with the gate's decision and objectives, and a suite with every prompt's first attempt.

    What the judge or the infrastructure is to blame for is *skipped*: it is no
    failure of the target, and the gate decides what a large share of it means.
    """
    prompts = [c for c in conversations if c.key.attempt == 1 and c.status != "unjudged"]
    with path.open("wb") as file:
        _write(file, run, prompts)


def _write(file: BinaryIO, run: Run, prompts: Sequence[Conversation]) -> None:
    gate = run.gate
    new = precedents.fallen(gate, prompts)
    # New failures against what was known before come first: they are what a reader of a pull request looks for.
    decisions = [_decision(gate), *_precedents(gate, new), *(_objective(slo) for slo in gate.slo)]
    prompts = sorted(prompts, key=lambda prompt: not any(one.conversation is prompt for one in new))
    results = [_result(run, prompt) for prompt in prompts]
    out = XMLGenerator(file, encoding="utf-8", short_empty_elements=True)
    out.startDocument()
    total = [*(result for _, result in decisions), *results]
    out.startElement("testsuites", _legal({"name": "reverse-rag", **_counts(total, gate.duration_s)}))
    out.ignorableWhitespace("\n")
    suite = _Suite(out, "reverse-rag gate", _counts([r for _, r in decisions], gate.duration_s))
    for attributes, result in decisions:
        suite.case(attributes, result)
    suite.end()
    seconds = sum(prompt.latency_ms or 0.0 for prompt in prompts) / 1000
    suite = _Suite(out, "reverse-rag prompts", _counts(results, seconds))
    for prompt, result in zip(prompts, results, strict=True):
        suite.case(_attributes(run, prompt), result)
    suite.end()
    out.endElement("testsuites")
    out.endDocument()


def _counts(results: Sequence[tuple[str, Attributes, str] | None], seconds: float) -> Attributes:
    kinds = [result[0] for result in results if result]
    return {
        "tests": str(len(results)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
        "skipped": str(kinds.count("skipped")),
        "time": f"{seconds:.3f}",
    }


def _decision(gate: GateResult) -> tuple[Attributes, tuple[str, Attributes, str] | None]:
    attributes = {"classname": "gate", "name": f"decision ({gate.tier})", "time": f"{gate.duration_s:.3f}"}
    rate = gate.failure_rate
    message = guard(one_line(f"{statement(gate)}: {' '.join(gate.reasons)}", _MESSAGE_LENGTH))
    text = (
        f"failure rate {percent(rate.estimate)}, interval {percent(rate.lower)} to {percent(rate.upper)} "
        f"({each_end(gate.confidence)}), threshold {percent(gate.threshold)}; "
        f"{count(gate.prompts.judged)} of {count(gate.prompts.planned)} prompts judged; run {gate.run_id}"
    )
    if gate.decision == "pass":
        return attributes, None
    if gate.decision == "inconclusive" and gate.exit_code == 0:
        return attributes, ("skipped", {"message": message}, text)
    kind = "error" if gate.decision == "void" else "failure"
    return attributes, (kind, {"type": gate.decision, "message": message}, text)


def _precedents(
    gate: GateResult, new: Sequence[precedents.Fallen]
) -> list[tuple[Attributes, tuple[str, Attributes, str] | None]]:
    """Return the comparison with what was known before; nothing where the run had none."""
    told = " ".join(precedents.sentences(gate))
    if not told:
        return []
    attributes = {"classname": "gate", "name": "new failures", "time": "0.000"}
    ids = ", ".join(one.prompt_id for one in new[:_MOST_IDS])
    message = guard(one_line(told, _MESSAGE_LENGTH))
    golden = gate.golden
    counting = {*(golden.get("failures") or ()), *(golden.get("new_failures") or ())}
    most = gate.baseline.get("max_new_failures")
    beyond = most is not None and gate.baseline.get("new_failures", 0) > most
    broken = gate.baseline.get("regressed") or beyond or len(counting) > golden.get("max_failures", 0)
    if broken:
        return [(attributes, ("failure", {"type": "regression", "message": message}, ids))]
    skipped = bool(gate.baseline) and not gate.baseline.get("compared")
    return [(attributes, ("skipped", {"message": message}, ids) if skipped else None)]


def _objective(slo: SloResult) -> tuple[Attributes, tuple[str, Attributes, str] | None]:
    attributes = {"classname": "gate.slo", "name": METRICS.get(slo.metric, slo.metric), "time": "0.000"}
    message = f"{slo.metric}: observed {measured(slo.metric, slo.observed)}, limit {measured(slo.metric, slo.limit)}"
    if slo.met is None:
        return attributes, ("skipped", {"message": f"{message}; too little was measured"}, "")
    return attributes, None if slo.met else ("failure", {"type": "slo", "message": message}, "")


def _attributes(run: Run, prompt: Conversation) -> Attributes:
    persona = one_line(run.persona_name(prompt.facts.persona_id), 80).replace(".", " ")
    strategy = one_line(prompt.facts.strategy or "unknown", 60).replace(".", " ")
    arm = "" if prompt.in_rate else f" [{prompt.key.arm}]"
    return {
        "classname": f"{persona}.{strategy}",
        "name": f"{prompt.key.prompt_id}{arm}",
        "time": f"{(prompt.latency_ms or 0.0) / 1000:.3f}",
    }


def _result(run: Run, prompt: Conversation) -> tuple[str, Attributes, str] | None:
    if prompt.status == "passed":
        return None
    if prompt.status != "failed":
        return "skipped", {"message": f"{STATUSES[prompt.status]} ({prompt.outcome}): not in the failure rate"}, ""
    worst = prompt.worst
    if worst is None:
        return "failure", {"type": "unnamed", "message": "failed"}, ""
    lines = [
        f"{f.criterion} (turn {f.turn + 1}): {guard(f.reason)}" + (f"\n  … {guard(f.excerpt)}" if f.excerpt else "")
        for f in prompt.failures
    ]
    if prompt.again:
        lines.append(f"asked again: {AGAIN[prompt.again]}")
    lines.append(f"run {run.gate.run_id}; reverse-rag replay {prompt.key.prompt_id}")
    message = guard(one_line(f"{criterion_title(worst.criterion)}: {worst.reason}", _MESSAGE_LENGTH))
    return "failure", {"type": worst.criterion, "message": message}, "\n".join(lines)


def _legal(attributes: Attributes) -> "AttributesImpl[str]":
    return AttributesImpl({name: visible(value) for name, value in attributes.items()})
