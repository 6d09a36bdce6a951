"""``reverse-rag compare``: two runs, prompt by prompt."""

from typing import Annotated

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "compare")
    def compare(
        invocation: Invocation,
        run_a: Annotated[str, typer.Argument(metavar="RUN_A", help="The earlier run: an id, or latest.")],
        run_b: Annotated[str, typer.Argument(metavar="RUN_B", help="The later run: an id, or latest.")] = "latest",
    ) -> int:
        """Compare two runs prompt by prompt.

        Says what fails now and did not before, and whether that is more than
        chance. `gate --baseline` blocks a release on it.
        """
        from pipeline.comparing import run_compare

        settings = invocation.settings()
        invocation.result(run_compare(invocation.storage(settings), invocation.console(), first=run_a, second=run_b))
        return 0
