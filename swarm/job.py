"""What a swarm process is told: whom to call, how hard, and with which prompts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field, ValidationError

from harness.config import LoadSection, LoadStage, TargetSection
from harness.contracts import Record, RunPlan
from harness.documents import write_document
from harness.errors import InputError

JOB_FILE = "swarm.json"
PLAN_FILE = "plan.json"
END_FILE = "sending.json"
_LASTING = ("kill_switch", "saturation", "load_began_at", "load_over", "sentinels")
"""What stays true of a run when another process continues it."""
EXCHANGES_FOLDER = "exchanges"
CONFIRM_FILE = "confirm.json"


class SwarmJob(Record):
    """``swarm.json``: everything a swarm process needs beside the run's plan.

    Secrets stay ``${NAME}`` references in it; the process that sends resolves them.
    """

    run_id: str
    target: TargetSection
    load: LoadSection | None = None
    """None: plain concurrency."""
    production: list[LoadStage] = Field(default_factory=list)
    """The stages of production's arrivals, for a load of model ``replay``."""
    prompts_file: str
    """Absolute path of the suite's ``prompts.jsonl``."""
    hold_duration: bool = False
    """The load goes on for its whole duration, sending prompts again if it outlasts them."""
    max_requests: int | None = None
    """No more requests than this in the whole run, resumed or not."""

    def write(self, run_folder: Path) -> None:
        """Write the job into a run's folder.

        Raises:
            StorageError: If the folder cannot be written.
        """
        write_document(run_folder / JOB_FILE, self.model_dump_json(by_alias=True).encode())


class Confirming(Record):
    """``confirm.json``: the prompts that are asked again once a run has ended, because they failed."""

    order: list[str]
    times: int
    """How often each of them."""

    def write(self, run_folder: Path) -> None:
        """Write it into a run's folder.

        Raises:
            StorageError: If the folder cannot be written.
        """
        write_document(run_folder / CONFIRM_FILE, self.to_json())


def read_confirming(run_folder: Path) -> Confirming:
    """Return which prompts are asked again.

    Raises:
        InputError: If nothing says so.
    """
    return Confirming.model_validate(_read(run_folder / CONFIRM_FILE, Confirming))


def read_job(run_folder: Path) -> tuple[SwarmJob, RunPlan]:
    """Return a run's job and plan.

    Raises:
        InputError: If one of the two files is missing or holds something else.
    """
    return (
        SwarmJob.model_validate(_read(run_folder / JOB_FILE, SwarmJob)),
        RunPlan.model_validate(_read(run_folder / PLAN_FILE, RunPlan)),
    )


def _read(path: Path, kind: type[Record]) -> Any:
    try:
        return kind.from_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}", hint="name a run's folder") from None
    except ValidationError as error:
        raise InputError(f"{path}: {error.error_count()} fields are not valid", hint="start a new run") from None


def write_end(run_folder: Path, end: Mapping[str, Any]) -> None:
    """Keep how the sending ended: the ``end`` event.

    That the load hurt the target, or was too much for it, when it began and
    that it is over, stays true when another process continues the run.

    Raises:
        StorageError: If the folder cannot be written.
    """
    before = read_end(run_folder)
    kept = {name: end.get(name) or before.get(name) for name in _LASTING}
    write_document(run_folder / END_FILE, orjson.dumps({**end, **kept}))


def read_end(run_folder: Path) -> dict[str, Any]:
    """Return how the sending ended; empty where nothing was sent or the process was killed.

    Raises:
        InputError: If the file holds something else.
    """
    path = run_folder / END_FILE
    if not path.exists():
        return {}
    try:
        end = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        end = None
    if not isinstance(end, dict):
        raise InputError(f"{path}: cannot be read", hint="start a new run")
    return end
