"""The personas stage: sanitized sessions in, a published suite out."""

from dataclasses import dataclass
from pathlib import Path

from harness.config import Settings
from harness.errors import ConfigurationError
from harness.models import ModelClient, Usage
from harness.pii.setup import configured_detector
from harness.pii.surrogates.recognizing import holds_invented
from harness.progress import Progress, SilentProgress
from harness.storage import Storage
from personas.composition import compose
from personas.placeholders import with_placeholders
from personas.publication import publish

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
    usage: Usage
    model_failures: dict[str, int]
    """Calls of the model that gave nothing, by kind of error; ``budget_spent`` for those that were not made."""
    dropped_segments: int
    dropped_users: int


def make_suite(
    settings: Settings,
    storage: Storage,
    *,
    dataset: str = "latest",
    model: ModelClient | None = None,
    progress: Progress = _SILENT,
) -> SuiteResult:
    """Make a suite from a sanitized dataset and publish it.

    Args:
        settings: The configuration; ``[personas]`` says how many, of how many users, with which seed.
        storage: Where the dataset is and the suite goes.
        dataset: The dataset's id, or ``latest``.
        model: Writes the prompts; None writes them offline.
        progress: Told how far it is.

    Raises:
        ConfigurationError: If the configuration asks for golden prompts, which a later release brings.
        UsageError: If there is no such dataset, or no user said anything in it.
        SafetyError: If it holds fewer than ``min_users`` distinct users.
        StorageError: If it cannot be read or the suite cannot be written.
        ModelError: If the model gave nothing at all.
    """
    from harness.sessions import read_sessions

    if settings.personas.golden is not None:
        raise ConfigurationError(
            "[personas] golden: hand-written prompts come with a later release", hint="remove the key"
        )
    dataset_id = storage.resolve("sanitized", dataset)
    folder = storage.fetch("sanitized", dataset_id)
    personal = configured_detector(settings)
    sessions = read_sessions(folder)
    if holds_invented(folder / "manifest.json"):
        sessions = with_placeholders(sessions, personal)
    suite = compose(
        list(sessions),
        settings.personas,
        progress=progress,
        personal=personal,
        model=model,
        budget_usd=settings.budget.usd,
    )
    suite_id, folder = publish(suite, settings, storage, dataset_id=dataset_id, model=model)
    return SuiteResult(
        suite_id=suite_id,
        folder=folder,
        personas=len(suite.personas),
        prompts=len(suite.prompts),
        planned=suite.planned,
        rejected=suite.rejected,
        shortfall={f"{persona}/{strategy}": count for (persona, strategy), count in suite.missing.items()},
        usage=suite.usage,
        model_failures=suite.failures,
        dropped_segments=suite.segmentation.dropped,
        dropped_users=suite.segmentation.dropped_users,
    )
