"""Production's arrivals behind a suite, for a load that comes as production's does."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.arrivals import read_arrivals
from harness.config import LoadSection, LoadStage
from harness.contracts import Prompt
from harness.errors import ConfigurationError
from harness.storage import Storage
from harness.suites import read_manifest
from swarm.production import production_stages

_HINT = (
    "make the suite from a dataset with `reverse-rag extract` and `reverse-rag personas`, or use [load] model 'open'"
)


def stages_for(
    load: LoadSection | None, storage: Storage, suite_folder: Path, prompts: Mapping[str, Prompt], order: Sequence[str]
) -> Sequence[LoadStage]:
    """Return the stages of production's arrivals; none where the load has another model.

    Args:
        load: The load.
        storage: Where the suite's dataset is.
        suite_folder: Its manifest names the dataset.
        prompts: The suite's, by id.
        order: Ids of those that will be sent: a conversation of several turns stands for as many requests.

    Raises:
        ConfigurationError: If the suite has no dataset any more, or that says nothing about the part of the week that
            was chosen.
        StorageError: If the dataset's arrivals cannot be read.
    """
    if load is None or load.model != "replay":
        return ()
    dataset_id = read_manifest(suite_folder).parents.dataset_id
    if dataset_id is None:
        raise ConfigurationError(
            f"[load] model 'replay' takes production's arrivals from the suite's dataset, and {suite_folder.name} "
            "names none",
            hint=_HINT,
        )
    if dataset_id not in storage.ids("sanitized"):
        raise ConfigurationError(
            f"[load] model 'replay' takes production's arrivals from dataset {dataset_id}, which "
            f"{suite_folder.name} was made from, and it is not in {storage.root} any more",
            hint=_HINT,
        )
    turns = sum(len(prompts[prompt_id].turns) for prompt_id in order) / max(len(order), 1)
    return production_stages(read_arrivals(storage.fetch("sanitized", dataset_id)), load, turns=turns)
