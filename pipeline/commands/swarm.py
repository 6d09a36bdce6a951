"""``reverse-rag swarm``: sends a tier's prompts and records the exchanges, without judging them."""

from typing import Annotated

import typer

from pipeline.distributing import (
    LOOPBACK,
    MASTER_PORT,
    BindHost,
    BindPort,
    ExpectWorkers,
    Master,
    MasterHost,
    MasterPort,
    Processes,
    WebPort,
    Worker,
    become_worker,
    distribution,
)
from pipeline.invocation import Commit, Invocation, command


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "swarm")
    def swarm(
        invocation: Invocation,
        suite: Annotated[str, typer.Option(help="Suite: an id, or latest.")] = "latest",
        tier: Annotated[str, typer.Option(help="Tier of the configuration.")] = "pr",
        commit: Commit = None,
        resume: Annotated[str | None, typer.Option(help="Continue this run (or latest) in place.")] = None,
        processes: Processes = 1,
        master: Master = False,
        master_bind_host: BindHost = LOOPBACK,
        master_bind_port: BindPort = MASTER_PORT,
        expect_workers: ExpectWorkers = 1,
        web_port: WebPort = None,
        worker: Worker = False,
        master_host: MasterHost = LOOPBACK,
        master_port: MasterPort = MASTER_PORT,
    ) -> int:
        """Replay a suite and record every exchange.

        `reverse-rag judge RUN` judges them later.
        """
        if worker:
            become_worker(master_host, master_port)
        from pipeline.runs import run_swarm

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
        result, code = run_swarm(
            settings,
            storage,
            invocation.console(),
            suite=suite,
            tier=tier,
            resume=resume,
            commit=commit,
            distribution=asked,
        )
        invocation.result(result)
        return code
