"""The exchanges of a run on disk: written as they complete, each exactly once."""

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.contracts import Arm, Prompt
from harness.errors import StorageError
from harness.jsonlines import PartWriter, read_parts
from swarm.replay import Message

_Key = tuple[str, int]
"""Prompt id and attempt."""


class Recorder:
    """Appends exchanges to a run, and knows what it holds already.

    Args:
        folder: The run's folder of exchanges.
        arm: The arm that this process sends.
        prompts: The planned prompts by id.

    Raises:
        StorageError: If the folder cannot be read or written.
    """

    def __init__(self, folder: Path, arm: Arm, prompts: Mapping[str, Prompt]) -> None:
        self._arm = arm
        self._turns = {prompt_id: len(prompt.turns) for prompt_id, prompt in prompts.items()}
        self._next: dict[_Key, int] = {}
        self._ended: set[_Key] = set()
        self._torn: dict[_Key, list[Message]] = {}
        self._writer = PartWriter(folder)
        self.count = 0
        """Exchanges of this arm that the run holds."""
        for row in read_parts(folder):
            if row.get("arm") == arm and row.get("prompt_id") in self._turns:
                self._note(row)
                self._remember(row)

    def record(self, row: Mapping[str, Any]) -> None:
        """Write one exchange.

        Raises:
            StorageError: If it cannot be written; what was written before stays.
            ValueError: If the run holds this turn already: a bug of the caller, never a second line.
        """
        key = (row["prompt_id"], row["attempt"])
        if row["arm"] != self._arm or row["turn"] != self._next.get(key, 0) or key in self._ended:
            raise ValueError(f"turn {row['turn']} of {key[0]}, attempt {key[1]}, is not the one that follows")
        self._writer.append(row)
        self._note(row)

    def sync(self) -> None:
        """Force what was written onto the disk.

        Raises:
            StorageError: If the disk does not take it.
        """
        try:
            self._writer.sync()
        except OSError as error:
            # Closed meanwhile: the part was full, and closing has synced it.
            if error.errno != errno.EBADF:
                raise StorageError(f"{self._writer.folder}: cannot be written: {error.strerror}") from None

    def close(self) -> None:
        """Sync and close."""
        self._writer.close()

    def has_ended(self, prompt_id: str, attempt: int) -> bool:
        """Return whether a conversation is recorded to its end."""
        return (prompt_id, attempt) in self._ended

    def prompts_ended(self) -> int:
        """Return how many prompts' first attempts are recorded to their end."""
        return sum(attempt == 1 for _, attempt in self._ended)

    def history(self, prompt_id: str, attempt: int) -> tuple[Message, ...]:
        """Return what an earlier process recorded of a conversation that it could not end."""
        return tuple(self._torn.get((prompt_id, attempt), ()))

    def _note(self, row: Mapping[str, Any]) -> None:
        key = (row["prompt_id"], row["attempt"])
        self.count += 1
        if row["outcome"] != "answered" or row["turn"] >= self._turns[row["prompt_id"]] - 1:
            self._ended.add(key)
            self._next.pop(key, None)
        else:
            self._next[key] = row["turn"] + 1

    def _remember(self, row: Mapping[str, Any]) -> None:
        """Keep the words of a conversation until its end is read."""
        key = (row["prompt_id"], row["attempt"])
        if key in self._ended:
            self._torn.pop(key, None)
            return
        said = self._torn.setdefault(key, [])
        said.append({"role": "user", "content": row["prompt"]})
        said.append({"role": "assistant", "content": row["response_text"] or ""})
