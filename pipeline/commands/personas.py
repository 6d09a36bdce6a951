"""``reverse-rag personas``: sanitized sessions in, a suite of hard prompts out."""

from typing import Annotated

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "personas")
    def personas(
        invocation: Invocation,
        dataset: Annotated[str, typer.Option(help="Sanitized dataset: an id, or latest.")] = "latest",
    ) -> None:
        """Make personas and their hardest prompts.

        Reads a sanitized dataset and writes a suite.
        """
        from pipeline.stages import run_personas

        settings = invocation.settings()
        result = run_personas(settings, invocation.storage(settings), invocation.console(), dataset=dataset)
        invocation.result(result)
