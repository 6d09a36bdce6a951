"""The exchanges of a run on disk: written as they complete, each exactly once."""

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.contracts import Arm, Prompt
from harness.errors import StorageError
from harness.jsonlines import PartWriter, read_parts
from swarm.clock import Clock
from swarm.replay import Exchanged, Message

_Key = tuple[str, int]
"""Prompt id and attempt."""


class Recorder:
    """Appends exchanges to a run, and knows what it holds already.

    Args:
        folder: The run's folder of exchanges.
        arm: The arm that this process sends.
        prompts: The planned prompts by id.
        clock: The clock that the exchanges' moments come from.

    Raises:
        StorageError: If the folder cannot be read or written.
    """

    def __init__(self, folder: Path, arm: Arm, prompts: Mapping[str, Prompt], clock: Clock | None = None) -> None:
        self._arm = arm
        self._turns = {prompt_id: len(prompt.turns) for prompt_id, prompt in prompts.items()}
        self._next: dict[_Key, int] = {}
        self._ended: set[_Key] = set()
        self._torn: dict[_Key, list[Message]] = {}
        self._writer = PartWriter(folder)
        self._pending: list[Exchanged] = []
        self._clock = clock or Clock()
        self.count = 0
        """Exchanges of this arm that the run holds."""
        for row in read_parts(folder):
            if row.get("arm") == arm and row.get("prompt_id") in self._turns:
                self._note((row["prompt_id"], row["attempt"]), row["turn"], row["outcome"])
                self._remember(row)

    def record(self, row: Mapping[str, Any]) -> None:
        """Write one exchange at once.

        Raises:
            StorageError: If it cannot be written; what was written before stays.
            ValueError: If the run holds this turn already: a bug of the caller, never a second line.
        """
        key = (row["prompt_id"], row["attempt"])
        self._require_next(row["arm"], key, row["turn"])
        self._writer.append(row)
        self._note(key, row["turn"], row["outcome"])

    def add(self, exchanged: Exchanged) -> bool:
        """Take an exchange, which the next ``flush`` writes; return whether it is the first since the last one.

        Raises:
            ValueError: If the run holds this turn already: a bug of the caller, never a second line.
        """
        conversation, turn, _, reply = exchanged
        key = (conversation.prompt_id, conversation.attempt)
        self._require_next(conversation.arm, key, turn)
        self._note(key, turn, reply.outcome)
        self._pending.append(exchanged)
        return len(self._pending) == 1

    def flush(self) -> None:
        """Write what was taken, in one go.

        Raises:
            StorageError: If it cannot be written; what was written before stays.
        """
        pending, self._pending = self._pending, []
        if pending:
            self._writer.append(*(exchanged.record(self._clock) for exchanged in pending))

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
        """Write what is still to be written, sync and close."""
        try:
            self.flush()
        finally:
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

    def _require_next(self, arm: str, key: _Key, turn: int) -> None:
        if arm != self._arm or turn != self._next.get(key, 0) or key in self._ended:
            raise ValueError(f"turn {turn} of {key[0]}, attempt {key[1]}, is not the one that follows")

    def _note(self, key: _Key, turn: int, outcome: str) -> None:
        self.count += 1
        if outcome != "answered" or turn >= self._turns[key[0]] - 1:
            self._ended.add(key)
            self._next.pop(key, None)
        else:
            self._next[key] = turn + 1

    def _remember(self, row: Mapping[str, Any]) -> None:
        """Keep the words of a conversation until its end is read."""
        key = (row["prompt_id"], row["attempt"])
        if key in self._ended:
            self._torn.pop(key, None)
            return
        said = self._torn.setdefault(key, [])
        said.append({"role": "user", "content": row["prompt"]})
        said.append({"role": "assistant", "content": row["response_text"] or ""})
