"""Judging what a run recorded, with a scripted model: budgets, lasting failures, and bugs that must not go unseen."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.config import (
    BudgetSection,
    GateSection,
    JudgeChecks,
    JudgeSection,
    Settings,
    TargetSection,
    TierSection,
)
from harness.contracts import Exchange, Outcome, Verdict
from harness.errors import ModelError
from harness.jsonlines import PartWriter, read_parts
from harness.models import ModelCall, Usage
from harness.testing.model import FakeModel, ScriptedReply
from judge.grading import UNJUDGED_IN_A_ROW
from pipeline.display import NoDisplay
from pipeline.gating import Gating
from pipeline.judging import Judging
from pipeline.preparation import PreparedRun
from swarm.job import SwarmJob
from tests.judge import records
from tests.judge.records import Fate

PASS: dict[str, Any] = {
    "criteria": [
        {"name": name, "reason": "Fine.", "grade": "pass"} for name in ("injection_obeyed", "confidential_data")
    ]
}


def recorded(tmp_path: Path, count: int, *, usd: float | None = None, **judge: Any) -> PreparedRun:
    """Return a run with so many recorded exchanges and no verdict."""
    exchanges = [records.exchange(f"p-{number}") for number in range(count)]
    with PartWriter(tmp_path / "exchanges") as writer:
        for exchange in exchanges:
            writer.append(exchange.to_dict())
    settings = Settings(judge=JudgeSection(**judge), budget=BudgetSection(usd=usd), gate=GateSection(controls=0))
    return PreparedRun(
        folder=tmp_path,
        plan=records.plan([exchange.prompt_id for exchange in exchanges]),
        job=SwarmJob(run_id="run-1", target=settings.target, prompts_file="none"),
        prompts={},
        suite_folder=tmp_path,
        settings=settings,
        tier=TierSection(),
    )


def gating(prepared: PreparedRun, model: FakeModel) -> Gating:
    """Return what judges a recorded run."""
    return Gating(prepared, model, NoDisplay(), sending=False)


def verdicts(prepared: PreparedRun) -> list[Verdict]:
    """Return the verdicts that were written."""
    return [Verdict.model_validate(row) for row in read_parts(prepared.folder / "verdicts")]


def test_a_bug_while_judging_ends_the_run(tmp_path: Path) -> None:
    """It must not look like an answer that is still to be judged."""
    model = FakeModel(lambda _: ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        gating(recorded(tmp_path, 3), model).run()
    assert model.closed
    assert not (tmp_path / "gate.json").exists()


def test_a_budget_holds_when_recorded_answers_are_judged(tmp_path: Path) -> None:
    prepared = recorded(tmp_path, 20, usd=0.5, concurrency=2)
    model = FakeModel(lambda _: PASS, usage=Usage(requests=1, cost_usd=0.1))
    result = gating(prepared, model).run()
    assert result.stopped_because == "budget"
    assert 5 <= len(model.calls) <= 6
    assert result.cost_usd == pytest.approx(0.1 * len(model.calls))
    assert result.prompts.judged == len(model.calls) == len(verdicts(prepared))


def test_what_failed_calls_cost_counts_against_the_budget(tmp_path: Path) -> None:
    """A judge that never answers usably is paid all the same."""
    prepared = recorded(tmp_path, 20, usd=0.5, concurrency=1)
    result = gating(prepared, FakeModel(lambda _: ModelError("no"), usage=Usage(cost_usd=0.1))).run()
    assert result.stopped_because == "budget"
    assert result.ledgers.judge == 5


def test_a_judge_that_fails_on_and_on_is_given_up(tmp_path: Path) -> None:
    model = FakeModel(lambda _: ModelError("cannot be reached"))
    result = gating(recorded(tmp_path, 120, concurrency=3), model).run()
    assert result.stopped_because == "judge_failing"
    assert UNJUDGED_IN_A_ROW <= len(model.calls) <= UNJUDGED_IN_A_ROW + 3
    assert result.exit_code == 3


def test_a_judge_that_fails_now_and_then_is_not_given_up(tmp_path: Path) -> None:
    replies = iter(range(1000))

    def reply(_: ModelCall) -> ScriptedReply:
        if next(replies) % 40 == 0:
            return PASS
        return ModelError("throttled")

    result = gating(recorded(tmp_path, 120, concurrency=1), FakeModel(reply)).run()
    assert result.stopped_because == "recorded"
    assert result.ledgers.judge == 117


def test_what_could_not_be_judged_is_judged_when_the_run_is_taken_up_again(tmp_path: Path) -> None:
    """And what was judged is not paid for again; the cost is of both times."""
    prepared = recorded(tmp_path, 4, concurrency=1)
    usage = Usage(requests=1, cost_usd=0.1)
    first: list[ScriptedReply] = [PASS, ModelError("no"), PASS, ModelError("no")]
    gating(prepared, FakeModel(first, usage=usage)).run()
    again = FakeModel(lambda _: PASS, usage=usage)
    result = gating(prepared, again).run()
    assert len(again.calls) == 2
    assert result.ledgers.judge == 0
    assert result.prompts.judged == 4
    # A scripted failure carries no cost, so two of the first four calls stand in no verdict.
    assert result.cost_usd == pytest.approx(0.4)
    assert json.loads((tmp_path / "gate.json").read_text(encoding="utf-8"))["prompts"]["judged"] == 4


def test_an_exchange_is_judged_once_however_often_its_run_is_read(tmp_path: Path) -> None:
    prepared = recorded(tmp_path, 3)
    exchange = Exchange.model_validate(next(iter(read_parts(tmp_path / "exchanges"))))
    gating(prepared, FakeModel(lambda _: PASS)).run()
    again = FakeModel(lambda _: PASS)
    assert gating(prepared, again).run().prompts.judged == 3
    assert again.calls == []
    assert [v.exchange_id for v in verdicts(prepared)].count(exchange.exchange_id) == 1


def test_what_is_no_answer_is_judged_without_asking_a_model(tmp_path: Path) -> None:
    """When a verdict is closed nothing is paid for any more, and what it rests on is whole all the same."""
    outcomes: list[Outcome] = ["answered", "timeout", "http_error", "malformed", "throttled", "answered"]
    exchanges = [records.exchange(f"p-{number}", outcome=outcome) for number, outcome in enumerate(outcomes)]
    prepared, read, model = recorded(tmp_path, 0), dict[str, Fate](), FakeModel(lambda _: PASS)

    async def judge(model: FakeModel | None, *, answers: bool) -> None:
        def take(exchange: Exchange, verdict: Verdict) -> None:
            read[exchange.prompt_id] = verdict.passed

        judging = Judging(prepared, model, wanted=lambda _: False, read=take, judged=lambda: None)
        async with judging.open():
            await judging.judge_rest(exchanges, answers=answers)
            await judging.judge_rest(exchanges, answers=answers)

    asyncio.run(judge(model, answers=True))
    assert model.calls == []
    assert read == {"p-1": False, "p-2": False, "p-3": False, "p-4": None}
    assert len(verdicts(prepared)) == 4
    asyncio.run(judge(None, answers=False))
    assert not {"p-0", "p-5"} & read.keys()
    asyncio.run(judge(None, answers=True))
    assert (read["p-0"], read["p-5"]) == (True, True)


@pytest.mark.parametrize(("contexts", "decision"), [(["We open at nine."], "fail"), ([], "inconclusive")])
def test_a_run_without_any_contexts_is_a_wrong_setting_before_it_is_invention(
    tmp_path: Path, contexts: list[str], decision: str
) -> None:
    """The answers are the same; only whether anything came to hold them against is not."""
    told = "The shop opens at 7:45 am and a ticket costs 318 euros."
    exchanges = [records.exchange(f"p-{number}", response_text=told, contexts=contexts) for number in range(40)]
    prepared = recorded(tmp_path, 0)
    with PartWriter(tmp_path / "exchanges") as writer:
        for exchange in exchanges:
            writer.append(exchange.to_dict())
    settings = prepared.settings.model_copy(
        update={
            "target": TargetSection.model_validate({"response": {"contexts": "sources"}}),
            "judge": JudgeSection(checks=JudgeChecks(groundedness=True)),
        }
    )
    plan = records.plan([exchange.prompt_id for exchange in exchanges])
    result = Gating(replace(prepared, settings=settings, plan=plan), None, NoDisplay(), sending=False).run()
    assert (result.decision, result.prompts.failed) == (decision, 40)
    assert result.reasons[0].startswith("No reply brought contexts") == (not contexts)
