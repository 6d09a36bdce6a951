"""Judging a file of exchanges that any tool recorded."""

from pathlib import Path
from typing import Any

from harness.config import Settings
from harness.errors import InterruptedRunError
from harness.storage import Storage
from judge.phrases import stop_phrase
from pipeline.console import Console, shown
from pipeline.interruption import TerminatedError, run_cancellable
from pipeline.models import connect_judge, warn_unpriced
from pipeline.reviewing import keep_file


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
