"""What a person sees on a real terminal."""

import os
import pty
import subprocess
import sys

SCRIPT = """
from pipeline.console import Console
console = Console()
with console.progress() as progress:
    for done in range(3):
        progress.update("sanitizing", done + 1, 3, note="[bold]not markup")
console.say("finished")
"""


def on_a_terminal(script: str, **env: str) -> str:
    """Run a script with a pseudo-terminal as its standard error; return what stands there at the end."""
    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", script], stderr=theirs, env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **env}
    )
    os.close(theirs)
    written = b""
    try:
        while block := os.read(mine, 65536):
            written += block
    except OSError:
        pass  # Linux reports the end of a pseudo-terminal as an input error.
    os.close(mine)
    assert process.wait(60) == 0
    return written.decode()


def test_progress_is_drawn_and_ends() -> None:
    """A bar with its step, count and note; then the talk goes on below it."""
    seen = on_a_terminal(SCRIPT)
    assert "sanitizing" in seen
    assert "3/3" in seen
    assert "[bold]not markup" in seen
    assert seen.index("3/3") < seen.index("finished")


def test_no_progress_without_a_terminal() -> None:
    """A log file gets lines, no bars."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stderr == "finished\n"
