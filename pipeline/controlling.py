"""A run's controls: taken from people's labels, kept in its folder, and counted with their verdicts."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from harness.contracts import PlantedControl, Verdict
from harness.errors import StorageError
from harness.storage import Storage
from judge.controls import ControlTally
from judge.labelled import labelled_controls
from pipeline.artifacts import CONTROLS, read_records
from pipeline.console import Console
from pipeline.preparation import PreparedRun
from pipeline.reviewing import open_reviews


def with_labelled(prepared: PreparedRun, storage: Storage, console: Console, *, has_model: bool) -> PreparedRun:
    """Return a run with the labelled answers that may be planted; a store that fails is said and ends nothing."""
    if not prepared.settings.gate.controls:
        return prepared
    store = open_reviews(prepared.settings, storage)
    try:
        labels = store.labels()
        items = store.items() if labels else []
    except StorageError as error:
        console.say(f"no labelled answers are planted: {error}", "yellow")
        return prepared
    found = labelled_controls(
        items, labels, run_id=prepared.plan.run_id, prompt_ids=prepared.prompts.keys(), has_model=has_model
    )
    return replace(prepared, labelled=tuple(found))


def read_controls(folder: Path) -> list[PlantedControl]:
    """Return the answers that were planted in a run.

    Raises:
        StorageError: If one cannot be read.
    """
    return list(read_records(folder / CONTROLS, PlantedControl))


def tally_of(prepared: PreparedRun, verdicts: Mapping[str, Verdict]) -> ControlTally:
    """Return what is known of a run's controls; of one that was stopped just then, the verdicts may still come."""
    tally = ControlTally(prepared.settings.gate)
    for control in read_controls(prepared.folder):
        tally.plant(control)
        if (verdict := verdicts.get(control.exchange.exchange_id)) is not None:
            tally.judge(verdict)
    return tally
