"""The gate over a real target under load: pairs, a target that breaks, objectives that nothing can save."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.config import load_settings
from harness.contracts import Exchange, GateResult, Verdict
from harness.errors import DependencyError
from harness.storage import Storage
from harness.testing.target import TargetServer
from pipeline.artifacts import read_records
from pipeline.ceilings import most_requests
from pipeline.display import NoDisplay
from pipeline.gating import Gating
from pipeline.preparation import PreparedRun, begin
from pipeline.standing import Standing
from swarm.distribution import Distribution
from swarm.job import read_end
from tests.pipeline.test_suites import publish


def begun(
    tmp_path: Path, server: TargetServer, tables: str, *, path: str = "/chat", timeout_s: float = 60.0
) -> PreparedRun:
    """Return a run on a suite of sixty prompts."""
    storage = Storage(str(tmp_path / "out"))
    publish(storage, {"loan": 0.5, "room": 0.5}, each=30)
    file = tmp_path / "reverse-rag.toml"
    target = f'[target]\nurl = "{server.url(path)}"\nresponse = {{ text = "message.text" }}\ntimeout_s = {timeout_s}\n'
    file.write_text(
        f"{target}\n[tiers.pr]\nprompts = 40\nrun_all = true\n[tiers.early]\nprompts = 40\n{tables}", "utf-8"
    )
    tier = "early" if "error_rate" in tables else "pr"
    return begin(load_settings(file, env={}), storage, suite="latest", tier_name=tier)


def gated(prepared: PreparedRun) -> GateResult:
    """Return the decision of a run, having checked that its artifacts give the same one again."""
    result = Gating(prepared, None, NoDisplay()).run()
    again = Gating(prepared, None, NoDisplay(), sending=False).recompute(result.stopped_because)
    assert (again.decision, again.slo, again.load, again.reasons, again.prompts) == (
        result.decision,
        result.slo,
        result.load,
        result.reasons,
        result.prompts,
    )
    return result


@pytest.mark.parametrize("processes", [1, 2])
def test_pairs_are_judged_in_both_arms_and_read_in_one(tmp_path: Path, processes: int) -> None:
    with TargetServer() as server:
        prepared = begun(tmp_path, server, "[load]\nusers = 4\nduration_s = 0.5\ncontrol = 8\n")
        prepared = replace(prepared, distribution=Distribution(processes=processes))
        result = gated(prepared)
    assert (read_end(prepared.folder)["workers"] or {}).get("joined", 1) == processes
    paired = result.load["paired"]
    planned = len(prepared.plan.order)
    assert [pair.prompt_id for pair in prepared.plan.pairs] == prepared.plan.order[:8]
    assert {pair.first for pair in prepared.plan.pairs} == {"control", "load"}
    assert (paired["pairs"], paired["both_passed"], paired["same_text"]) == (8, 8, 8)
    assert result.prompts.sent == result.prompts.judged == planned
    arms = {e.exchange_id: e.arm for e in read_records(prepared.folder / "exchanges", Exchange)}
    verdicts = read_records(prepared.folder / "verdicts", Verdict)
    judged = [arms[verdict.exchange_id] for verdict in verdicts if verdict.control is None and verdict.attempt == 1]
    turns = [len(prepared.prompts[prompt_id].turns) for prompt_id in prepared.plan.order]
    assert judged.count("control") == sum(turns[:8])
    assert judged.count("load") == sum(turns)


def test_a_target_that_breaks_under_the_load_fails_the_gate(tmp_path: Path) -> None:
    limits = "[load.kill_switch]\nmin_requests = 10\nwindow_s = 600\ngood_replies = 2\n"
    with TargetServer(breaks_after=4, broken_for=10) as server:
        result = gated(begun(tmp_path, server, f"[load]\nusers = 2\n{limits}", path="/breaking"))
    broke = [objective for objective in result.slo if objective.metric == "kill_switch"]
    assert (result.decision, result.exit_code, result.stopped_because) == ("fail", 1, "kill_switch")
    assert [objective.met for objective in broke] == [False]
    assert result.load["recovery_s"] > 0
    assert any("broke under the load" in reason for reason in result.reasons)
    assert any("kill switch" in reason for reason in result.reasons)


def test_an_objective_that_nothing_can_save_ends_the_run(tmp_path: Path) -> None:
    with TargetServer(breaks_after=3, broken_for=1, delay_s=0.05) as server:
        tables = '[load]\nmodel = "open"\nrate = 10.0\nduration_s = 600\n[slo]\nerror_rate = 0.0\n'
        result = gated(begun(tmp_path, server, tables, path="/breaking"))
    assert (result.decision, result.exit_code, result.stopped_because) == ("fail", 1, "slo_hopeless")
    assert any("saved a service level" in reason for reason in result.reasons)


class _EndsTheSender(NoDisplay):
    """Sends the sending process a signal as soon as the verdict is a pass."""

    def __init__(self, number: signal.Signals) -> None:
        self._number = number
        self.pid: Callable[[], int] | None = None

    def show(self, standing: Callable[[], Standing]) -> None:
        verdict = standing().verdict
        if self.pid is not None and verdict is not None and verdict.decision == "pass":
            os.kill(self.pid(), self._number)
            self.pid = None


def gated_until_ended(prepared: PreparedRun, number: signal.Signals) -> GateResult:
    """Return the decision of a run whose load is broken off by a signal after the pass was decided."""
    display = _EndsTheSender(number)
    gating = Gating(prepared, None, display)
    process = gating._swarm
    assert process is not None

    def pid() -> int:
        assert process._process is not None
        return process._process.pid

    display.pid = pid
    return gating.run()


HELD = "[load]\nusers = 4\nduration_s = 60\n[slo]\nerror_rate = 0.5\n[gate]\nthreshold = 0.5\n"


def test_no_pass_rests_on_a_load_that_was_broken_off(tmp_path: Path) -> None:
    with TargetServer(delay_s=0.02) as server:
        result = gated_until_ended(begun(tmp_path, server, HELD), signal.SIGTERM)
    assert (result.decision, result.stopped_because) == ("inconclusive", "terminated")


def test_a_sender_that_was_killed_under_a_held_load_decides_nothing(tmp_path: Path) -> None:
    with TargetServer(delay_s=0.02) as server:
        prepared = begun(tmp_path, server, HELD)
        with pytest.raises(DependencyError, match="status -9"):
            gated_until_ended(prepared, signal.SIGKILL)
    assert not (prepared.folder / "gate.json").exists()


@pytest.mark.parametrize(
    ("load", "most"),
    [
        ("[load]\n", 40),
        ('[load]\nmodel = "open"\nrate = 4.0\nduration_s = 20\n[slo]\nerror_rate = 0.1\n', 80),
        ('[load]\nmodel = "open"\nrate = 1.0\nduration_s = 20\n[slo]\nerror_rate = 0.1\n', 40),
        ("[load]\nusers = 3\n[slo]\nerror_rate = 0.1\n", None),
        ("[load]\nusers = 3\n[slo]\nerror_rate = 0.1\n[budget]\nrequests = 70\n", 70),
        ("[budget]\nrequests = 7\n", 7),
    ],
)
def test_what_a_run_can_send_at_most_is_known_unless_it_hangs_on_the_target(
    tmp_path: Path, load: str, most: int | None
) -> None:
    prepared = begun(tmp_path, TargetServer(port=9), load)
    assert len(prepared.plan.order) == 40
    assert most_requests(prepared.plan, prepared.job, {}) == most


def test_what_came_after_a_service_level_ended_the_run_is_judged(tmp_path: Path) -> None:
    """Time-outs are the last to come: without their verdicts a failed run looks like one without failures."""
    tables = '[load]\nmodel = "open"\nrate = 20.0\nduration_s = 600\n[slo]\nerror_rate = 0.0\n[gate]\nconfirm = 0\n'
    with TargetServer(delay_s=0.2) as server:
        prepared = begun(tmp_path, server, tables, path="/serial", timeout_s=1.0)
        result = gated(prepared)
    exchanges = [e for e in read_records(prepared.folder / "exchanges", Exchange) if e.attempt == 1]
    judged = [verdict.exchange_id for verdict in read_records(prepared.folder / "verdicts", Verdict)]
    late = {e.prompt_id for e in exchanges if e.outcome == "timeout"}
    assert (result.decision, result.stopped_because) == ("fail", "slo_hopeless")
    assert len(late) > 1
    assert sorted(judged) == sorted(e.exchange_id for e in exchanges)
    assert result.prompts.sent == result.prompts.judged == len({e.prompt_id for e in exchanges})
    assert result.prompts.failed == len(late)
    assert [(c.name, c.failed) for c in result.criteria if c.failed] == [("availability", len(late))]
