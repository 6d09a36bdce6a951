"""What earlier runs found out about a suite's prompts."""

from pathlib import Path

import pytest

from harness.errors import StorageError
from harness.storage import Storage
from personas.evidence import gather, outcomes_of
from tests.personas.suites import prompt, run_of, verdict

TURNS = {"a": 1, "b": 2}
PROMPTS = [prompt("a"), prompt("b", turns=["one", "two"])]


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "out"))


def test_a_prompt_fails_with_any_of_its_turns() -> None:
    assert outcomes_of([verdict("b", True), verdict("b", False, turn=1)], TURNS) == {"b": True}
    assert outcomes_of([verdict("b", True), verdict("b", True, turn=1)], TURNS) == {"b": False}


def test_what_was_not_judged_to_its_end_says_nothing() -> None:
    assert outcomes_of([verdict("b", True)], TURNS) == {}
    assert outcomes_of([verdict("a", None)], TURNS) == {}
    assert outcomes_of([verdict("b", True), verdict("b", None, turn=1)], TURNS) == {}


def test_only_the_targets_ledger_counts() -> None:
    assert outcomes_of([verdict("a", False, ledger="infrastructure")], TURNS) == {}


def test_planted_controls_and_strange_prompts_are_passed_over() -> None:
    assert outcomes_of([verdict("a", False, control="known_bad"), verdict("z", False)], TURNS) == {}


def test_repeats_of_a_prompt_are_passed_over() -> None:
    """Failing prompts are asked again because they failed: the second answer says nothing about the first."""
    again = [verdict("a", False), verdict("a", True).model_copy(update={"attempt": 2})]
    assert outcomes_of(again, TURNS) == {"a": True}
    assert outcomes_of(again[1:], TURNS) == {}


def test_a_verdict_that_was_given_again_replaces_the_first() -> None:
    assert outcomes_of([verdict("a", None), verdict("a", True)], TURNS) == {"a": False}


def test_runs_on_the_suite_and_on_those_before_it_count_and_no_others(storage: Storage) -> None:
    run_of(storage, "suite-old", {"a": False}, TURNS, day=1)
    run_of(storage, "suite-new", {"a": True, "b": False}, TURNS, day=2)
    run_of(storage, "suite-stranger", {"b": True}, TURNS, day=3)
    found = gather(storage, {"suite-old", "suite-new"}, PROMPTS, runs=10)
    assert [run_id[4:12] for run_id in found.run_ids] == ["20260102", "20260101"]
    assert list(found.of("a").values()) == [False, True]
    assert list(found.of("b").values()) == [True]
    assert found.of("none") == {}


def test_only_the_newest_runs_count(storage: Storage) -> None:
    for day in (1, 2, 3):
        run_of(storage, "suite-a", {"a": day > 1}, TURNS, day=day)
    found = gather(storage, {"suite-a"}, PROMPTS, runs=2)
    assert len(found.run_ids) == 2
    assert not any(found.of("a").values())


def test_a_void_run_and_one_without_a_decision_prove_nothing(storage: Storage) -> None:
    run_of(storage, "suite-a", {"a": False}, TURNS, day=1, decision="void")
    run_id = run_of(storage, "suite-a", {"a": False}, TURNS, day=2)
    (Path(storage.root) / "runs" / run_id / "gate.json").unlink()
    assert gather(storage, {"suite-a"}, PROMPTS, runs=10).run_ids == []


def test_a_damaged_run_is_named(storage: Storage) -> None:
    run_id = run_of(storage, "suite-a", {"a": False}, TURNS, day=1)
    (Path(storage.root) / "runs" / run_id / "plan.json").write_text("{}")
    with pytest.raises(StorageError, match=rf"{run_id}.*plan\.json"):
        gather(storage, {"suite-a"}, PROMPTS, runs=10)
