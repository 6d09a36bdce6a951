"""How a run ended holds for whoever judges it later, and a decision that does not follow from it is found."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.config import BudgetSection, LoadSection
from harness.contracts import GateResult
from pipeline.display import NoDisplay
from pipeline.ends import contradiction
from pipeline.gating import Gating
from pipeline.preparation import PreparedRun, may_go_on
from swarm.job import write_end
from tests.pipeline.prepared_runs import prepared, questions


def sent(folder: Path, ended: str, *, held: bool = False, **end: Any) -> PreparedRun:
    """Return a run of 250 fine answers whose sending ended so; nobody judged it yet."""
    load = LoadSection(model="open", rate=50.0, duration_s=60) if held else None
    run = prepared(folder, questions(250), BudgetSection(on_spent="void"), load=load)
    if held:
        run = replace(run, job=run.job.model_copy(update={"hold_duration": True}))
        _under_load(folder)
    write_end(folder, {"stopped_because": ended, **end})
    return run


def _under_load(folder: Path) -> None:
    for part in (folder / "exchanges").glob("part-*"):
        part.write_bytes(part.read_bytes().replace(b'"arm":"semantic"', b'"arm":"load"'))


def judged(run: PreparedRun) -> GateResult:
    """Return the decision on what is recorded, having checked that it can be made again."""
    result = Gating(run, None, NoDisplay(), sending=False).run()
    again = Gating(run, None, NoDisplay(), sending=False).recompute(result.stopped_because)
    assert (again.decision, again.reasons, again.load) == (result.decision, result.reasons, result.load)
    assert contradiction(run.folder, result) == ""
    return result


def test_recorded_answers_pass_when_their_sending_came_to_its_end(tmp_path: Path) -> None:
    result = judged(sent(tmp_path, "prompts_sent"))
    assert (result.decision, result.stopped_because) == ("pass", "recorded")


@pytest.mark.parametrize("ended", ["lockout", "workers_lost", "target_lost", "over_saturated", "terminated"])
def test_judging_later_makes_no_pass_of_a_sending_that_was_broken_off(tmp_path: Path, ended: str) -> None:
    """A lockout would else be gone as soon as somebody judges the run once more."""
    result = judged(sent(tmp_path, ended))
    assert (result.failure_rate.upper < 0.02, result.decision, result.stopped_because) == (True, "inconclusive", ended)


def test_a_ceiling_of_requests_is_void_later_too_where_the_configuration_says_so(tmp_path: Path) -> None:
    run = sent(tmp_path, "max_requests")
    short = replace(run, plan=run.plan.model_copy(update={"order": run.plan.order[:20], "counted": 20}))
    result = judged(short)
    assert (result.decision, result.exit_code, result.stopped_because) == ("void", 5, "max_requests")


@pytest.mark.parametrize(("over", "decision"), [(True, "pass"), (False, "inconclusive")])
def test_no_pass_rests_on_a_part_of_a_load(tmp_path: Path, over: bool, decision: str) -> None:  # noqa: FBT001
    """A budget that ends a load before its spike has not tested the spike."""
    result = judged(sent(tmp_path, "max_requests", held=True, load_over=over))
    expected = "void" if decision == "inconclusive" else decision
    assert (result.decision, result.load.get("cut_short", False)) == (expected, not over)
    assert any("The load did not come to its end" in reason for reason in result.reasons) is not over


@pytest.mark.parametrize("ended", ["interrupted", "terminated", "parent_gone", "workers_lost", "lockout"])
def test_a_run_that_was_broken_off_can_go_on(tmp_path: Path, ended: str) -> None:
    assert may_go_on(judged(sent(tmp_path, ended)))


@pytest.mark.parametrize(
    ("ended", "claimed", "decision", "found"),
    [
        ("lockout", "decided", "pass", "lockout"),
        ("kill_switch", "prompts_sent", "pass", "kill_switch"),
        ("stopped", "prompts_sent", "inconclusive", "stopped"),
        ("stopped", "budget", "inconclusive", ""),
        ("decided", "decided", "pass", ""),
        ("terminated", "regression", "fail", ""),
        ("prompts_sent", "recorded", "pass", ""),
    ],
)
def test_an_end_that_contradicts_the_decision_is_found(
    tmp_path: Path, ended: str, claimed: str, decision: str, found: str
) -> None:
    result = judged(sent(tmp_path, "prompts_sent"))
    forged = GateResult.model_validate({**result.to_dict(), "stopped_because": claimed, "decision": decision})
    write_end(tmp_path, {"stopped_because": ended})
    assert contradiction(tmp_path, forged) == found
