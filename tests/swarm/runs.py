"""Runs for the tests: a plan, a suite and a job in a folder of their own."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from harness.config import LoadSection, TargetSection
from harness.contracts import Exchange, Generator, Pair, Prompt, PromptChecks, RunPlan
from harness.jsonlines import read_parts, write_lines
from harness.testing.target import TargetServer
from harness.testing.target_script import ScriptedTarget
from swarm.distribution import Distribution
from swarm.job import EXCHANGES_FOLDER, PLAN_FILE, SwarmJob
from swarm.process import SwarmProcess
from tests.swarm.websocket_server import WebSocketTarget

PATIENCE_S = 60.0


def prompt(number: int, *turns: str, injection: bool = False) -> Prompt:
    checks = PromptChecks(must_not_comply=["OBEYED"]) if injection else PromptChecks()
    return Prompt(
        prompt_id=f"p{number:04d}",
        persona_id="persona-1",
        strategy="plain",
        turns=list(turns or (f"Question number {number}?",)),
        checks=checks,
        weight=0.01,
        generator=Generator(kind="offline"),
    )


def questions(count: int) -> list[Prompt]:
    return [prompt(number) for number in range(count)]


def make_run(
    folder: Path,
    server: TargetServer | ScriptedTarget | WebSocketTarget,
    prompts: Sequence[Prompt],
    *,
    load: dict[str, Any] | None = None,
    target: dict[str, Any] | None = None,
    path: str = "/chat",
    pairs: Sequence[Pair] = (),
    golden: Sequence[Prompt] = (),
    regressions: Sequence[Prompt] = (),
    distribution: Distribution | None = None,
    **job: Any,
) -> SwarmProcess:
    """Return a process, not started yet, that sends the prompts in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    prompts_file = folder / "prompts.jsonl"
    write_lines(prompts_file, [one.to_dict() for one in (*prompts, *golden, *regressions)])
    plan = RunPlan(
        run_id="run-1",
        suite_id="suite-1",
        tier="pr",
        arm="load" if load else "semantic",
        order=[one.prompt_id for one in prompts],
        counted=len(prompts),
        pairs=list(pairs),
        golden=[one.prompt_id for one in golden],
        regressions=[one.prompt_id for one in regressions],
        seed=7,
    )
    (folder / PLAN_FILE).write_bytes(plan.to_json())
    values = {"url": server.url(path), "timeout_s": 5.0, "response": {"text": "message.text"}, **(target or {})}
    return SwarmProcess(
        folder,
        SwarmJob(
            run_id="run-1",
            target=TargetSection.model_validate(values),
            load=LoadSection.model_validate(load) if load else None,
            prompts_file=str(prompts_file),
            **job,
        ),
        distribution,
    )


def records_of(folder: Path) -> list[Exchange]:
    return [Exchange.model_validate(row) for row in read_parts(folder)]


def exchanges(folder: Path) -> list[Exchange]:
    return records_of(folder / EXCHANGES_FOLDER)


def finish(process: SwarmProcess) -> tuple[int, dict[str, Any]]:
    """Return the exit code of a started process and its ``end`` event."""
    code = process.wait(PATIENCE_S)
    ends = [event for event in process.events() if event["event"] == "end"]
    assert len(ends) == 1, process.talk
    return code, ends[0]


def run_to_end(process: SwarmProcess) -> tuple[int, dict[str, Any]]:
    process.start()
    return finish(process)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that has to happen; how long it takes is of no matter."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up_at, "it never happened"
        time.sleep(0.01)
