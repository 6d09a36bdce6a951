"""``python -m swarm RUN_FOLDER``: sends what a run's plan asks for, in a process of its own, or by workers."""

from swarm.locust_user import Swarm  # isort: skip  # Locust patches the standard library: first of all

import argparse
import contextlib
import logging
import os
import resource
import secrets
import select
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from harness.errors import ExitCode, ReverseRagError, StorageError
from harness.locking import held
from swarm.clock import Clock
from swarm.dealing import ConfirmationDealer, ControlDealer, Dealer, GoldenDealer, ProbeDealer
from swarm.distributed.master import Workers
from swarm.distributed.worker import Worker
from swarm.distribution import Distribution, distribution_of, shared_key, swarm_arguments
from swarm.job import EXCHANGES_FOLDER, Confirming, read_confirming, read_end, read_job, write_end
from swarm.lockout import Lockout
from swarm.monitor import Monitor
from swarm.pacing import InjectionPace, Schedule
from swarm.planned import read_planned_prompts
from swarm.recorder import Recorder
from swarm.sender import HttpSender
from swarm.under_way import UNDER_WAY_FILE, UnderWay

EXIT_CODES = {
    "interrupted": ExitCode.INTERRUPTED,
    "terminated": ExitCode.TERMINATED,
    "host_not_allowed": ExitCode.SAFETY,
    "storage": ExitCode.DEPENDENCY,
    "bug": ExitCode.BUG,
}
LOCK_WAIT_S = 60
CONFIRM_WITHIN_S = 60.0
"""No failing prompt is asked again later: the decision waits for it."""


def main() -> int:
    """Do what the command line says: send a run, or work for a master that does; return the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("locust").setLevel(logging.ERROR)
    parsed = swarm_arguments(sys.argv[1:])
    raise_file_limit()
    return lead(parsed) if parsed.worker is None else work(*parsed.worker, local=parsed.local)


def work(host: str, port: str, *, local: bool) -> int:
    """Work for the master that waits there; return the exit code."""
    try:
        Worker(host, int(port), key=shared_key(), local=local).run()
    except ReverseRagError as error:
        print(f"{error}\n{error.hint}".rstrip(), file=sys.stderr)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return ExitCode.OK


def lead(parsed: argparse.Namespace) -> int:
    """Run the job of a run's folder; return the exit code."""
    try:
        folder = Path(parsed.folder)
        confirming = read_confirming(folder) if parsed.confirm else None
        end = send(folder, distribution_of(parsed), confirming)
    except ReverseRagError as error:
        because = "host_not_allowed" if error.exit_code == ExitCode.SAFETY else "error"
        emit({"event": "end", "stopped_because": because, "message": str(error), "hint": error.hint})
        print(f"{error}\n{error.hint}".rstrip(), file=sys.stderr)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    if end["message"]:
        print(end["message"], file=sys.stderr)
    if end["stopped_because"] == "workers_lost" and not end["sent"]:
        return ExitCode.DEPENDENCY
    return EXIT_CODES.get(end["stopped_because"], ExitCode.OK)


def send(folder: Path, distribution: Distribution, confirming: Confirming | None = None) -> dict[str, Any]:
    """Send what a run still lacks; return the ``end`` event.

    Args:
        folder: The run's.
        distribution: Which processes send.
        confirming: Ask these prompts again, with no load beside them, and nothing else. How the run's sending ended is
            known then, and stays as it is.

    Raises:
        ReverseRagError: If nothing could be sent: the job, the target or the folder is not usable.
    """
    job, plan = read_job(folder)
    prompts = read_planned_prompts(job, plan)
    if confirming is not None:
        job = job.model_copy(update={"load": None, "hold_duration": False})
        plan = plan.model_copy(update={"pairs": [], "golden": [], "regressions": []})
    key = shared_key() if distribution.master else secrets.token_hex(32)
    http = HttpSender(job.target, job.run_id) if not distribution.workers else None
    if http is not None:
        http.authorize()
    # A process whose parent was killed finishes what is in flight: waiting for it, no turn is recorded twice.
    with held(folder / EXCHANGES_FOLDER, folder.name, wait_s=LOCK_WAIT_S):
        clock = Clock()
        under_way = UnderWay(folder / UNDER_WAY_FILE)
        before = read_end(folder)
        locked_out = before.get("stopped_because") == "lockout"
        lockout = Lockout(
            plan,
            prompts,
            timeout_s=job.target.timeout_s,
            keep=lambda exchanged: recorder.hold_back(exchanged),
            locked_out=locked_out,
        )

        def seen(row: Mapping[str, Any]) -> None:
            under_way.settle(plan.run_id, row)
            lockout.seen(row)

        recorder = Recorder(folder / EXCHANGES_FOLDER, prompts, clock, seen=seen, failing=under_way.keep_all)
        pace = InjectionPace(job.target.injection_per_minute)
        monitor = Monitor(
            planned=len(plan.order),
            requested=recorder.requests + under_way.unrecorded,
            done=recorder.prompts_ended(plan.arm),
            max_requests=job.max_requests,
        )
        ended = recorder.conversations_ended(plan.arm)
        schedule = Schedule(job.load, job.production, seed=plan.seed, ended=ended)
        swarm = Swarm(
            job,
            dealer=Dealer(plan, prompts, recorder, pace=pace, hold=job.hold_duration)
            if confirming is None
            else ConfirmationDealer(
                plan, confirming, prompts, recorder, pace=pace, until=Clock.now() + CONFIRM_WITHIN_S
            ),
            golden=GoldenDealer(plan, prompts, recorder, pace=pace),
            control=ControlDealer(plan, prompts, recorder, pace=pace),
            probes=partial(ProbeDealer, plan, prompts, recorder),
            lockout=lockout,
            sender=http or Workers(job, distribution, key, monitor),
            recorder=recorder,
            under_way=under_way,
            monitor=monitor,
            schedule=schedule,
            emit=emit,
            keep=partial(keep, folder),
            load_over=confirming is None and bool(before.get("load_over")),
            clock=clock,
            web_port=distribution.web_port,
        )
        end = swarm.run()
        with contextlib.suppress(StorageError, OSError):
            recorder.close()
        under_way.close()
        if confirming is None:
            keep(folder, end)
    emit(end)
    return end


def keep(folder: Path, end: dict[str, Any]) -> None:
    """Keep how the sending stands or ended, if the disk takes it: one that does not is noticed by the exchanges."""
    with contextlib.suppress(StorageError):
        write_end(folder, end)


def raise_file_limit() -> None:
    """Allow as many sockets as the system does: an open load needs one for every request in flight."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def emit(event: dict[str, Any]) -> bool:
    """Write an event to stdout; return false if nobody reads there any more.

    Progress that does not fit into the pipe is dropped: a parent that does not read must not stop the sending.
    """
    line = orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
    try:
        if event["event"] != "end" and not select.select([], [1], [], 0)[1]:
            return True
        while line:
            line = line[os.write(1, line) :]
    except (OSError, ValueError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
