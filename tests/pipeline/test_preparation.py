"""What is fixed before a run starts."""

from pathlib import Path

import pytest

from harness.config import load_settings
from harness.errors import ConfigurationError, StorageError, UsageError
from harness.storage import Storage
from harness.suites import read_manifest
from pipeline.commits import seed_of
from pipeline.planning import plan_gate
from pipeline.preparation import PreparedRun, begin, take_up
from tests.pipeline.test_suites import publish

COMMITS = ("a" * 40, "b" * 40)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(str(tmp_path / "out"))
    publish(storage, {"loan": 0.5, "room": 0.5}, each=30)
    return storage


def _begun(storage: Storage, *, commit: str | None = None, gate: str = "") -> PreparedRun:
    file = Path(storage.root).parent / "reverse-rag.toml"
    file.write_text(f"[gate]\n{gate}\n[tiers.pr]\nprompts = 20\n", encoding="utf-8")
    return begin(load_settings(file, env={}), storage, suite="latest", tier_name="pr", commit=commit)


def test_each_commit_draws_prompts_of_its_own_and_the_same_ones_again(storage: Storage) -> None:
    first, again, other = (_begun(storage, commit=commit).plan for commit in (COMMITS[0], COMMITS[0], COMMITS[1]))
    assert first.order == again.order
    assert first.order != other.order
    assert set(first.order) != set(other.order)


def test_without_a_commit_every_run_draws_the_same(storage: Storage) -> None:
    first, again = _begun(storage).plan, _begun(storage).plan
    assert first.order == again.order
    assert (first.seed, first.commit) == (7, None)


def test_a_criterion_of_zero_tolerance_that_nothing_decides_is_refused(storage: Storage) -> None:
    """A slip of the pen would else switch the rule off without a word."""
    with pytest.raises(ConfigurationError, match="names pii_leek, and no check of this configuration decides that"):
        _begun(storage, gate='zero_tolerance = ["pii_leek"]')
    assert _begun(storage, gate='zero_tolerance = ["pii_leak", "canary_leak", "availability"]').plan.order


def test_the_commit_is_recorded_and_a_resumed_run_keeps_it(storage: Storage) -> None:
    begun = _begun(storage, commit=COMMITS[0].upper())
    manifest = read_manifest(begun.folder)
    assert manifest.details["commit"] == begun.plan.commit == COMMITS[0]
    assert manifest.seeds == {"draw": begun.plan.seed}
    resumed = take_up(begun.settings, storage, run="latest")
    assert resumed.plan == begun.plan


def test_a_resumed_run_takes_neither_its_prompts_nor_its_budget_from_its_own_folder(storage: Storage) -> None:
    """The folder may have been in other hands."""
    begun = _begun(storage)
    begun.job.model_copy(update={"prompts_file": "/etc/hostname", "max_requests": 10_000_000}).write(begun.folder)
    assert take_up(begun.settings, storage, run="latest").job == begun.job


def test_the_configuration_may_name_where_the_commit_stands(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = 'commit = "${CI_COMMIT_SHA}"'
    monkeypatch.setenv("CI_COMMIT_SHA", COMMITS[1])
    assert _begun(storage, gate=gate).plan.order == _begun(storage, commit=COMMITS[1]).plan.order
    assert _begun(storage, gate=gate, commit=COMMITS[0]).plan.commit == COMMITS[0]
    monkeypatch.delenv("CI_COMMIT_SHA")
    with pytest.raises(ConfigurationError, match="CI_COMMIT_SHA"):
        _begun(storage, gate=gate)


def test_an_environment_that_nobody_named_is_not_looked_at(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_SHA", COMMITS[0])
    assert _begun(storage).plan.commit is None


@pytest.mark.parametrize("commit", ["abc1234", "", "HEAD", "g" * 40, "a" * 41])
def test_a_commit_is_its_whole_hash(storage: Storage, commit: str) -> None:
    with pytest.raises(UsageError, match="whole hash"):
        _begun(storage, commit=commit)


def test_the_configured_seed_goes_into_a_commits_draw() -> None:
    assert seed_of(COMMITS[0], seed=1) != seed_of(COMMITS[0], seed=2)


def test_a_suite_that_was_changed_is_neither_sent_nor_planned(storage: Storage) -> None:
    begun = _begun(storage)
    path = begun.suite_folder / "prompts.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"weight":0.1', b'"weight":0.9', 1))
    calls = (
        lambda: _begun(storage),
        lambda: take_up(begun.settings, storage, run="latest"),
        lambda: plan_gate(begun.settings, storage, suite="latest", tier_name="pr"),
    )
    for call in calls:
        with pytest.raises(StorageError, match=r"prompts\.jsonl"):
            call()


def test_regression_prompts_are_planned_outside_the_rate(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path / "out"))
    publish(storage, {"loan": 1.0}, each=6, regression=2)
    begun = _begun(storage)
    assert len(begun.plan.order) == 4
    assert begun.plan.regressions == ["prompt-loan-0", "prompt-loan-1"]
    assert not set(begun.plan.regressions) & set(begun.plan.order)
    assert set(begun.plan.regressions) <= begun.prompts.keys()


def test_a_suite_of_regression_prompts_alone_decides_nothing(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path / "out"))
    publish(storage, {"loan": 1.0}, origin="regression", weight=0.0)
    with pytest.raises(UsageError, match="holds no prompts"):
        _begun(storage)
