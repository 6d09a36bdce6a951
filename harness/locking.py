"""A folder for one process at a time."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.errors import StorageError, UsageError

RETRY_S = 0.1


@contextmanager
def held(folder: Path, name: str, *, wait_s: float = 0.0) -> Iterator[None]:
    """Hold a folder for this process alone; the system lets go of it however the process ends.

    Args:
        folder: Made if it is missing.
        name: What people call the work in it, such as a run's id.
        wait_s: How long to wait for another process to let go.

    Raises:
        UsageError: If another process keeps it.
        StorageError: If it can be neither made nor opened.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise StorageError(f"{folder}: cannot be opened: {error.strerror}") from None
    try:
        _lock(descriptor, name, wait_s)
        yield
    finally:
        os.close(descriptor)


def claimed(folder: Path) -> int:
    """Mark a folder as in use by this process and its children; return the open file to close when it no longer is.

    Raises:
        OSError: If the folder cannot be opened, or another process uses it.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def delete_abandoned(parent: Path, prefix: str) -> int:
    """Delete the folders that processes claimed which are no more; return how many there were.

    The system lets go of a dead process's claim. Folders of living ones stay.
    Call it while ``parent`` is held, so that no folder is between being made and being claimed.
    """
    deleted = 0
    for folder in parent.glob(f"{prefix}*"):
        with suppress(OSError):
            descriptor = claimed(folder)
            try:
                shutil.rmtree(folder)
                deleted += 1
            finally:
                os.close(descriptor)
    return deleted


def _lock(descriptor: int, name: str, wait_s: float) -> None:
    give_up_at = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= give_up_at:
                raise UsageError(
                    f"another process is working on {name}",
                    hint="wait until it has ended, or end it and resume the run",
                ) from None
            time.sleep(RETRY_S)
        else:
            return
