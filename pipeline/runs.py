"""Runs as the commands call them: gate, swarm alone, judge alone, report."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.config import Settings
from harness.contracts import BaselineUse, GateResult, RunPlan
from harness.errors import ExitCode, InterruptedRunError, UsageError
from harness.jsonlines import read_parts
from harness.locking import held
from harness.models import ModelClient
from harness.storage import Storage
from harness.wording import counted
from judge.grading import Judge
from judge.panel import Panel
from judge.phrases import stop_phrase
from pipeline.announcement import announce
from pipeline.baselines import choose, keep_baseline, promote
from pipeline.calibrating import take_card
from pipeline.console import Console, shown
from pipeline.controlling import with_labelled
from pipeline.display import NoDisplay
from pipeline.gating import Gating, write_result
from pipeline.interruption import TerminatedError, run_cancellable
from pipeline.models import connect_judge, warn_unpriced
from pipeline.outcomes import read_outcomes
from pipeline.preparation import PreparedRun, begin, dataset_of, finished, may_go_on, take_up
from pipeline.reviewing import keep_file, keep_run
from pipeline.sending import send
from swarm.distribution import Distribution
from swarm.telemetry import Telemetry


def run_gate(
    settings: Settings,
    storage: Storage,
    console: Console,
    *,
    suite: str,
    tier: str,
    resume: str | None = None,
    commit: str | None = None,
    baseline: str | None = None,
    promoted: bool = False,
    distribution: Distribution | None = None,
) -> GateResult:
    """Send, judge, decide and report; return the decision.

    Args:
        settings: The configuration.
        storage: Where suite and run are.
        console: Told how it goes.
        suite: Its id, or ``latest``.
        tier: A tier of the configuration.
        resume: A run to continue in place; None begins one.
        commit: Draws the prompts.
        baseline: The run to compare with; None: ``[gate] baseline``.
        promoted: Make the run a baseline for later ones, if it passes.
        distribution: Which processes send.
    """
    judge_id = None
    if resume is None:
        effective = settings.tier(tier)[0]
        judge_id = Judge(effective, connect_judge(effective)).judge_id
    prepared = replace(
        _prepared(
            settings,
            storage,
            suite=suite,
            tier=tier,
            resume=resume,
            commit=commit,
            baseline=baseline,
            judge_id=judge_id,
        ),
        distribution=distribution,
    )
    ended = finished(prepared.folder)
    if ended is not None and not may_go_on(ended):
        if promoted:
            _promote(storage, console, prepared, ended)
        if not (prepared.folder / "report.html").exists():
            _write_reports(prepared, storage)
            storage.synchronise("runs", ended.run_id)
        console.say(f"{ended.run_id} has ended already; this is its decision")
        announce(console, ended, storage.location("runs", ended.run_id))
        return ended
    _say_begin(console, prepared)
    model = connect_judge(prepared.settings, storage)
    prepared = prepared if prepared.card is not None else _with_card(prepared, storage, model)
    prepared = with_labelled(prepared, storage, console, has_model=model is not None)
    warn_unpriced(model, prepared.settings, console)
    try:
        with held(prepared.folder, prepared.plan.run_id), _resumable(prepared, "gate"):
            with _telemetry(prepared, console) as telemetry, console.live() as display:
                result = Gating(prepared, model, display, telemetry=telemetry).run()
            _write_reports(prepared, storage)
    finally:
        storage.synchronise("runs", prepared.plan.run_id)
    announce(console, result, storage.location("runs", result.run_id))
    if promoted:
        _promote(storage, console, prepared, result)
    keep_run(prepared.settings, storage, console, prepared.folder, result.run_id)
    return result


def run_swarm(
    settings: Settings,
    storage: Storage,
    console: Console,
    *,
    suite: str,
    tier: str,
    resume: str | None,
    commit: str | None = None,
    distribution: Distribution | None = None,
) -> tuple[dict[str, Any], int]:
    """Send a tier's prompts without judging; return the counts and the exit code."""
    prepared = replace(
        _prepared(settings, storage, suite=suite, tier=tier, resume=resume, commit=commit),
        distribution=distribution,
    )
    _say_begin(console, prepared)
    try:
        with (
            held(prepared.folder, prepared.plan.run_id),
            _resumable(prepared, "swarm"),
            _telemetry(prepared, console) as telemetry,
            console.live() as display,
        ):
            stopped_because = send(prepared, display, telemetry)
    finally:
        storage.synchronise("runs", prepared.plan.run_id)
    recorded = resent = 0
    for row in read_parts(prepared.folder / "exchanges"):
        recorded += 1
        resent += row.get("resent", 0) > 0
    again = f"; {resent:,} may have been sent before, by a process that was killed" if resent else ""
    console.say(f"recorded   {recorded:,} exchanges ({stopped_because}){again}")
    console.fact("run", shown(prepared.folder))
    console.fact("next", f"reverse-rag judge {prepared.plan.run_id}")
    code = ExitCode.DEPENDENCY if stopped_because == "target_unreachable" else ExitCode.OK
    counts = {"exchanges": recorded, "resent": resent}
    return {"run_id": prepared.plan.run_id, **counts, "stopped_because": stopped_because}, code


def judge_run(settings: Settings, storage: Storage, console: Console, *, run: str) -> GateResult:
    """Judge what a run has recorded and not judged yet; decide and report."""
    prepared = take_up(settings, storage, run=run)
    model = connect_judge(prepared.settings, storage)
    with held(prepared.folder, prepared.plan.run_id), console.live() as display:
        # Decided anew, so with the newest card, and not with one from before.
        prepared = _with_baseline(_with_card(prepared, storage, model), storage, model)
        prepared = with_labelled(prepared, storage, console, has_model=model is not None)
        result = Gating(prepared, model, display, sending=False).run()
    _write_reports(prepared, storage)
    storage.synchronise("runs", prepared.plan.run_id)
    announce(console, result, storage.location("runs", result.run_id))
    keep_run(prepared.settings, storage, console, prepared.folder, result.run_id)
    return result


def judge_recorded(
    settings: Settings, exchanges: Path, folder: Path, console: Console, *, reviews: Storage
) -> dict[str, Any]:
    """Judge a file of exchanges that any tool recorded; ``reviews`` is where answers are kept for review."""
    from judge.recorded import judge_file

    model = connect_judge(settings, Storage(settings.path(settings.storage.root)))
    warn_unpriced(model, settings, console)
    try:
        with console.progress() as progress:
            result = judge_file(exchanges, folder, settings, model, progress=progress, run=run_cancellable)
    except KeyboardInterrupt as error:
        raise InterruptedRunError(
            f"interrupted; the verdicts so far are kept in {shown(folder)}",
            terminated=isinstance(error, TerminatedError),
            hint=f"reverse-rag judge {exchanges} --out {folder} goes on",
        ) from None
    earlier = f" ({result.known:,} known from an earlier call)" if result.known else ""
    console.say(f"judged     {result.judged:,} exchanges{earlier}, {result.failed:,} failed")
    if result.stopped_because:
        console.fact("not finished", f"{stop_phrase(result.stopped_because)} The same call goes on.", "yellow")
    if result.quarantined:
        console.fact("quarantined", f"{result.quarantined:,} lines; see {shown(folder / 'quarantine.jsonl')}", "yellow")
    if result.ungraded:
        console.fact("ungraded", f"{result.ungraded:,}: the judge's or the infrastructure's failures", "yellow")
    console.fact("verdicts", shown(folder / "verdicts"))
    keep_file(settings, reviews, console, exchanges, folder)
    return {
        "judged": result.judged,
        "failed": result.failed,
        "ungraded": result.ungraded,
        "quarantined": result.quarantined,
        "judge_id": result.judge_id,
        "cost_usd": result.cost_usd,
        "stopped_because": result.stopped_because,
        "folder": str(folder),
    }


def run_report(settings: Settings, storage: Storage, console: Console, *, run: str) -> dict[str, Any]:
    """Rebuild a run's reports from its artifacts; return where they are."""
    prepared = take_up(settings, storage, run=run, any_configuration=True)
    ended = finished(prepared.folder)
    if ended is None or ended.stopped_because == "interrupted":
        write_result(prepared.folder, Gating(prepared, None, NoDisplay(), sending=False).recompute("interrupted"))
        console.say("the run was interrupted; until it is resumed its decision rests on what was judged by then")
    written = _write_reports(prepared, storage)
    storage.synchronise("runs", prepared.plan.run_id)
    for path in written:
        console.fact(path.name, shown(path))
    return {"run_id": prepared.plan.run_id, "files": [str(path) for path in written]}


@contextmanager
def _telemetry(prepared: PreparedRun, console: Console) -> Iterator[Telemetry | None]:
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
def _resumable(prepared: PreparedRun, command: str) -> Iterator[None]:
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


def _prepared(
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
    if resume is None:
        return begin(
            settings, storage, suite=suite, tier_name=tier, commit=commit, baseline=baseline, judge_id=judge_id
        )
    if commit is not None:
        raise UsageError("a resumed run keeps the commit it was begun for", hint="leave --commit out")
    if baseline is not None:
        raise UsageError("a resumed run keeps the baseline it was begun with", hint="leave --baseline out")
    return take_up(settings, storage, run=resume)


def _say_begin(console: Console, prepared: PreparedRun) -> None:
    plan = prepared.plan
    console.say(
        f"{'resuming' if prepared.resumed else 'gate':<10} {plan.run_id}: tier {plan.tier}, "
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


def _promote(storage: Storage, console: Console, prepared: PreparedRun, result: GateResult) -> None:
    judges = read_outcomes(storage, result.run_id).judge_ids
    if len(judges) == 1 and promote(storage, result, prepared.plan, *judges):
        console.fact("promoted", "later runs are compared with this one: `gate --baseline latest`")
    else:
        console.fact("not promoted", "only a run that passed becomes a baseline", "yellow")


def _with_card(prepared: PreparedRun, storage: Storage, model: ModelClient | Panel | None) -> PreparedRun:
    card = take_card(prepared.folder, storage, Judge(prepared.settings, model).judge_id)
    return replace(prepared, card=card)


def _with_baseline(prepared: PreparedRun, storage: Storage, model: ModelClient | Panel | None) -> PreparedRun:
    """Return a run with its baseline; one that was sent without being judged has not chosen any."""
    asked = prepared.settings.gate.baseline
    if prepared.baseline is not None or asked is None:
        return prepared
    judge_id = Judge(prepared.settings, model).judge_id
    use = choose(storage, asked, suite_folder=prepared.suite_folder, prompts=prepared.prompts, judge_id=judge_id)
    keep_baseline(prepared.folder, use)
    return replace(prepared, baseline=use)


def _write_reports(prepared: PreparedRun, storage: Storage) -> list[Path]:
    from reports.writing import write_reports

    dataset = dataset_of(storage, prepared.suite_folder)
    return write_reports(prepared.folder, suite_folder=prepared.suite_folder, dataset_folder=dataset)
