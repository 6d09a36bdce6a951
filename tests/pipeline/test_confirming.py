"""The gate over a real target whose failures last, pass, or hit one persona: what is asked again, and what it says."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from harness.config import load_settings
from harness.contracts import Exchange, GateResult, Verdict
from harness.storage import Storage
from harness.testing.target_script import Answer, Asked, ScriptedTarget
from pipeline.artifacts import read_records
from pipeline.confirming import MOST_PROMPTS
from pipeline.display import NoDisplay
from pipeline.gating import Gating
from pipeline.preparation import PreparedRun, begin, take_up
from pipeline.verification import verify_run
from swarm.distribution import Distribution
from tests.pipeline.test_suites import publish

_FIRST_TURN = re.compile(r"my (loan|room) number (\d+)")
FINE = Answer({"message": {"text": "We are open from nine to five."}})
BROKEN = Answer({"error": "no"}, status=500)


class Moody:
    """A target that always breaks over some prompts, and over others only the first time."""

    def __init__(self, always: set[str], at_first: set[str]) -> None:
        self.always, self.at_first = always, at_first
        self.asked: Counter[str] = Counter()

    def __call__(self, asked: Asked) -> Answer:
        """Break over the prompt, or answer it."""
        found = _FIRST_TURN.search(asked.body.decode())
        if found is None:
            return FINE
        name = f"{found[1]}-{found[2]}"
        self.asked[name] += 1
        breaks = name in self.always or (name in self.at_first and self.asked[name] == 1)
        return BROKEN if breaks else FINE


def begun(tmp_path: Path, target: ScriptedTarget, tables: str) -> PreparedRun:
    """Return a run on a suite of sixty prompts, half of either persona."""
    storage = Storage(str(tmp_path / "out"))
    publish(storage, {"loan": 0.5, "room": 0.5}, each=30)
    file = tmp_path / "reverse-rag.toml"
    where = f'[target]\nurl = "{target.url()}"\nresponse = {{ text = "message.text" }}\n'
    tiers = "[tiers.all]\nprompts = 60\nrun_all = true\n[tiers.early]\nprompts = 60\n"
    file.write_text(f'[storage]\nroot = "{tmp_path / "out"}"\n{where}{tiers}{tables}', "utf-8")
    tier = "early" if "worst_segment" in tables else "all"
    return begin(load_settings(file, env={}), storage, suite="latest", tier_name=tier)


def gated(prepared: PreparedRun) -> GateResult:
    """Return the decision of a run, having checked that its artifacts give the same one again."""
    result = Gating(prepared, None, NoDisplay()).run()
    assert verify_run(prepared.settings, Storage(prepared.settings.storage.root), run=prepared.plan.run_id) == []
    return result


def test_failing_prompts_are_asked_again_and_told_apart(tmp_path: Path) -> None:
    moody = Moody({"loan-3", "room-4"}, {"room-7"})
    with ScriptedTarget(moody) as target:
        prepared = begun(tmp_path, target, "[gate]\nthreshold = 0.2\n")
        result = gated(prepared)
    found = result.confirmations
    assert found is not None
    assert (sorted(found.consistent), found.flaky) == (["prompt-loan-3", "prompt-room-4"], ["prompt-room-7"])
    assert (found.times, found.unsettled, found.not_asked) == (2, [], 0)
    assert (result.prompts.failed, result.prompts.judged) == (3, 60), "the rate reads first attempts only"
    assert result.load["requests"] == 117, "no figure of the run's own requests contains what was asked again"
    assert moody.asked["loan-3"] == moody.asked["room-7"] == 3
    assert moody.asked["loan-4"] == 1
    assert any("Of 3 failing prompts asked again (2 more times, no load beside them) 2" in r for r in result.reasons)


@pytest.mark.parametrize("tables", ["[gate]\nconfirm = 0\n", "[gate]\nconfirm = 1\n[budget]\nrequests = 117\n"])
def test_nothing_is_asked_again_where_that_is_off_or_no_request_is_left(tmp_path: Path, tables: str) -> None:
    moody = Moody({"loan-3", "room-4", "room-7"}, set())
    with ScriptedTarget(moody) as target:
        result = gated(begun(tmp_path, target, tables))
        assert len(target.requests) == 117
    assert result.confirmations is None


def test_a_release_that_fails_everywhere_is_asked_again_in_part_only(tmp_path: Path) -> None:
    everything = {f"{topic}-{number}" for topic in ("loan", "room") for number in range(30)}
    with ScriptedTarget(Moody(everything, set())) as target:
        prepared = begun(tmp_path, target, "[gate]\nconfirm = 1\n")
        result = gated(replace(prepared, distribution=Distribution(processes=2)))
    found = result.confirmations
    assert found is not None
    assert (len(found.consistent), found.not_asked) == (MOST_PROMPTS, 60 - MOST_PROMPTS)


def test_a_run_that_was_broken_off_while_asking_again_goes_on_with_it(tmp_path: Path) -> None:
    moody = Moody({"loan-3", "room-4"}, set())
    with ScriptedTarget(moody) as target:
        prepared = begun(tmp_path, target, "[gate]\nthreshold = 0.2\n")
        gated(prepared)
        (prepared.folder / "gate.json").unlink()
        storage = Storage(prepared.settings.storage.root)
        file = tmp_path / "reverse-rag.toml"
        result = gated(take_up(load_settings(file, env={}), storage, run=prepared.plan.run_id))
    assert moody.asked["loan-3"] == 3, "what is recorded is not asked once more"
    assert result.confirmations is not None
    assert len(result.confirmations.consistent) == 2
    exchanges = read_records(prepared.folder / "exchanges", Exchange)
    again = {e.exchange_id for e in exchanges if e.arm == "confirmation"}
    verdicts = [v.exchange_id for v in read_records(prepared.folder / "verdicts", Verdict)]
    assert sorted(v for v in verdicts if v in again) == sorted(again), "each is judged once"


def test_repeats_of_a_held_load_give_the_noise_floor(tmp_path: Path) -> None:
    moody = Moody({"loan-3"}, {"room-4", "room-7"})
    tables = "[gate]\nthreshold = 0.2\nconfirm = 0\n[load]\nusers = 10\nduration_s = 4\n[slo]\nerror_rate = 0.9\n"
    with ScriptedTarget(moody) as target:
        result = gated(begun(tmp_path, target, tables))
    noise = result.noise_floor
    assert noise is not None
    assert (noise.repeats, noise.flipped) == (60, 2)
    assert noise.lower < noise.estimate == 2 / 60 < noise.upper
    assert result.prompts.failed == 3


def test_a_persona_above_the_bar_ends_the_run_and_fails_it(tmp_path: Path) -> None:
    rooms = {f"room-{number}" for number in range(30)}
    with ScriptedTarget(Moody(rooms, set())) as target:
        result = gated(begun(tmp_path, target, "[gate]\nthreshold = 0.5\nworst_segment = 0.2\nconfirm = 0\n"))
    assert (result.decision, result.exit_code, result.stopped_because) == ("fail", 1, "decided")
    assert result.prompts.judged < 60
    assert result.worst_segment is not None
    assert {s.persona_id: s.standing for s in result.worst_segment.segments}["persona-room"] == "above"
    assert result.reasons[0].startswith("Worst segment: the failure rate of persona-room is above 20 %")
    by_persona = {group.name: group for group in result.groups if group.by == "persona"}
    assert by_persona["persona-loan"].failed == 0
    assert by_persona["persona-room"].estimate == 1.0
