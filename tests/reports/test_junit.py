import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.reports.conftest import Reported, report
from tests.reports.run_folders import PLANTED, make_run


def _suites(text: str) -> dict[str, ET.Element]:
    return {suite.get("name", ""): suite for suite in ET.fromstring(text)}  # noqa: S314 — our own file


def test_every_judged_prompt_is_a_case_and_every_failed_one_a_failure(failed: Reported) -> None:
    prompts = _suites(failed.junit)["reverse-rag prompts"]
    assert len(prompts) == 300
    assert {f.get("type") for f in prompts.iter("failure")} >= {"groundedness", "pii_leak", "availability"}


def test_the_counts_are_those_of_the_cases(failed: Reported) -> None:
    for suite in _suites(failed.junit).values():
        assert suite.get("tests") == str(len(suite))
        assert suite.get("failures") == str(len(list(suite.iter("failure"))))
        assert suite.get("skipped") == str(len(list(suite.iter("skipped"))))
        assert float(suite.get("time", "")) >= 0


def test_the_decision_and_each_objective_are_cases(failed: Reported) -> None:
    gate = _suites(failed.junit)["reverse-rag gate"]
    results = {case.get("name"): [child.tag for child in case] for case in gate}
    assert results == {
        "decision (main)": ["failure"],
        "Error rate": [],
        "Latency, 95th percentile": ["failure"],
        "Time to first token, 95th percentile": ["skipped"],
    }


def test_what_the_infrastructure_is_to_blame_for_is_skipped(failed: Reported) -> None:
    skipped = list(_suites(failed.junit)["reverse-rag prompts"].iter("skipped"))
    assert skipped
    assert all("not in the failure rate" in s.get("message", "") for s in skipped)


@pytest.mark.parametrize(("decision", "tag"), [("void", "error"), ("inconclusive", "failure"), ("pass", None)])
def test_each_decision_has_its_result(tmp_path: Path, decision: str, tag: str | None) -> None:
    reported = report(make_run(tmp_path, prompts=10, failing=0.0, decision=decision))  # type: ignore[arg-type]
    case = _suites(reported.junit)["reverse-rag gate"][0]
    assert [child.tag for child in case] == ([tag] if tag else [])


def test_leaked_values_are_masked_and_the_failure_says_what_kind(failed: Reported) -> None:
    assert [value for value in PLANTED if value in failed.junit] == []
    assert "[masked: 33 characters]" in failed.junit


def test_hostile_answers_leave_the_file_well_formed(hostile: Reported) -> None:
    prompts = _suites(hostile.junit)["reverse-rag prompts"]
    assert int(prompts.get("failures", "0")) == len(prompts)


def test_a_failed_case_says_how_to_replay_it(failed: Reported) -> None:
    case = next(c for c in _suites(failed.junit)["reverse-rag prompts"] if c.find("failure") is not None)
    assert f"reverse-rag replay {case.get('name')}" in (case.findtext("failure") or "")
