"""Baselines: passed runs that were promoted, and the one that a run is compared with."""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.contracts import BaselineStanding, BaselineUse, GateResult, Manifest, Promotion, Prompt, RunPlan
from harness.errors import UsageError
from harness.identity import utc_now
from harness.storage import LATEST, Storage
from harness.suites import MANIFEST, read_manifest
from judge.reading import Fate
from pipeline.artifacts import read_record, write_record
from pipeline.outcomes import Outcomes, read_outcomes

BASELINE_FILE = "baseline.json"
"""In a run's folder: what it is compared with."""
FOLDER = "baselines"
"""Below the storage root: one file a promoted run."""


def promote(storage: Storage, result: GateResult, plan: RunPlan, judge_id: str) -> bool:
    """Make a run one that ``latest`` may mean, if it passed; return whether it is.

    Raises:
        StorageError: If the root cannot be written.
    """
    if result.decision != "pass":
        return False
    promotion = Promotion(
        run_id=plan.run_id,
        suite_id=plan.suite_id,
        judge_id=judge_id,
        tier=plan.tier,
        commit=plan.commit,
        promoted_at=utc_now(),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{plan.run_id}.json"
        path.write_bytes(promotion.to_json())
        storage.set_aside(FOLDER, path.name, path)
    return True


def choose(
    storage: Storage, asked: str, *, suite_folder: Path, prompts: Mapping[str, Prompt], judge_id: str
) -> BaselineUse:
    """Return what a run on a suite is compared with.

    ``latest`` is the newest promoted run of the suite's line that the same
    judge judged. A line is a suite with those it was evolved from and those
    evolved from it: prompts keep their ids along it.

    Args:
        storage: Where the runs are.
        asked: ``latest`` or a run's id; a named run need not have been promoted.
        suite_folder: The run's suite.
        prompts: Its prompts.
        judge_id: The run's judge.

    Raises:
        UsageError: If the named run does not exist or has no decision.
        StorageError: If it cannot be read.
    """
    suite = read_manifest(suite_folder)
    if asked != LATEST:
        outcomes = read_outcomes(storage, asked, known=prompts)
        if not (outcomes.folder / "gate.json").exists():
            raise UsageError(
                f"{outcomes.plan.run_id} has no decision, so it is no baseline",
                hint=f"reverse-rag gate --resume {outcomes.plan.run_id}",
            )
        return _use(asked, outcomes, _standing(storage, suite, outcomes, judge_id))
    there = set(storage.ids("runs"))
    # Ids of runs sort by time.
    ours = [
        p
        for p in sorted(_promoted(storage), key=lambda p: p.run_id, reverse=True)
        if p.run_id in there and _is_related(storage, suite, p.suite_id)
    ]
    same_judge = next((p for p in ours if p.judge_id == judge_id), None)
    if same_judge is not None:
        return _use(asked, read_outcomes(storage, same_judge.run_id, known=prompts), "comparable")
    if ours:
        newest = ours[0]
        return BaselineUse(
            asked=asked, standing="other_judge", **newest.model_dump(exclude={"schema_version", "promoted_at"})
        )
    return BaselineUse(asked=asked, standing="missing")


def keep_baseline(folder: Path, use: BaselineUse) -> None:
    """Keep with a run what it is compared with, so that its decision can be made again."""
    write_record(folder / BASELINE_FILE, use)


def kept_baseline(folder: Path) -> BaselineUse | None:
    """Return what a run is compared with; None where it is compared with nothing.

    Raises:
        StorageError: If what the run's folder holds is something else.
    """
    kept = folder / BASELINE_FILE
    return read_record(kept, BaselineUse) if kept.exists() else None


def _promoted(storage: Storage) -> Iterable[Promotion]:
    folder = storage.side(FOLDER)
    return [read_record(path, Promotion) for path in sorted(folder.glob("*.json"))]


def _standing(storage: Storage, suite: Manifest, outcomes: Outcomes, judge_id: str) -> BaselineStanding:
    if not _is_related(storage, suite, outcomes.plan.suite_id):
        return "other_suite"
    return "comparable" if outcomes.judge_ids <= {judge_id} else "other_judge"


def _use(asked: str, outcomes: Outcomes, standing: BaselineStanding) -> BaselineUse:
    plan = outcomes.plan
    return BaselineUse(
        asked=asked,
        standing=standing,
        run_id=plan.run_id,
        suite_id=plan.suite_id,
        judge_id=", ".join(sorted(outcomes.judge_ids)) or None,
        tier=plan.tier,
        arm=plan.arm,
        commit=plan.commit,
        target_version=", ".join(sorted(outcomes.versions)) or None,
        outcomes=_failed(outcomes.read) if standing == "comparable" else {},
        golden=_failed(outcomes.reading.golden) if standing == "comparable" else {},
    )


def _failed(fates: Mapping[str, Fate | None]) -> dict[str, bool]:
    return {prompt_id: fate == "failed" for prompt_id, fate in fates.items() if fate in ("passed", "failed")}


def _is_related(storage: Storage, suite: Manifest, other_id: str) -> bool:
    """Return whether two suites are the same, or one was evolved from the other."""
    if other_id == suite.artifact_id or other_id in _ancestors(suite):
        return True
    if other_id not in storage.ids("suites"):
        return False
    other = read_manifest(storage.fetch("suites", other_id, only=(MANIFEST,)))
    return suite.artifact_id in _ancestors(other)


def _ancestors(suite: Manifest) -> set[str]:
    """Return the suites that one was evolved from, as its manifest names them."""
    evolution = suite.details.get("evolution") or {}
    return {evolution["from_suite_id"], *evolution["ancestors"]} if evolution else set()
