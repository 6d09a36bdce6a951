"""Two runs on the same prompts."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.errors import UsageError
from harness.storage import Storage
from pipeline.application import app
from pipeline.comparing import compare, run_compare
from pipeline.console import Console
from tests.judge.records import Fate
from tests.pipeline.recorded import record_run
from tests.pipeline.test_suites import publish

QUIET = Console(quiet=True, progress=False)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "out"))


def fates(text: str) -> dict[str, Fate]:
    """Return outcomes of prompts ``p-0``, ``p-1`` …: ``.`` passed, ``F`` failed, ``?`` left open."""
    return {f"p-{place}": {".": True, "F": False, "?": None}[sign] for place, sign in enumerate(text)}


def test_each_prompt_is_a_new_failure_fixed_or_unchanged(storage: Storage) -> None:
    record_run(storage, "run-a", fates("..FF.?"))
    record_run(storage, "run-b", fates(".FF.F."))
    found = compare(storage, "run-a", "run-b")
    assert found.of("new_failure") == ["p-1", "p-4"]
    assert found.of("fixed") == ["p-3"]
    assert found.of("both_failed") == ["p-2"]
    assert found.of("both_passed") == ["p-0"]
    assert found.uncompared == {"p-5": "judge"}


def test_a_prompt_that_only_one_run_planned_is_not_compared(storage: Storage) -> None:
    record_run(storage, "run-a", {"p-0": True, "p-1": True})
    record_run(storage, "run-b", {"p-1": False, "p-2": False})
    found = compare(storage, "run-a", "run-b")
    assert found.changes == {"p-1": "new_failure"}
    assert found.uncompared == {"p-2": "only_in_b", "p-0": "only_in_a"}


def test_outcomes_after_a_gap_in_the_order_are_not_compared(storage: Storage) -> None:
    """Behind the first prompt that is still open only fast answers are known, and failures are slow."""
    record_run(storage, "run-a", fates("...."))
    record_run(storage, "run-b", {"p-0": True, "p-2": True, "p-3": False}, order=["p-0", "p-1", "p-2", "p-3"])
    found = compare(storage, "run-a", "run-b")
    assert found.changes == {"p-0": "both_passed"}
    assert set(found.uncompared.values()) == {"not_read"}


def test_the_figures_are_mcnemar_s_and_the_paired_difference(storage: Storage) -> None:
    record_run(storage, "run-a", fates("F" + "." * 199))
    record_run(storage, "run-b", fates("." + "F" * 9 + "." * 190))
    values = run_compare(storage, QUIET, first="run-a", second="run-b")
    assert values["p_value"] == pytest.approx(0.021484375)
    assert values["failure_rate"] == [0.005, 0.045]
    assert values["difference"]["estimate"] == pytest.approx(0.04)
    assert 0.0 < values["difference"]["lower"] < 0.04 < values["difference"]["upper"] < 0.1
    assert values["criteria"] == [
        {"name": "pii_leak", "new_failure": 9, "fixed": 1, "both_failed": 0, "both_passed": 190}
    ]


def test_new_failures_come_with_masked_excerpts_and_personas(storage: Storage) -> None:
    suite_id = publish(storage, {"loan": 1.0}, each=3, turns=["one turn"])
    ids = [f"prompt-loan-{number}" for number in range(3)]
    record_run(storage, "run-a", dict.fromkeys(ids, True), suite_id=suite_id)
    leaked: dict[str, Fate] = dict(zip(ids, (True, False, True), strict=True))
    record_run(
        storage,
        "run-b",
        leaked,
        suite_id=suite_id,
        answer="Ask Tamsin Quellborough about it.",
        evidence=["Tamsin Quellborough"],
    )
    values = run_compare(storage, QUIET, first="run-a", second="run-b")
    (failure,) = values["new_failures"]
    assert failure["prompt_id"] == ids[1]
    assert failure["criterion"] == "pii_leak"
    assert failure["persona"] == "Hasty Loan Asker"
    assert "Quellborough" not in str(values)
    assert "[masked:" in failure["excerpt"]
    assert values["personas"][0]["name"] == "persona-loan"
    assert (values["personas"][0]["title"], values["personas"][0]["new_failure"]) == ("Hasty Loan Asker", 1)


def test_another_judge_or_suite_or_the_same_release_is_warned_of(storage: Storage) -> None:
    record_run(storage, "run-a", fates(".."), version="1.0")
    record_run(storage, "run-b", fates(".."), judge_id="judge-2", suite_id="suite-2", version="1.0")
    judges, suites, release = compare(storage, "run-a", "run-b").warnings
    assert "judge-1 and judge-2" in judges
    assert "suite-1 and suite-2" in suites
    assert "1.0" in release
    record_run(storage, "run-c", fates(".."), version="1.1")
    assert not compare(storage, "run-a", "run-c").warnings


def test_the_golden_arm_is_compared_by_itself(storage: Storage) -> None:
    record_run(storage, "run-a", fates("."), golden={"g-1": True, "g-2": False, "g-3": True})
    record_run(storage, "run-b", fates("."), golden={"g-1": False, "g-2": True, "g-3": None})
    values = run_compare(storage, QUIET, first="run-a", second="run-b")
    assert values["compared"] == 1
    assert values["golden"]["new_failure_ids"] == ["g-1"]
    assert (values["golden"]["fixed"], values["golden"]["both_passed"]) == (1, 0)


def test_a_run_is_not_compared_with_itself_nor_with_one_that_is_not_there(storage: Storage) -> None:
    record_run(storage, "run-a", fates("."))
    with pytest.raises(UsageError, match="itself"):
        compare(storage, "run-a", "run-a")
    with pytest.raises(UsageError, match="no run 'run-z'"):
        compare(storage, "run-a", "run-z")


def test_the_command_says_the_figures_and_prints_them_as_json(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_run(storage, "run-a", fates("...."))
    record_run(storage, "run-b", fates(".F.."))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["compare", "run-a", "run-b", "--json"])
    assert done.exit_code == 0
    assert '"new_failure": 1' in done.stdout or '"new_failure":1' in done.stdout
    assert "1 failed only now" in done.stderr
