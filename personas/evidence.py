"""What earlier runs found out about a suite's prompts."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from harness.contracts import GateResult, Prompt, Record, RunPlan, Verdict
from harness.errors import StorageError
from harness.jsonlines import read_parts
from harness.storage import Storage

_PLAN, _GATE, _VERDICTS = "plan.json", "gate.json", "verdicts"
RecordT = TypeVar("RecordT", bound=Record)
Outcome = bool
"""Whether the target failed a prompt in a run."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Runs on a suite, and what became of its prompts in them."""

    run_ids: list[str]
    """The newest first."""
    outcomes: Mapping[str, Mapping[str, Outcome]]
    """By prompt id: by run id."""

    def of(self, prompt_id: str) -> Mapping[str, Outcome]:
        """Return what became of a prompt, by run."""
        return self.outcomes.get(prompt_id, {})


def gather(storage: Storage, suite_ids: Collection[str], prompts: Iterable[Prompt], *, runs: int) -> Evidence:
    """Return what the newest runs on some suites say about prompts.

    Only runs that came to a decision count, and none that is void: there the
    judge, or the run, is known to be unreliable.

    Args:
        storage: Where the runs are.
        suite_ids: The suite and those that it goes back to: a prompt keeps its id from one to the next.
        prompts: Whose outcomes are wanted.
        runs: So many runs at most, the newest.

    Raises:
        StorageError: If a run cannot be read.
    """
    turns = {prompt.prompt_id: len(prompt.turns) for prompt in prompts}
    found: list[str] = []
    outcomes: dict[str, dict[str, Outcome]] = {}
    # Ids of runs sort by time.
    for run_id in sorted(storage.ids("runs"), reverse=True):
        if len(found) >= runs:
            break
        folder = storage.fetch("runs", run_id, only=(_PLAN, _GATE))
        if not _counts(folder, suite_ids):
            continue
        found.append(run_id)
        verdicts = _verdicts(storage.fetch("runs", run_id, only=(_VERDICTS,)) / _VERDICTS)
        for prompt_id, failed in outcomes_of(verdicts, turns).items():
            outcomes.setdefault(prompt_id, {})[run_id] = failed
    return Evidence(found, outcomes)


def outcomes_of(verdicts: Iterable[Verdict], turns: Mapping[str, int]) -> dict[str, Outcome]:
    """Return whether the target failed each prompt that was judged to its end.

    A prompt fails with any of its turns. One whose judging was not finished
    (a turn that nobody could grade, that was not reached, or that only
    infrastructure answered) says nothing and is left out.

    Args:
        verdicts: Of one run, in any order.
        turns: Number of turns by prompt id; other prompts are passed over.
    """
    latest: dict[str, dict[int, Verdict]] = {}
    for verdict in verdicts:
        # Planted controls say something about the judge, not about the target; repeats were chosen by how a prompt did.
        if verdict.control is None and verdict.attempt == 1 and verdict.prompt_id in turns:
            latest.setdefault(verdict.prompt_id, {})[verdict.turn] = verdict
    outcomes: dict[str, Outcome] = {}
    for prompt_id, by_turn in latest.items():
        if any(v.passed is False and v.ledger == "target" for v in by_turn.values()):
            outcomes[prompt_id] = True
        elif len(by_turn) == turns[prompt_id] and all(v.passed for v in by_turn.values()):
            outcomes[prompt_id] = False
    return outcomes


def _counts(folder: Path, suite_ids: Collection[str]) -> bool:
    """Return whether a run was on one of the suites and decided something."""
    if not (folder / _PLAN).exists() or not (folder / _GATE).exists():
        return False
    return _read(folder / _PLAN, RunPlan).suite_id in suite_ids and _read(folder / _GATE, GateResult).decision != "void"


def _read(path: Path, kind: type[RecordT]) -> RecordT:
    try:
        return kind.from_json(path.read_bytes())
    except ValidationError as error:
        raise StorageError(f"{path}: {error.error_count()} fields are not valid", hint=_HINT) from None


def _verdicts(folder: Path) -> list[Verdict]:
    try:
        return [Verdict.model_validate(row) for row in read_parts(folder)]
    except ValidationError as error:
        raise StorageError(f"{folder}: {error.error_count()} fields are not valid", hint=_HINT) from None


_HINT = "restore the run's folder, or delete it"
