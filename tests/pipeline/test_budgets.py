"""Budgets: hard caps, checked before each call; the run stops, keeps everything, and goes on with a larger one."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.config import BudgetSection, JudgeSection, LoadSection, Settings, TargetSection, TierSection
from harness.contracts import GateResult, Verdict
from harness.jsonlines import read_parts
from harness.models import Usage
from harness.testing.script import ReceivedCall
from harness.testing.servers import OpenAIServer
from harness.testing.target import TargetServer
from judge.panel import Panel
from pipeline.display import NoDisplay
from pipeline.gating import Gating
from pipeline.models import connect_judge
from pipeline.preparation import PreparedRun, may_go_on
from pipeline.sending import send
from pipeline.spent import keep_spent, spent_before
from tests.judge import records
from tests.pipeline import prepared_runs

NAMES = ("injection_obeyed", "confidential_data")
TOKENS = 120
"""Of each scripted call, both ways."""


def passing(_: ReceivedCall) -> dict[str, Any]:
    return {"criteria": [{"name": name, "reason": "Fine.", "evidence": [], "grade": "pass"} for name in NAMES]}


def prepared(folder: Path, budget: BudgetSection, **more: Any) -> PreparedRun:
    return prepared_runs.prepared(folder, prepared_runs.questions(60), budget, **more)


def judged(run: PreparedRun, *, sending: bool = False) -> GateResult:
    return Gating(run, connect_judge(run.settings), NoDisplay(), sending=sending).run()


def verdicts(run: PreparedRun) -> list[Verdict]:
    """Return the verdicts that were written, those on planted answers left out."""
    found = [Verdict.model_validate(row) for row in read_parts(run.folder / "verdicts")]
    return [verdict for verdict in found if verdict.control is None]


def test_a_cap_in_tokens_holds_for_25_calls_at_once_and_a_larger_one_goes_on(tmp_path: Path) -> None:
    with OpenAIServer(passing, latency_s=0.05) as server:
        judge = JudgeSection(model=server.spec, concurrency=25, cache=False)
        first = judged(prepared(tmp_path, BudgetSection(tokens=6_000), judge=judge))
        spent = len(server.billed) * TOKENS
        assert spent <= 6_000
        assert first.stopped_because == "budget"
        assert 0 < first.prompts.judged < 60
        assert may_go_on(first)
        kept = len(verdicts(prepared(tmp_path, BudgetSection())))
        assert kept == first.prompts.judged
        again = judged(prepared(tmp_path, BudgetSection(tokens=1_000_000), judge=judge))
    assert again.prompts.judged == 60
    assert len({verdict.exchange_id for verdict in verdicts(prepared(tmp_path, BudgetSection()))}) == 60


def test_the_same_budget_buys_nothing_more(tmp_path: Path) -> None:
    """A resumed run does not have its money anew."""
    with OpenAIServer(passing) as server:
        judge = JudgeSection(model=server.spec, concurrency=25, cache=False)
        for _ in range(3):
            judged(prepared(tmp_path, BudgetSection(tokens=5_000), judge=judge))
        assert len(server.billed) * TOKENS <= 5_000


@pytest.mark.parametrize(("on_spent", "decision", "code"), [("inconclusive", "inconclusive", 4), ("void", "void", 5)])
def test_a_spent_budget_is_what_the_configuration_says(tmp_path: Path, on_spent: Any, decision: str, code: int) -> None:
    with OpenAIServer(passing) as server:
        judge = JudgeSection(model=server.spec)
        result = judged(prepared(tmp_path, BudgetSection(tokens=5_000, on_spent=on_spent), judge=judge))
    assert (result.decision, result.exit_code) == (decision, code)
    assert any("budget was spent" in reason for reason in result.reasons)


def test_what_made_no_verdict_counts_when_a_run_goes_on(tmp_path: Path) -> None:
    with OpenAIServer(passing) as server:
        model = connect_judge(Settings(judge=JudgeSection(model=server.spec), budget=BudgetSection(tokens=10_000)))
    assert isinstance(model, Panel)
    model.paid_before(spent_before(tmp_path, []))
    assert model.owed is not None
    assert model.owed.tokens == 0
    verdict = records.verdict(records.exchange(), True).model_copy(update={"tokens": 50, "cost_usd": 0.5})
    keep_spent(tmp_path, Usage(cost_usd=2.0, tokens_in=180), [verdict] * 3)
    assert spent_before(tmp_path, [verdict] * 3).tokens == 180, "the account says more than the verdicts"
    later = spent_before(tmp_path, [verdict] * 5)
    assert (later.tokens, later.cost_usd) == (280, 3.0), "the part that was killed kept none: its verdicts come on top"


def test_an_account_of_an_earlier_version_counts_as_far_as_it_says(tmp_path: Path) -> None:
    (tmp_path / "spent.json").write_text('{"usd": 1.0, "tokens": 180}', "utf-8")
    verdict = records.verdict(records.exchange(), True).model_copy(update={"tokens": 50, "cost_usd": 0.5})
    assert spent_before(tmp_path, [verdict] * 3).tokens == 180
    assert spent_before(tmp_path, [verdict] * 4).tokens == 200


def test_a_judgement_that_is_cut_off_counts_as_its_worst(tmp_path: Path) -> None:
    """It was sent, so it may be billed."""
    with OpenAIServer(passing, latency_s=30.0) as server:
        run = prepared(tmp_path, BudgetSection(tokens=1_000_000), judge=JudgeSection(model=server.spec))
        gating = Gating(run, connect_judge(run.settings), NoDisplay(), sending=False)

        async def interrupted() -> None:
            task = asyncio.create_task(gating._follow())
            while not server.requests:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        asyncio.run(interrupted())
    assert spent_before(tmp_path, []).tokens > TOKENS


@pytest.mark.parametrize("load", [None, LoadSection(model="open", rate=400.0), LoadSection(model="closed", users=25)])
def test_a_cap_in_requests_holds_for_25_users_at_once_and_a_larger_one_goes_on(
    tmp_path: Path, load: LoadSection | None
) -> None:
    with TargetServer(delay_s=0.05) as server:
        target = TargetSection.model_validate({"url": server.url(), "response": {"text": "message.text"}})
        sections: dict[str, Any] = {"target": target, "load": load, "sending": True}
        first = judged(prepared(tmp_path, BudgetSection(requests=31), **sections), sending=True)
        assert (len(server.requests), first.stopped_because) == (31, "max_requests")
        assert (first.decision, first.prompts.judged) == ("inconclusive", 31)
        assert may_go_on(first)
        again = judged(prepared(tmp_path, BudgetSection(requests=300), **sections), sending=True)
        assert (len(server.requests), again.prompts.judged) == (60, 60)


Sent = Callable[[PreparedRun], str]


def by_gate(run: PreparedRun) -> str:
    return judged(run, sending=True).stopped_because


def by_swarm(run: PreparedRun) -> str:
    return send(run, NoDisplay())


@pytest.mark.parametrize("sent", [by_gate, by_swarm])
def test_minutes_end_a_run_whose_target_hangs(tmp_path: Path, sent: Sent) -> None:
    """The target's own timeout would take ten minutes for each prompt."""
    with TargetServer(delay_s=600.0) as server:
        target = TargetSection(url=server.url(), timeout_s=600.0)
        run = prepared(tmp_path, BudgetSection(minutes=0.03), target=target, sending=True)
        assert sent(run) == "budget"
    assert len(server.requests) <= 10


def test_minutes_end_a_run_whose_judge_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.gating.JUDGING_GRACE_S", 0.5)
    with OpenAIServer(passing, latency_s=600.0) as server:
        run = prepared(tmp_path, BudgetSection(minutes=0.01), judge=JudgeSection(model=server.spec, timeout_s=900.0))
        result = judged(run)
    assert (result.stopped_because, result.prompts.judged) == ("budget", 0)


def test_the_budget_alone_may_change_when_a_run_goes_on() -> None:
    """A run is held to the configuration it was begun with, but for where things are kept and what it may cost."""
    tier = TierSection(budget={"usd": 2.0})
    begun = Settings(tiers={"t": TierSection()}).fingerprint()
    assert Settings(tiers={"t": tier}, budget=BudgetSection(usd=9.0)).fingerprint() == begun
    assert Settings(tiers={"t": TierSection(prompts=3)}).fingerprint() != begun
