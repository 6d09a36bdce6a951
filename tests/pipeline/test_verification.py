"""Every field of a decision is computed again, and a run has one judge from its beginning to its end."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from harness.config import Settings
from harness.errors import UsageError
from harness.storage import Storage
from harness.testing.target import TargetServer
from judge.grading import Judge
from pipeline.preparation import begin
from pipeline.runs import judge_run, run_gate
from pipeline.verification import verify_run
from tests.pipeline.test_baselines import QUIET, baseline_run, gated, settings_of, suite_of

FORGED: list[tuple[str, Any]] = [
    ("decision", "inconclusive"),
    ("reasons", ["All is well."]),
    ("threshold", 0.9),
    ("confidence", 0.8),
    ("tier", "nightly"),
    ("evidence", []),
    ("target_version", "2.0"),
    ("load", {"requests": 1}),
    ("judge_error_known", True),
    ("suite_id", "suite-of-others"),
]


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "out"))


def test_whatever_is_changed_in_a_decision_is_found(storage: Storage) -> None:
    suite_of(storage)
    with TargetServer() as server:
        settings = settings_of(storage, server, "[gate]\nthreshold = 0.5\n")
        result = gated(storage, settings)
        path = storage.fetch("runs", result.run_id) / "gate.json"
        whole = path.read_bytes()
        for name, value in FORGED:
            path.write_bytes(orjson.dumps({**orjson.loads(whole), name: value}))
            found = verify_run(settings, storage, run=result.run_id)
            assert any(name in finding for finding in found), name
        path.write_bytes(orjson.dumps({**orjson.loads(whole), "stopped_because": "lockout"}))
        assert any("stopped_because" in finding for finding in verify_run(settings, storage, run=result.run_id))


def with_system_prompt(storage: Storage, server: TargetServer, text: str) -> Settings:
    """Return a configuration that names a file, with what the file holds now."""
    (Path(storage.root).parent / "system.txt").write_text(text, "utf-8")
    checks = '[judge.checks]\nsystem_prompt = "system.txt"\n[gate]\nthreshold = 0.5\n'
    return settings_of(storage, server, checks)


def test_a_run_is_judged_to_its_end_by_the_judge_that_began_it(storage: Storage) -> None:
    """Files that the configuration names may change, though it says the same: one rate would be of two judges."""
    suite_of(storage)
    with TargetServer() as server:
        begun = gated(storage, with_system_prompt(storage, server, "You are the assistant of a small bank. " * 9))
        changed = with_system_prompt(storage, server, "You are the assistant of a large library. " * 9)
        with pytest.raises(UsageError, match="begun with the judge"):
            judge_run(changed, storage, QUIET, run=begun.run_id)


def test_a_run_goes_on_with_the_judge_that_its_baseline_was_chosen_for(storage: Storage) -> None:
    suite_id, prompts = suite_of(storage)
    with TargetServer() as server:
        first = with_system_prompt(storage, server, "You are the assistant of a small bank. " * 9)
        baseline_run(storage, first, prompts, suite_id)
        judge_id = Judge(first, None).judge_id
        run = begin(first, storage, suite="latest", tier_name="pr", baseline="latest", judge_id=judge_id)
        changed = with_system_prompt(storage, server, "You are the assistant of a large library. " * 9)
        with pytest.raises(UsageError, match="begun with the judge"):
            run_gate(changed, storage, QUIET, suite="latest", tier="pr", resume=run.plan.run_id)
        assert not server.requests
