"""Published datasets, suites and runs for the tests of a suite's life."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from harness.config import ExtractSection, PersonasSection, Settings, StorageSection
from harness.config.sections import PiiSection
from harness.contracts import (
    FailureRate,
    GateResult,
    Generator,
    Prompt,
    PromptCounts,
    Rate,
    RunPlan,
    SanitizedSession,
    Verdict,
)
from harness.jsonlines import PartWriter
from harness.sessions import SessionWriter
from harness.storage import Storage


def publish_dataset(storage: Storage, name: str, sessions: Iterable[SanitizedSession]) -> None:
    """Publish sessions under an id of the test's own."""
    folder = storage.staging("sanitized")
    with SessionWriter(folder) as writer:
        for session in sessions:
            writer.add(session)
    storage.publish("sanitized", name, folder)


def settings_of(storage: Storage, **values: object) -> Settings:
    """Return a small suite's configuration with these keys of ``[personas]`` on top."""
    section = {"personas": 4, "prompts_per_persona": 20, **values}
    return Settings(
        storage=StorageSection(root=storage.root),
        # Patterns alone: what is personal is not the subject here, and the tagger takes most of the time.
        extract=ExtractSection(pii=PiiSection(tagger="none")),
        personas=PersonasSection.model_validate(section),
    )


def prompt(prompt_id: str, *, persona_id: str = "persona-a", **values: object) -> Prompt:
    """Return an invented prompt."""
    filled: dict[str, object] = {"strategy": "ordinary", "turns": [f"How do I renew {prompt_id}?"], "weight": 0.1}
    return Prompt.model_validate(
        {"prompt_id": prompt_id, "persona_id": persona_id, "generator": Generator(kind="offline"), **filled, **values}
    )


Fate = bool | None
"""Passed, failed or ungraded."""


def verdict(prompt_id: str, passed: Fate, *, turn: int = 0, **values: object) -> Verdict:
    """Return a verdict on a turn's first attempt; an undecided one is the judge's."""
    return Verdict.model_validate(
        {
            "prompt_id": prompt_id,
            "exchange_id": f"exchange-{prompt_id}-{turn}",
            "turn": turn,
            "passed": passed,
            "ledger": "judge" if passed is None else "target",
            "judge_id": "judge-test",
            **values,
        }
    )


def run_of(
    storage: Storage,
    suite_id: str,
    outcomes: Mapping[str, bool],
    turns: Mapping[str, int],
    *,
    day: int,
    decision: str = "pass",
) -> str:
    """Write a run that judged some prompts to their end; return its id.

    Args:
        storage: Where it goes.
        suite_id: What it was drawn from.
        outcomes: Whether each prompt passed, by id.
        turns: Number of turns by prompt id.
        day: Of January 2026; runs of later days are newer.
        decision: Of its gate.
    """  # fmt: skip
    run_id = f"run-{dt.date(2026, 1, day):%Y%m%d}-120000-abcdef"
    folder = storage.create("runs", run_id)
    _write(folder / "plan.json", _plan(run_id, suite_id, list(outcomes)).to_json())
    _write(folder / "gate.json", _gate(run_id, suite_id, decision, len(outcomes)).to_json())
    with PartWriter(folder / "verdicts") as writer:
        for prompt_id, passed in outcomes.items():
            for turn in range(turns[prompt_id]):
                writer.append(verdict(prompt_id, passed, turn=turn).to_dict())
    storage.synchronise("runs", run_id)
    return run_id


def _plan(run_id: str, suite_id: str, order: Sequence[str]) -> RunPlan:
    return RunPlan(
        run_id=run_id, suite_id=suite_id, tier="main", arm="semantic", order=list(order), counted=len(order), seed=1
    )


def _gate(run_id: str, suite_id: str, decision: str, judged: int) -> GateResult:
    rate = Rate(estimate=0.0, lower=0.0, upper=1.0)
    return GateResult.model_validate(
        {
            "run_id": run_id,
            "suite_id": suite_id,
            "decision": decision,
            "reasons": [],
            "exit_code": 0,
            "tier": "main",
            "threshold": 0.02,
            "confidence": 0.95,
            "failure_rate": FailureRate(estimate=0.0, lower=0.0, upper=1.0, raw=rate),
            "prompts": PromptCounts(planned=judged, sent=judged, judged=judged, failed=0),
            "stopped_because": "decided",
        }
    )


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
