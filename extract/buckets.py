"""Files that hold what is too much for memory, cut by ranges of the hashed user, and sorted when they are read."""

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from harness.errors import StorageError

_BUFFERED_BYTES = 8 * 1024 * 1024
RUN_BYTES = 32 * 1024 * 1024
"""What is sorted in memory at once."""


def bucket_of(user_key: str, buckets: int) -> int:
    """Return the bucket of a hashed user: buckets are ranges, so their order is the order of the hashes."""
    return int(user_key[:8], 16) * buckets >> 32


class BucketFiles:
    """One file a bucket, appended to.

    Lines are kept back and written to many files at once, so that no more
    than one of them is ever open.

    Args:
        folder: Where the files go.
        name: What is in them; the files' names begin so.
        buckets: How many.
    """

    def __init__(self, folder: Path, name: str, buckets: int) -> None:
        self._folder = folder
        self._name = name
        self._waiting: list[list[bytes]] = [[] for _ in range(buckets)]
        self._buffered = 0
        self.sizes = [0] * buckets
        """Bytes in each bucket."""

    def add(self, bucket: int, data: bytes) -> None:
        """Append a line, or any bytes, to a bucket.

        Raises:
            StorageError: If the disk is full.
        """
        self._waiting[bucket].append(data)
        self.sizes[bucket] += len(data)
        self._buffered += len(data) + 64
        if self._buffered >= _BUFFERED_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what was kept back.

        Raises:
            StorageError: If the disk is full.
        """
        for bucket, waiting in enumerate(self._waiting):
            if waiting:
                _append(self.path(bucket), waiting)
                waiting.clear()
        self._buffered = 0

    def path(self, bucket: int) -> Path:
        """Return where a bucket's file is, if anything was ever added to it."""
        return self._folder / f"{self._name}-{bucket:05d}"

    def lines(self, bucket: int) -> Iterator[bytes]:
        """Yield a bucket's lines as they were added."""
        path = self.path(bucket)
        if path.exists():
            with path.open("rb") as file:
                yield from file

    def read(self, bucket: int) -> bytes:
        """Return all bytes of a bucket."""
        path = self.path(bucket)
        return path.read_bytes() if path.exists() else b""

    def delete(self, bucket: int) -> None:
        """Delete a bucket's file."""
        self.path(bucket).unlink(missing_ok=True)


def sorted_lines(path: Path, *, run_bytes: int = RUN_BYTES) -> Iterator[bytes]:
    """Yield the lines of a file in the order of their bytes, in memory of about ``run_bytes`` (external merge sort).

    Raises:
        StorageError: If the disk is full.
    """
    if not path.exists():
        return
    runs: list[Path] = []
    with path.open("rb") as file:
        size = path.stat().st_size
        while lines := file.readlines(run_bytes):
            lines.sort(reverse=True)
            if not runs and file.tell() >= size:
                while lines:
                    yield lines.pop()
                return
            runs.append(path.with_name(f"{path.name}.run{len(runs)}"))
            _append(runs[-1], lines[::-1])
            del lines
    try:
        with ExitStack() as stack:
            yield from heapq.merge(*(stack.enter_context(run.open("rb")) for run in runs))
    finally:
        for run in runs:
            run.unlink(missing_ok=True)


def _append(path: Path, lines: list[bytes]) -> None:
    try:
        with path.open("ab") as file:
            file.writelines(lines)
    except OSError as error:
        raise StorageError(
            f"{path.parent}: cannot be written: {error.strerror}",
            hint="raw records wait here while they are sanitized: about as much space as the logs take is needed",
        ) from None
