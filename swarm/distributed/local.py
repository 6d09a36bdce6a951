"""Workers on the master's own machine: processes that end with it."""

import os
import subprocess
import sys

import gevent

from harness.errors import StorageError
from swarm.distribution import KEY_VARIABLE, LOOPBACK

END_WITHIN_S = 3.0


class LocalWorkers:
    """Worker processes that the master started.

    Each ends by itself when the master does, because its standard input
    closes. They are in a session of their own, so that an interrupt from the
    terminal reaches the master alone, which lets them finish what is in flight.

    Args:
        count: How many.
        port: The master's, on the loopback address.
        key: The shared one; it goes by the environment, where other users cannot read it.

    Raises:
        StorageError: If they cannot be started.
    """

    def __init__(self, count: int, port: int, *, key: str) -> None:
        # -P: a folder called "swarm" or "locust" where the user works must not shadow ours.
        command = [sys.executable, "-P", "-m", "swarm", "--worker", LOOPBACK, str(port), "--local"]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        try:
            for _ in range(count):
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,
                    env={**os.environ, KEY_VARIABLE: key},
                )
                self._processes[process.pid] = process
        except OSError as error:
            self.end()
            raise StorageError(f"a worker process cannot be started: {error.strerror}") from None

    def ended(self) -> set[int]:
        """Return the ids of the processes that have ended."""
        return {pid for pid, process in self._processes.items() if process.poll() is not None}

    def end(self) -> None:
        """End them: by closing their standard input, and those that do not hear it by force."""
        for process in self._processes.values():
            if process.stdin is not None:
                process.stdin.close()
        with gevent.Timeout(END_WITHIN_S, exception=False):
            for process in self._processes.values():
                process.wait()
        for process in self._processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()
