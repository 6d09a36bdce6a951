"""``reverse-rag extract``: production logs in, sanitized sessions out."""

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "extract")
    def extract(invocation: Invocation) -> None:
        """Sanitize production logs.

        Nothing that identifies a person leaves this stage.
        """
        from pipeline.stages import run_extract

        settings = invocation.settings()
        result = run_extract(settings, invocation.storage(settings), invocation.console())
        invocation.result(result)
