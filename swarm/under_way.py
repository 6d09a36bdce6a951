"""The turns whose replies are awaited, kept where they outlive a process that is killed."""

import mmap
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.errors import StorageError
from swarm.replay import Conversation

UNDER_WAY_FILE = "under_way.bin"
_SLOT = struct.Struct("<24sII")
"""A conversation's id, the turn, and how often it was sent; 0 times: the slot is free."""
_TIMES = struct.Struct("<I")
_TIMES_AT = _SLOT.size - _TIMES.size
_PAGE_BYTES = 4096


class UnderWay:
    """Keeps which turns were sent and are not recorded yet.

    Each has a slot in a file that is mapped into memory. What stands there is
    the operating system's as soon as it is written, so it survives SIGKILL,
    and no request waits for a system call. It is never forced onto the disk:
    a power cut may lose it.

    Args:
        path: The file; made if it is missing, and gone after a ``close`` at which nothing is under way.

    Raises:
        StorageError: If it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._slots: dict[str, int] = {}
        """Where the conversations that this process is asking about stand."""
        self._earlier: dict[tuple[str, int], tuple[int, int]] = {}
        """Slot and times of what earlier processes sent and did not record."""
        self._free: list[int] = []
        self._forgets = True
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            self._size = os.fstat(self._fd).st_size // _SLOT.size * _SLOT.size
            if not self._size:
                self._lengthen()
            self._map = mmap.mmap(self._fd, self._size)
        except OSError as error:
            raise self._failed(error) from None
        self._read(0)

    @property
    def unrecorded(self) -> int:
        """Requests of earlier processes that no exchange tells of, as far as this one has not sent them again."""
        return sum(times for _, times in self._earlier.values())

    def sends(self, conversation_id: str, turn: int) -> int:
        """Keep that a turn is about to be sent; return how often earlier processes may have sent it.

        Raises:
            StorageError: If there is no room to keep it.
        """
        slot, times = self._earlier.pop((conversation_id, turn), (-1, 0)) if self._earlier else (-1, 0)
        if slot < 0:
            slot = self._free.pop() if self._free else self._more()
        self._slots[conversation_id] = slot
        _SLOT.pack_into(self._map, slot, conversation_id.encode(), turn, times + 1)
        return times

    def recorded(self, conversation_id: str) -> None:
        """Forget what was sent in a conversation: the run holds its exchange."""
        if self._forgets:
            self._release(self._slots.pop(conversation_id))

    def keep_all(self) -> None:
        """Forget nothing from now on: the disk does not take exchanges, and which of them it holds is read later."""
        self._forgets = False

    def settle(self, run_id: str, row: Mapping[str, Any]) -> None:
        """Forget what an exchange tells of: a process may be killed between recording it and forgetting it."""
        if not self._earlier:
            return
        conversation = Conversation(
            run_id=run_id, prompt_id=row["prompt_id"], arm=row["arm"], turns=(), attempt=row["attempt"]
        )
        found = self._earlier.pop((conversation.conversation_id, row["turn"]), None)
        if found is not None:
            self._release(found[0])

    def close(self) -> None:
        """Close the file, and remove it where it says nothing."""
        self._map.close()
        os.close(self._fd)
        if not self._slots and not self._earlier:
            self._path.unlink(missing_ok=True)

    def _read(self, first: int) -> None:
        """Take in the slots from an offset on."""
        for slot in range(first, self._size, _SLOT.size):
            conversation_id, turn, times = _SLOT.unpack_from(self._map, slot)
            if times:
                key = conversation_id.rstrip(b"\0").decode("utf-8", "replace"), turn
                self._earlier[key] = slot, times
            else:
                self._free.append(slot)

    def _release(self, slot: int) -> None:
        _TIMES.pack_into(self._map, slot + _TIMES_AT, 0)
        self._free.append(slot)

    def _more(self) -> int:
        """Double the file; return one of its new slots."""
        before = self._size
        try:
            self._lengthen()
            self._map.resize(self._size)
        except OSError as error:
            raise self._failed(error) from None
        self._read(before)
        return self._free.pop()

    def _lengthen(self) -> None:
        """Write zeros at the file's end: a mapped page that the disk has no room for would kill the process."""
        more = max(self._size, _PAGE_BYTES)
        if os.pwrite(self._fd, bytes(more), self._size) < more:
            raise OSError(0, "no room is left")
        self._size += more

    def _failed(self, error: OSError) -> StorageError:
        return StorageError(
            f"{self._path}: cannot be written: {error.strerror}", hint="free some space, then resume the run"
        )
