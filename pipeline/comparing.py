"""Two runs on the same prompts, side by side."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness.errors import UsageError
from harness.storage import Storage
from harness.suites import read_personas
from harness.wording import counted
from judge.paired import exact_mcnemar, paired_difference
from judge.phrases import percent
from judge.reading import Fate
from pipeline.console import Console
from pipeline.outcomes import Outcomes, read_outcomes
from pipeline.preparation import GATE_FILE

Change = Literal["new_failure", "fixed", "both_failed", "both_passed"]
Uncompared = Literal["only_in_a", "only_in_b", "not_read", "infrastructure", "judge"]
CHANGES: tuple[Change, ...] = ("new_failure", "fixed", "both_failed", "both_passed")
_UNCOMPARED: tuple[Uncompared, ...] = ("only_in_a", "only_in_b", "not_read", "infrastructure", "judge")
_CHANGE: dict[tuple[bool, bool], Change] = {
    (False, True): "new_failure",
    (True, False): "fixed",
    (True, True): "both_failed",
    (False, False): "both_passed",
}
"""By whether each run failed the prompt."""
_SHOWN = 20
_WORDS = {
    "only_in_a": "only the first run planned them",
    "only_in_b": "only the second run planned them",
    "not_read": "one of the runs ended before them",
    "infrastructure": "the target never answered in one of the runs",
    "judge": "nobody could grade them in one of the runs",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What became of each prompt from run A to run B."""

    runs: tuple[Outcomes, Outcomes]
    changes: Mapping[str, Change]
    """By prompt id, in B's order."""
    uncompared: Mapping[str, Uncompared]
    golden: Mapping[str, Change]
    """The golden arm's prompts, which are in no figure but their own."""
    warnings: Sequence[str]

    @property
    def counts(self) -> Counter[Change]:
        """How many prompts changed how."""
        return Counter(self.changes.values())

    def of(self, change: Change) -> list[str]:
        """Return the ids of the prompts that changed so."""
        return [prompt_id for prompt_id, found in self.changes.items() if found == change]

    def to_dict(self, excerpts: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        """Return JSON-compatible values; see ``docs/baselines.md``."""
        counts, total = self.counts, len(self.changes)
        new, fixed = counts["new_failure"], counts["fixed"]
        before, now = (counts["both_failed"] + only for only in (fixed, new))
        return {
            "runs": [_run(outcomes) for outcomes in self.runs],
            "warnings": list(self.warnings),
            "compared": total,
            **{change: counts[change] for change in CHANGES},
            "not_comparable": {why: list(self.uncompared.values()).count(why) for why in _UNCOMPARED},
            "failure_rate": [before / total if total else None, now / total if total else None],
            "difference": {**paired_difference(new, fixed, total).model_dump(), "confidence": 0.95},
            "p_value": exact_mcnemar(fixed, new),
            "criteria": _table(self._by_criterion()),
            "personas": _table(self._by_persona()),
            "new_failures": [{"prompt_id": p, **excerpts.get(p, {})} for p in self.of("new_failure")],
            "fixed_ids": self.of("fixed"),
            "golden": {
                **{change: list(self.golden.values()).count(change) for change in CHANGES},
                "new_failure_ids": [p for p, change in self.golden.items() if change == "new_failure"],
            },
        }

    def _by_persona(self) -> Iterator[tuple[str, Change]]:
        prompts = {**self.runs[0].prompts, **self.runs[1].prompts}
        for prompt_id, change in self.changes.items():
            prompt = prompts.get(prompt_id)
            yield (prompt.persona_id if prompt is not None else "(unknown)"), change

    def _by_criterion(self) -> Iterator[tuple[str, Change]]:
        """Yield each criterion that judged a prompt in both runs, and what became of it."""
        first, second = (outcomes.reading for outcomes in self.runs)
        for prompt_id in self.changes:
            before, now = first.criteria_of(prompt_id), second.criteria_of(prompt_id)
            for name in before.keys() & now.keys():
                yield name, _CHANGE[before[name], now[name]]


def compare(storage: Storage, first: str, second: str) -> Comparison:
    """Compare two runs prompt by prompt: first attempts, in the arm that the rate is read from.

    A prompt counts as far as both runs were read in their tier's order: of
    what comes after that point only the fast outcomes are known.

    Raises:
        UsageError: If a run is not there or sent nothing, or both are the same.
        StorageError: If one cannot be read.
    """
    a = read_outcomes(storage, first)
    b = read_outcomes(storage, second, known=a.prompts)
    if a.plan.run_id == b.plan.run_id:
        raise UsageError(f"{a.plan.run_id} cannot be compared with itself", hint="name two runs")
    changes: dict[str, Change] = {}
    uncompared: dict[str, Uncompared] = {}
    read = a.read, b.read
    planned = set(a.plan.order), set(b.plan.order)
    for prompt_id in dict.fromkeys([*b.plan.order, *a.plan.order]):
        if prompt_id not in planned[1]:
            uncompared[prompt_id] = "only_in_a"
        elif prompt_id not in planned[0]:
            uncompared[prompt_id] = "only_in_b"
        else:
            fates = read[0].get(prompt_id), read[1].get(prompt_id)
            if (why := _uncompared(*fates)) is not None:
                uncompared[prompt_id] = why
            else:
                changes[prompt_id] = _change(*fates)
    return Comparison(
        runs=(a, b),
        changes=changes,
        uncompared=uncompared,
        golden=_golden(a, b),
        warnings=list(_warnings(a, b)),
    )


def run_compare(storage: Storage, console: Console, *, first: str, second: str) -> dict[str, Any]:
    """Compare two runs and say what changed; return the figures."""
    found = compare(storage, first, second)
    values = found.to_dict(_excerpts(storage, found.runs[1], set(found.of("new_failure"))))
    names = _persona_names(storage, found.runs)
    values["personas"] = [{**row, "title": names.get(row["name"], row["name"])} for row in values["personas"]]
    for warning in found.warnings:
        console.say(warning, "yellow")
    console.say(f"compared   {values['runs'][0]['run_id']} with {values['runs'][1]['run_id']}")
    for line in _lines(values):
        console.say(line)
    return values


def _uncompared(before: Fate | None, now: Fate | None) -> Uncompared | None:
    """Return why a prompt cannot be compared; None where it can."""
    if before is None or now is None:
        return "not_read"
    if "infrastructure" in (before, now):
        return "infrastructure"
    return "judge" if "judge" in (before, now) else None


def _change(before: Fate | None, now: Fate | None) -> Change:
    return _CHANGE[before == "failed", now == "failed"]


def _golden(a: Outcomes, b: Outcomes) -> dict[str, Change]:
    before = a.reading.golden
    pairs = {prompt_id: (before.get(prompt_id), fate) for prompt_id, fate in b.reading.golden.items()}
    return {prompt_id: _change(*fates) for prompt_id, fates in pairs.items() if _uncompared(*fates) is None}


def _warnings(a: Outcomes, b: Outcomes) -> Iterator[str]:
    """Yield what makes a difference between the runs something else than one between releases."""
    if a.judge_ids != b.judge_ids:
        judges = [", ".join(sorted(run.judge_ids)) or "nobody" for run in (a, b)]
        yield (
            f"The runs were judged differently ({judges[0]} and {judges[1]}: model, prompt, rubric, parameters or checks): "
            "what differs may be the judges, and not the releases."
        )
    if a.plan.suite_id != b.plan.suite_id:
        yield (
            f"The runs are on different suites ({a.plan.suite_id} and {b.plan.suite_id}); only prompts that both hold "
            "word for word are compared."
        )
    if a.plan.arm != b.plan.arm:
        yield f"The first run asked in the arm {a.plan.arm}, the second in {b.plan.arm}: load may be what differs."
    if a.versions and a.versions == b.versions:
        yield f"Both runs asked the same release ({', '.join(sorted(a.versions))}): what differs is chance, or load."


def _run(outcomes: Outcomes) -> dict[str, Any]:
    plan = outcomes.plan
    return {
        "run_id": plan.run_id,
        "suite_id": plan.suite_id,
        "tier": plan.tier,
        "arm": plan.arm,
        "commit": plan.commit,
        "judge_ids": sorted(outcomes.judge_ids),
        "target_versions": sorted(outcomes.versions),
    }


def _table(found: Iterable[tuple[str, Change]]) -> list[dict[str, Any]]:
    """Return the counts of each group, most new failures first."""
    counts: dict[str, Counter[Change]] = {}
    for name, change in found:
        counts.setdefault(name, Counter())[change] += 1
    ranked = sorted(counts, key=lambda name: (-counts[name]["new_failure"], -counts[name]["fixed"], name))
    return [{"name": name, **{change: counts[name][change] for change in CHANGES}} for name in ranked]


def _excerpts(storage: Storage, run: Outcomes, wanted: set[str]) -> dict[str, dict[str, str]]:
    """Return what each new failure is about, leaked values masked."""
    if not wanted or not (run.folder / GATE_FILE).exists():
        return {}
    from reports.conversations import read_conversations, read_verdicts
    from reports.loading import load_run
    from reports.masking import guard

    suite = storage.fetch("suites", run.plan.suite_id) if run.prompts else None
    documents = load_run(run.folder, suite_folder=suite, dataset_folder=None)
    found = {}
    for conversation in read_conversations(documents, read_verdicts(documents)):
        key, worst = conversation.key, conversation.worst
        if key.prompt_id in wanted and key.attempt == 1 and key.arm == run.plan.arm and worst is not None:
            found[key.prompt_id] = {
                "persona": documents.persona_name(conversation.facts.persona_id),
                "strategy": conversation.facts.strategy,
                "criterion": worst.criterion,
                "reason": guard(worst.reason),
                "excerpt": guard(worst.excerpt),
            }
    return found


def _persona_names(storage: Storage, runs: Iterable[Outcomes]) -> dict[str, str]:
    """Return the names of the personas by id, as far as their suites are there."""
    suites = {outcomes.plan.suite_id for outcomes in runs if outcomes.prompts}
    personas = (persona for suite in suites for persona in read_personas(storage.fetch("suites", suite)))
    return {persona.persona_id: persona.name for persona in personas}


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    before, now = values["failure_rate"]
    yield (
        f"  {counted(values['compared'], 'prompt')}: {values['new_failure']:,} failed only now, {values['fixed']:,} only "
        f"before, {values['both_failed']:,} both times, {values['both_passed']:,} neither time"
    )
    if values["compared"]:
        difference = values["difference"]
        yield (
            f"  failure rate {percent(before)} → {percent(now)}: {100 * difference['estimate']:+.2f} points, 95 % interval "
            f"{100 * difference['lower']:+.2f} … {100 * difference['upper']:+.2f}; exact McNemar p = {values['p_value']:.3g}"
        )
    for why, count in values["not_comparable"].items():
        if count:
            yield f"  not compared: {counted(count, 'prompt')}, because {_WORDS[why]}"
    golden = values["golden"]
    if any(golden[change] for change in CHANGES):
        yield (
            f"  golden arm: {golden['new_failure']} failed only now, {golden['fixed']} only before, "
            f"{golden['both_failed']} both times, {golden['both_passed']} neither time"
        )
    for title in ("criteria", "personas"):
        for row in values[title]:
            if row["new_failure"] or row["fixed"]:
                yield f"  {row.get('title', row['name'])}: {row['new_failure']} failed only now, {row['fixed']} only before"
    for failure in values["new_failures"][:_SHOWN]:
        about = f": {failure['criterion']}, {failure['excerpt'] or failure['reason']}" if "criterion" in failure else ""
        yield f"  new failure {failure['prompt_id']}{about}"
    if len(values["new_failures"]) > _SHOWN:
        yield f"  and {len(values['new_failures']) - _SHOWN} more: --json lists all"
