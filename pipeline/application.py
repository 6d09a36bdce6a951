"""All commands of ``reverse-rag``. They import what they need when they run."""

from typing import Annotated

import typer

from pipeline.commands import (
    calibrate,
    compare,
    demo,
    doctor,
    extract,
    gate,
    init,
    judge,
    later,
    personas,
    plan,
    replay,
    report,
    review,
    run,
    swarm,
    verify,
)
from pipeline.invocation import CommandFirst

app = typer.Typer(
    name="reverse-rag",
    cls=CommandFirst,
    help="A release gate for LLM features: replay hard prompts made from sanitized production traffic, "
    "judge every answer, block the release.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: importing rich costs more than the whole 0.3 s a help text may take
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    init,
    doctor,
    extract,
    personas,
    plan,
    swarm,
    judge,
    gate,
    run,
    report,
    review,
    calibrate,
    compare,
    replay,
    verify,
    demo,
    later,
):
    module.register(app)


def _version(asked: bool) -> None:  # noqa: FBT001 - typer's callback signature
    if asked:
        from importlib.metadata import version

        typer.echo(f"reverse-rag {version('reverse-rag')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Read the options that stand before a command."""
