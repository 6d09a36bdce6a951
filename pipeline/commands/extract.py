"""``reverse-rag extract``: production logs in, sanitized sessions out."""

from typing import Annotated

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "extract")
    def extract(
        invocation: Invocation,
        explain: Annotated[
            str | None,
            typer.Option(
                metavar="TEXT",
                help="Show what would be removed from a text and why; lines that begin with 'user:' and 'assistant:' are a conversation. '-' reads it from stdin: other users of a machine can see a command's arguments.",
            ),
        ] = None,
        audit: Annotated[
            str | None,
            typer.Option(
                metavar="DIR",
                help="Look for personal values in any data set: JSON lines, CSV or Parquet; exit 5 if there are.",
            ),
        ] = None,
        since_last: Annotated[
            bool,
            typer.Option(
                "--since-last",
                help="Read only what is new since the latest dataset and carry that one's sessions over, as [extract] incremental does.",
            ),
        ] = False,
        show_values: Annotated[
            bool, typer.Option("--show-values", help="With --audit: also show the values found.")
        ] = False,
    ) -> int:
        """Sanitize production logs.

        Nothing that identifies a person leaves this stage.
        """
        from harness.errors import ExitCode, UsageError

        if explain is not None and audit is not None:
            raise UsageError("--explain and --audit are two things", hint="give one of them")
        if show_values and audit is None:
            raise UsageError("--show-values belongs to --audit", hint="name a folder with --audit")
        settings = invocation.settings()
        if explain is not None:
            from pipeline.auditing import run_explain

            invocation.result(run_explain(settings, invocation.console(), explain))
            return ExitCode.OK
        if audit is not None:
            from pipeline.auditing import run_audit

            result = run_audit(settings, invocation.console(), audit, show_values=show_values)
            invocation.result(result)
            return ExitCode.OK if result["passed"] else ExitCode.SAFETY
        from pipeline.stages import run_extract

        if since_last:
            section = settings.extract.model_copy(update={"incremental": True})
            settings = settings.model_copy(update={"extract": section})
        invocation.result(run_extract(settings, invocation.storage(settings), invocation.console()))
        return ExitCode.OK
