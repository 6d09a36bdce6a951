"""Which processes send a run; imports no Locust."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import ConfigurationError, UsageError

LOOPBACK = "127.0.0.1"
MASTER_PORT = 5557
"""Locust's own."""
KEY_VARIABLE = "REVERSE_RAG_SWARM_KEY"
LEAST_KEY_LENGTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Which processes send a run, and where it can be watched."""

    processes: int = 1
    """Workers that are started on this machine; 1: the one process does everything."""
    master: bool = False
    """Workers are started elsewhere, and come by themselves."""
    bind_host: str = LOOPBACK
    """The address at which the master waits for them."""
    bind_port: int = MASTER_PORT
    expect_workers: int = 1
    """So many have to be there before anything is sent."""
    web_port: int | None = None
    """The port of Locust's web UI on this machine's loopback address; None: there is none."""

    def __post_init__(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            UsageError: If a number makes no sense, or both kinds of workers are asked for.
        """
        if self.processes < 1:
            raise UsageError("--processes must be at least 1, or -1 for one for each core")
        if self.master and self.processes > 1:
            raise UsageError("--master and --processes exclude each other", hint="start the workers with --worker")
        if self.expect_workers < 1:
            raise UsageError("--expect-workers must be at least 1")
        for port in (self.bind_port, self.web_port):
            if port is not None and not 0 <= port < 65536:
                raise UsageError(f"{port} is no port")

    @property
    def local(self) -> bool:
        """Whether the workers are this process's own."""
        return self.processes > 1

    @property
    def workers(self) -> int:
        """How many have to be there before anything is sent; 0: the process sends by itself."""
        if self.local:
            return self.processes
        return self.expect_workers if self.master else 0

    def arguments(self) -> list[str]:
        """Return what tells a ``python -m swarm`` the same."""
        listed = ["--processes", str(self.processes)]
        if self.master:
            listed += ["--master", "--bind-host", self.bind_host, "--bind-port", str(self.bind_port)]
            listed += ["--expect-workers", str(self.expect_workers)]
        if self.web_port is not None:
            listed += ["--web-port", str(self.web_port)]
        return listed


def processes_of(asked: int) -> int:
    """Return a number of processes; for -1, as many as there are cores to run on."""
    return len(os.sched_getaffinity(0)) if asked == -1 else asked


def swarm_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Return the arguments of ``python -m swarm``: a run's folder to send, or a master to work for.

    Raises:
        SystemExit: If they are none; says on stderr what they have to be.
    """
    parser = argparse.ArgumentParser(prog="python -m swarm", allow_abbrev=False)
    parser.add_argument("folder", nargs="?", help="the run's folder")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--master", action="store_true")
    parser.add_argument("--bind-host", default=LOOPBACK)
    parser.add_argument("--bind-port", type=int, default=MASTER_PORT)
    parser.add_argument("--expect-workers", type=int, default=1)
    parser.add_argument("--web-port", type=int)
    parser.add_argument("--confirm", action="store_true", help="ask again what failed, and nothing else")
    parser.add_argument("--worker", nargs=2, metavar=("HOST", "PORT"), help="send what the master there deals")
    parser.add_argument("--local", action="store_true", help="the worker's master runs on this machine and started it")
    parsed = parser.parse_args(argv)
    if (parsed.folder is None) == (parsed.worker is None):
        parser.error("a run's folder or --worker is needed, and not both")
    return parsed


def distribution_of(parsed: argparse.Namespace) -> Distribution:
    """Return what the arguments of ``python -m swarm`` say about the processes.

    Raises:
        UsageError: If they contradict each other.
    """
    return Distribution(
        processes=parsed.processes,
        master=parsed.master,
        bind_host=parsed.bind_host,
        bind_port=parsed.bind_port,
        expect_workers=parsed.expect_workers,
        web_port=parsed.web_port,
    )


def shared_key() -> str:
    """Return the key that master and workers share.

    Raises:
        ConfigurationError: If the environment holds none, or one that could be guessed.
    """
    key = os.environ.get(KEY_VARIABLE, "")
    if len(key) < LEAST_KEY_LENGTH:
        what = "is not set" if not key else f"has {len(key)} characters, and at least {LEAST_KEY_LENGTH} are needed"
        raise ConfigurationError(
            f"{KEY_VARIABLE} {what}: master and workers know each other by it",
            hint=f"export {KEY_VARIABLE}=$(openssl rand -hex 32), the same for the master and every worker",
        )
    return key
