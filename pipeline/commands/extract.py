"""``reverse-rag extract``: production logs in, sanitized sessions out."""

from typing import Annotated

import typer

from pipeline.invocation import Invocation, command
from pipeline.streams import print_result


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
        if since_last and (explain is not None or audit is not None):
            raise UsageError("--since-last belongs to reading logs, not to --explain or --audit", hint="leave it out")
        settings = invocation.settings()
        if explain is not None or audit is not None:
            from pipeline.auditing import run_audit, run_explain

            if audit is None:
                answer = run_explain(settings, explain or "")
            else:
                answer = run_audit(settings, invocation.console(), audit, show_values=show_values)
            if invocation.as_json:
                invocation.result(answer.values)
            else:
                print_result(answer.text)
            return ExitCode.OK if answer.values.get("passed", True) else ExitCode.SAFETY
        from pipeline.sanitizing import run_extract

        if since_last:
            section = settings.extract.model_copy(update={"incremental": True})
            settings = settings.model_copy(update={"extract": section})
        invocation.result(run_extract(settings, invocation.storage(settings), invocation.console()))
        return ExitCode.OK
