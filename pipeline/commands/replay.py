"""``reverse-rag replay``: one failing prompt again, byte for byte."""

from typing import Annotated

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "replay")
    def replay(
        invocation: Invocation,
        identifier: Annotated[str, typer.Argument(metavar="ID", help="An exchange's or a prompt's id.")],
        run: Annotated[str, typer.Option(help="The run it is in: an id, or latest.")] = "latest",
        against: Annotated[str | None, typer.Option(help="Another URL to send to; its host has to be allowed.")] = None,
    ) -> int:
        """Resend a recorded prompt exactly.

        Its new answer is judged as the old one was.

        Exits 0 when it passes now, 1 when it still fails.
        """
        from pipeline.replaying import replay as resend

        settings = invocation.settings()
        console = invocation.console()
        repeated = resend(settings, invocation.storage(settings), run=run, identifier=identifier, against=against)
        for turn in repeated:
            console.say(f"turn {turn.exchange.turn}: {turn.exchange.outcome}, {turn.word}", turn.style)
            for criterion in turn.verdict.criteria:
                if criterion.passed is False:
                    console.fact(criterion.name, criterion.reason)
        invocation.result({"turns": [turn.to_dict() for turn in repeated]})
        return int(any(turn.verdict.passed is False for turn in repeated))
