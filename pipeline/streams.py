"""Standard output and error that may be closed, full, or read by nobody any more."""

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

from harness.errors import StorageError


def print_result(text: str) -> None:
    """Write to stdout; a reader that has gone away has seen what it wanted.

    Raises:
        StorageError: If stdout is closed or full.
    """
    if sys.stdout is None:
        raise StorageError("standard output is closed, so the result cannot be printed")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        abandon(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            raise StorageError(f"standard output cannot be written: {error.strerror}") from None


def abandon(stream: TextIO) -> None:
    """Let a stream end nowhere: the interpreter flushes it at its end, and would fail with an exit code of its own."""
    with suppress(OSError, ValueError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, stream.fileno())
        os.close(descriptor)


class Talk(io.TextIOBase):
    """A stream for people; one that is closed or gone silences the talk and never ends a command.

    A broken pipe would otherwise end a gate in the middle, with an exit code that reads as a failed one.

    Args:
        stream: Where to write, as it is now: progress bars put a stand-in for it into ``sys`` while they are shown.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, text: str, /) -> int:
        """Write, if anybody reads there."""
        if self._stream is not None:
            try:
                self._stream.write(text)
            except (OSError, ValueError):
                self._leave()
        return len(text)

    def flush(self) -> None:
        """Flush."""
        if self._stream is not None:
            try:
                self._stream.flush()
            except (OSError, ValueError):
                self._leave()

    def isatty(self) -> bool:
        """Return whether a person reads there."""
        return self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        """Return the stream's descriptor; the terminal's width is asked of it.

        Raises:
            OSError: If there is none.
        """
        if self._stream is None:
            raise OSError("standard error is closed")
        return self._stream.fileno()

    def _leave(self) -> None:
        if self._stream is not None:
            abandon(self._stream)
        self._stream = None
