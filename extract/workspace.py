"""A private folder for raw text while it is worked on; deleted however the work ends."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import StorageError
from harness.locking import claimed, delete_abandoned, held

_PREFIX = ".working-"
_WAIT_S = 10.0


@contextmanager
def workspace(parent: Path) -> Iterator[Path]:
    """Make a folder that only this user can read, and delete it in the end.

    What a killed process left behind is deleted by the next one that comes:
    the system lets go of a dead process's lock on its folder.

    Args:
        parent: Where the folder goes. Not the system's folder for temporary
            files, which may be in memory.

    Raises:
        StorageError: If the folder cannot be made.
    """
    with held(parent, "the sanitized datasets", wait_s=_WAIT_S):
        delete_leftovers(parent)
        folder, lock = _locked_folder(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def delete_leftovers(parent: Path) -> int:
    """Delete the working folders of processes that are no more; return how many there were."""
    return delete_abandoned(parent, _PREFIX)


def _locked_folder(parent: Path) -> tuple[Path, int]:
    try:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = claimed(folder)
    except OSError as error:
        raise StorageError(
            f"{parent}: cannot be written: {error.strerror}", hint="choose another folder with --out or [storage] root"
        ) from None
    return folder, lock
