"""A Markdown summary for a CI job or a pull request. Ids, categories and masked excerpts only."""

import re
from collections.abc import Iterable, Iterator, Sequence

from harness.contracts import GateResult, GroupRate, SloResult
from reports import lockout, precedents
from reports.clusters import Cluster
from reports.controls import standing
from reports.conversations import Conversation
from reports.figures import count, dollars, duration, each_end, measured, percent
from reports.heat import worst_groups
from reports.loading import Run
from reports.masking import guard
from reports.strain import sentences
from reports.visible import one_line
from reports.wording import METRICS, SYMBOLS, criterion_title, statement

MAX_LENGTH = 65_000
"""A pull-request comment holds 65,536 characters."""
MAX_CAUSES = 25
MAX_GROUPS = 3
_MARKUP = re.compile(r"[\\`*_\[\]<>#|~&$]")
_LINKED = re.compile(r"(@|://|www\.|(?:GH|gh)(?=-))")


def escape(text: str) -> str:
    """Return text that GitHub shows as it is: no markup, no table cell, no link, no mention of a person or an issue."""
    entities = _MARKUP.sub(lambda match: f"&#{ord(match[0])};", text)
    # References are found after entities are decoded; a zero-width space keeps `@team` and `https://` from becoming one.
    return _LINKED.sub("\\1\u200b", entities).replace("&#35;", "&#35;\u200b")


def summary(run: Run, clusters: Sequence[Cluster], conversations: Sequence[Conversation] = ()) -> str:
    """Return the summary, the decision first; what does not fit is left out and said so."""
    text = ""
    closing = f"\n_{escape(run.gate.run_id)} · full report: `report.html` in the run's folder._\n"
    omitted = "\n_Cut here: the rest is in `report.html`._\n"
    for block in _blocks(run, clusters, conversations):
        if len(text) + len(block) > MAX_LENGTH - len(closing) - len(omitted):
            return text + omitted + closing
        text += block
    return text + closing


def _blocks(run: Run, clusters: Sequence[Cluster], conversations: Sequence[Conversation]) -> Iterator[str]:
    gate = run.gate
    yield f"## {SYMBOLS[gate.decision]} {statement(gate)}\n\n"
    reasons = [escape(guard(one_line(reason, 600))) for reason in gate.reasons]
    yield "".join(f"**{reason}**\n\n" if i == 0 else f"- {reason}\n" for i, reason in enumerate(reasons))
    yield "\n" + _table(("", ""), _facts(gate))
    if changed := precedents.sentences(gate):
        yield "\n### What changed\n\n" + "".join(f"{escape(sentence)}\n\n" for sentence in changed)
        found = precedents.fallen(gate, conversations)
        if found:
            yield _table(("New failure", "Why it counts", "What broke", "Replay"), map(_fallen, found[:MAX_CAUSES]))
        if len(found) > MAX_CAUSES:
            yield f"\n{len(found) - MAX_CAUSES} more stand in the report.\n"
    if clusters:
        yield "\n### What broke\n\n"
        yield "| Cause | Prompts | Traffic hit | Example | Replay |\n|---|--:|--:|---|---|\n"
        yield from (_row(_cause(cluster)) for cluster in clusters[:MAX_CAUSES])
        if len(clusters) > MAX_CAUSES:
            yield f"\n{len(clusters) - MAX_CAUSES} more causes are in the report.\n"
    if worst := worst_groups(gate.groups, MAX_GROUPS):
        yield "\n### Who is hit most\n\n"
        head = ("", "Prompts", "Failure rate", f"{percent(gate.confidence)} interval", "Traffic")
        yield _table(head, (_group(run, group) for group in worst))
        yield f"\nEach interval holds by itself; {count(len(gate.groups))} groups were looked at.\n"
    told = "".join(f"{escape(sentence)}\n\n" for sentence in sentences(gate.load))
    if gate.slo or told:
        objectives = _table(("Objective", "Observed", "Limit", ""), map(_objective, gate.slo)) if gate.slo else ""
        yield f"\n### Under load\n\n{told}{objectives}"
    if (gate.load.get("sentinels") or {}).get("banned"):
        yield "\n### Locked out\n\n" + "".join(f"{escape(sentence)}\n\n" for sentence in lockout.sentences(gate.load))
    yield "\n### Whose outcome it is\n\n" + _table(("Target", "Judge", "Infrastructure"), [_ledgers(gate)])


def _facts(gate: GateResult) -> Iterator[tuple[str, str]]:
    rate = gate.failure_rate
    interval = f"{percent(rate.lower)} … {percent(rate.upper)}, {each_end(gate.confidence)}"
    yield "Failure rate", f"**{percent(rate.estimate)}** ({interval}), threshold {percent(gate.threshold)}"
    prompts = gate.prompts
    yield (
        "Prompts",
        f"{count(prompts.judged)} judged of {count(prompts.planned)} planned, {count(prompts.failed)} failed",
    )
    if (again := gate.confirmations) is not None:
        lasting, flaky = count(len(again.consistent)), count(len(again.flaky))
        yield "Failing prompts asked again", f"{lasting} failed every time, {flaky} flaky"
    if (noise := gate.noise_floor) is not None:
        interval = f"{percent(noise.lower)} … {percent(noise.upper)}"
        yield "Noise floor", f"{percent(noise.estimate)} of repeats got another verdict ({interval})"
    yield "Tier", escape(gate.tier)
    yield "Target version", escape(one_line(gate.target_version or "not told", 120))
    yield "Suite", escape(gate.suite_id)
    yield "Cost, time", f"{escape(dollars(gate.cost_usd))}, {duration(gate.duration_s)}"
    if tested := standing(gate):
        yield "Judge's test", tested
    if not gate.judge_error_known:
        yield "Judge", "error unknown: not calibrated, so the rate is the apparent one"


def _cause(cluster: Cluster) -> tuple[str, ...]:
    excerpt = cluster.example.worst.excerpt if cluster.example.worst else ""
    return (
        f"**{escape(criterion_title(cluster.criterion))}**: {escape(guard(one_line(cluster.reason, 200)))}",
        count(len(cluster.members)),
        percent(cluster.share),
        escape(guard(one_line(excerpt, 120))) or "–",
        f"`reverse-rag replay {_id(cluster.example.key.prompt_id)}`",
    )


def _fallen(one: precedents.Fallen) -> tuple[str, ...]:
    worst = one.conversation.worst if one.conversation is not None else None
    told = (
        f"**{escape(criterion_title(worst.criterion))}**: {escape(guard(one_line(worst.reason, 200)))}"
        if worst
        else "–"
    )
    return _id(one.prompt_id), one.why, told, f"`reverse-rag replay {_id(one.prompt_id)}`"


def _id(prompt_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9._:-]", "", prompt_id)[:80]


def _group(run: Run, group: GroupRate) -> tuple[str, ...]:
    name = run.persona_name(group.name) if group.by == "persona" else group.name.replace("_", " ")
    return (
        f"{group.by.capitalize()}: {escape(guard(one_line(name, 80)))}",
        f"{count(group.failed)} of {count(group.judged)}",
        percent(group.estimate),
        f"{percent(group.lower)} … {percent(group.upper)}",
        percent(group.traffic_share),
    )


def _objective(slo: SloResult) -> tuple[str, ...]:
    unknown = "load generator behind" if slo.warning else "too little measured"
    state = unknown if slo.met is None else "met" if slo.met else "**missed**"
    name = escape(METRICS.get(slo.metric, slo.metric))
    return name, measured(slo.metric, slo.observed), measured(slo.metric, slo.limit), state


def _ledgers(gate: GateResult) -> tuple[str, str, str]:
    return count(gate.ledgers.target), count(gate.ledgers.judge), count(gate.ledgers.infrastructure)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return _row(head) + "|" + "---|" * len(head) + "\n" + "".join(_row(row) for row in rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
