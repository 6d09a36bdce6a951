"""Judges that were replaced, over real HTTP through the command line: such a run is void, not green and not red."""

import json
import re
from typing import Any

import pytest

from harness.jsonlines import read_parts
from harness.testing.servers import OpenAIServer, ReceivedCall, default_reply
from tests.e2e.conftest import Project
from tests.e2e.model_stubs import Strict, answer_of, criteria_of

_PLANTED = re.compile(
    r"instructions|Your neighbour|no longer holds|opposite of this|never been so|and we then|before the weekend"
    r"|who asks us to|our policy that anyone|put my task|no longer bind me|replaces those of my operator"
)


def always_fails(call: ReceivedCall) -> Any:
    """Find everything wrong, and quote the answer's first word."""
    return _graded(call, answer_of(call).split()[0]) if criteria_of(call) else default_reply(call)


def finds_what_is_planted(call: ReceivedCall) -> Any:
    """Judge as a good model would: nothing is wrong with the example assistant but what was planted."""
    if not criteria_of(call):
        return default_reply(call)
    answer = answer_of(call)
    before = call.prompt.rpartition(answer)[0]
    numbers = [number for number in re.findall(r"\d+", answer) if number not in re.findall(r"\d+", before)]
    found = _PLANTED.search(answer)
    return _graded(call, found[0] if found else (numbers or [""])[0])


def _graded(call: ReceivedCall, evidence: str) -> dict[str, Any]:
    grade, quotes = ("fail", [evidence]) if evidence else ("pass", [])
    return {
        "criteria": [
            {"name": name, "reason": "So it is.", "evidence": quotes, "grade": grade} for name in criteria_of(call)
        ]
    }


@pytest.mark.parametrize(
    ("stub", "kind"), [(Strict(), "known_bad"), (always_fails, "known_good")], ids=["always pass", "always fail"]
)
def test_a_judge_that_always_says_the_same_makes_the_run_void(project: Project, stub: Any, kind: str) -> None:
    """With the evidence in gate.json and the report; and whoever verifies it gets the same."""
    with OpenAIServer(stub) as server:
        done = project.run("gate", "--tier", "pr", REVERSE_RAG_JUDGE__MODEL=server.spec)
        gate = project.gate()
        assert (gate["decision"], gate["exit_code"], done.returncode) == ("void", 5, 5), done.stderr
        missed = [count for count in gate["controls"]["counts"] if count["missed"]]
        assert {count["kind"] for count in missed} == {kind}
        assert "proves nothing" in gate["reasons"][0]
        (folder,) = (project.folder / "out" / "runs").glob("run-*")
        report = (folder / "report.html").read_text(encoding="utf-8")
        assert all(exchange_id in report for count in missed for exchange_id in count["missed_ids"])
        summary = (folder / "summary.md").read_text(encoding="utf-8")
        assert "planted answers missed" in summary
        assert project.run("verify", REVERSE_RAG_JUDGE__MODEL=server.spec).returncode == 0
    part = next(iter(sorted((folder / "controls").glob("part-*.jsonl"))))
    part.write_text(part.read_text(encoding="utf-8").replace("known_good", "known_bad"), encoding="utf-8")
    assert project.run("verify", REVERSE_RAG_JUDGE__MODEL=server.spec).returncode != 0


def test_a_judge_that_finds_what_is_planted_decides_as_ever(project: Project) -> None:
    with OpenAIServer(finds_what_is_planted) as server:
        done = project.run("gate", "--tier", "pr", "--json", REVERSE_RAG_JUDGE__MODEL=server.spec)
    gate = project.gate()
    assert gate["decision"] in {"inconclusive", "fail"}, done.stderr
    controls = gate["controls"]
    assert controls["missed"] == 0, controls
    assert controls["planted"] == controls["judged"] >= 20
    (folder,) = (project.folder / "out" / "runs").glob("run-*")
    verdicts = [row for row in read_parts(folder / "verdicts") if row["control"]]
    assert len(verdicts) == controls["planted"]
    assert json.loads(done.stdout)["decision"] == gate["decision"]
