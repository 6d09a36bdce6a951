"""New failures in the reports."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from harness.contracts import GateResult
from reports.conversations import read_conversations, read_verdicts
from reports.loading import load_run
from reports.precedents import fallen, sentences
from tests.reports.conftest import Reported, report
from tests.reports.run_folders import Folders, make_run

COMPARED: dict[str, Any] = {
    "run_id": "run-0",
    "standing": "comparable",
    "compared": 300,
    "new_failures": 6,
    "fixed": 1,
    "both_failed": 2,
    "both_passed": 291,
    "difference": {"estimate": 0.0167, "lower": 0.001, "upper": 0.03},
    "evidence": 24.5,
    "evidence_needed": 20.0,
    "confidence": 0.95,
    "regressed": True,
    "fewest": 6,
}


def changed(folders: Folders, **values: Any) -> GateResult:
    """Rewrite a run's decision with other values; return it."""
    path = folders.run / "gate.json"
    gate = GateResult.from_json(path.read_bytes()).model_copy(update=values)
    path.write_bytes(gate.to_json())
    return gate


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reported, list[str]]:
    """Return the reports of a run on a baseline, and the ids of its new failures."""
    folders = make_run(tmp_path_factory.mktemp("compared"), prompts=120, failing=0.2)
    run = load_run(folders.run, suite_folder=folders.suite, dataset_folder=None)
    conversations = read_conversations(run, read_verdicts(run))
    failed = [c.key.prompt_id for c in conversations if c.status == "failed" and c.in_rate][2:5]
    changed(folders, baseline={**COMPARED, "new_failure_ids": failed})
    return report(folders), failed


def test_every_report_shows_new_failures_before_other_causes(compared: tuple[Reported, list[str]]) -> None:
    reported, failed = compared
    for text, cause in ((reported.html, 'id="causes"'), (reported.markdown, "### What broke")):
        assert all(prompt_id in text for prompt_id in failed)
        assert text.index("What changed") < text.index(cause)
        assert "24.5 to 1" in text
    suites = ET.fromstring(reported.junit)  # noqa: S314 — our own file
    cases = suites.findall("testsuite/testcase")
    assert [case.get("name") for case in cases][:2] == ["decision (main)", "new failures"]
    assert cases[1].find("failure") is not None
    prompts = [case.get("name") for case in suites.findall("testsuite")[1].findall("testcase")]
    assert set(prompts[:3]) == set(failed)


def test_a_run_without_baseline_and_golden_arm_has_no_such_section(tmp_path: Path) -> None:
    reported = report(make_run(tmp_path, prompts=20))
    for text in (reported.html, reported.markdown):
        assert "What changed" not in text
    assert "new failures" not in reported.junit


def test_a_baseline_that_is_missing_is_said_and_skipped(tmp_path: Path) -> None:
    folders = make_run(tmp_path, prompts=20)
    changed(folders, baseline={"asked": "latest", "standing": "missing", "run_id": None})
    reported = report(folders)
    assert "Nothing was compared" in reported.html
    assert "Nothing was compared" in reported.markdown
    suites = ET.fromstring(reported.junit)  # noqa: S314 — our own file
    case = suites.findall("testsuite/testcase")[1]
    assert case.find("skipped") is not None


def test_the_golden_arm_tells_both_kinds_apart(tmp_path: Path) -> None:
    gate = changed(
        make_run(tmp_path, prompts=20),
        golden={
            "planned": 3,
            "judged": 3,
            "failed": 1,
            "max_failures": 0,
            "failures": ["g-1"],
            "new_failures": ["g-1", "r-1"],
            "regression": {"planned": 2, "judged": 2, "failed": 1, "failures": ["r-1"]},
        },
    )
    assert sentences(gate) == [
        "1 of 3 hand-written prompts failed; at most 0 may.",
        "1 of 2 prompts that once failed still fails.",
    ]
    assert [(one.prompt_id, one.why) for one in fallen(gate, [])] == [
        ("g-1", "hand-written, passed in the baseline"),
        ("r-1", "once failed, passed in the baseline"),
    ]
