"""Recomputing a decision from a run's artifacts."""

from harness.config import Settings
from harness.errors import StorageError, UsageError
from harness.storage import Storage
from pipeline.display import NoDisplay
from pipeline.gating import Gating, evidence_files
from pipeline.preparation import finished, take_up

_COMPARED = (
    "decision",
    "failure_rate",
    "prompts",
    "criteria",
    "groups",
    "worst_segment",
    "confirmations",
    "noise_floor",
    "controls",
    "ledgers",
    "slo",
    "golden",
    "baseline",
    "exit_code",
)


def verify_run(settings: Settings, storage: Storage, *, run: str) -> list[str]:
    """Return what does not agree between ``gate.json`` and the artifacts it rests on; empty when all does.

    Raises:
        UsageError: If the run has no decision yet, or the configuration is another one.
    """
    try:
        return _findings(settings, storage, run)
    except StorageError as error:
        return [str(error)]


def _findings(settings: Settings, storage: Storage, run: str) -> list[str]:
    prepared = take_up(settings, storage, run=run)
    recorded = finished(prepared.folder)
    if recorded is None:
        raise UsageError(
            f"{prepared.plan.run_id} has no decision yet", hint=f"reverse-rag gate --resume {prepared.plan.run_id}"
        )
    present = evidence_files(prepared.folder)
    findings = [
        f"{name} was changed, added or removed since the decision"
        for name in sorted(recorded.files.keys() | present.keys())
        if recorded.files.get(name) != present.get(name)
    ]
    again = Gating(prepared, None, NoDisplay(), sending=False).recompute(recorded.stopped_because)
    findings += [
        f"gate.json's {name} is not what the artifacts give"
        for name in _COMPARED
        if getattr(recorded, name) != getattr(again, name)
    ]
    return findings
