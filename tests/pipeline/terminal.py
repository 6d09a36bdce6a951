"""A pseudo-terminal to run scripts on, and what stands on its screen in the end."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Mapping
from typing import Self

_TOKENS = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|\x1b[=>]|([\r\n])|([^\x1b\r\n]+)")


class Screen:
    """What a terminal shows: enough of one for text that is drawn over.

    Args:
        columns: How wide it is; longer lines go on in the next row, as they do on a real one.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.rows = [""]
        self.row = self.column = 0
        self.longest = 0
        """The longest text that was ever written into one line."""

    def write(self, text: str) -> Self:
        """Take what a program writes."""
        for parameters, command, control, plain in _TOKENS.findall(text):
            if control == "\r":
                self.column = 0
            elif control == "\n":
                self._down()
            elif plain:
                self._put(plain)
            elif command == "A":
                self.row = max(self.row - int(parameters or 1), 0)
            elif command == "K":
                self.rows[self.row] = "" if parameters == "2" else self.rows[self.row][: self.column]
        return self

    @property
    def text(self) -> str:
        """The screen's rows."""
        return "\n".join(row.rstrip() for row in self.rows).rstrip()

    def _down(self) -> None:
        self.row, self.column = self.row + 1, 0
        if self.row == len(self.rows):
            self.rows.append("")

    def _put(self, plain: str) -> None:
        self.longest = max(self.longest, self.column + len(plain))
        for character in plain:
            if self.column == self.columns:
                self._down()
            row = self.rows[self.row].ljust(self.column)
            self.rows[self.row] = row[: self.column] + character + row[self.column + 1 :]
            self.column += 1


class Terminal:
    """Runs a program whose standard error is a pseudo-terminal.

    Args:
        command: The program.
        columns: The terminal's width.
        lines: Its height.
        env: Variables that the program gets besides this process's; ``CI`` is not among these.
    """

    def __init__(
        self, command: list[str], *, columns: int = 80, lines: int = 24, env: Mapping[str, str] | None = None
    ) -> None:
        self._mine, theirs = pty.openpty()
        self.resize(columns, lines)
        inherited = {name: value for name, value in os.environ.items() if name not in {"CI", "COLUMNS", "LINES"}}
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            env={**inherited, "TERM": "xterm", **(env or {})},
        )
        os.close(theirs)
        self.written = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def resize(self, columns: int, lines: int) -> None:
        """Make it another size."""
        fcntl.ioctl(self._mine, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def finish(self, timeout_s: float = 120.0) -> str:
        """Wait for the program; return what it printed on its standard output."""
        out, _ = self.process.communicate(timeout=timeout_s)
        self._reader.join(5.0)
        os.close(self._mine)
        return out

    def _read(self) -> None:
        try:
            while block := os.read(self._mine, 65536):
                self.written += block.decode()
        except OSError:
            pass  # Linux reports the end of a pseudo-terminal as an input error.


def on_a_terminal(script: str, *, columns: int = 100, env: Mapping[str, str] | None = None) -> str:
    """Run a Python script on a pseudo-terminal; return what it wrote there."""
    terminal = Terminal([sys.executable, "-c", script], columns=columns, env=env)
    terminal.finish()
    assert terminal.process.returncode == 0, terminal.written
    return terminal.written


def screens(written: str, columns: int, shows: Callable[[str], bool]) -> list[str]:
    """Return each of the states of the screen that hold what is looked for, as they came one after the other."""
    screen = Screen(columns)
    seen: list[str] = []
    # Between two frames the cursor goes back to the block's first row.
    for part in re.split(r"(?=\r\x1b\[2K)", written):
        screen.write(part)
        if shows(screen.text) and (not seen or seen[-1] != screen.text):
            seen.append(screen.text)
    return seen
