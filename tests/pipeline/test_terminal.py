"""What a person sees on a real terminal."""

import os
import subprocess
import sys

import pytest

from tests.pipeline.terminal import on_a_terminal

SCRIPT = """
from pipeline.console import Console
console = Console()
with console.progress() as progress:
    for done in range(3):
        progress.update("sanitizing", done + 1, 3)
console.say("finished")
"""


def test_progress_is_drawn_and_ends() -> None:
    """A bar with its step and count; then the talk goes on below it."""
    seen = on_a_terminal(SCRIPT)
    assert "sanitizing" in seen
    assert "3/3" in seen
    assert seen.index("3/3") < seen.index("finished")


def test_no_progress_without_a_terminal() -> None:
    """A log file gets lines, no bars."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stderr == "finished\n"


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("TERM", "dumb")])
def test_no_progress_where_nobody_watches_it_move(name: str, value: str) -> None:
    assert on_a_terminal(SCRIPT, env={name: value}).replace("\r\n", "\n") == "finished\n"


def test_colours_asked_for_are_no_terminal() -> None:
    """A build that sets ``FORCE_COLOR`` wants colours in its log, not bars."""
    env = {**os.environ, "FORCE_COLOR": "1"}
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=env)
    assert done.stderr == "finished\n"
