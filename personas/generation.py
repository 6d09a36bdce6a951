"""The personas stage: sanitized sessions in, a published suite out."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.config import Settings
from harness.contracts import Manifest, SanitizedSession
from harness.datasets import require_whole_dataset
from harness.models import ModelClient, Usage
from harness.models.batch import BedrockBatches, Polling, connect_batches
from harness.models.embeddings import EmbeddingClient
from harness.pii import PiiDetector
from harness.pii.setup import configured_detector
from harness.pii.surrogates.recognizing import holds_invented
from harness.progress import Progress, SilentProgress
from harness.storage import LATEST, Storage
from personas.asking import Caps
from personas.briefing import template_hashes
from personas.composition import Suite, compose
from personas.drift import measure
from personas.earlier import earlier_suite
from personas.evolution import Earlier, Origin
from personas.golden import golden_prompts
from personas.journal import Journal, journal_name, kept_journal
from personas.placeholders import with_placeholders
from personas.publication import by_name, publish

_SILENT = SilentProgress()


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """What the stage made, and what it could not make."""

    suite_id: str
    folder: Path
    personas: int
    prompts: int
    planned: int
    rejected: dict[str, int]
    """Drafts that the screen turned away, by reason; each was written anew."""
    shortfall: dict[str, int]
    """Planned prompts that are missing, by ``persona id/strategy``."""
    filled_offline: dict[str, int]
    """Prompts that the model owes and the offline generator wrote instead, by ``persona id/strategy``."""
    usage: Usage
    """Of this attempt."""
    usage_in_all: Usage
    """Of earlier, interrupted attempts and of embeddings, too."""
    reused: int
    """Calls that an earlier attempt had paid for."""
    resumable: bool
    """The model failed or a budget ended: making the suite again asks only for what it owes."""
    batch_jobs: dict[str, int]
    """Batch inference jobs, by how they ended."""
    batch_small: int
    """Calls that were too few for a batch, and so were asked one by one at the full price."""
    model_failures: dict[str, int]
    """Calls of the model that gave nothing, by kind of error; ``budget_spent`` for those that were not made."""
    dropped_segments: int
    dropped_users: int
    segmentation: dict[str, Any]
    """How the segments came about: counts tried, and what became of groups below k."""
    embedding_usage: Usage
    """Of the model that said what sessions are about; nothing where none was asked."""
    diversity: dict[str, Any]
    """How varied the prompts are, and what of production they cover."""
    evolution: dict[str, Any] | None
    """What became of the earlier suite's prompts; None where it started anew."""
    drift: dict[str, Any] | None
    """How production's mix moved since the earlier suite; None where none is known."""


def make_suite(
    settings: Settings,
    storage: Storage,
    *,
    dataset: str = "latest",
    evolve: str | None = None,
    model: ModelClient | None = None,
    embeddings: EmbeddingClient | None = None,
    progress: Progress = _SILENT,
    polling: Polling | None = None,
) -> SuiteResult:
    """Make a suite from a sanitized dataset and publish it.

    Args:
        settings: The configuration; ``[personas]`` says how many, of how many users, with which seed.
        storage: Where the dataset is and the suite goes.
        dataset: The dataset's id, or ``latest``.
        evolve: The suite to go on from, an id or ``latest``; None starts anew, unless ``[personas] evolve`` asks for
            the latest and there is one.
        model: Writes the prompts; None writes them offline.
        embeddings: Says what sessions are about; None tells it without a model.
        progress: Told how far it is.
        polling: How often batch jobs are looked at; None takes the defaults.

    Raises:
        ConfigurationError: If the configuration asks for batches that the model or the storage root cannot have.
        InputError: If the file of golden prompts cannot be read, or holds something else.
        UsageError: If there is no such dataset or suite, or no user said anything in it.
        SafetyError: If it holds fewer than ``min_users`` distinct users.
        StorageError: If it cannot be read or the suite cannot be written.
        ModelError: If the model gave nothing at all.
    """
    golden = golden_prompts(settings)
    dataset_id = storage.resolve("sanitized", dataset)
    personal = configured_detector(settings)
    spoken = read_dataset(storage, dataset_id, personal)
    earlier = _earlier(settings, storage, evolve)
    with _journal(settings, storage, _base(dataset_id, earlier), model) as (name, journal):
        batches = _batches(settings, name, polling)
        suite = compose(
            spoken,
            settings.personas,
            progress=progress,
            personal=personal,
            model=model,
            caps=Caps(usd=settings.budget.usd, tokens=settings.budget.tokens),
            journal=journal,
            batches=batches,
            earlier=earlier,
            embeddings=embeddings,
        )
        origin = _origin(earlier, settings, spoken)
        suite_id, manifest = publish(
            suite, settings, storage, dataset_id=dataset_id, model=model, origin=origin, batches=batches, golden=golden
        )
        resumable = bool(suite.filled and suite.failures)
        if model is not None and not resumable:
            _forget(storage, name, batches)
    return _result(suite, suite_id, manifest, storage, resumable=resumable)


def _forget(storage: Storage, name: str, batches: BedrockBatches | None) -> None:
    """Delete what a finished generation kept for being resumed."""
    storage.drop_work(name)
    if batches is not None:
        asyncio.run(batches.discard())


def _result(suite: Suite, suite_id: str, manifest: Manifest, storage: Storage, *, resumable: bool) -> SuiteResult:
    """Return what was made of a suite as it was published."""
    return SuiteResult(
        suite_id=suite_id,
        folder=storage.fetch("suites", suite_id),
        personas=len(suite.personas),
        prompts=len(suite.prompts),
        planned=suite.planned,
        rejected=suite.rejected,
        shortfall=by_name(suite.missing),
        filled_offline=by_name(suite.filled),
        usage=suite.usage,
        usage_in_all=suite.usage_in_all,
        reused=suite.reused,
        resumable=resumable,
        batch_jobs=manifest.details["batch_jobs"],
        batch_small=manifest.details["batch_small"],
        model_failures=suite.failures,
        dropped_segments=suite.segmentation.dropped,
        dropped_users=suite.segmentation.dropped_users,
        segmentation=suite.segmentation.to_dict(),
        embedding_usage=suite.embedding_usage,
        diversity=manifest.details["diversity"],
        evolution=manifest.details.get("evolution"),
        drift=manifest.details.get("drift"),
    )


def read_dataset(storage: Storage, dataset_id: str, personal: PiiDetector) -> list[SanitizedSession]:
    """Return a dataset's sessions as personas are made from them: with placeholders where invented values stood.

    Raises:
        UsageError: If there is no such dataset.
        StorageError: If it cannot be read, or was changed since it was published; names the file.
    """
    from harness.sessions import read_sessions

    folder = storage.fetch("sanitized", dataset_id)
    require_whole_dataset(folder, dataset_id)
    sessions = read_sessions(folder)
    return list(with_placeholders(sessions, personal) if holds_invented(folder / "manifest.json") else sessions)


def _earlier(settings: Settings, storage: Storage, evolve: str | None) -> Earlier | None:
    if evolve is None and settings.personas.evolve and storage.ids("suites"):
        evolve = LATEST
    return earlier_suite(storage, evolve, runs=settings.personas.evolve_runs) if evolve is not None else None


def _base(dataset_id: str, earlier: Earlier | None) -> str:
    """Return what a model's answers are written on: another base makes them another suite's."""
    return dataset_id if earlier is None else f"{dataset_id} after {earlier.suite_id}"


def _origin(earlier: Earlier | None, settings: Settings, sessions: Sequence[SanitizedSession]) -> Origin | None:
    if earlier is None:
        return None
    drift = measure(earlier.memory, sessions) if earlier.memory is not None else None
    return Origin(earlier, earlier.seed(settings.personas.seed), drift)


@contextmanager
def _journal(
    settings: Settings, storage: Storage, dataset_id: str, model: ModelClient | None
) -> Iterator[tuple[str, Journal]]:
    """Open what keeps a model's answers until the suite is published; offline, nothing needs to be kept."""
    if model is None:
        yield "offline", Journal()
        return
    name = journal_name(model.model_id, dataset_id, settings.personas, template_hashes())
    with kept_journal(storage, name) as journal:
        yield name, journal


def _batches(settings: Settings, name: str, polling: Polling | None) -> BedrockBatches | None:
    section = settings.personas
    if not section.batch:
        return None
    return connect_batches(
        section.model,
        role_arn=section.batch_role,
        root=settings.storage.root,
        name=name,
        key="personas.batch",
        polling=polling,
    )
