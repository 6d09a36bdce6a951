"""``reverse-rag demo``: the main job on the bundled example, from logs to a report."""

from typing import Annotated

import typer

from pipeline.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "demo")
    def demo(
        invocation: Invocation,
        bad: Annotated[bool, typer.Option("--break", help="Test a bad release of the assistant; exits 1.")] = False,
    ) -> int:
        """Run the main job on the bundled example.

        Makes a small bank's logs, sanitizes, generates, replays, judges, decides and reports.
        """
        from pathlib import Path

        from pipeline.demonstration import CONFIGURATION, demonstrate

        root = Path(invocation.out or "out/demo").resolve()
        # Whatever comes next works on what the example's own configuration names.
        invocation.config, invocation.out = root / CONFIGURATION, None
        result = demonstrate(root, invocation.console(), bad=bad)
        invocation.result(result.to_dict())
        return result.exit_code
