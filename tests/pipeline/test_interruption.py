"""Ctrl-C and SIGTERM end a command in one way, at any moment."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.interruption import TerminatedError, interruptible, run_cancellable


@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, TerminatedError)])
def test_signals_become_interrupts(number: signal.Signals, error: type[BaseException]) -> None:
    """And what handled them before does so again afterwards."""
    before = signal.getsignal(number)
    with pytest.raises(error) as caught, interruptible():
        os.kill(os.getpid(), number)
    assert type(caught.value) is error
    assert signal.getsignal(number) is before


def test_an_ignored_signal_stays_ignored() -> None:
    """Background jobs of a shell ignore Ctrl-C on purpose."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_interrupted_import_is_finished_first(tmp_path: Path) -> None:
    """Then the interrupt comes: nothing is lost, and no module is left half-made."""
    module = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nWHOLE = True\n"
    (tmp_path / "slow_module.py").write_text(module, encoding="utf-8")
    code = (
        "import sys, time\nfrom pipeline.interruption import interruptible\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "try:\n    with interruptible():\n        import slow_module\n        time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print(slow_module.WHOLE)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=50)
    assert done.stdout == "True\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_before_any_command_has_begun_ends_quietly(number: signal.Signals, code: int) -> None:
    """No traceback of whatever was being imported."""
    script = (
        "import builtins, os, sys\nfrom pipeline.cli import main\nreal = builtins.__import__\n"
        "def interrupting(name, *rest):\n"
        f"    if name == 'pipeline.application':\n        os.kill(os.getpid(), {int(number)})\n"
        "    return real(name, *rest)\n"
        "builtins.__import__ = interrupting\nsys.argv = ['reverse-rag', '--help']\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr == ""


@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, TerminatedError)])
def test_a_coroutine_is_cancelled_where_it_waits_and_tidies_up(
    number: signal.Signals, error: type[BaseException]
) -> None:
    """The lines between two waits run as a whole; then the interrupt comes out, and later ones are raised again."""
    seen: list[str] = []

    async def work() -> None:
        os.kill(os.getpid(), number)
        seen.append("whole")
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            seen.append("tidied up")

    with interruptible():
        with pytest.raises(error) as caught:
            run_cancellable(work())
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert type(caught.value) is error
    assert seen == ["whole", "tidied up"]


def test_an_undisturbed_coroutine_just_ends() -> None:
    """And its own errors come out as they are."""

    async def fail() -> None:
        raise ValueError("mine")

    with interruptible():
        run_cancellable(asyncio.sleep(0))
        with pytest.raises(ValueError, match="mine"):
            run_cancellable(fail())
