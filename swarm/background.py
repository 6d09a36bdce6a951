"""What goes on beside a process's sending: progress, the disk, its own lag, and what it is told from outside.

Import Locust first.
"""

import gc
import os
import signal
from collections.abc import Callable
from typing import Any

import gevent
import gevent.socket

from harness.errors import StorageError
from swarm.clock import Clock
from swarm.monitor import Monitor, StoppedBecause
from swarm.pacing import Schedule
from swarm.recorder import Recorder

PROGRESS_EVERY_S = 0.5
SYNC_EVERY_S = 0.5
LAG_EVERY_S = 0.05
COLLECT_EVERY = 20_000
"""Objects."""

Stop = Callable[[StoppedBecause], None]
"""Ends the sending."""


def calm_collector() -> None:
    """Keep the garbage collector from disturbing the schedule.

    Going through what was imported and read takes tenths of a second; what requests leave behind, next to nothing of
    which is garbage in circles, is looked through so seldom that the processor's cache is left alone.
    """
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY, 20, 20)


def show(monitor: Monitor, schedule: Schedule, emit: Callable[[dict[str, Any]], bool], stop: Stop) -> None:
    """Tell the parent process now and then how the sending goes; stop once nobody listens."""
    while True:
        gevent.sleep(PROGRESS_EVERY_S)
        position = {"position_s": round(schedule.position_s(Clock.now()), 3)}
        if not emit(monitor.progress() | position):
            stop("parent_gone")


def sync(recorder: Recorder, monitor: Monitor) -> None:
    """Write to the disk now and then, in a thread: it takes long enough to disturb the schedule."""
    threads = gevent.get_hub().threadpool
    while True:
        gevent.sleep(SYNC_EVERY_S)
        try:
            threads.apply(recorder.sync)
        except StorageError as error:
            monitor.stop("storage", str(error))
            return


def watch_lag(monitor: Monitor) -> None:
    """Measure how late this process wakes up."""
    while True:
        due = Clock.now() + LAG_EVERY_S
        gevent.sleep(LAG_EVERY_S)
        monitor.lag.add(Clock.now() - due)


def read_commands(command: Callable[[bytes], None], stop: Stop) -> None:
    """Hand on the lines of standard input; stop when it ends, because the parent process has gone."""
    pending = b""
    while True:
        try:
            gevent.socket.wait_read(0)
            block = os.read(0, 4096)
        except OSError:
            block = b""
        if not block:
            stop("parent_gone")
            return
        *lines, pending = (pending + block).split(b"\n")
        for line in lines:
            command(line.strip())


def handle_signals(on: Stop) -> None:
    """Have SIGINT and SIGTERM end the sending."""
    gevent.signal_handler(signal.SIGINT, on, "interrupted")
    gevent.signal_handler(signal.SIGTERM, on, "terminated")
