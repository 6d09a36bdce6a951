"""Opening a run: beginning it or taking it up, what is said of it, and what an interrupt leaves to go on with."""

from collections.abc import Iterator
from contextlib import contextmanager

from harness.config import Settings
from harness.contracts import BaselineUse, RunPlan
from harness.errors import InterruptedRunError, UsageError
from harness.jsonlines import read_parts
from harness.storage import Storage
from harness.wording import counted
from pipeline.console import Console, shown
from pipeline.interruption import TerminatedError
from pipeline.preparation import PreparedRun, begin, take_up
from swarm.telemetry import Telemetry


@contextmanager
def exporting(prepared: PreparedRun, console: Console) -> Iterator[Telemetry | None]:
    """Send what the body records to the configured collector; say what did not reach it."""
    section = prepared.settings.telemetry
    if section.otlp_endpoint is None:
        yield None
        return
    earlier = sum(1 for _ in read_parts(prepared.folder / "exchanges"))
    telemetry = Telemetry(section, run_id=prepared.plan.run_id, target=prepared.job.target, earlier=earlier)
    telemetry.start()
    try:
        yield telemetry
    finally:
        if lost := telemetry.close():
            console.say(lost, "yellow")


@contextmanager
def resumable(prepared: PreparedRun, command: str) -> Iterator[None]:
    """Turn an interrupt of the body into an error that says what is kept and how to go on."""
    try:
        yield
    except KeyboardInterrupt as error:
        kept = sum(1 for _ in read_parts(prepared.folder / "exchanges"))
        raise InterruptedRunError(
            f"interrupted; {kept:,} exchanges are kept in {shown(prepared.folder)}",
            terminated=isinstance(error, TerminatedError),
            hint=f"reverse-rag {command} --resume {prepared.plan.run_id}",
        ) from None


def opened(
    settings: Settings,
    storage: Storage,
    *,
    suite: str,
    tier: str,
    resume: str | None,
    commit: str | None,
    baseline: str | None = None,
    judge_id: str | None = None,
) -> PreparedRun:
    """Return a new run, or an earlier one as it was planned.

    Args:
        settings: The configuration.
        storage: Where suite and run are.
        suite: Of a new run.
        tier: Of a new run.
        resume: A run to continue in place; None begins one.
        commit: Draws a new run's prompts.
        baseline: What a new run is compared with.
        judge_id: A new run's judge.

    Raises:
        UsageError: If what belongs to a new run is asked of an earlier one, or one of them is not there.
    """
    if resume is None:
        return begin(
            settings, storage, suite=suite, tier_name=tier, commit=commit, baseline=baseline, judge_id=judge_id
        )
    if commit is not None:
        raise UsageError("a resumed run keeps the commit it was begun for", hint="leave --commit out")
    if baseline is not None:
        raise UsageError("a resumed run keeps the baseline it was begun with", hint="leave --baseline out")
    return take_up(settings, storage, run=resume)


def say_begin(console: Console, prepared: PreparedRun, command: str) -> None:
    """Say what a command is about to send, and what it will be compared with."""
    plan = prepared.plan
    console.say(
        f"{'resuming' if prepared.resumed else command:<10} {plan.run_id}: tier {plan.tier}, "
        f"up to {len(plan.order):,} prompts → {prepared.settings.target.url}"
    )
    if plan.commit is not None:
        console.fact("commit", f"{plan.commit[:12]}: its own draw of the suite")
    if plan.golden or plan.regressions:
        kinds = f"{len(plan.golden):,} golden and {counted(len(plan.regressions), 'regression prompt')}"
        console.fact("first", f"{kinds}, out of the rate")
    if prepared.baseline is not None:
        console.fact("baseline", _compared_with(prepared.baseline, plan))


def _compared_with(use: BaselineUse, plan: RunPlan) -> str:
    """Say what a run will be compared with, before anything is spent on it."""
    if use.standing != "comparable":
        why = {
            "missing": "none promoted yet",
            "other_judge": f"{use.run_id} had another judge",
            "other_suite": f"{use.run_id} is of another suite",
        }
        return f"{why[use.standing]}: nothing will be compared"
    shared = sum(prompt_id in use.outcomes for prompt_id in plan.order)
    return f"{use.run_id}: {counted(shared, 'prompt')} in common, {plan.paired:,} of them for the comparison alone"
