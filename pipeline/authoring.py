"""Personas as the commands call it, and its result in words."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from harness.config import Settings
from harness.models import OFFLINE, ModelClient, RetryPolicy, Usage
from harness.models.embeddings import EMBEDDED, connect_embeddings
from harness.storage import Storage
from harness.wording import counted
from pipeline.console import Console, in_words, shown
from pipeline.models import connect_model, warn_unpriced
from pipeline.suitewords import say_diversity, say_drift, say_evolution

if TYPE_CHECKING:
    from personas.generation import SuiteResult

_PATIENT = RetryPolicy(attempts=10)
"""Nobody waits for a suite, and a quota of tokens a minute takes a minute to fill again."""


def run_personas(
    settings: Settings, storage: Storage, console: Console, *, dataset: str, evolve: str | None = None
) -> dict[str, Any]:
    """Make a suite, or go on from an earlier one; return its id and counts."""
    from personas.generation import make_suite

    earlier = storage.resolve("suites", evolve) if evolve is not None else None
    model = _author_model(settings)
    warn_unpriced(model, settings, console)
    if model is not None:
        console.say(f"{model.model_id} writes the prompts; waiting for its answers", "dim")
    embeddings = connect_embeddings(settings.personas.embedding, key="personas.embedding")
    try:
        with console.progress() as progress:
            result = make_suite(
                settings,
                storage,
                dataset=dataset,
                evolve=earlier,
                model=model,
                embeddings=embeddings,
                progress=progress,
            )
    except KeyboardInterrupt:
        if model is not None:
            console.say("whatever the model has answered is kept: the same command asks only for the rest")
        raise
    finally:
        if embeddings is not None:
            embeddings.close()
    _say_suite(result, settings, storage, console)
    return _values(result, storage)


def _say_suite(result: "SuiteResult", settings: Settings, storage: Storage, console: Console) -> None:
    """Say what was made, what is missing in it, and what it took."""
    console.say(f"suite      {result.prompts:,} prompts from {result.personas} personas")
    console.fact("suite", shown(storage.location("suites", result.suite_id)))
    if result.rejected:
        console.fact("rejected", f"{in_words(result.rejected)}; made anew")
    if result.shortfall:
        console.fact("shortfall", f"{sum(result.shortfall.values())} prompts: {in_words(result.shortfall)}", "yellow")
    if settings.personas.model != OFFLINE:
        _say_model(result, console)
    if settings.personas.embedding != EMBEDDED:
        console.fact("embedding", _consumed(result.embedding_usage))
    _say_below_k(result.segmentation, settings.personas.min_users, console)
    say_diversity(result.diversity, console)
    if result.evolution is not None:
        say_evolution(result.evolution, console)
    if result.drift is not None:
        say_drift(result.drift, console, warn_from=settings.personas.drift_warning)


def _values(result: "SuiteResult", storage: Storage) -> dict[str, Any]:
    """Return the result for machines."""
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
        console.fact("batch", f"jobs {in_words(result.batch_jobs)}, at half the price")
    if result.batch_small:
        console.fact(
            "batch", f"{counted(result.batch_small, 'call')} too few for a job: asked one by one, at the full price"
        )
    if result.model_failures:
        console.fact("model failed", in_words(result.model_failures), "yellow")
    if result.filled_offline:
        console.fact(
            "filled",
            f"{sum(result.filled_offline.values()):,} prompts that the model owes were written offline: {in_words(result.filled_offline)}",
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


def _consumed(usage: Usage) -> str:
    cost = f"${usage.cost_usd:.4f}" if usage.priced else "of unknown price"
    return f"{usage.requests:,} requests, {usage.tokens_in:,} tokens in, {usage.tokens_out:,} out, {cost}"
