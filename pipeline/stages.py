"""Extract and personas as the commands call them: adapters chosen, results said in words."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from harness.config import Settings
from harness.models import ModelClient, RetryPolicy, Usage
from harness.models.embeddings import EMBEDDED, connect_embeddings
from harness.storage import Storage
from harness.wording import counted
from pipeline.console import Console, shown
from pipeline.suitewords import say_diversity, say_drift, say_evolution

if TYPE_CHECKING:
    from extract.outcome import ExtractResult
    from personas.generation import SuiteResult

_SHOWN_FORMATS = 5
_PATIENT = RetryPolicy(attempts=10)
"""Nobody waits for a suite, and a quota of tokens a minute takes a minute to fill again."""
_QUARANTINE_ADVICE = {
    "bad_timestamp": "times are read as ISO 8601, RFC 2822, or seconds, milli-, micro- or nanoseconds since 1970",
    "future_timestamp": "the time lies more than a day after this machine's",
}
"""What to do about reasons that do not say it themselves."""


def run_extract(settings: Settings, storage: Storage, console: Console) -> dict[str, Any]:
    """Sanitize the logs; return the dataset's id and counts."""
    from extract.extraction import extract_sessions

    storage.ids("sanitized")  # storage that cannot be reached is noticed before the logs are read
    with console.progress() as progress:
        result = extract_sessions(settings, storage, progress=progress)
    console.say(_summary(result))
    console.fact("dataset", shown(storage.location("sanitized", result.dataset_id)))
    console.fact("replaced", _counts(result.entities) or "nothing")
    if result.learned_ids:
        console.fact("ids learned", _formats(result.learned_ids))
    if result.learned_ordinary:
        console.fact("words learned", f"{len(result.learned_ordinary)} that are no names here; see manifest.json")
    _say_unused(result, console)
    if result.suppressed:
        console.fact(
            "suppressed",
            f"values that fewer than {settings.personas.min_users} users share: {_counts(result.suppressed)}",
        )
    _say_personal(result, console)
    if result.record_keys:
        fields = ", ".join(name.partition(".")[2] for name in result.record_keys)
        console.fact(
            "record keys",
            f"{shown(fields)}: allow-listed, so whoever holds the logs can find a session's record",
            "yellow",
        )
    for note in result.notes:
        console.fact("incremental", shown(note))
    certificate = result.certificate
    console.fact(
        "certificate",
        f"{certificate.tracers_planted - certificate.tracers_leaked} of {certificate.tracers_planted} planted values "
        f"removed (95 % sure: at least {certificate.recall_lower:.1%}); audit found {certificate.audited_leaks} "
        f"of {certificate.audited_values:,} known values in the output",
    )
    if asked := [each for each in certificate.types if each.floor]:
        said = (f"{each.name} at least {each.lower:.1%} ({each.floor:.1%} asked)" for each in asked)
        console.fact("by type", ", ".join(said))
    if (lost := certificate.over_redaction) is not None:
        console.fact("cost", f"{lost.share:.1%} of the words in messages without anything personal")
    return {
        "dataset_id": result.dataset_id,
        "location": storage.location("sanitized", result.dataset_id),
        "records": result.records,
        "sessions": result.sessions,
        "users": result.users,
        "quarantined": dict(result.quarantined),
        "skipped": dict(result.skipped),
        "suppressed": dict(result.suppressed),
        "personal": dict(result.personal),
        "exchanges": result.exchanges,
        "profiles": None if result.profiles is None else result.profiles.model_dump(),
        "record_keys": list(result.record_keys),
        "entities": dict(result.entities),
        "earlier_id": result.earlier_id,
        "notes": list(result.notes),
        "is_new": result.is_new,
        "quarantine_file": result.quarantine_file,
        "window_dropped": result.window_dropped,
        "absent": list(result.absent),
        "unread_files": dict(result.unread_files),
        "learned_ids": list(result.learned_ids),
        "learned_ordinary": list(result.learned_ordinary),
        "certificate": certificate.to_dict(),
    }


def _say_unused(result: "ExtractResult", console: Console) -> None:
    """Say what of the logs and of the configuration is in no session."""
    if quarantined := sum(result.quarantined.values()):
        console.fact(
            "quarantined",
            f"{quarantined:,} ({_counts(result.quarantined)}); see {shown(result.quarantine_file)}",
            "yellow",
        )
        for reason, advice in _QUARANTINE_ADVICE.items():
            if reason in result.quarantined:
                console.fact("", f"{reason}: {advice}", "dim")
    if result.unread_files:
        unread = ", ".join(f"{count:,} {suffix}" for suffix, count in sorted(result.unread_files.items()))
        console.fact(
            "not read", f"{counted(sum(result.unread_files.values()), 'file')} of the source: {unread}", "yellow"
        )
    for words in result.absent:
        console.fact("not found", words, "yellow")


def _say_personal(result: "ExtractResult", console: Console) -> None:
    """Say what was personal in allow-listed fields, whose profiles were there, and what was not measured."""
    if result.personal:
        console.fact("personal", f"values of allow-listed fields replaced: {_counts(result.personal)}", "yellow")
    if (used := result.profiles) is not None:
        matched = f"of {used.matched:,} of {counted(used.users, 'user')}"
        advice = "" if used.matched else "; does [extract.fields] user name the same ids in logs and profiles?"
        console.fact(
            "profiles",
            f"{matched}; {used.strangers:,} of nobody in these logs{advice}",
            "" if used.matched else "yellow",
        )
    if unmeasured := result.certificate.not_measured:
        console.fact("not measured", f"{', '.join(unmeasured)}: no tracer of these types; raise [extract] tracers")


def _summary(result: "ExtractResult") -> str:
    there = f"{counted(result.sessions, 'session')} of {counted(result.users, 'user')}"
    if result.is_new:
        # A record of some formats holds many exchanges.
        many = f" with {counted(result.exchanges, 'exchange')}" if result.exchanges > result.records else ""
        return f"sanitized  {counted(result.records, 'record')}{many} → {there}"
    return f"unchanged  {counted(result.records, 'new record')}, none of them for a session; the dataset has {there}"


def run_personas(
    settings: Settings, storage: Storage, console: Console, *, dataset: str, evolve: str | None = None
) -> dict[str, Any]:
    """Make a suite, or go on from an earlier one; return its id and counts."""
    from personas.generation import make_suite

    model = _author_model(settings)
    warn_unpriced(model, settings, console)
    embeddings = connect_embeddings(settings.personas.embedding, key="personas.embedding")
    try:
        with console.progress() as progress:
            result = make_suite(
                settings,
                storage,
                dataset=dataset,
                evolve=evolve,
                model=model,
                embeddings=embeddings,
                progress=progress,
            )
    except KeyboardInterrupt:
        if model is not None:
            console.say("what the model answered so far is kept: the same command asks only for the rest")
        raise
    finally:
        if embeddings is not None:
            embeddings.close()
    console.say(f"suite      {result.prompts:,} prompts from {result.personas} personas")
    console.fact("suite", shown(storage.location("suites", result.suite_id)))
    if result.rejected:
        console.fact("rejected", f"{_counts(result.rejected)}; made anew")
    if result.shortfall:
        console.fact("shortfall", f"{sum(result.shortfall.values())} prompts: {_counts(result.shortfall)}", "yellow")
    if model is not None:
        _say_model(result, console)
    if settings.personas.embedding != EMBEDDED:
        console.fact("embedding", _consumed(result.embedding_usage))
    _say_below_k(result.segmentation, settings.personas.min_users, console)
    say_diversity(result.diversity, console)
    if result.evolution is not None:
        say_evolution(result.evolution, console)
    if result.drift is not None:
        say_drift(result.drift, console, warn_from=settings.personas.drift_warning)
    return {
        "suite_id": result.suite_id,
        "location": storage.location("suites", result.suite_id),
        "prompts": result.prompts,
        "planned": result.planned,
        "personas": result.personas,
        "rejected": dict(result.rejected),
        "shortfall": dict(result.shortfall),
        "filled_offline": dict(result.filled_offline),
        "cost_usd": result.usage.cost_usd + result.embedding_usage.cost_usd,
        "segmentation": result.segmentation,
        "embedding_usage": asdict(result.embedding_usage),
        "usage": asdict(result.usage),
        "usage_in_all": asdict(result.usage_in_all),
        "reused_calls": result.reused,
        "resumable": result.resumable,
        "batch_jobs": dict(result.batch_jobs),
        "batch_small": result.batch_small,
        "model_failures": dict(result.model_failures),
        "diversity": result.diversity,
        "evolution": result.evolution,
        "drift": result.drift,
    }


def _say_below_k(segmentation: Mapping[str, Any], min_users: int, console: Console) -> None:
    """Say what became of groups of sessions that had too few users to be a segment."""
    fates = (
        ("merged_below_k", "joined the most similar segment"),
        ("dropped_below_k", "left out, being like no other"),
    )
    for key, became in fates:
        fate = segmentation[key]
        if fate["groups"]:
            console.fact(
                "below k",
                f"{counted(fate['groups'], 'group')} of fewer than {min_users} users ({counted(fate['sessions'], 'session')},"
                f" {fate['traffic_share']:.1%} of traffic) {became}",
            )


def _say_model(result: "SuiteResult", console: Console) -> None:
    """Say what the model cost, what it owes, and who wrote that instead."""
    console.fact("model", _consumed(result.usage))
    if result.reused:
        console.fact(
            "resumed",
            f"{counted(result.reused, 'call')} taken from an earlier, interrupted run; in all {_consumed(result.usage_in_all)}",
        )
    if result.usage.unmetered:
        console.fact(
            "unmetered",
            f"{counted(result.usage.unmetered, 'request')} ended without saying what they cost; the provider may bill them",
            "yellow",
        )
    if result.batch_jobs:
        console.fact("batch", f"jobs {_counts(result.batch_jobs)}, at half the price")
    if result.batch_small:
        console.fact(
            "batch", f"{counted(result.batch_small, 'call')} too few for a job: asked one by one, at the full price"
        )
    if result.model_failures:
        console.fact("model failed", _counts(result.model_failures), "yellow")
    if result.filled_offline:
        console.fact(
            "filled",
            f"{sum(result.filled_offline.values()):,} prompts that the model owes were written offline: {_counts(result.filled_offline)}",
            "yellow",
        )
    if result.resumable:
        console.fact(
            "", "what it was paid for is kept: run `reverse-rag personas` again to have the rest written", "dim"
        )


def _author_model(settings: Settings) -> ModelClient | None:
    section = settings.personas
    return connect_model(
        section.model,
        settings,
        key="personas.model",
        concurrency=section.concurrency,
        policy=_PATIENT,
        timeout_s=section.timeout_s,
        adaptive=True,
    )


def connect_model(
    spec: str,
    settings: Settings,
    *,
    key: str,
    concurrency: int,
    policy: RetryPolicy | None = None,
    timeout_s: float | None = None,
    adaptive: bool = False,
) -> ModelClient | None:
    """Return the configured language model; None for ``offline``. Nothing is sent yet.

    Args:
        spec: The configured value.
        settings: The configuration.
        key: The dotted key the value stands at.
        concurrency: Calls in flight at most.
        policy: How often is asked again; None takes the defaults.
        timeout_s: Of one call; None takes the judge's.
        adaptive: Begin with few calls in flight, and have fewer while the model throttles.

    Raises:
        ConfigurationError: If the value means no model that can be asked, or a key or region is missing.
    """
    if spec == "offline":
        return None
    from harness.models.connection import connect

    return connect(
        spec,
        timeout_s=timeout_s or settings.judge.timeout_s,
        concurrency=concurrency,
        key=key,
        policy=policy,
        adaptive=adaptive,
    )


def require_models(settings: Settings, specs: Mapping[str, str]) -> None:
    """Check what can be checked of models without asking them, before anything is read, written or sent.

    Args:
        settings: Of the tier, where there is one.
        specs: Configuration values by their dotted keys.

    Raises:
        ConfigurationError: If one means no model that can be asked, or a key or region is missing.
    """
    for key, spec in specs.items():
        connect_model(spec, settings, key=key, concurrency=1)


def warn_unpriced(model: ModelClient | None, settings: Settings, console: Console) -> None:
    """Say so if a budget in dollars cannot hold a model because nobody knows its price."""
    if model is None or settings.budget.usd is None:
        return
    from harness.models.pricing import TokenCount, cost_usd
    from harness.models.spec import parse_spec

    spec = parse_spec(model.model_id, key="model")
    if cost_usd(spec, TokenCount(input_tokens=1000, output_tokens=1000)) is None:
        console.say(f"the price of {spec.text} is not known, so [budget] usd does not stop it", "yellow")


def _consumed(usage: Usage) -> str:
    cost = f"${usage.cost_usd:.4f}" if usage.priced else "of unknown price"
    return f"{usage.requests:,} requests, {usage.tokens_in:,} tokens in, {usage.tokens_out:,} out, {cost}"


def _formats(formats: Sequence[str]) -> str:
    named = ", ".join(formats[:_SHOWN_FORMATS])
    more = len(formats) - _SHOWN_FORMATS
    return f"{len(formats)} formats: {named}{f' and {more} more' if more > 0 else ''}"


def _counts(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{count:,} {name}" for name, count in ordered[:6])
    return shown + (f" and {len(ordered) - 6} more kinds" if len(ordered) > 6 else "")
