"""Commands whose part of the product is not there yet; they say so and exit 2."""

import typer

from harness.errors import UsageError
from pipeline.invocation import Invocation, command

_LATER = {
    "serve": "Serve the review page (not there yet).",
    "aws": "Deploy and run on AWS (not there yet).",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for name, text in _LATER.items():
        _register(app, name, text)


def _register(app: typer.Typer, name: str, text: str) -> None:
    def later(invocation: Invocation) -> None:  # noqa: ARG001 - every command takes it
        raise UsageError(
            f"`reverse-rag {name}` is not there yet",
            hint="see CHANGELOG.md for what each version brings",
        )

    later.__doc__ = text
    command(app, name, allow_extra_args=True, ignore_unknown_options=True)(later)
