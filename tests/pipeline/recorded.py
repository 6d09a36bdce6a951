"""Recorded runs for the tests of what compares them."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.config import Settings, TierSection
from harness.contracts import CriterionResult, GateResult, Manifest, RunPlan
from harness.jsonlines import PartWriter
from harness.storage import Storage
from judge.decision import decide
from judge.reading import Reading
from judge.statistics import SequentialTest
from pipeline.evidence import write_result
from tests.judge import records
from tests.judge.records import Fate


def record_run(
    storage: Storage,
    run_id: str,
    fates: Mapping[str, Fate],
    *,
    suite_id: str = "suite-1",
    judge_id: str = "judge-1",
    golden: Mapping[str, Fate] | None = None,
    regressions: Sequence[str] = (),
    order: Sequence[str] | None = None,
    version: str | None = None,
    answer: str = "The shop opens at nine.",
    evidence: Sequence[str] = (),
) -> RunPlan:
    """Write a finished run: each prompt's first attempt passed, failed or (None) was left open by the judge."""
    kept = golden or {}
    plan = RunPlan(
        run_id=run_id,
        suite_id=suite_id,
        tier="main",
        arm="semantic",
        order=list(order if order is not None else fates),
        counted=len(fates),
        golden=[p for p in kept if p not in regressions],
        regressions=list(regressions),
        seed=1,
    )
    folder = storage.create("runs", run_id)
    (folder / "plan.json").write_bytes(plan.to_json())
    reading = Reading(plan, {}, SequentialTest())
    with PartWriter(folder / "exchanges") as exchanges, PartWriter(folder / "verdicts") as verdicts:
        for arm, outcomes in (("semantic", fates), ("golden", kept)):
            for prompt_id, fate in outcomes.items():
                came = records.exchange(prompt_id, arm=arm, target_version=version, response_text=answer)
                failed = CriterionResult(
                    name="pii_leak", passed=fate is not False, reason="It names someone.", evidence=list(evidence)
                )
                said = records.verdict(came, fate, failed).model_copy(update={"judge_id": judge_id})
                exchanges.append(came.to_dict())
                verdicts.append(said.to_dict())
                reading.add(came, said)
    write_result(folder, _result(plan, reading))
    manifest = Manifest(
        kind="run", artifact_id=run_id, tool_version="0", created_at="2026-01-01T00:00:00Z", configuration_hash="0"
    )
    (folder / "manifest.json").write_bytes(manifest.to_json())
    return plan


def _result(plan: RunPlan, reading: Reading) -> GateResult:
    values: dict[str, Any] = {"target_versions": (), "cost_usd": 0.0, "duration_s": 1.0, "files": {}}
    return decide(Settings(), "main", TierSection(), plan, reading, (), {}, stopped_because="prompts_sent", **values)
