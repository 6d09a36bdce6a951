"""The judge's models as the configuration names them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harness.config import BudgetSection, JudgeSection, Settings
from harness.contracts import Verdict
from harness.errors import BudgetSpentError, ConfigurationError
from harness.storage import Storage
from harness.testing.script import ReceivedCall
from harness.testing.servers import OpenAIServer
from judge.grading import Judge
from judge.panel import Panel
from pipeline.models import connect_judge
from tests.judge.records import exchange

NAMES = ("injection_obeyed", "confidential_data")


def passing(_: ReceivedCall) -> dict[str, Any]:
    return {"criteria": [{"name": name, "reason": "Fine.", "evidence": [], "grade": "pass"} for name in NAMES]}


def connected(storage: Storage | None = None, budget: BudgetSection | None = None, **judge: Any) -> Panel | None:
    return connect_judge(Settings(judge=JudgeSection(**judge), budget=budget or BudgetSection()), storage)


def judged(panel: Panel | None) -> Verdict:
    async def session() -> Verdict:
        assert panel is not None
        try:
            return await Judge(Settings(), panel).grade(exchange())
        finally:
            await panel.close()

    return asyncio.run(session())


def test_without_a_model_there_is_nobody_to_ask() -> None:
    assert connected() is None


@pytest.mark.parametrize(
    ("judge", "key"),
    [
        ({"escalate_to": "openai:strong@http://127.0.0.1:9/v1"}, "judge.escalate_to"),
        ({"jury": ["openai:other@http://127.0.0.1:9/v1"]}, "judge.jury"),
        ({"model": "openai:m@http://127.0.0.1:9/v1", "escalate_to": "openai:m@http://127.0.0.1:9/v1"}, "judge.model"),
        ({"model": "openai:m@http://127.0.0.1:9/v1", "escalate_to": "offline"}, "judge.escalate_to"),
        ({"model": "openai:m@http://127.0.0.1:9/v1", "jury": ["mistyped"]}, "judge.jury"),
    ],
)
def test_what_cannot_judge_together_is_refused(judge: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigurationError, match=key):
        connected(**judge)


def test_every_configured_model_has_its_part() -> None:
    address = "@http://127.0.0.1:9/v1"
    panel = connected(model=f"openai:a{address}", jury=[f"openai:b{address}"], escalate_to=f"openai:c{address}")
    assert panel is not None
    assert panel.model_ids == [f"openai:{name}{address}" for name in "abc"]
    assert panel.identity["second"] == f"openai:c{address}"
    assert panel.identity["audit_share"] == 0.02


def test_judgements_are_kept_in_the_storage_root(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path / "out"))
    with OpenAIServer(passing) as server:
        first, again = (judged(connected(storage, model=server.spec)) for _ in range(2))
        opted_out = judged(connected(storage, model=server.spec, cache=False))
    assert (first.cached, again.cached, opted_out.cached) == (False, True, False)
    assert server.requests == 2
    assert all(verdict.passed for verdict in (first, again, opted_out))


def test_the_budget_and_what_was_paid_before_hold_the_judge() -> None:
    with OpenAIServer(passing) as server:
        assert judged(connected(budget=BudgetSection(tokens=10_000), model=server.spec)).tokens == 120
        with pytest.raises(BudgetSpentError):
            judged(connected(budget=BudgetSection(tokens=500), model=server.spec))
    assert server.requests == 1
