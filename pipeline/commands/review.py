"""``reverse-rag review``: people's labels on judged answers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.invocation import Invocation, command, group

if TYPE_CHECKING:
    from pipeline.reviewfiles import Format

_RUN = typer.Option(metavar="RUN", help="Only this run's answers: an id, the beginning of one, or latest.")
_JUDGE = typer.Option(metavar="ID", help="A judge id.", show_default="of the newest answer")
_CRITERION = typer.Option(metavar="NAME", help="Label by this criterion, not the answer as a whole.")
_LIMIT = typer.Option(min=1, help="At most so many answers.")
_BLIND = typer.Option(
    "--blind/--show-verdict", help="Show the judge's verdict only after the label, or from the start."
)
_SECOND = typer.Option("--second-opinion", help="Also what others have labelled, and you have not.")


def register(app: typer.Typer) -> None:
    """Add the command and those below it."""

    @group(app, "review")
    def review(
        invocation: Invocation,
        run: Annotated[str | None, _RUN] = None,
        criterion: Annotated[str | None, _CRITERION] = None,
        judge: Annotated[str | None, _JUDGE] = None,
        limit: Annotated[int | None, _LIMIT] = None,
        blind: Annotated[bool, _BLIND] = True,
        second: Annotated[bool, _SECOND] = False,
    ) -> None:
        """Walk through judged answers and label them, one key each.

        Every label is kept at once. The commands below exchange answers and labels as files.
        """
        from pipeline.labelling import reviewer, run_review
        from pipeline.reviewqueue import Selection

        settings = invocation.settings()
        selection = Selection(
            judge=judge, run=run, criterion=criterion, blind=blind, reviewer=reviewer(settings) if second else None
        )
        storage = invocation.storage(settings)
        invocation.result(run_review(settings, storage, invocation.console(), selection=selection, limit=limit))

    _register_export(review)
    _register_import(review)
    _register_status(review)


def _register_export(app: typer.Typer) -> None:
    @command(app, "export")
    def export(
        invocation: Invocation,
        file: Annotated[Path | None, typer.Argument(help="File to write.", show_default="stdout")] = None,
        form: Annotated[
            str | None,
            typer.Option("--format", metavar="csv|jsonl", help="Form.", show_default="the file's suffix, or csv"),
        ] = None,
        run: Annotated[str | None, _RUN] = None,
        criterion: Annotated[str | None, _CRITERION] = None,
        judge: Annotated[str | None, _JUDGE] = None,
        blind: Annotated[bool, _BLIND] = True,
        labelled: Annotated[bool, typer.Option("--all", help="Also labelled answers, with their labels.")] = False,
    ) -> None:
        """Write answers to label to a file.

        Only its owner can read the file: what users and the assistant said stands in it.
        """
        from harness.errors import UsageError
        from harness.wording import counted
        from pipeline.labelling import run_export, write_private
        from pipeline.reviewqueue import Selection
        from pipeline.streams import print_result

        if file is None and invocation.as_json:
            raise UsageError("--json prints a result on stdout, and so would the answers be", hint="name a FILE")
        settings = invocation.settings()
        selection = Selection(judge=judge, run=run, criterion=criterion, blind=blind, labelled=labelled)
        text, count = run_export(settings, invocation.storage(settings), selection=selection, form=_form(form, file))
        if file is None:
            print_result(text)
            return
        write_private(file, text)
        invocation.console().say(f"exported   {counted(count, 'answer')} to {file}")
        invocation.result({"answers": count, "file": str(file)})


def _form(wanted: str | None, file: Path | None) -> "Format":
    from harness.errors import UsageError

    form = wanted or ("jsonl" if file is not None and file.suffix in {".jsonl", ".json"} else "csv")
    if form == "csv":
        return "csv"
    if form == "jsonl":
        return "jsonl"
    raise UsageError(f"--format {form}: neither csv nor jsonl")


def _register_import(app: typer.Typer) -> None:
    @command(app, "import")
    def import_labels(
        invocation: Invocation,
        file: Annotated[Path, typer.Argument(help="CSV or JSON lines with review_id and label.")],
    ) -> None:
        """Take labels from a file.

        Rows that are not valid are named, and the others taken.
        """
        from pipeline.labelling import run_import

        settings = invocation.settings()
        invocation.result(run_import(settings, invocation.storage(settings), invocation.console(), path=file))


def _register_status(app: typer.Typer) -> None:
    @command(app, "status")
    def status(
        invocation: Invocation,
        judge: Annotated[
            str | None, typer.Option(metavar="ID", help="A judge id: only its answers.", show_default="of every judge")
        ] = None,
    ) -> None:
        """Say what waits for labels, and where reviewers contradict each other."""
        from pipeline.labelling import run_status

        settings = invocation.settings()
        storage = invocation.storage(settings)
        invocation.result(run_status(settings, storage, invocation.console(), judge=judge))
