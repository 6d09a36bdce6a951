"""Baselines: which run is compared with, what it does to a gate, and the golden arm beside it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.config import Settings, load_settings
from harness.contracts import BaselineUse, GateResult, Prompt
from harness.errors import UsageError
from harness.storage import Storage
from harness.suites import read_prompts
from harness.testing.target import TargetServer
from judge.grading import Judge
from pipeline.application import app
from pipeline.baselines import choose, promote
from pipeline.console import Console
from pipeline.outcomes import read_outcomes
from pipeline.preparation import PreparedRun, begin, finished
from pipeline.runs import judge_run, run_gate
from pipeline.verification import verify_run
from tests.pipeline.recorded import record_run
from tests.pipeline.test_suites import publish

QUIET = Console(quiet=True, progress=False)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "out"))


def suite_of(storage: Storage, **values: Any) -> tuple[str, list[Prompt]]:
    """Publish a suite of forty prompts; return its id and prompts."""
    suite_id = publish(storage, {"loan": 1.0}, each=40, turns=["one turn"], **values)
    return suite_id, read_prompts(storage.fetch("suites", suite_id))


def chosen(storage: Storage, suite_id: str, asked: str = "latest", judge_id: str = "judge-1") -> BaselineUse:
    """Return what a run on a suite would be compared with."""
    folder = storage.fetch("suites", suite_id)
    return choose(storage, asked, suite_folder=folder, prompts={}, judge_id=judge_id)


def promoted(storage: Storage, run_id: str, *, judge_id: str = "judge-1", decision: str = "pass") -> bool:
    """Promote a recorded run as if it had ended so; return whether it is a baseline now."""
    outcomes = read_outcomes(storage, run_id)
    result = finished(outcomes.folder)
    assert result is not None
    return promote(storage, result.model_copy(update={"decision": decision}), outcomes.plan, judge_id)


def settings_of(storage: Storage, server: TargetServer, tables: str = "", *, path: str = "/chat") -> Settings:
    """Return a configuration whose tiers send to a server."""
    file = Path(storage.root).parent / "reverse-rag.toml"
    target = f'[target]\nurl = "{server.url(path)}"\nresponse = {{ text = "message.text" }}\n'
    file.write_text(f"{target}\n[tiers.pr]\nprompts = 20\n{tables}", "utf-8")
    return load_settings(file, env={})


def baseline_run(storage: Storage, settings: Settings, prompts: list[Prompt], suite_id: str, **values: Any) -> None:
    """Record and promote a run of all prompts, passed, by the judge of a configuration."""
    judge_id = Judge(settings, None).judge_id
    outcomes = {p.prompt_id: True for p in prompts if p.origin == "generated"}
    record_run(storage, "run-0001", outcomes, suite_id=suite_id, judge_id=judge_id, **values)
    assert promoted(storage, "run-0001", judge_id=judge_id)


def gated(storage: Storage, settings: Settings, **values: Any) -> GateResult:
    """Return the decision of a gate, having checked that its artifacts give the same one again."""
    result = run_gate(settings, storage, QUIET, suite="latest", tier="pr", **values)
    assert verify_run(settings, storage, run=result.run_id) == []
    return result


def test_latest_is_the_newest_promoted_run_of_the_same_judge(storage: Storage) -> None:
    suite_id, _ = suite_of(storage)
    for run_id, judge_id in (("run-1", "judge-1"), ("run-2", "judge-1"), ("run-3", "judge-2"), ("run-4", "judge-1")):
        record_run(storage, run_id, {"p-0": True}, suite_id=suite_id, judge_id=judge_id)
    assert chosen(storage, suite_id).standing == "missing"
    for run_id, judge_id in (("run-1", "judge-1"), ("run-2", "judge-1"), ("run-3", "judge-2")):
        assert promoted(storage, run_id, judge_id=judge_id)
    use = chosen(storage, suite_id)
    assert (use.run_id, use.standing, use.outcomes) == ("run-2", "comparable", {"p-0": False})
    other = chosen(storage, suite_id, judge_id="judge-9")
    assert (other.standing, other.run_id, other.outcomes) == ("other_judge", "run-3", {})


def test_a_run_that_did_not_pass_is_not_promoted(storage: Storage) -> None:
    suite_id, _ = suite_of(storage)
    record_run(storage, "run-1", {"p-0": True}, suite_id=suite_id)
    assert not promoted(storage, "run-1", decision="inconclusive")
    assert chosen(storage, suite_id).standing == "missing"


def test_a_named_run_need_not_be_promoted_but_has_to_be_comparable(storage: Storage) -> None:
    suite_id, _ = suite_of(storage)
    record_run(storage, "run-1", {"p-0": False, "p-1": None}, suite_id=suite_id)
    record_run(storage, "run-2", {"p-0": True}, suite_id="suite-of-others")
    assert chosen(storage, suite_id, "run-1").outcomes == {"p-0": True}
    assert chosen(storage, suite_id, "run-1", judge_id="judge-2").standing == "other_judge"
    assert chosen(storage, suite_id, "run-2").standing == "other_suite"
    with pytest.raises(UsageError, match="no run 'run-9'"):
        chosen(storage, suite_id, "run-9")
    (storage.fetch("runs", "run-1") / "gate.json").unlink()
    with pytest.raises(UsageError, match="no decision"):
        chosen(storage, suite_id, "run-1")


def test_a_release_that_fails_what_the_baseline_passed_fails_the_gate(storage: Storage) -> None:
    """Six new failures are enough, though the rate alone would take more at this threshold."""
    suite_id, prompts = suite_of(storage)
    with TargetServer() as server:
        settings = settings_of(storage, server, '[gate]\nthreshold = 0.5\nbaseline = "latest"\n', path="/500")
        baseline_run(storage, settings, prompts, suite_id)
        result = gated(storage, settings)
    assert (result.decision, result.exit_code, result.stopped_because) == ("fail", 1, "regression")
    assert result.baseline["run_id"] == "run-0001"
    assert result.baseline["regressed"]
    assert result.baseline["decided_at"] == 6
    assert any("worse than the baseline run-0001" in reason for reason in result.reasons)
    assert "baseline.json" in result.files


def test_the_command_promotes_compares_and_exits_1_on_a_regression(storage: Storage) -> None:
    suite_of(storage)
    configuration = str(Path(storage.root).parent / "reverse-rag.toml")
    with TargetServer() as server:
        settings_of(storage, server, "[gate]\nthreshold = 0.5\n")
        first = CliRunner().invoke(app, ["gate", "-c", configuration, "--promote"])
        settings_of(storage, server, "[gate]\nthreshold = 0.5\n", path="/500")
        second = CliRunner().invoke(app, ["gate", "-c", configuration, "--baseline", "latest", "--json"])
    assert (first.exit_code, second.exit_code) == (0, 1)
    assert "promoted     later runs" in first.stderr
    told = json.loads(second.stdout)
    assert told["baseline"]["standing"] == "comparable"
    assert told["stopped_because"] == "regression"


def test_a_pass_of_the_rate_waits_for_the_comparison(storage: Storage) -> None:
    suite_id, prompts = suite_of(storage)
    with TargetServer() as server:
        settings = settings_of(storage, server, "[gate]\nthreshold = 0.5\n")
        baseline_run(storage, settings, prompts, suite_id)
        alone = gated(storage, settings)
        result = gated(storage, settings, baseline="latest")
    assert alone.baseline == {}
    assert (result.decision, result.baseline["compared"], result.baseline["both_passed"]) == ("pass", 20, 20)
    assert any("20 of 20 prompts in common compared: 0 failed only now" in reason for reason in result.reasons)


def test_a_changed_baseline_file_is_noticed(storage: Storage) -> None:
    suite_id, prompts = suite_of(storage)
    with TargetServer() as server:
        settings = settings_of(storage, server, '[gate]\nthreshold = 0.5\nbaseline = "latest"\n')
        baseline_run(storage, settings, prompts, suite_id)
        result = gated(storage, settings)
        kept = storage.fetch("runs", result.run_id) / "baseline.json"
        kept.write_bytes(kept.read_bytes().replace(b"false", b"true"))
        assert any("baseline" in finding for finding in verify_run(settings, storage, run=result.run_id))


def test_a_run_without_a_baseline_says_so_and_blocks_only_where_one_is_required(storage: Storage) -> None:
    suite_of(storage)
    with TargetServer() as server:
        free = gated(storage, settings_of(storage, server, '[gate]\nthreshold = 0.5\nbaseline = "latest"\n'))
        gate = '[gate]\nthreshold = 0.5\nbaseline = "latest"\nrequire_baseline = true\n'
        required = gated(storage, settings_of(storage, server, gate))
    assert (free.decision, free.baseline["standing"]) == ("pass", "missing")
    assert any("Nothing was compared" in reason for reason in free.reasons)
    assert (required.decision, required.exit_code) == ("inconclusive", 4)
    assert any("is required. Nothing was compared" in reason for reason in required.reasons)


def test_a_promoted_run_is_what_the_next_one_is_compared_with(storage: Storage) -> None:
    suite_of(storage)
    with TargetServer() as server:
        settings = settings_of(storage, server, "[gate]\nthreshold = 0.5\n")
        first = gated(storage, settings, promoted=True)
        second = gated(storage, settings, baseline="latest", commit="a" * 40)
    assert first.decision == second.decision == "pass"
    assert second.baseline["run_id"] == first.run_id
    assert second.baseline["compared"] == second.baseline["in_common"] < 20


def test_sent_runs_get_the_configured_baseline_when_they_are_judged(storage: Storage) -> None:
    suite_id, prompts = suite_of(storage)
    with TargetServer() as server:
        settings = settings_of(storage, server, '[gate]\nthreshold = 0.5\nbaseline = "latest"\n')
        baseline_run(storage, settings, prompts, suite_id)
        sent = begin(settings, storage, suite="latest", tier_name="pr")
        assert sent.baseline is None
        result = judge_run(settings, storage, QUIET, run=sent.plan.run_id)
    assert result.baseline["run_id"] == "run-0001"


def drawn(storage: Storage, settings: Settings, **values: Any) -> PreparedRun:
    """Return a run that was planned and not begun."""
    judge_id = Judge(settings, None).judge_id
    return begin(settings, storage, suite="latest", tier_name="pr", baseline="latest", judge_id=judge_id, **values)


def test_a_baseline_never_changes_what_the_rate_is_read_from(storage: Storage) -> None:
    """It passed on its own prompts, perhaps by luck; the rate must not inherit that."""
    suite_id, prompts = suite_of(storage)
    with TargetServer() as server:
        settings = settings_of(storage, server)
        free = begin(settings, storage, suite="latest", tier_name="pr", commit="b" * 40).plan
        baseline_run(storage, settings, prompts[:15], suite_id)
        bound = drawn(storage, settings, commit="b" * 40).plan
        paired = drawn(storage, settings_of(storage, server, "paired = 5\n"), commit="b" * 40).plan
    assert (bound.order, bound.counted, bound.paired) == (free.order, free.counted, 0)
    assert paired.order[:20] == free.order
    assert (paired.counted, paired.paired, len(paired.order)) == (free.counted, 5, 25)
    assert set(paired.order[20:]) <= {prompt.prompt_id for prompt in prompts[:15]} - set(free.order)


def test_a_resumed_run_keeps_its_baseline(storage: Storage) -> None:
    suite_id, prompts = suite_of(storage)
    with TargetServer() as server:
        settings = settings_of(storage, server)
        baseline_run(storage, settings, prompts, suite_id)
        begun = drawn(storage, settings)
        with pytest.raises(UsageError, match="keeps the baseline"):
            run_gate(settings, storage, QUIET, suite="latest", tier="pr", resume="latest", baseline="latest")
        result = run_gate(settings, storage, QUIET, suite="latest", tier="pr", resume="latest")
    assert result.run_id == begun.plan.run_id
    assert result.baseline["run_id"] == "run-0001"


def test_a_regression_prompt_that_fails_again_fails_the_gate_and_a_known_one_does_not(storage: Storage) -> None:
    checks = {"checks": {"contains": ["no answer of the test target says this"]}}
    suite_id, prompts = suite_of(storage, regression=2, **checks)
    first, second = (p.prompt_id for p in prompts if p.origin == "regression")
    with TargetServer() as server:
        settings = settings_of(storage, server, '[gate]\nthreshold = 0.999\nbaseline = "latest"\n')
        golden: Any = {"golden": {first: False, second: False}, "regressions": [first, second]}
        baseline_run(storage, settings, [], suite_id, **golden)
        known = gated(storage, settings)
        assert known.golden["regression"]["failures"] == [first, second]
        assert known.stopped_because != "golden"
        judge_id = Judge(settings, None).judge_id
        golden["golden"][first] = True
        record_run(storage, "run-0002", {}, suite_id=suite_id, judge_id=judge_id, **golden)
        assert promoted(storage, "run-0002", judge_id=judge_id)
        again = gated(storage, settings)
    assert (again.decision, again.exit_code, again.stopped_because) == ("fail", 1, "golden")
    assert again.golden["new_failures"] == [first]
    assert any("1 regression prompt that the baseline passed" in reason for reason in again.reasons)


@pytest.mark.parametrize(("most", "ended"), [(1, "golden"), (2, "prompts_sent")])
def test_as_many_golden_prompts_may_fail_as_the_maximum_says(storage: Storage, most: int, ended: str) -> None:
    """One more than that ends the run before the rate's own prompts are through, and fails it."""
    suite_of(storage, golden=2, checks={"contains": ["no answer of the test target says this"]})
    with TargetServer() as server:
        gate = f"[gate]\nthreshold = 0.999\nconfirm = 0\nmax_golden_failures = {most}\n"
        result = gated(storage, settings_of(storage, server, gate))
    assert (result.golden["failed"], result.golden["max_failures"], result.stopped_because) == (2, most, ended)
    assert any("at most 1 may" in reason for reason in result.reasons) is (most == 1)
    assert (result.decision == "fail") is (ended == "golden")
