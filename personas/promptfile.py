"""The prompts of a suite that is being made, on the disk: memory does not grow with a suite's text."""

import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from harness.contracts import Prompt
from harness.errors import StorageError

_IN_MEMORY = 4 * 1024 * 1024
"""Bytes up to which nothing is written to the disk: a small suite needs none."""


class PromptFile(Sequence[Prompt]):
    """Prompts in the order in which they came, each read anew whenever it is asked for.

    They stand in a temporary file without a name, which is gone with the
    object, however the process ends.

    Args:
        prompts: Are added at once.

    Raises:
        StorageError: If the folder of temporary files cannot be written; so does whatever adds or reads.
    """

    def __init__(self, prompts: Iterable[Prompt] = ()) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self._ends = array("Q")
        self.extend(prompts)

    def extend(self, prompts: Iterable[Prompt]) -> None:
        """Add prompts."""
        for prompt in prompts:
            self.append(prompt)

    def append(self, prompt: Prompt) -> None:
        """Add a prompt."""
        line = prompt.to_json()
        end = self._end(len(self) - 1)
        try:
            self._file.seek(end)
            self._file.write(line)
        except OSError as error:
            raise _failed(error) from None
        self._ends.append(end + len(line))

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> Prompt: ...
    @overload
    def __getitem__(self, index: slice) -> list[Prompt]: ...
    def __getitem__(self, index: int | slice) -> Prompt | list[Prompt]:
        if isinstance(index, slice):
            return [self._read(place) for place in range(*index.indices(len(self)))]
        return self._read(range(len(self))[index])

    def __iter__(self) -> Iterator[Prompt]:
        return map(self._read, range(len(self)))

    def _read(self, place: int) -> Prompt:
        begin = self._end(place - 1)
        try:
            self._file.seek(begin)
            line = self._file.read(self._ends[place] - begin)
        except OSError as error:
            raise _failed(error) from None
        return Prompt.from_json(line)

    def _end(self, place: int) -> int:
        return self._ends[place] if place >= 0 else 0


def _failed(error: OSError) -> StorageError:
    return StorageError(
        f"{tempfile.gettempdir()}: cannot be written or read: {error.strerror}",
        hint="free some space there, or set TMPDIR to another folder",
    )
