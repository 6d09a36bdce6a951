"""``reverse-rag gate``: what CI calls."""

from typing import Annotated

import typer

from pipeline.distributing import (
    LOOPBACK,
    MASTER_PORT,
    BindHost,
    BindPort,
    ExpectWorkers,
    Master,
    Processes,
    WebPort,
    distribution,
)
from pipeline.invocation import Baseline, Commit, Invocation, Promote, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "gate")
    def gate(
        invocation: Invocation,
        suite: Annotated[str, typer.Option(help="Suite: an id, or latest.")] = "latest",
        tier: Annotated[str, typer.Option(help="Tier of the configuration.")] = "pr",
        commit: Commit = None,
        baseline: Baseline = None,
        promote: Promote = False,
        resume: Annotated[str | None, typer.Option(help="Continue this run (or latest) in place.")] = None,
        processes: Processes = 1,
        master: Master = False,
        master_bind_host: BindHost = LOOPBACK,
        master_bind_port: BindPort = MASTER_PORT,
        expect_workers: ExpectWorkers = 1,
        web_port: WebPort = None,
    ) -> int:
        """Replay a suite, judge, decide and report.

        What CI calls.

        Exits 0 pass, 1 fail, 2 usage, 3 nothing could be judged, 4 inconclusive, 5 safety stop or void.
        """
        from pipeline.runs import run_gate

        asked = distribution(
            processes,
            master=master,
            bind_host=master_bind_host,
            bind_port=master_bind_port,
            expect_workers=expect_workers,
            web_port=web_port,
        )
        settings = invocation.settings()
        storage = invocation.storage(settings)
        result = run_gate(
            settings,
            storage,
            invocation.console(),
            suite=suite,
            tier=tier,
            resume=resume,
            commit=commit,
            baseline=baseline,
            promoted=promote,
            distribution=asked,
        )
        invocation.result(result.to_dict())
        return result.exit_code
