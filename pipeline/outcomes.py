"""What became of a finished run's prompts, read again from its artifacts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.contracts import Exchange, Prompt, RunPlan, Verdict
from harness.errors import UsageError
from harness.jsonlines import read_parts
from harness.storage import Storage
from harness.suites import read_prompts
from judge.reading import Fate, Reading
from judge.statistics import SequentialTest
from pipeline.artifacts import read_record, read_records, validated
from swarm.job import PLAN_FILE


@dataclass(frozen=True, slots=True)
class Outcomes:
    """A run's first attempts, and who judged them."""

    folder: Path
    plan: RunPlan
    reading: Reading
    judge_ids: frozenset[str]
    versions: frozenset[str]
    """What the target called itself."""
    prompts: Mapping[str, Prompt]
    """Of the run's suite; none where that is gone."""

    @property
    def read(self) -> dict[str, Fate]:
        """What became of the prompts in the tier's order, up to the first of which that is not known.

        Of those after it only the fast ones are known, and failures are slow.
        """
        found: dict[str, Fate] = {}
        for prompt_id in self.plan.order:
            fate = self.reading.fate_of(prompt_id)
            if fate is None:
                break
            found[prompt_id] = fate
        return found


def read_outcomes(storage: Storage, run: str, *, known: Mapping[str, Prompt] | None = None) -> Outcomes:
    """Return what became of a run's prompts.

    Args:
        storage: Where the run and its suite are.
        run: Its id, or ``latest``.
        known: Prompts of another suite, which tell how many turns one has where the run's own suite is gone.

    Raises:
        UsageError: If there is no such run, or it sent nothing.
        StorageError: If it cannot be read.
    """
    folder = storage.fetch("runs", run)
    if not (folder / PLAN_FILE).exists():
        raise UsageError(f"{folder.name} has no plan, so it sent nothing that could be compared")
    plan = read_record(folder / PLAN_FILE, RunPlan)
    prompts = _prompts(storage, plan.suite_id)
    turns = {prompt_id: len(prompt.turns) for prompt_id, prompt in {**(known or {}), **prompts}.items()}
    # Only what became of each prompt is wanted: the test's own settings do not matter.
    reading = Reading(plan, turns, SequentialTest())
    verdicts = {v.exchange_id: v for v in read_records(folder / "verdicts", Verdict) if v.control is None}
    versions: set[str] = set()
    place = folder / "exchanges"
    # A load may have sent each prompt hundreds of times.
    first_attempts = (row for row in read_parts(place) if row.get("attempt") == 1)
    for exchange in validated(first_attempts, Exchange, place):
        if exchange.target_version:
            versions.add(exchange.target_version)
        if (verdict := verdicts.get(exchange.exchange_id)) is not None:
            reading.add(exchange, verdict)
    judges = frozenset(verdict.judge_id for verdict in verdicts.values())
    return Outcomes(folder, plan, reading, judges, frozenset(versions), prompts)


def _prompts(storage: Storage, suite_id: str) -> dict[str, Prompt]:
    if suite_id not in storage.ids("suites"):
        return {}
    return {prompt.prompt_id: prompt for prompt in read_prompts(storage.fetch("suites", suite_id))}
