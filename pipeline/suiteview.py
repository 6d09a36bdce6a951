"""``reverse-rag personas show``: what is in a suite, for people and for machines."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from harness.config import Settings
from harness.contracts import Prompt
from harness.errors import UsageError
from harness.storage import Storage
from harness.wording import counted
from pipeline.auditing import Answer
from pipeline.suites import StoredSuite
from pipeline.suitewords import diversity_lines, drift_lines, evolution_lines, fact, one_line

_LISTED = 20
_EXCERPT = 100
_IN_A_ROW = 3
"""Strategies on a line: mostly they fit a terminal of 80 columns."""
_UNKNOWN = "unknown"


def overview(suite: StoredSuite) -> Answer:
    """Return what a suite holds, where it comes from and what is missing in it."""
    manifest, details = suite.manifest, suite.manifest.details
    counts = suite.counts()
    origins = Counter(prompt.origin for prompt in suite.prompts)
    strategies = Counter(prompt.strategy for prompt in suite.prompts)
    attempt = details.get("usage") or {}
    # Earlier attempts and embeddings are part of what a suite cost; suites of earlier versions do not say.
    usage = attempt.get("in_all") or attempt
    values = {
        "suite_id": suite.suite_id,
        "created_at": manifest.created_at,
        "dataset_id": manifest.parents.dataset_id,
        "from_suite_id": manifest.parents.suite_id,
        "model": manifest.models.get("personas", _UNKNOWN),
        "seeds": manifest.seeds,
        "templates": manifest.templates,
        "cost_usd": usage.get("cost_usd", 0.0),
        "priced": usage.get("priced", True),
        "tool_version": manifest.tool_version,
        "prompts": len(suite.prompts),
        "origins": dict(origins),
        "counts": manifest.counts,
        "personas": [{**p.to_dict(), "prompts": counts[p.persona_id]} for p in suite.personas],
        "strategies": dict(strategies.most_common()),
        "diversity": details.get("diversity") or {},
        # Suites of earlier versions count reasons that turned nothing away.
        "rejected": {reason: count for reason, count in (details.get("rejected") or {}).items() if count},
        "shortfall": details.get("shortfall") or {},
        "filled_offline": details.get("filled_offline") or {},
        "model_failures": details.get("model_failures") or {},
        "batch_jobs": details.get("batch_jobs") or {},
        "batch_small": details.get("batch_small", 0),
        "evolution": details.get("evolution"),
        "drift": details.get("drift"),
    }
    return Answer(values, list(_overview_lines(suite, values)))


def _overview_lines(suite: StoredSuite, values: dict[str, Any]) -> Iterator[str]:
    counts: dict[str, int] = values["counts"]
    yield f"{suite.suite_id}  {counted(values['prompts'], 'prompt')} of {counted(len(suite.personas), 'persona')}"
    yield fact(
        "made",
        f"{values['created_at']} by version {values['tool_version']}; seeds {_pairs(values['seeds'])}",
    )
    yield fact(
        "from",
        f"{values['dataset_id']}: {counted(counts.get('sessions', 0), 'session')} of {counted(counts.get('users', 0), 'user')}",
    )
    cost = f"${values['cost_usd']:.4f}" if values["priced"] else "at an unknown price"
    yield fact("written by", f"{values['model']}, {counted(len(values['templates']), 'template')}, {cost}")
    if values["origins"].get("regression"):
        yield fact("regression", f"{values['origins']['regression']:,} prompts that once failed; out of the rate")
    if values["origins"].get("golden"):
        yield fact("golden", f"{values['origins']['golden']:,} hand-written prompts; out of the rate")
    yield ""
    yield f"  {'id':<25} {'traffic':>7} {'users':>6} {'prompts':>7}  name"
    for persona in values["personas"]:
        yield f"  {persona['persona_id']:<25} {persona['traffic_share']:>7.1%} {persona['users']:>6,} {persona['prompts']:>7,}  {one_line(persona['name'])}"
    yield ""
    yield fact(
        "strategies", _in_rows([f"{n} {count / values['prompts']:.1%}" for n, count in values["strategies"].items()])
    )
    yield from (fact(label, value) for label, value in diversity_lines(values["diversity"]))
    if values["evolution"]:
        yield from (fact(label, value) for label, value in evolution_lines(values["evolution"]))
    if values["drift"]:
        yield from (fact(label, value) for label, value, _ in drift_lines(values["drift"], warn_from=1.0))
    yield from _making_lines(values, counts)


def _making_lines(values: dict[str, Any], counts: dict[str, int]) -> Iterator[str]:
    """Yield what was turned away, what is missing, and who wrote that instead."""
    yield fact("rejected", _pairs(values["rejected"]) or "nothing")
    yield fact("shortfall", _pairs(values["shortfall"]) or "none")
    if filled := values["filled_offline"]:
        yield fact("filled", f"{sum(filled.values()):,} prompts that the model owed, written offline: {_pairs(filled)}")
    if values["batch_jobs"] or values["batch_small"]:
        jobs = _pairs(values["batch_jobs"]) or "none"
        yield fact("batch jobs", f"{jobs}; {counted(values['batch_small'], 'call')} asked one by one")
    if dropped := counts.get("dropped_segments"):
        yield fact(
            "below k", f"{counted(dropped, 'segment')} left out, with {counted(counts.get('dropped_users', 0), 'user')}"
        )


def listing(suite: StoredSuite, *, persona: str | None, strategy: str | None) -> Answer:
    """Return the prompts of a persona, of a strategy, or of both.

    Raises:
        UsageError: If the suite has no such persona or strategy.
    """
    chosen = suite.prompts
    title = ""
    if persona is not None:
        found = suite.persona(persona)
        chosen = [prompt for prompt in chosen if prompt.persona_id == found.persona_id]
        title = one_line(f"{found.name}: {found.description}")
    if strategy is not None:
        known = sorted({prompt.strategy for prompt in suite.prompts})
        if strategy not in known:
            raise UsageError(
                f"{suite.suite_id} holds no prompt of a strategy '{strategy}'", hint=f"strategies: {', '.join(known)}"
            )
        chosen = [prompt for prompt in chosen if prompt.strategy == strategy]
    lines = [title] if title else []
    lines += [f"  {p.prompt_id}  {p.strategy:<21} {p.origin:<10} {_excerpt(p)}" for p in chosen[:_LISTED]]
    if len(chosen) > _LISTED:
        lines.append(f"  and {len(chosen) - _LISTED:,} more, all of them with --json")
    return Answer({"suite_id": suite.suite_id, "prompts": [prompt.to_dict() for prompt in chosen]}, lines)


def conversation(suite: StoredSuite, reference: str) -> Answer:
    """Return one prompt whole: what is said, what is checked, who wrote it, and where it comes from.

    Raises:
        UsageError: If the suite has no such prompt.
    """
    prompt = suite.prompt(reference)
    persona = next((p for p in suite.personas if p.persona_id == prompt.persona_id), None)
    line = next((each for each in suite.lineage if each.prompt_id == prompt.prompt_id), None)
    values = prompt.to_dict() | {
        "persona": persona.to_dict() if persona is not None else None,
        "lineage": line.to_dict() if line is not None else None,
    }
    generator = prompt.generator
    lines = [f"{prompt.prompt_id}  {prompt.strategy}, {prompt.origin}, weight {prompt.weight:.6f}"]
    lines.append(fact("persona", one_line(persona.name) if persona is not None else prompt.persona_id))
    lines += [fact(f"turn {number}", text) for number, text in enumerate(prompt.turns, start=1)]
    checks: dict[str, Any] = values["checks"]
    lines.append(
        fact(
            "checks",
            "; ".join(f"{name}: {_plain(value)}" for name, value in checks.items()) or "what holds for any answer",
        )
    )
    lines.append(
        fact(
            "written by",
            f"{generator.kind}, {generator.template} {generator.template_hash[:12]}, seed {generator.seed}",
        )
    )
    if line is not None:
        lines.append(
            fact(
                "lineage",
                f"first in {line.first_suite_id}, taken over {line.generations}×; failed {line.runs_failed} of {line.runs_judged} runs, clean in the last {line.clean_runs}",
            )
        )
    return Answer(values, lines)


def examples(suite: StoredSuite, settings: Settings, storage: Storage) -> Answer:
    """Return which sessions stood for each segment, and as far as the dataset is still there, what was shown of them.

    Raises:
        UsageError: If the suite was made from a dataset that is no longer there.
        StorageError: If the suite does not say, as in earlier versions.
    """
    from harness.pii.setup import configured_detector
    from personas.corpus import Corpus
    from personas.generation import read_dataset
    from personas.retrieval import masked_example, read_examples

    chosen = read_examples(suite.folder)
    dataset_id = storage.resolve("sanitized", suite.manifest.parents.dataset_id or _UNKNOWN)
    sessions = read_dataset(storage, dataset_id, configured_detector(settings))
    corpus = Corpus(sessions, min_users=settings.personas.min_users)
    names = {persona.segment_id: persona.name for persona in suite.personas}
    shown = [{**example.to_dict(), "text": masked_example(corpus, example)} for example in chosen]
    lines: list[str] = []
    segment_id = ""
    for example in shown:
        if example["segment_id"] != segment_id:
            segment_id = example["segment_id"]
            lines.append(one_line(names.get(segment_id, segment_id)))
        lines.append(fact(example["role"], f"{example['similarity']:.2f}  {example['text']}"))
    return Answer({"suite_id": suite.suite_id, "dataset_id": dataset_id, "examples": shown}, lines)


def drift_of(suite: StoredSuite, settings: Settings, storage: Storage, dataset: str) -> Answer:
    """Return how a dataset's mix differs from what the suite was made from.

    Raises:
        UsageError: If there is no such dataset, or the suite is of a version that remembered nothing.
    """
    from harness.pii.setup import configured_detector
    from personas.drift import measure
    from personas.earlier import read_memory
    from personas.generation import read_dataset

    memory = read_memory(suite.folder)
    if memory is None:
        raise UsageError(
            f"{suite.suite_id} does not remember its traffic", hint="`reverse-rag personas` makes one that does"
        )
    dataset_id = storage.resolve("sanitized", dataset)
    drift = measure(memory, read_dataset(storage, dataset_id, configured_detector(settings))).to_dict()
    lines = [
        f"{suite.suite_id} against {dataset_id}: {counted(drift['sessions'], 'session')} of {counted(drift['users'], 'user')}"
    ]
    lines += [fact(label, value) for label, value, _ in drift_lines(drift, warn_from=settings.personas.drift_warning)]
    lines += ["", f"  {'then':>7} {'now':>7}  segment (by its words alone: not the traffic that `personas show` gives)"]
    lines += [f"  {s['then']:>7.1%} {s['now']:>7.1%}  {s['label']}" for s in drift["segments"]]
    return Answer({"suite_id": suite.suite_id, "dataset_id": dataset_id, "drift": drift}, lines)


def _excerpt(prompt: Prompt) -> str:
    text = one_line(prompt.turns[0])
    more = f"  (+{counted(len(prompt.turns) - 1, 'turn')})" if len(prompt.turns) > 1 else ""
    return (text if len(text) <= _EXCERPT else f"{text[: _EXCERPT - 1]}…") + more


def _in_rows(items: Sequence[str]) -> str:
    return ",\n".join(", ".join(items[i : i + _IN_A_ROW]) for i in range(0, len(items), _IN_A_ROW))


def _pairs(counts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in counts.items())


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
