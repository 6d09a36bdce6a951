"""The options that say which processes send, and what follows from them."""

import os
import sys
from typing import Annotated, NoReturn

import typer

from swarm.distribution import LOOPBACK, MASTER_PORT, Distribution, processes_of, shared_key

Processes = Annotated[
    int, typer.Option("--processes", help="Send from so many processes of this machine; -1: one for each core.")
]
Master = Annotated[bool, typer.Option("--master", help="Send by workers that are started elsewhere; see --worker.")]
BindHost = Annotated[str, typer.Option("--master-bind-host", help="Where the master waits for them.")]
BindPort = Annotated[int, typer.Option("--master-bind-port", help="The port it waits at.")]
ExpectWorkers = Annotated[int, typer.Option("--expect-workers", help="Begin when so many workers are there.")]
WebPort = Annotated[
    int | None, typer.Option("--web-port", help="Show the run in Locust's web UI at this port of 127.0.0.1.")
]
Worker = Annotated[bool, typer.Option("--worker", help="Send what the master at --master-host deals; nothing else.")]
MasterHost = Annotated[str, typer.Option("--master-host", help="The master's address, for --worker.")]
MasterPort = Annotated[int, typer.Option("--master-port", help="The master's port, for --worker.")]

__all__ = ["LOOPBACK", "MASTER_PORT", "become_worker", "distribution"]


def distribution(
    processes: int, *, master: bool, bind_host: str, bind_port: int, expect_workers: int, web_port: int | None
) -> Distribution:
    """Return what the options say.

    Raises:
        UsageError: If they contradict each other.
        ConfigurationError: If a master has no key.
    """
    if master:
        shared_key()
    return Distribution(
        processes=processes_of(processes),
        master=master,
        bind_host=bind_host,
        bind_port=bind_port,
        expect_workers=expect_workers,
        web_port=web_port,
    )


def become_worker(host: str, port: int) -> NoReturn:
    """Go on as a worker: Locust has to be the first thing that a process imports.

    Raises:
        ConfigurationError: If there is no key.
    """
    shared_key()
    os.execv(sys.executable, [sys.executable, "-P", "-m", "swarm", "--worker", host, str(port)])  # noqa: S606 - ours
