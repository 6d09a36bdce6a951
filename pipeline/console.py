"""What a person sees in the terminal: talk and progress on stderr, never data."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TextIO, cast

from rich.console import Console as RichConsole
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Console:
    """Talk on stderr.

    Args:
        quiet: Say nothing but errors.
        progress: Draw progress bars, if stderr is a terminal.
    """

    def __init__(self, *, quiet: bool = False, progress: bool = True) -> None:
        self._rich = RichConsole(file=cast("IO[str]", Talk(sys.stderr)), highlight=False, soft_wrap=True)
        self._quiet = quiet
        self._progress = progress and self._rich.is_terminal

    def say(self, text: str = "", style: str = "") -> None:
        """Print one line of talk; the text is plain, never markup."""
        if not self._quiet:
            self._rich.print(escape(text), style=style or None)

    def fact(self, label: str, value: str, style: str = "") -> None:
        """Print a labelled line of a summary."""
        if not self._quiet:
            self._rich.print(f"  [dim]{escape(label):<12}[/] {escape(value)}", style=style or None)

    def error(self, message: str, hint: str = "") -> None:
        """Print an error and what to do about it; quiet does not silence it."""
        self._rich.print(f"[bold red]error:[/] {escape(message)}")
        if hint:
            self._rich.print(f"  [dim]→[/] {escape(hint)}")

    @contextmanager
    def progress(self) -> Iterator["Steps"]:
        """Show the progress of whatever runs inside."""
        if not self._progress:
            yield Steps(None)
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<14}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
        )
        # Redirected streams would come back to this console: its own talk would call itself for ever.
        with Progress(*columns, console=self._rich, redirect_stdout=False, redirect_stderr=False) as bars:
            yield Steps(bars)


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
            with suppress(OSError, ValueError):
                self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush."""
        if self._stream is not None:
            with suppress(OSError, ValueError):
                self._stream.flush()

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


class Steps:
    """A ``harness.progress.Progress`` that draws one bar a step, or nothing."""

    def __init__(self, bars: Progress | None) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def update(self, step: str, done: int, total: int | None = None, note: str = "") -> None:
        """Move the step's bar."""
        if self._bars is None:
            return
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step, total=total, note="")
        self._bars.update(self._tasks[step], completed=done, total=total, note=escape(note))


def shown(place: str | Path) -> str:
    """Return a path as a person would type it here: relative where it lies below the working folder."""
    try:
        return str(Path(place).relative_to(Path.cwd()))
    except ValueError:
        return str(place)
