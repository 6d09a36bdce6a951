"""Recomputing a decision from a run's artifacts."""

from importlib.metadata import version

from harness.config import Settings
from harness.contracts import GateResult, Manifest
from harness.errors import StorageError, UsageError
from harness.storage import Storage
from pipeline.artifacts import read_record
from pipeline.display import NoDisplay
from pipeline.ends import contradiction
from pipeline.evidence import evidence_files
from pipeline.gating import Gating
from pipeline.preparation import MANIFEST_FILE, PreparedRun, finished, take_up

_UNCOMPARED = frozenset({"cost_usd", "duration_s", "files"})
"""What artifacts alone do not give again: a clock's time, and what calls cost that left no verdict."""
_LEAST_USD = 1e-6
_WORDED = frozenset({"reasons", "load"})
"""What another version of reverse-rag may say in other words, or with more figures."""


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
    findings += [f"gate.json's {name} is not what the artifacts give" for name in _differing(recorded, again, prepared)]
    if recorded.cost_usd < again.cost_usd - _LEAST_USD:
        findings.append("gate.json's cost_usd is less than its verdicts cost")
    if ended := contradiction(prepared.folder, recorded):
        findings.append(f"gate.json's stopped_because is not how the sending ended: {ended}")
    return findings


def _differing(recorded: GateResult, again: GateResult, prepared: PreparedRun) -> list[str]:
    """Return the names of the fields that are not the same, as far as the same version of reverse-rag wrote them."""
    manifest = read_record(prepared.folder / MANIFEST_FILE, Manifest)
    told = frozenset[str]() if manifest.tool_version == version("reverse-rag") else _WORDED
    values = recorded.to_dict(), GateResult.from_json(again.to_json()).to_dict()
    names = [name for name in values[1] if name not in _UNCOMPARED | told]
    return [name for name in names if values[0].get(name) != values[1][name]]
