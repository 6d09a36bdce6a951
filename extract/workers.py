"""Processes that sanitize parts side by side; none lost, none done twice."""

import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from extract.partitions import Material, Part, PartResult, PartSanitizer
from harness.errors import DependencyError, ReverseRagError

_ATTEMPTS = 2
_STOP_S = 2.0
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
# A fresh interpreter: a copy of one with threads in it (a progress bar's) can hang.
_SPAWN = multiprocessing.get_context("spawn")

Told = int
"""So many exchanges are done."""
Answer = Told | PartResult | ReverseRagError | str
"""What a worker says; text is the place of a bug in it."""


def cpu_count() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def sanitize_parts(
    material: Material, parts: Sequence[Part], *, workers: int, tell: Callable[[int], None]
) -> Iterator[tuple[Part, PartResult]]:
    """Yield each part once it is sanitized, in no certain order.

    Args:
        material: What workers need.
        parts: The work.
        workers: Processes; with 1, or little to do, this one does it.
        tell: Called with how many exchanges are done since it was last called.

    Raises:
        DependencyError: If a worker died twice over the same part, for example for lack of memory.
        StorageError: If the disk is full.
    """
    # The largest first, so that the last to end is a small one.
    waiting = sorted(parts, key=lambda part: part.bytes)
    workers = min(workers, sum(part.bytes > 0 for part in parts))
    if workers <= 1 or sum(part.bytes for part in parts) < material.sizes.worth_workers:
        sanitizer = PartSanitizer(material)
        for part in parts:
            yield part, sanitizer.run(part, tell)
        return
    with _Pool(material, workers) as pool:
        yield from pool.run(waiting, tell)


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    part: Part | None = None
    told: int = 0
    """Exchanges of its part that it has reported."""


class _Pool:
    """Workers, each with a pipe of its own: one that dies takes nothing with it."""

    def __init__(self, material: Material, count: int) -> None:
        self._material = material
        self._count = count
        self._workers: list[_Worker] = []

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, *exc: object) -> None:
        for worker in self._workers:
            worker.pipe.close()
            worker.process.kill()
        for worker in self._workers:
            worker.process.join(_STOP_S)

    def run(self, waiting: list[Part], tell: Callable[[int], None]) -> Iterator[tuple[Part, PartResult]]:
        """Yield parts as they are done; ``waiting`` is worked off from its end."""
        attempts: dict[Part, int] = {}
        busy = 0
        for _ in range(self._count):
            self._start()
        while waiting or busy:
            for worker in self._workers:
                if worker.part is None and waiting:
                    worker.part = waiting.pop()
                    attempts[worker.part] = attempts.get(worker.part, 0) + 1
                    busy += 1
                    _send(worker, worker.part)
            for worker in self._ready():
                part = worker.part
                answer = _answer(worker)
                if answer is None and part is not None:
                    tell(-worker.told)
                    self._replace(worker, part, attempts[part])
                    waiting.append(part)
                    busy -= 1
                elif isinstance(answer, int):
                    worker.told += answer
                    tell(answer)
                elif answer is not None and part is not None:
                    result = _checked(answer)
                    worker.part, worker.told = None, 0
                    busy -= 1
                    yield part, result

    def _start(self) -> None:
        here, there = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_serve, args=(there, self._material), daemon=True)
        with _inherited():
            process.start()
        # Only the worker holds its end now, so that its death ends the pipe.
        there.close()
        self._workers.append(_Worker(process, here))

    def _ready(self) -> list[_Worker]:
        by_pipe = {worker.pipe: worker for worker in self._workers if worker.part is not None}
        return [by_pipe[pipe] for pipe in wait(list(by_pipe)) if isinstance(pipe, Connection)]

    def _replace(self, worker: _Worker, part: Part, attempts: int) -> None:
        """Take another worker for one that died.

        Raises:
            DependencyError: If it was not the first to die over this part.
        """
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join(_STOP_S)
        if attempts >= _ATTEMPTS:
            raise DependencyError(
                f"{attempts} workers died over the same part of the logs ({part.bytes:,} bytes; {_ending(worker.process)}); "
                "nothing was published",
                hint="if memory ran out, set [extract] workers lower; 1 does everything in this process",
            )
        self._start()


@contextmanager
def _inherited() -> Iterator[None]:
    """Set what a new process takes over from this one.

    Ctrl-C goes to all processes of a terminal: the first one decides what
    becomes of the others, so they never see it. Each worker is one thread:
    numeric libraries that take all processors each would only fight.
    """
    added = [name for name in _THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(added, "1"))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for name in added:
            del os.environ[name]


def _send(worker: _Worker, part: Part) -> None:
    try:
        worker.pipe.send(part)
    except OSError:
        return  # it has died; the pipe's end says so next


def _answer(worker: _Worker) -> Answer | None:
    """Return what a worker says; None if it is dead."""
    try:
        answer: Answer = worker.pipe.recv()
    except (EOFError, OSError):
        return None
    return answer


def _checked(answer: Answer) -> PartResult:
    if isinstance(answer, ReverseRagError):
        raise answer
    if isinstance(answer, PartResult):
        return answer
    raise RuntimeError(f"a worker met {answer}")


def _ending(process: SpawnProcess) -> str:
    code = process.exitcode
    return "end unknown" if code is None else f"signal {-code}" if code < 0 else f"exit code {code}"


def _serve(pipe: Connection, material: Material) -> None:
    """Sanitize what comes through the pipe until it ends."""
    sanitizer = PartSanitizer(material)
    # The pipe ends when the first process does, however it ends.
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_done(sanitizer, pipe.recv(), pipe))


def _done(sanitizer: PartSanitizer, part: Part, pipe: Connection) -> Answer:
    try:
        return sanitizer.run(part, pipe.send)
    except ReverseRagError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the first process reports it; what it says may hold raw text
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {Path(where.filename).name}:{where.lineno}"
