"""``reverse-rag init``: a commented configuration to start from."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "init")
    def init(
        invocation: Invocation,
        force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    ) -> None:
        """Write a commented reverse-rag.toml."""
        from importlib.resources import files

        from harness.config import DEFAULT_FILE
        from harness.errors import StorageError, UsageError

        path = invocation.config or Path(DEFAULT_FILE)
        if path.exists() and not force:
            raise UsageError(f"{path} exists already", hint="--force overwrites it")
        try:
            path.write_text(
                (files("pipeline") / "templates" / DEFAULT_FILE).read_text(encoding="utf-8"), encoding="utf-8"
            )
        except OSError as error:
            raise StorageError(f"{path}: cannot be written: {error.strerror}") from None
        console = invocation.console()
        console.say(f"wrote {path}")
        console.fact("next", "fill in [extract] and [target], then: reverse-rag doctor, reverse-rag run")
        invocation.result({"file": str(path)})
