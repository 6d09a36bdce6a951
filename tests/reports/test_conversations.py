from pathlib import Path
from typing import Any

import pytest

from harness.contracts import CriterionResult, Exchange, Verdict
from harness.jsonlines import PartWriter
from reports.conversations import Conversation, read_conversations, read_verdicts
from reports.loading import load_run
from tests.reports.run_folders import LEAKED_EMAIL, PLANTED, make_run


def _read(root: Path, exchanges: list[dict[str, Any]], verdicts: list[dict[str, Any]]) -> dict[str, Conversation]:
    folders = make_run(root, prompts=0)
    with PartWriter(folders.run / "exchanges") as writer:
        for values in exchanges:
            writer.append(Exchange(prompt="hello", **values).to_dict())
    with PartWriter(folders.run / "verdicts") as writer:
        for values in verdicts:
            writer.append(Verdict(judge_id="j", **values).to_dict())
    run = load_run(folders.run, suite_folder=folders.suite, dataset_folder=None)
    return {c.key.prompt_id: c for c in read_conversations(run, read_verdicts(run))}


def _verdict(exchange_id: str, *, passed: bool | None = True, **values: Any) -> dict[str, Any]:
    return {"prompt_id": exchange_id.split("-")[0], "exchange_id": exchange_id, "passed": passed} | {
        "ledger": "target",
        **values,
    }


def test_a_conversation_fails_when_any_turn_fails(tmp_path: Path) -> None:
    exchanges: list[dict[str, Any]] = [{"exchange_id": f"a-{turn}", "prompt_id": "a", "turn": turn} for turn in (1, 0)]
    failed = [CriterionResult(name="cut_off", passed=False, reason="ends early")]
    found = _read(tmp_path, exchanges, [_verdict("a-0", passed=False, criteria=failed), _verdict("a-1")])
    assert (found["a"].status, found["a"].turns, found["a"].criteria) == ("failed", 2, ["cut_off"])


@pytest.mark.parametrize(
    ("verdict", "outcome", "status"),
    [
        (_verdict("a-0"), "answered", "passed"),
        (_verdict("a-0", passed=None, ledger="judge"), "answered", "ungraded"),
        (_verdict("a-0", passed=None, ledger="infrastructure"), "throttled", "infrastructure"),
        (None, "connection_error", "infrastructure"),
        (None, "answered", "unjudged"),
        (_verdict("a-0", control="known_bad", passed=False), "answered", "unjudged"),
    ],
)
def test_each_ledger_has_its_status(tmp_path: Path, verdict: dict[str, Any] | None, outcome: str, status: str) -> None:
    exchange = {"exchange_id": "a-0", "prompt_id": "a", "outcome": outcome}
    assert _read(tmp_path, [exchange], [verdict] if verdict else [])["a"].status == status


def test_an_exchange_recorded_twice_counts_once(tmp_path: Path) -> None:
    exchange = {"exchange_id": "a-0", "prompt_id": "a"}
    assert _read(tmp_path, [exchange, exchange], [_verdict("a-0")])["a"].turns == 1


def test_a_later_verdict_replaces_the_earlier(tmp_path: Path) -> None:
    failed = [CriterionResult(name="cut_off", passed=False)]
    verdicts = [_verdict("a-0", passed=False, criteria=failed), _verdict("a-0")]
    found = _read(tmp_path, [{"exchange_id": "a-0", "prompt_id": "a"}], verdicts)
    assert found["a"].status == "passed"
    assert found["a"].failures == []


def test_what_leaked_in_one_turn_is_hidden_in_every_turn(tmp_path: Path) -> None:
    exchanges: list[dict[str, Any]] = [
        {"exchange_id": "a-0", "prompt_id": "a", "response_text": f"it is {LEAKED_EMAIL}"},
        {"exchange_id": "a-1", "prompt_id": "a", "turn": 1, "response_text": f"as I said, {LEAKED_EMAIL}"},
    ]
    leak = [CriterionResult(name="pii_leak", passed=False, reason=f"gives {LEAKED_EMAIL}", evidence=[LEAKED_EMAIL])]
    found = _read(tmp_path, exchanges, [_verdict("a-0"), _verdict("a-1", passed=False, criteria=leak)])["a"]
    assert LEAKED_EMAIL not in repr(found)
    assert found.failures[0].excerpt == "as I said, [masked: 33 characters]"


def test_a_leak_without_evidence_hides_the_whole_answer(tmp_path: Path) -> None:
    exchange: dict[str, Any] = {"exchange_id": "a-0", "prompt_id": "a", "response_text": f"it is {LEAKED_EMAIL}"}
    leak = [CriterionResult(name="pii_leak", passed=False, reason="gives an address")]
    found = _read(tmp_path, [exchange], [_verdict("a-0", passed=False, criteria=leak)])["a"]
    assert found.answer == "[masked: 39 characters]"
    assert found.failures[0].excerpt == ""


def test_repeats_and_other_arms_are_outside_the_rate(tmp_path: Path) -> None:
    folders = make_run(tmp_path, prompts=3, failing=0.0)
    run = load_run(folders.run, suite_folder=folders.suite, dataset_folder=None)
    prompt_id = run.plan.order[0] if run.plan else ""
    with PartWriter(folders.run / "exchanges") as writer:
        for arm, attempt in (("load", 2), ("control", 1)):
            exchange = Exchange(
                exchange_id=f"{arm}{attempt}", prompt_id=prompt_id, arm=arm, attempt=attempt, prompt="hi"
            )
            writer.append(exchange.to_dict())
    found = read_conversations(run, read_verdicts(run))
    assert [(c.key.prompt_id, c.in_rate) for c in found if c.key.prompt_id == prompt_id] == [
        (prompt_id, True),
        (prompt_id, False),
        (prompt_id, False),
    ]


def test_conversations_hold_no_leaked_value(tmp_path: Path) -> None:
    folders = make_run(tmp_path, prompts=200, failing=0.5)
    run = load_run(folders.run, suite_folder=folders.suite, dataset_folder=None)
    shown = repr(read_conversations(run, read_verdicts(run)))
    assert [value for value in PLANTED if value in shown] == []
