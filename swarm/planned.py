"""The prompts that a run sends: as much of each as sending takes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from harness.contracts import Prompt, RunPlan
from harness.errors import ConfigurationError, StorageError
from harness.jsonlines import read_lines
from swarm.job import SwarmJob


class PlannedPrompt(NamedTuple):
    """A planned prompt. A run holds all of its own: the suite's record takes several times the memory."""

    prompt_id: str
    turns: tuple[str, ...]
    injection: bool
    """It asks for what must not be done: a firewall may ban the sender after a few of them."""

    @classmethod
    def of(cls, prompt: Prompt) -> "PlannedPrompt":
        """Return what sending a prompt takes."""
        return cls(prompt.prompt_id, tuple(prompt.turns), bool(prompt.checks.must_not_comply))


def read_planned_prompts(job: SwarmJob, plan: RunPlan) -> Mapping[str, PlannedPrompt]:
    """Return the planned prompts by id.

    Raises:
        StorageError: If the suite cannot be read.
        ConfigurationError: If the plan names prompts that the suite does not hold.
    """
    wanted = {*plan.order, *plan.golden, *plan.regressions}
    prompts = {prompt.prompt_id: prompt for prompt in _read(Path(job.prompts_file), wanted)}
    if missing := wanted - prompts.keys():
        raise ConfigurationError(
            f"{job.prompts_file} lacks {len(missing)} of the {len(wanted)} planned prompts, {min(missing)} among them",
            hint="the suite has changed since the run was planned; start a new run",
        )
    return prompts


def _read(path: Path, wanted: set[str]) -> Iterator[PlannedPrompt]:
    try:
        for row in read_lines(path):
            if row.get("prompt_id") in wanted:
                yield PlannedPrompt.of(Prompt.model_validate(row))
    except ValidationError as error:
        raise StorageError(f"{path}: {error.error_count()} fields of a prompt are not valid") from None
