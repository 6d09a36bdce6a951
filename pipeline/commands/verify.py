"""``reverse-rag verify``: is a decision what its artifacts say, and are they untouched?"""

from typing import Annotated

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "verify")
    def verify(
        invocation: Invocation, run: Annotated[str, typer.Argument(help="A run's id, or latest.")] = "latest"
    ) -> int:
        """Recompute a decision from its artifacts.

        Says whether anything was changed since.

        Exits 0 when everything agrees, 5 when it does not.
        """
        from harness.errors import ExitCode
        from pipeline.verification import verify_run

        settings = invocation.settings()
        findings = verify_run(settings, invocation.storage(settings), run=run)
        console = invocation.console()
        for finding in findings:
            console.error(finding)
        if not findings:
            console.say("verified: the files are unchanged and give the recorded decision", "green")
        invocation.result({"verified": not findings, "findings": findings})
        return ExitCode.SAFETY if findings else ExitCode.OK
