"""What a person sees in the terminal: talk and progress on stderr, never data."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

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
        self._rich = RichConsole(file=cast("IO[str]", Talk()), highlight=False, soft_wrap=True)
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
        with Progress(*columns, console=self._rich, transient=False) as bars:
            yield Steps(bars)


class Talk(io.TextIOBase):
    """Standard error for people; one that is closed or gone silences the talk and never ends a command.

    A broken pipe would otherwise end a gate in the middle, with an exit code that reads as a failed one.
    """

    def write(self, text: str, /) -> int:
        """Write to standard error, if anybody reads there."""
        if sys.stderr is not None:
            with suppress(OSError, ValueError):
                sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush standard error."""
        if sys.stderr is not None:
            with suppress(OSError, ValueError):
                sys.stderr.flush()

    def isatty(self) -> bool:
        """Return whether a person reads there."""
        return sys.stderr is not None and sys.stderr.isatty()

    def fileno(self) -> int:
        """Return standard error's descriptor; the terminal's width is asked of it."""
        if sys.stderr is None:
            raise OSError("standard error is closed")
        return sys.stderr.fileno()


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
