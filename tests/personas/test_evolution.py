"""Suites that go on from earlier ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.contracts import Prompt
from harness.errors import StorageError, UsageError
from harness.storage import Storage
from harness.suites import read_manifest, read_prompts
from judge.draw import draw
from personas.earlier import read_lineage
from personas.generation import SuiteResult, make_suite
from tests.personas.logs import library_sessions, session_of
from tests.personas.suites import publish_dataset, run_of, settings_of


class Line:
    """A line of suites on one storage: make, run, evolve."""

    def __init__(self, root: Path) -> None:
        self.storage = Storage(str(root))
        publish_dataset(self.storage, "data-1", library_sessions(120))
        self.days = 0

    def make(self, **values: object) -> SuiteResult:
        """Make a suite anew."""
        return make_suite(settings_of(self.storage, **values), self.storage)

    def evolve(self, reference: str = "latest", *, dataset: str = "data-1", **values: object) -> SuiteResult:
        """Make a suite that goes on from another."""
        return make_suite(settings_of(self.storage, **values), self.storage, dataset=dataset, evolve=reference)

    def prompts(self, made: SuiteResult) -> dict[str, Prompt]:
        """Return a suite's prompts by id."""
        return {prompt.prompt_id: prompt for prompt in read_prompts(made.folder)}

    def run(self, made: SuiteResult, outcomes: Mapping[str, bool], **values: str) -> None:
        """Write a run that judged some of a suite's prompts; each is a day newer than the one before."""
        self.days += 1
        turns = {prompt_id: len(prompt.turns) for prompt_id, prompt in self.prompts(made).items()}
        run_of(self.storage, made.suite_id, outcomes, turns, day=self.days, **values)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path / "out")


def test_what_failed_is_kept_what_passed_retires_and_the_rest_stays(line: Line) -> None:
    first = line.make()
    # Ids are hashes: those of every persona are judged alike, and no persona has to give up any for lack of traffic.
    ids = sorted(line.prompts(first))
    line.run(first, {i: i not in ids[:3] for i in ids[:30]})
    second = line.evolve()
    after = line.prompts(second)
    assert len(after) == second.planned == 80
    assert {i for i, p in after.items() if p.origin == "regression"} == set(ids[:3])
    assert not set(ids[3:30]) & after.keys()
    assert set(ids[30:]) <= after.keys()
    assert second.evolution is not None
    assert second.evolution["retired"] == {"never_failed": 27}
    assert (second.evolution["kept_in_rate"], second.evolution["regression"]) == (50, 3)
    assert second.evolution["added"] == 27


def test_kept_prompts_are_kept_word_for_word_with_their_checks(line: Line) -> None:
    first = line.make()
    before = line.prompts(first)
    failed = list(before)[:4]
    line.run(first, dict.fromkeys(failed, False))
    after = line.prompts(line.evolve())
    for prompt_id in failed:
        assert after[prompt_id].turns == before[prompt_id].turns
        assert after[prompt_id].checks == before[prompt_id].checks


def test_the_rate_is_read_from_generated_prompts_alone(line: Line) -> None:
    """Regression prompts weigh nothing, the others' weights sum to 1, and no tier draws one that once failed."""
    first = line.make()
    failed = set(list(line.prompts(first))[:5])
    line.run(first, dict.fromkeys(failed, False))
    prompts = read_prompts(line.evolve().folder)
    assert sum(p.weight for p in prompts if p.origin == "generated") == pytest.approx(1.0)
    assert {p.weight for p in prompts if p.origin == "regression"} == {0.0}
    assert not failed & set(draw(prompts, wanted=999, seed=1).order)


def test_whether_a_prompt_stays_in_the_rate_does_not_depend_on_how_it_fared(line: Line) -> None:
    """Below ``evolve_after`` runs those that failed stay as those that passed do; at it both leave."""
    first = line.make()
    ids = list(line.prompts(first))
    failed, passed = ids[:5], ids[5:10]
    outcomes = dict.fromkeys(failed, False) | dict.fromkeys(passed, True)
    line.run(first, outcomes)
    early = line.prompts(line.evolve(evolve_after=2))
    assert {early[i].origin for i in ids[:10]} == {"generated"}
    line.run(first, outcomes)
    late = line.prompts(line.evolve(first.suite_id, evolve_after=2))
    assert {late[i].origin for i in failed} == {"regression"}
    assert not set(passed) & late.keys()


def test_a_retired_prompt_is_not_written_once_more(line: Line) -> None:
    first = line.make()
    before = line.prompts(first)
    line.run(first, dict.fromkeys(before, True))
    second = line.evolve()
    assert not line.prompts(second).keys() & before.keys()
    assert second.prompts == 80


def test_regression_prompts_are_capped_the_latest_failures_first(line: Line) -> None:
    first = line.make()
    ids = list(line.prompts(first))
    line.run(first, dict.fromkeys(ids[:8], False))
    line.run(first, dict.fromkeys(ids[8:12], False))
    second = line.evolve(regression_share=0.1)
    kept = {i for i, p in line.prompts(second).items() if p.origin == "regression"}
    assert len(kept) == 8
    assert set(ids[8:12]) <= kept
    assert second.evolution is not None
    assert second.evolution["retired"]["regression_over_cap"] == 4


def test_without_a_share_for_them_no_regression_prompt_is_kept(line: Line) -> None:
    first = line.make()
    line.run(first, dict.fromkeys(list(line.prompts(first))[:3], False))
    assert all(p.origin == "generated" for p in line.prompts(line.evolve(regression_share=0.0)).values())


def test_a_regression_prompt_retires_after_clean_runs_and_one_that_fails_again_stays(line: Line) -> None:
    first = line.make()
    clean, failing = list(line.prompts(first))[:2]
    line.run(first, {clean: False, failing: False})
    second = line.evolve()
    for _ in range(2):
        line.run(second, {clean: True, failing: True})
    line.run(second, {clean: True, failing: False})
    third = line.evolve(regression_clean_runs=3)
    assert clean not in line.prompts(third)
    assert line.prompts(third)[failing].origin == "regression"
    assert third.evolution is not None
    assert third.evolution["retired"] == {"regression_clean": 1}


def test_lineage_says_where_a_prompt_comes_from_and_outlives_its_runs(line: Line) -> None:
    first = line.make()
    failed = next(iter(line.prompts(first)))
    line.run(first, {failed: False})
    second = line.evolve()
    runs = Path(line.storage.root) / "runs"
    runs.rename(runs.with_name("deleted"))
    line.run(second, dict.fromkeys([i for i, p in line.prompts(second).items() if p.origin == "generated"][:5], True))
    third = line.evolve()
    kept = {each.prompt_id: each for each in read_lineage(third.folder)}[failed]
    assert (kept.first_suite_id, kept.generations, kept.runs_failed) == (first.suite_id, 2, 1)
    manifest = read_manifest(third.folder)
    assert manifest.parents.suite_id == second.suite_id
    assert manifest.details["evolution"]["ancestors"] == [first.suite_id]
    assert "lineage.jsonl" in manifest.files


def test_runs_on_an_ancestor_count(line: Line) -> None:
    """A pull request may still be gated on yesterday's suite while today's exists."""
    first = line.make()
    line.run(first, dict.fromkeys(list(line.prompts(first))[:10], True))
    second = line.evolve()
    still = next(i for i in line.prompts(second) if i in line.prompts(first))
    line.run(first, {still: False})
    assert line.prompts(line.evolve())[still].origin == "regression"


def test_new_segments_get_prompts_and_production_s_mix_is_followed(line: Line) -> None:
    first = line.make()
    talk = (
        "how do I return the jazz records",
        "can I borrow a turntable for the jazz records",
        "I want to reserve the jazz records",
        "I need to repair a turntable",
    )
    music = [session_of(talk[i % 4], user=f"m-{i}", session_id=f"m-{i}") for i in range(120)]
    publish_dataset(line.storage, "data-2", [*library_sessions(120), *music])
    second = line.evolve(dataset="data-2")
    added = [p for i, p in line.prompts(second).items() if i not in line.prompts(first)]
    assert sum("jazz" in " ".join(p.turns) or "turntable" in " ".join(p.turns) for p in added) > 10
    assert second.prompts == 80
    assert second.drift is not None
    assert second.drift["new_traffic"]["now"] > 0.3
    assert second.evolution is not None
    assert second.evolution["retired"]["less_traffic_like_it"] > 10


def test_a_kept_prompt_that_copies_the_new_logs_is_not_kept(line: Line) -> None:
    """The firewall runs again: what was nobody's words yesterday may be somebody's today."""
    first = line.make()
    prompts = line.prompts(first)
    copied = next(p for p in prompts.values() if len(p.turns) == 1 and len(p.turns[0].split()) > 12)
    line.run(first, {copied.prompt_id: False})
    publish_dataset(
        line.storage, "data-2", [*library_sessions(120), session_of(*copied.turns, user="user-1", session_id="copy")]
    )
    second = line.evolve(dataset="data-2")
    assert copied.prompt_id not in line.prompts(second)
    assert second.evolution is not None
    assert second.evolution["retired"].keys() & {"copied_run", "copied_message", "near_copy"}


def test_a_kept_prompt_with_a_word_that_fewer_than_k_users_write_now_is_not_kept(line: Line) -> None:
    """A user may have asked for deletion: what five users once wrote is no longer enough when four are left."""
    asked = (
        "how do I renew my zeppelin?",
        "I want to return my zeppelin",
        "can I reserve my zeppelin",
    )
    said = [session_of(asked[i % 3], user=f"z-{i}", session_id=f"z-{i}") for i in range(60)]
    publish_dataset(line.storage, "data-1b", [*library_sessions(120), *said])
    first = make_suite(settings_of(line.storage), line.storage, dataset="data-1b")
    named = [i for i, p in line.prompts(first).items() if "zeppelin" in " ".join(p.turns).lower()]
    assert named
    publish_dataset(line.storage, "data-2", [*library_sessions(120), *said[:4]])
    second = line.evolve(dataset="data-2")
    assert not [p for p in line.prompts(second).values() if "zeppelin" in " ".join(p.turns).lower()]


def test_evolving_twice_on_the_same_evidence_gives_the_same_suite(line: Line) -> None:
    first = line.make()
    line.run(first, dict.fromkeys(list(line.prompts(first))[:20], True))
    assert line.evolve(first.suite_id).suite_id == line.evolve(first.suite_id).suite_id


def test_without_runs_and_with_the_same_traffic_nothing_changes(line: Line) -> None:
    first = line.make()
    second = line.evolve()
    assert line.prompts(second) == line.prompts(first)
    assert second.suite_id == first.suite_id


def test_the_configuration_may_ask_for_it_and_the_first_night_starts_anew(line: Line) -> None:
    first = line.make(evolve=True)
    assert first.evolution is None
    line.run(first, dict.fromkeys(list(line.prompts(first))[:5], True))
    second = line.make(evolve=True)
    assert second.evolution is not None
    assert second.evolution["from_suite_id"] == first.suite_id


def test_a_suite_that_is_not_there_is_a_usage_error(line: Line) -> None:
    with pytest.raises(UsageError, match="no suite 'latest'"):
        line.evolve()


def test_a_suite_that_was_changed_is_not_gone_on_from(line: Line) -> None:
    first = line.make()
    path = first.folder / "prompts.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"weight":0.', b'"weight":1.', 1))
    with pytest.raises(StorageError, match=r"prompts\.jsonl"):
        line.evolve()


def test_a_suite_on_s3_is_gone_on_from_by_another_machine(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Suite, runs and dataset come from the bucket; the successor and the pointer to it go there."""
    storage = Storage("s3://suites/rr")
    publish_dataset(storage, "data-1", library_sessions(120))
    first = make_suite(settings_of(storage), storage)
    turns = {prompt.prompt_id: len(prompt.turns) for prompt in read_prompts(first.folder)}
    ids = sorted(turns)
    run_of(storage, first.suite_id, {i: i not in ids[:3] for i in ids[:30]}, turns, day=1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another machine"))
    elsewhere = Storage("s3://suites/rr")
    second = make_suite(settings_of(elsewhere), elsewhere, evolve="latest")
    prompts = read_prompts(second.folder)
    assert {p.prompt_id for p in prompts if p.origin == "regression"} == set(ids[:3])
    assert len(prompts) == 80
    keys = {item["Key"] for item in s3.list_objects_v2(Bucket="suites")["Contents"]}
    assert f"rr/suites/{second.suite_id}/lineage.jsonl" in keys
    pointer = s3.get_object(Bucket="suites", Key="rr/suites/latest")["Body"].read().decode().strip()
    assert pointer == second.suite_id
    assert read_manifest(second.folder).parents.suite_id == first.suite_id
