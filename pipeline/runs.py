"""Runs as the commands call them: gate, swarm alone, judge alone, report."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.config import Settings
from harness.contracts import GateResult
from harness.errors import ExitCode, UsageError
from harness.jsonlines import read_parts
from harness.locking import held
from harness.models import ModelClient
from harness.storage import Storage
from judge.decision import DOUBTFUL_STOPS
from judge.grading import Judge
from judge.panel import Panel
from judge.phrases import stop_phrase
from judge.strain import KILL_SWITCH
from pipeline.announcement import announce, say_recovery
from pipeline.baselines import choose, keep_baseline, promote
from pipeline.calibrating import take_card
from pipeline.console import Console, shown
from pipeline.controlling import with_labelled
from pipeline.display import NoDisplay
from pipeline.ends import COMPLETE
from pipeline.evidence import write_result
from pipeline.gating import Gating
from pipeline.models import connect_judge, warn_unpriced
from pipeline.opening import exporting, opened, resumable, say_begin
from pipeline.outcomes import read_outcomes
from pipeline.preparation import PreparedRun, dataset_of, finished, may_go_on, take_up
from pipeline.reviewing import keep_run
from pipeline.sending import send
from swarm.distribution import Distribution
from swarm.job import read_end


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
        opened(
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
    say_begin(console, prepared, "gate")
    model = connect_judge(prepared.settings, storage)
    _require_same_judge(prepared, model)
    prepared = prepared if prepared.card is not None else _with_card(prepared, storage, model)
    prepared = with_labelled(prepared, storage, console, has_model=model is not None)
    warn_unpriced(model, prepared.settings, console)
    try:
        with held(prepared.folder, prepared.plan.run_id), resumable(prepared, "gate"):
            with exporting(prepared, console) as telemetry, console.live() as display:
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
    """Send a tier's prompts without judging; return the counts and the exit code.

    Sending decides nothing: a run that was broken off exits 0 with a sentence that says so, and what that means for the
    release is ``judge``'s to say. A target that never answered is a dependency that failed.
    """
    prepared = replace(
        opened(settings, storage, suite=suite, tier=tier, resume=resume, commit=commit),
        distribution=distribution,
    )
    say_begin(console, prepared, "swarm")
    try:
        with (
            held(prepared.folder, prepared.plan.run_id),
            resumable(prepared, "swarm"),
            exporting(prepared, console) as telemetry,
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
    if stopped_because not in COMPLETE:
        console.fact("not finished", f"{stop_phrase(stopped_because)}{_foretold(stopped_because)}", "yellow")
    say_recovery(console, read_end(prepared.folder).get("kill_switch"))
    console.fact("run", shown(prepared.folder))
    console.fact("next", f"reverse-rag judge {prepared.plan.run_id}")
    code = ExitCode.DEPENDENCY if stopped_because == "target_unreachable" else ExitCode.OK
    counts = {"exchanges": recorded, "resent": resent}
    return {"run_id": prepared.plan.run_id, **counts, "stopped_because": stopped_because}, code


def _foretold(stopped_because: str) -> str:
    """Return what judging a run will make of its end; empty where that hangs on the answers alone."""
    if stopped_because == KILL_SWITCH:
        return " `reverse-rag judge` fails it for that."
    return " As it is, `reverse-rag judge` passes nothing." if stopped_because in DOUBTFUL_STOPS else ""


def judge_run(settings: Settings, storage: Storage, console: Console, *, run: str) -> GateResult:
    """Judge what a run has recorded and not judged yet; decide and report."""
    prepared = take_up(settings, storage, run=run)
    model = connect_judge(prepared.settings, storage)
    _require_same_judge(prepared, model)
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


def _promote(storage: Storage, console: Console, prepared: PreparedRun, result: GateResult) -> None:
    judges = read_outcomes(storage, result.run_id).judge_ids
    if len(judges) == 1 and promote(storage, result, prepared.plan, *judges):
        console.fact("promoted", "later runs are compared with this one: `gate --baseline latest`")
    else:
        console.fact("not promoted", "only a run that passed becomes a baseline", "yellow")


def _require_same_judge(prepared: PreparedRun, model: ModelClient | Panel | None) -> None:
    """Check that whoever is to judge a run is who judged the beginning of it.

    The configuration names files and checks whose content it does not hold: one rate would be read from two judges,
    and held against one of their cards and one of their baselines.

    Raises:
        UsageError: If a rubric, a schema, a system prompt, a check or a prompt of the judge has changed since.
    """
    present = Judge(prepared.settings, model).judge_id
    before = {str(row.get("judge_id")) for row in read_parts(prepared.folder / "verdicts")}
    if (use := prepared.baseline) is not None and use.standing == "comparable" and use.judge_id is not None:
        before.add(use.judge_id)
    if others := before - {present}:
        raise UsageError(
            f"{prepared.plan.run_id} was begun with the judge {', '.join(sorted(others))}, and the present one is "
            f"{present}: a file that [judge] names, a check or a prompt of the judge is another one now",
            hint="restore it, or start a new run with `reverse-rag gate`",
        )


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
