"""``reverse-rag report``: a run's reports, rebuilt from its artifacts."""

from typing import Annotated

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "report")
    def report(
        invocation: Invocation, run: Annotated[str, typer.Argument(help="A run's id, or latest.")] = "latest"
    ) -> None:
        """Rebuild a run's reports.

        Writes report.html, junit.xml and summary.md from the artifacts.
        """
        from pipeline.runs import run_report

        settings = invocation.settings()
        invocation.result(run_report(settings, invocation.storage(settings), invocation.console(), run=run))
