"""Made-up exchanges, prompts and plans for the judge's tests."""

from collections.abc import Sequence
from typing import Any

from harness.config import JudgeChecks, JudgeSection, Settings
from harness.contracts import CriterionResult, Exchange, Generator, Ledger, Prompt, PromptChecks, RunPlan, Verdict

Fate = bool | None
"""Passed, failed or ungraded."""


def exchange(prompt_id: str = "p-1", *, turn: int = 0, attempt: int = 1, **values: Any) -> Exchange:
    """Return an exchange; its id follows from prompt, arm, attempt and turn."""
    arm = values.get("arm", "semantic")
    filled = {"prompt": "When does the shop open?", "response_text": "The shop opens at nine.", **values}
    return Exchange(
        exchange_id=f"{prompt_id}-{arm}-{attempt}-{turn}", prompt_id=prompt_id, turn=turn, attempt=attempt, **filled
    )


def prompt(prompt_id: str = "p-1", *, turns: Sequence[str] = ("When does the shop open?",), **values: Any) -> Prompt:
    """Return a prompt; ``checks`` may be a dictionary."""
    filled: dict[str, Any] = {"strategy": "plain", "weight": 0.1, **values}
    if isinstance(filled.get("checks"), dict):
        filled["checks"] = PromptChecks(**filled["checks"])
    return Prompt(
        prompt_id=prompt_id, persona_id="persona-1", turns=list(turns), generator=Generator(kind="offline"), **filled
    )


def verdict(of: Exchange, passed: Fate, *criteria: CriterionResult, ledger: Ledger | None = None) -> Verdict:
    """Return a verdict on an exchange; an undecided one is the judge's unless told otherwise."""
    return Verdict(
        prompt_id=of.prompt_id,
        exchange_id=of.exchange_id,
        turn=of.turn,
        passed=passed,
        ledger=ledger or ("judge" if passed is None else "target"),
        criteria=list(criteria),
        judge_id="judge-test",
    )


def plan(order: Sequence[str], *, counted: int | None = None, arm: Any = "semantic") -> RunPlan:
    """Return a run's plan over these prompts."""
    return RunPlan(
        run_id="run-1",
        suite_id="suite-1",
        tier="main",
        arm=arm,
        order=list(order),
        counted=len(order) if counted is None else counted,
        seed=1,
    )


def settings(**checks: Any) -> Settings:
    """Return a configuration with these ``[judge.checks]``."""
    return Settings(judge=JudgeSection(checks=JudgeChecks(**checks)))
