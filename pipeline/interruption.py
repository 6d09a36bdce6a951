"""Ctrl-C and SIGTERM, turned into one kind of end that never corrupts anything."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

RETRY_S = 0.05


class TerminatedError(KeyboardInterrupt):
    """SIGTERM, on the same path as Ctrl-C."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` for SIGINT and ``TerminatedError`` for SIGTERM while the body runs.

    A signal that arrives during an import is delivered again a moment later: C extensions that are interrupted
    while they initialise have crashed the interpreter. A signal that the caller ignores stays ignored.
    """
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number, handler in previous.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _raise)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _raise(number: int, frame: FrameType | None) -> None:
    if _importing(frame):
        threading.Timer(RETRY_S, os.kill, (os.getpid(), number)).start()
        return
    raise TerminatedError if number == signal.SIGTERM else KeyboardInterrupt


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
