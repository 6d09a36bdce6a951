"""Judging what another tool recorded."""

import asyncio
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from harness.config import JudgeSection, Settings
from harness.errors import BudgetSpentError, InputError, ModelError, UsageError
from harness.jsonlines import read_lines, read_parts
from harness.models import ModelCall, ModelReply, OutputT, Usage
from harness.testing.model import FakeModel, ScriptedReply
from judge.grading import UNJUDGED_IN_A_ROW
from judge.recorded import judge_file


class Watcher:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int | None, str]] = []

    def update(self, step: str, done: int, total: int | None = None, note: str = "") -> None:
        """Remember the progress."""
        self.told.append((step, done, total, note))


def recorded(folder: Path, *rows: Any) -> Path:
    path = folder / "exchanges.jsonl"
    path.write_bytes(b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows) + b"\n")
    return path


GOOD = {"prompt": "When?", "response_text": "The shop opens at nine.", "contexts": ["The shop opens at nine."]}
BAD = {**GOOD, "response_text": "The shop opens at nine. Mr Halvorsen pays you 450 crowns."}


def test_a_file_with_the_least_fields_is_judged_with_scores(tmp_path: Path) -> None:
    watcher = Watcher()
    result = judge_file(recorded(tmp_path, GOOD, BAD), tmp_path / "out", Settings(), progress=watcher)
    assert (result.judged, result.failed, result.quarantined, watcher.told[-1][:2]) == (2, 1, 0, ("judging", 2))
    verdicts = list(read_parts(tmp_path / "out" / "verdicts"))
    assert [v["exchange_id"] for v in verdicts] == ["line-1", "line-2"]
    scores = [c["score"] for v in verdicts for c in v["criteria"] if c["name"] == "groundedness"]
    assert scores[0] > 0.5 > scores[1]
    assert not (tmp_path / "out" / "quarantine.jsonl").exists()


def test_broken_lines_are_counted_and_their_words_are_not_kept(tmp_path: Path) -> None:
    rows = [
        GOOD,
        b"{broken secret",
        [1],
        {"response_text": "secret"},
        {"prompt": "secret", "response_text": 5},
        {"prompt": "x", "response_text": "y", "outcome": "secret"},
        b"",
        {"prompt": "x"},
    ]
    result = judge_file(recorded(tmp_path, *rows), tmp_path / "out", Settings())
    assert (result.judged, result.quarantined) == (1, 6)
    assert result.reasons == {"not_json": 1, "not_an_object": 1, "missing_field": 2, "wrong_type": 2}
    quarantined = list(read_lines(tmp_path / "out" / "quarantine.jsonl"))
    assert [q["line"] for q in quarantined] == [2, 3, 4, 5, 6, 8]
    assert "secret" not in (tmp_path / "out" / "quarantine.jsonl").read_text()


def test_turns_of_a_conversation_know_each_other(tmp_path: Path) -> None:
    first = {
        "prompt": "I owe 450 crowns",
        "response_text": "I see.",
        "prompt_id": "c",
        "exchange_id": "c-0",
        "contexts": ["Fines are due."],
    }
    second = {
        **first,
        "prompt": "And now?",
        "response_text": "Your fines of 450 crowns are due.",
        "turn": 1,
        "exchange_id": "c-1",
    }
    assert judge_file(recorded(tmp_path, first, second), tmp_path / "out", Settings()).failed == 0


def test_failed_requests_keep_their_ledger_without_an_answer(tmp_path: Path) -> None:
    rows = [{"prompt": "x", "outcome": "http_error"}, {"prompt": "x", "outcome": "throttled"}]
    result = judge_file(recorded(tmp_path, *rows), tmp_path / "out", Settings())
    assert (result.judged, result.failed, result.ungraded) == (2, 1, 1)


def test_a_single_context_may_stand_without_its_list(tmp_path: Path) -> None:
    judge_file(recorded(tmp_path, {**GOOD, "contexts": GOOD["contexts"][0]}), tmp_path / "out", Settings())
    verdict = next(iter(read_parts(tmp_path / "out" / "verdicts")))
    assert "groundedness" in [criterion["name"] for criterion in verdict["criteria"]]


def test_the_model_judges_recorded_answers_too(tmp_path: Path) -> None:
    reply = {
        "criteria": [
            {"name": n, "reason": "r", "grade": "pass"}
            for n in ("invented_facts", "injection_obeyed", "confidential_data")
        ]
    }
    model = FakeModel(lambda _: reply)
    result = judge_file(recorded(tmp_path, GOOD, GOOD), tmp_path / "out", Settings(), model)
    assert (result.judged, result.ungraded, len(model.calls)) == (2, 0, 2)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"nothing here\n", b"\x00\x01\xff\n"])
def test_a_file_without_exchanges_is_an_input_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "exchanges.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"exchanges\.jsonl"):
        judge_file(path, tmp_path / "out", Settings())


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        judge_file(tmp_path / "none.jsonl", tmp_path / "out", Settings())


def said(grade: str = "pass") -> dict[str, Any]:
    names = ("invented_facts", "injection_obeyed", "confidential_data")
    evidence = ["opens at nine"] if grade == "fail" else []
    return {"criteria": [{"name": n, "reason": "r", "grade": grade, "evidence": evidence} for n in names]}


def many(folder: Path, count: int) -> Path:
    rows = [{**GOOD, "exchange_id": f"e-{number}", "prompt": f"When, {number}?"} for number in range(count)]
    return recorded(folder, *rows)


def test_a_second_call_goes_on_where_the_first_was_stopped(tmp_path: Path) -> None:
    """What was judged is not paid for again, and the totals are of both."""
    path, usage = many(tmp_path, 6), Usage(requests=1, cost_usd=0.1)
    script: list[ScriptedReply] = [said(), said("fail"), said(), BudgetSpentError("spent")]
    settings = Settings(judge=JudgeSection(concurrency=1))
    first = judge_file(path, tmp_path / "out", settings, FakeModel(script, usage=usage))
    assert (first.judged, first.stopped_because) == (3, "budget")
    model = FakeModel(lambda _: said(), usage=usage)
    again = judge_file(path, tmp_path / "out", settings, model)
    assert (again.judged, again.failed, again.known, again.stopped_because) == (6, 1, 3, "")
    assert len(model.calls) == 3
    assert again.cost_usd == pytest.approx(0.6)
    assert [v["exchange_id"] for v in read_parts(tmp_path / "out" / "verdicts")] == [f"e-{n}" for n in range(6)]


def test_what_the_model_could_not_judge_is_asked_again(tmp_path: Path) -> None:
    path = many(tmp_path, 2)
    judge_file(path, tmp_path / "out", Settings(), FakeModel([said(), ModelError("no")]))
    model = FakeModel(lambda _: said())
    result = judge_file(path, tmp_path / "out", Settings(), model)
    assert (result.judged, result.ungraded, len(model.calls)) == (2, 0, 1)


def test_a_model_that_fails_on_and_on_is_given_up(tmp_path: Path) -> None:
    model = FakeModel(lambda _: ModelError("down"))
    settings = Settings(judge=JudgeSection(concurrency=2))
    result = judge_file(many(tmp_path, 120), tmp_path / "out", settings, model)
    assert result.stopped_because == "judge_failing"
    assert UNJUDGED_IN_A_ROW <= len(model.calls) <= UNJUDGED_IN_A_ROW + 2
    assert model.closed


def test_verdicts_keep_the_files_order_however_long_each_takes(tmp_path: Path) -> None:
    waits = iter([0.05, 0.0, 0.02, 0.0, 0.0])

    class Uneven(FakeModel):
        async def ask(self, call: ModelCall, output: type[OutputT]) -> ModelReply[OutputT]:
            await asyncio.sleep(next(waits))
            return await super().ask(call, output)

    judge_file(many(tmp_path, 5), tmp_path / "out", Settings(), Uneven(lambda _: said()))
    assert [v["exchange_id"] for v in read_parts(tmp_path / "out" / "verdicts")] == [f"e-{n}" for n in range(5)]


def test_an_interrupt_keeps_what_is_judged_behind_one_that_is_not(tmp_path: Path) -> None:
    """Verdicts wait for those before them to keep the file's order; they are paid for all the same."""
    settings = Settings(judge=JudgeSection(concurrency=5))
    asked: list[int] = []

    class Stuck(FakeModel):
        async def ask(self, call: ModelCall, output: type[OutputT]) -> ModelReply[OutputT]:
            asked.append(1)
            if len(asked) == 1:
                await asyncio.Event().wait()
            return await super().ask(call, output)

    model = Stuck(lambda _: said())

    async def interrupted(work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        while len(model.calls) < 4:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    judge_file(many(tmp_path, 5), tmp_path / "out", settings, model, run=lambda work: asyncio.run(interrupted(work)))
    assert [v["exchange_id"] for v in read_parts(tmp_path / "out" / "verdicts")] == [f"e-{n}" for n in range(1, 5)]
    again = judge_file(many(tmp_path, 5), tmp_path / "out", settings, FakeModel([said()]))
    assert (again.judged, again.known, again.ungraded) == (5, 4, 0)


def test_verdicts_of_another_file_or_judge_are_never_mixed(tmp_path: Path) -> None:
    path = recorded(tmp_path, GOOD)
    judge_file(path, tmp_path / "out", Settings())
    with pytest.raises(UsageError, match="of another judge"):
        judge_file(path, tmp_path / "out", Settings(), FakeModel([]))
    with pytest.raises(UsageError, match="on another file"):
        judge_file(recorded(tmp_path, GOOD, BAD), tmp_path / "out", Settings())
    (tmp_path / "out" / "source.json").unlink()
    with pytest.raises(UsageError, match="nothing says on what"):
        judge_file(path, tmp_path / "out", Settings())
