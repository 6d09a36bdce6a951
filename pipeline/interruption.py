"""Ctrl-C and SIGTERM, turned into one kind of end that never corrupts anything."""

import os
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

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


def run_cancellable(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine; a signal cancels it where it waits, and becomes an exception once it has tidied up.

    An exception thrown into the middle of any line, as ``interruptible`` does, can leave a lock held for ever.

    Raises:
        KeyboardInterrupt: After SIGINT.
        TerminatedError: After SIGTERM.
    """
    # Here: every command loads this module, and few need an event loop.
    import asyncio

    received: list[int] = []

    async def attended() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def on_signal(number: int) -> None:
            if not received and task is not None:
                task.cancel()
            received.append(number)

        numbers = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) is _raise]
        for number in numbers:
            loop.add_signal_handler(number, on_signal, number)
        try:
            await coroutine
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)
                signal.signal(number, _raise)

    try:
        asyncio.run(attended())
    except asyncio.CancelledError:
        if not received:
            raise
    if received:
        raise _interrupt(received[0])


def _interrupt(number: int) -> KeyboardInterrupt:
    return TerminatedError() if number == signal.SIGTERM else KeyboardInterrupt()


def _raise(number: int, frame: FrameType | None) -> None:
    if _importing(frame):
        threading.Timer(RETRY_S, os.kill, (os.getpid(), number)).start()
        return
    raise _interrupt(number)


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
