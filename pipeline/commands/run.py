"""``reverse-rag run``: from logs to a decision in one go."""

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

    @command(app, "run")
    def run(
        invocation: Invocation,
        tier: Annotated[str, typer.Option(help="Tier of the configuration.")] = "pr",
        commit: Commit = None,
        baseline: Baseline = None,
        promote: Promote = False,
        processes: Processes = 1,
        master: Master = False,
        master_bind_host: BindHost = LOOPBACK,
        master_bind_port: BindPort = MASTER_PORT,
        expect_workers: ExpectWorkers = 1,
        web_port: WebPort = None,
    ) -> int:
        """Extract, make personas, and gate.

        From production logs to a decision in one go.
        """
        from pipeline.authoring import run_personas
        from pipeline.commits import whole_hash
        from pipeline.models import connect_judge, require_models
        from pipeline.preparation import require_usable
        from pipeline.runs import run_gate
        from pipeline.sanitizing import run_extract

        asked = distribution(
            processes,
            master=master,
            bind_host=master_bind_host,
            bind_port=master_bind_port,
            expect_workers=expect_workers,
            web_port=web_port,
        )
        if commit is not None:
            whole_hash(commit)
        settings = invocation.settings()
        effective, _ = settings.tier(tier)
        require_models(settings, {"personas.model": settings.personas.model})
        connect_judge(effective)
        require_usable(effective)
        storage, console = invocation.storage(settings), invocation.console()
        dataset = run_extract(settings, storage, console)
        suite = run_personas(settings, storage, console, dataset=dataset["dataset_id"])
        result = run_gate(
            settings,
            storage,
            console,
            suite=suite["suite_id"],
            tier=tier,
            commit=commit,
            baseline=baseline,
            promoted=promote,
            distribution=asked,
        )
        invocation.result(result.to_dict())
        return result.exit_code
