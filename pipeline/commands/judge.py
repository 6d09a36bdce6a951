"""``reverse-rag judge``: verdicts on exchanges that were recorded before, by us or by another tool."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "judge")
    def judge(
        invocation: Invocation,
        exchanges: Annotated[str, typer.Argument(help="A run's id, latest, or a .jsonl file of exchanges.")] = "latest",
    ) -> int:
        """Judge recorded exchanges.

        Writes every criterion's score, not only failures.

        With a file, --out names the folder the verdicts go to, and the same call goes on where it was stopped; with a
        run, its decision is made anew.
        """
        from harness.errors import ExitCode
        from pipeline.recordings import judge_recorded
        from pipeline.runs import judge_run

        settings = invocation.settings()
        if exchanges.endswith((".jsonl", ".json")) or Path(exchanges).is_file():
            folder = Path(invocation.out or "out/judged")
            project = _project(invocation)
            reviews = project.storage(project.settings())
            judged = judge_recorded(settings, Path(exchanges), folder, project.console(), reviews=reviews)
            invocation.result(judged)
            if judged["ungraded"] == judged["judged"]:
                return ExitCode.DEPENDENCY
            return ExitCode.INCONCLUSIVE if judged["stopped_because"] else ExitCode.OK
        result = judge_run(settings, invocation.storage(settings), invocation.console(), run=exchanges)
        invocation.result(result.to_dict())
        return result.exit_code


def _project(invocation: Invocation) -> Invocation:
    """Return the call as the review store is found: a project's own root, since ``--out`` names a folder of verdicts."""
    from harness.config import DEFAULT_FILE

    in_project = (invocation.config or Path(DEFAULT_FILE)).exists()
    return replace(invocation, out=None) if in_project else invocation
