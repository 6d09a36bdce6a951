"""``reverse-rag swarm``: sends a tier's prompts and records the exchanges, without judging them."""

from typing import Annotated

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "swarm")
    def swarm(
        invocation: Invocation,
        suite: Annotated[str, typer.Option(help="Suite: an id, or latest.")] = "latest",
        tier: Annotated[str, typer.Option(help="Tier of the configuration.")] = "pr",
        commit: Annotated[
            str | None,
            typer.Option(
                metavar="SHA", help="The commit under test, its whole hash: draws its own prompts, the same every time."
            ),
        ] = None,
        resume: Annotated[str | None, typer.Option(help="Continue this run (or latest) in place.")] = None,
    ) -> int:
        """Replay a suite and record every exchange.

        `reverse-rag judge RUN` judges them later.
        """
        from pipeline.runs import run_swarm

        settings = invocation.settings()
        storage = invocation.storage(settings)
        result, code = run_swarm(
            settings, storage, invocation.console(), suite=suite, tier=tier, resume=resume, commit=commit
        )
        invocation.result(result)
        return code
