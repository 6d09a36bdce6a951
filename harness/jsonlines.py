"""Append-only parts of JSON lines: durable while a run goes on, readable after any kind of end."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import orjson

from harness.errors import StorageError

MAX_PART_BYTES = 64 * 1024 * 1024


class PartWriter:
    """Appends records to ``part-NNNNN.jsonl`` files in a folder.

    Records are with the operating system when ``append`` returns, so they
    survive SIGKILL; ``sync`` makes them survive a power cut. Each writer opens
    a part of its own: a line torn by an earlier end stays where it is.

    Args:
        folder: Created if it is missing.
        max_part_bytes: A part that grows beyond it is closed and the next opened.
        mode: Permissions of the parts.
        writer: Stands in the parts' names; for folders that several machines write to at once.

    Raises:
        StorageError: If the folder or a part cannot be written; what was written before stays.
    """

    def __init__(
        self, folder: Path, *, max_part_bytes: int = MAX_PART_BYTES, mode: int = 0o644, writer: str = ""
    ) -> None:
        self.folder = folder
        self._stem = f"part-{writer}-" if writer else "part-"
        self.max_part_bytes = max_part_bytes
        self._mode = mode
        self._fd = -1
        self._size = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{folder}: cannot be created: {error.strerror}") from None

    def append(self, *records: Mapping[str, Any]) -> None:
        """Write records, all in one go."""
        lines = b"".join(map(_line, records))
        if self._fd < 0 or self._size >= self.max_part_bytes:
            with self._failures():
                self._open_next()
        try:
            written = os.write(self._fd, lines)
            while written < len(lines):
                written += os.write(self._fd, lines[written:])
        except OSError as error:
            raise self._failed(error) from None
        self._size += len(lines)

    def sync(self) -> None:
        """Force what was written onto the disk."""
        if self._fd >= 0:
            with self._failures():
                os.fsync(self._fd)

    def close(self) -> None:
        """Sync and close the open part."""
        try:
            self.sync()
        finally:
            self._release()

    def _release(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn what the system raises into a StorageError."""
        try:
            yield
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> StorageError:
        """Leave the part for good: it may end in half a line, which the next record must not continue."""
        self._release()
        return StorageError(
            f"{self.folder}: cannot be written: {error.strerror}", hint="free some space, then resume the run"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _open_next(self) -> None:
        self.close()
        number = len(parts(self.folder))
        while True:
            path = self.folder / f"{self._stem}{number:05d}.jsonl"
            try:
                self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, self._mode)
                break
            except FileExistsError:
                number += 1
        self._size = 0


def _line(record: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        # Half a surrogate pair: JSON can spell one, UTF-8 cannot. Logs and targets do send them.
        return orjson.dumps(_encodable(record), option=orjson.OPT_APPEND_NEWLINE)


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_encodable(key): _encodable(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(member) for member in value]
    return value


def parts(folder: Path) -> list[Path]:
    """Return the part files of a folder in their order; none if there is no such folder."""
    return sorted(folder.glob("part-*.jsonl"))


def read_parts(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield every whole record of a folder's parts; a line torn by a crash is passed over."""
    tail = PartTail(folder)
    yield from tail.read()


class PartTail:
    """Follows a folder of parts that another process is appending to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._offsets: dict[Path, int] = {}

    def read(self) -> Iterator[dict[str, Any]]:
        """Yield the whole records that came since the last call."""
        for path in parts(self.folder):
            yield from self._read_part(path)

    def _read_part(self, path: Path) -> Iterator[dict[str, Any]]:
        with path.open("rb") as file:
            file.seek(self._offsets.get(path, 0))
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._offsets[path] = self._offsets.get(path, 0) + len(line)
                try:
                    yield orjson.loads(line)
                except orjson.JSONDecodeError:
                    continue


def write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> int:
    """Write records to one new file; return how many.

    Raises:
        StorageError: If the file cannot be written.
    """
    count = 0
    try:
        with path.open("wb") as file:
            for record in records:
                file.write(_line(record))
                count += 1
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from None
    return count


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a file that this project wrote.

    Raises:
        StorageError: If the file cannot be read or holds a line that is no JSON; names the line.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield orjson.loads(line)
                except orjson.JSONDecodeError:
                    raise StorageError(f"{path}, line {number}: not JSON") from None
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}") from None
