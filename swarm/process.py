"""The parent's side of a swarm process; imports no Locust."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO, Any

import orjson

from harness.errors import ExitCode, StorageError, UsageError
from swarm.distribution import Distribution
from swarm.job import Confirming, SwarmJob

TALK_LINES = 50
POLL_S = 0.02


class SwarmProcess:
    """A ``python -m swarm`` that works on one run.

    It ends by itself when its parent does, because its standard input closes.

    Args:
        run_folder: Holds ``plan.json``; the job is written beside it.
        job: What to send to whom.
        distribution: Which processes send.
        confirming: Prompts that are asked again, and nothing else; None sends what the plan asks for.
    """

    def __init__(
        self,
        run_folder: Path,
        job: SwarmJob,
        distribution: Distribution | None = None,
        *,
        confirming: Confirming | None = None,
    ) -> None:
        self._folder = run_folder
        self._job = job
        self._distribution = distribution or Distribution()
        self._confirming = confirming
        self._process: subprocess.Popen[bytes] | None = None
        self._events: deque[dict[str, Any]] = deque()
        self._talk: deque[str] = deque(maxlen=TALK_LINES)
        self._readers: list[threading.Thread] = []

    def start(self) -> None:
        """Write the job and start the process.

        Raises:
            StorageError: If the job cannot be written, or no process started.
        """
        self._job.write(self._folder)
        # -P: a folder called "swarm" or "locust" where the user works must not shadow ours.
        command = [sys.executable, "-P", "-m", "swarm", str(self._folder.resolve()), *self._distribution.arguments()]
        if self._confirming is not None:
            self._confirming.write(self._folder)
            command.append("--confirm")
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        except OSError as error:
            raise StorageError(f"the sending process cannot be started: {error.strerror}") from None
        self._read(self._process.stdout, self._take_event)
        self._read(self._process.stderr, self._take_talk)

    def events(self) -> list[dict[str, Any]]:
        """Return the events that came since the last call, oldest first."""
        drained = []
        while self._events:
            drained.append(self._events.popleft())
        return drained

    @property
    def talk(self) -> str:
        """The last lines that the process wrote to its standard error."""
        return "\n".join(self._talk)

    @property
    def running(self) -> bool:
        """Whether the process runs, or events of it are still to come."""
        if self._process is None:
            return False
        return _exit_code(self._process) is None or any(reader.is_alive() for reader in self._readers)

    def enough(self) -> None:
        """Say that the verdict is decided: the process ends as soon as the load's duration is over."""
        self._tell(b"enough\n")

    def stop(self) -> None:
        """Ask the process to finish what is in flight and end; harmless if it has ended."""
        self._tell(b"stop\n")

    def interrupt(self) -> None:
        """Ask the process to end soon: at once while it starts up, else after a few seconds for what is in flight."""
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """End the process at once; what it recorded stays."""
        if self._process is not None:
            self._process.kill()

    def wait(self, timeout_s: float) -> int:
        """Return the exit code once the process has ended.

        Args:
            timeout_s: A process that takes longer is terminated, then killed; what it recorded stays.

        Raises:
            UsageError: If it was never started.
        """
        if self._process is None:
            raise UsageError("the sending process was never started")
        code = self._end(self._process, timeout_s)
        for reader in self._readers:
            reader.join(1.0)
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        return {-2: int(ExitCode.INTERRUPTED), -15: int(ExitCode.TERMINATED)}.get(code, code)

    @staticmethod
    def _end(process: subprocess.Popen[bytes], timeout_s: float) -> int:
        for patience_s, then in ((timeout_s, process.terminate), (2.0, process.kill), (2.0, process.kill)):
            give_up_at = time.monotonic() + patience_s
            while (code := _exit_code(process)) is None and time.monotonic() < give_up_at:
                time.sleep(POLL_S)
            if code is not None:
                process.poll()
                return code
            then()
        return -signal.SIGKILL

    def _tell(self, line: bytes) -> None:
        if self._process is None or self._process.stdin is None:
            return
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def _read(self, stream: IO[bytes] | None, take: Any) -> None:
        def read() -> None:
            with contextlib.suppress(ValueError):
                for line in stream or ():
                    take(line)
            if stream is not None:
                stream.close()

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        self._readers.append(reader)

    def _take_event(self, line: bytes) -> None:
        with contextlib.suppress(orjson.JSONDecodeError):
            event = orjson.loads(line)
            if isinstance(event, dict):
                self._events.append(event)

    def _take_talk(self, line: bytes) -> None:
        self._talk.append(line.decode("utf-8", "replace").rstrip())


def _exit_code(process: subprocess.Popen[bytes]) -> int | None:
    """Return a process's exit code (minus the signal that ended it); None while it runs.

    Not ``Popen.wait``: an interrupt at the wrong moment leaves its lock held, and it would wait for ever.
    """
    if process.returncode is not None:
        return process.returncode
    try:
        ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return -signal.SIGKILL if process.returncode is None else process.returncode
    if ended is None:
        return None
    return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
