"""What a person sees in the terminal: talk and progress on stderr, never data."""

import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from rich.console import Console as RichConsole
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from pipeline.display import Display, NoDisplay
from pipeline.streams import Talk

NARROW = 90
"""Columns that a whole progress line needs; squeezed, its every part would end in dots."""
_COMMAND = re.compile(
    r"(?P<command>reverse-rag (?:gate|judge|review|calibrate|replay|report|verify|compare|plan|personas|extract|swarm|run"
    r"|doctor)\b)(?P<rest>(?:(?!reverse-rag )[^`\n])*)"
)
"""A command in talk, to the end of its quotation, of the line, or to the next command."""
_SPELLINGS = {"-c": {"-c", "--config"}, "--out": {"--out"}}
"""The options that a command has to repeat to find what this call made, each with all ways to write it."""


class Console:
    """Talk on stderr.

    Args:
        quiet: Say nothing but errors.
        progress: Draw progress bars and the live view of a run, if stderr is a terminal that somebody watches.
        options: What this call was given of ``-c`` and ``--out``, by the option's name; without them, the commands that
            talk names would look elsewhere.
    """

    def __init__(self, *, quiet: bool = False, progress: bool = True, options: Mapping[str, str] | None = None) -> None:
        talk = Talk(sys.stderr)
        self._rich = RichConsole(file=cast("IO[str]", talk), highlight=False, soft_wrap=True)
        self._quiet = quiet
        self._options = dict(options or {})
        # A build's log may be a terminal by name, or be told to take colours: nobody watches it move.
        automated = os.environ.get("CI", "").lower() not in {"", "0", "false"}
        self._progress = progress and not automated and talk.isatty() and not self._rich.is_dumb_terminal

    def say(self, text: str = "", style: str = "") -> None:
        """Print one line of talk; the text is plain, never markup."""
        if not self._quiet:
            self._rich.print(plain(self.typed(text)), style=style or None)

    def fact(self, label: str, value: str, style: str = "") -> None:
        """Print a labelled line of a summary."""
        if not self._quiet:
            self._rich.print(f"  [dim]{plain(label):<12}[/] {plain(self.typed(value))}", style=style or None)

    def error(self, message: str, hint: str = "") -> None:
        """Print an error and what to do about it; quiet does not silence it."""
        self._rich.print(f"[bold red]error:[/] {plain(message)}")
        if hint:
            self._rich.print(f"  [dim]→[/] {plain(self.typed(hint))}")

    def typed(self, text: str) -> str:
        """Return a text whose commands work as they stand: with this call's options, but for those they have already."""
        return _COMMAND.sub(self._with_options, text) if self._options else text

    def _with_options(self, found: re.Match[str]) -> str:
        own = {word.partition("=")[0] for word in found["rest"].split()}
        given = [f" {name} {shlex.quote(value)}" for name, value in self._options.items() if not _SPELLINGS[name] & own]
        # Right after the command's first word: a group takes the options before the command below it.
        return "".join([found["command"], *given, found["rest"]])

    @contextmanager
    def progress(self) -> Iterator["Steps"]:
        """Show the progress of whatever runs inside."""
        if not self._progress:
            yield Steps(None)
            return
        columns: list[ProgressColumn] = [SpinnerColumn(), TextColumn("{task.description:<14}")]
        if self._rich.width >= NARROW:
            columns.append(BarColumn(bar_width=28))
        columns += [MofNCompleteColumn(), TimeElapsedColumn()]
        # Redirected streams would come back to this console: its own talk would call itself for ever.
        with Progress(*columns, console=self._rich, redirect_stdout=False, redirect_stderr=False) as bars:
            yield Steps(bars)

    @contextmanager
    def live(self) -> Iterator[Display]:
        """Show how the run that goes on inside stands."""
        if not self._progress:
            yield NoDisplay()
            return
        from pipeline.liveview import LiveView

        with LiveView(self._rich) as view:
            yield view


class Steps:
    """A ``harness.progress.Progress`` that draws one bar a step, or nothing."""

    def __init__(self, bars: Progress | None) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def update(self, step: str, done: int, total: int | None = None) -> None:
        """Move the step's bar."""
        if self._bars is None:
            return
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step, total=total)
        self._bars.update(self._tasks[step], completed=done, total=total)


def plain(text: str) -> str:
    """Return text that means nothing to a terminal or to rich: no markup, no control characters.

    A model's or a target's words may stand in it.
    """
    return escape("".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text))


def shown(place: str | Path) -> str:
    """Return a path as a person would type it here: relative where it lies below the working folder."""
    try:
        return str(Path(place).relative_to(Path.cwd()))
    except ValueError:
        return str(place)


def in_words(counts: Mapping[str, int]) -> str:
    """Return counts as a list for people, the greatest first, six at most."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    listed = ", ".join(f"{count:,} {name}" for name, count in ordered[:6])
    more = len(ordered) - 6
    return listed + (f" and {more} more kind{'s' * (more > 1)}" if more > 0 else "")
