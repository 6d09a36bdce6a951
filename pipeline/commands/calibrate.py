"""``reverse-rag calibrate``: from people's labels to a judge card."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "calibrate")
    def calibrate(
        invocation: Invocation,
        judge: Annotated[
            str | None, typer.Option(help="A judge id.", show_default="of the newest labelled answer")
        ] = None,
        compare: Annotated[
            tuple[str, str] | None, typer.Option(metavar="ID ID", help="Compare two judges on the same labels.")
        ] = None,
        labels: Annotated[Path | None, typer.Option(help="A file of labels, besides the store's.")] = None,
    ) -> None:
        """Make a judge card from labelled answers.

        Measures how often the judge is wrong, and says what the gate can decide with that.
        """
        from harness.errors import UsageError
        from pipeline.calibrating import run_calibrate, run_compare

        if compare and judge:
            raise UsageError("--judge and --compare exclude each other", hint="--compare names both judges")
        settings = invocation.settings()
        storage, console = invocation.storage(settings), invocation.console()
        if compare:
            invocation.result(
                run_compare(settings, storage, console, first=compare[0], second=compare[1], labels=labels)
            )
        else:
            invocation.result(run_calibrate(settings, storage, console, judge=judge, labels=labels))
