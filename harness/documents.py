"""Small files that are written whole or not at all, and whoever reads them meanwhile finds the one before."""

import os
from pathlib import Path

from harness.errors import StorageError


def write_document(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, a power cut included.

    Args:
        path: Of the file; what it held before is replaced.
        content: What it is to hold.

    Raises:
        StorageError: If its folder cannot be written; what the file held before stays.
    """
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"{path}: cannot be written: {error.strerror}",
            hint="free some space, or make the folder writable, then call the command again",
        ) from None
