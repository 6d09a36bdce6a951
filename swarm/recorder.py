"""The exchanges of a run on disk: written as they complete, each exactly once."""

import errno
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness.contracts import Arm
from harness.errors import StorageError
from harness.jsonlines import PartWriter, read_parts
from swarm.clock import Clock
from swarm.planned import PlannedPrompt
from swarm.replay import Exchanged, Message

HELD_BACK_FOLDER = "held_back"
"""Beside the exchanges, in the run's folder."""
_Key = tuple[Arm, str, int]
"""Arm, prompt id and attempt."""


class Recorder:
    """Appends exchanges to a run, and knows what it holds already.

    Args:
        folder: The run's folder of exchanges.
        prompts: The planned prompts by id.
        clock: The clock that the exchanges' moments come from.
        seen: Told of every exchange that the run holds already.
        failing: Called where the disk does not take what was added.

    Raises:
        StorageError: If the folder cannot be read or written.
    """

    def __init__(
        self,
        folder: Path,
        prompts: Mapping[str, PlannedPrompt],
        clock: Clock | None = None,
        *,
        seen: Callable[[Mapping[str, Any]], None] | None = None,
        failing: Callable[[], None] | None = None,
    ) -> None:
        self._turns = {prompt_id: len(prompt.turns) for prompt_id, prompt in prompts.items()}
        self._next: dict[_Key, int] = {}
        self._reached: dict[tuple[Arm, str], int] = {}
        """So many attempts, from the first on, have ended: a load that goes on for days takes no more memory."""
        self._beyond: set[_Key] = set()
        """Attempts that have ended though one before them has not."""
        self._torn: dict[_Key, list[Message]] = {}
        self._last_bodies: dict[_Key, str | None] = {}
        self._writer = PartWriter(folder)
        self._folder = folder
        self._held_back: PartWriter | None = None
        self._failing = failing
        self._pending: list[Exchanged] = []
        self._clock = clock or Clock()
        self.count = 0
        """Exchanges that the run holds."""
        self.requests = 0
        """What earlier processes sent for those that they recorded."""
        for row in read_parts(folder):
            if row.get("prompt_id") in self._turns:
                self._note(_key(row), row["turn"], row["outcome"])
                self._remember(row)
                if seen is not None:
                    seen(row)
                self.requests += 1 + row.get("resent", 0) + row.get("told_again", 0)

    def record(self, row: Mapping[str, Any]) -> None:
        """Write one exchange at once.

        Raises:
            StorageError: If it cannot be written; what was written before stays.
            ValueError: If the run holds this turn already: a bug of the caller, never a second line.
        """
        key = _key(row)
        self._require_next(key, row["turn"])
        self._writer.append(row)
        self._note(key, row["turn"], row["outcome"])

    def add(self, exchanged: Exchanged) -> bool:
        """Take an exchange, which the next ``flush`` writes; return whether it is the first since the last one.

        Raises:
            ValueError: If the run holds this turn already: a bug of the caller, never a second line.
        """
        conversation, turn, _, reply, *_ = exchanged
        key = (conversation.arm, conversation.prompt_id, conversation.attempt)
        self._require_next(key, turn)
        self._note(key, turn, reply.outcome)
        self._pending.append(exchanged)
        return len(self._pending) == 1

    def flush(self) -> None:
        """Write what was taken, in one go.

        Raises:
            StorageError: If it cannot be written; what was written before stays.
        """
        pending, self._pending = self._pending, []
        if not pending:
            return
        try:
            self._writer.append(*(exchanged.record(self._clock) for exchanged in pending))
        except StorageError:
            if self._failing is not None:
                self._failing()
            raise

    def hold_back(self, exchanged: Exchanged) -> None:
        """Write an exchange beside the run's own at once: whether it counts is not known yet, and it may never be.

        Raises:
            StorageError: If it cannot be written.
        """
        if self._held_back is None:
            self._held_back = PartWriter(self._folder.parent / HELD_BACK_FOLDER)
        self._held_back.append(exchanged.record(self._clock))

    def sync(self) -> None:
        """Force what was written onto the disk.

        Raises:
            StorageError: If the disk does not take it.
        """
        for writer in self._writers():
            try:
                writer.sync()
            except OSError as error:
                # Closed meanwhile: the part was full, and closing has synced it.
                if error.errno != errno.EBADF:
                    raise StorageError(f"{writer.folder}: cannot be written: {error.strerror}") from None

    def close(self) -> None:
        """Write what is still to be written, sync and close."""
        try:
            self.flush()
        finally:
            for writer in self._writers():
                writer.close()

    def has_ended(self, arm: Arm, prompt_id: str, attempt: int) -> bool:
        """Return whether a conversation is recorded to its end."""
        if attempt <= self._reached.get((arm, prompt_id), 0):
            return True
        return bool(self._beyond) and (arm, prompt_id, attempt) in self._beyond

    def has_begun(self, arm: Arm, prompt_id: str, attempt: int) -> bool:
        """Return whether a conversation is recorded at least in part."""
        return (arm, prompt_id, attempt) in self._next or self.has_ended(arm, prompt_id, attempt)

    def prompts_ended(self, arm: Arm) -> int:
        """Return how many prompts' first attempts are recorded to their end."""
        return sum(member == arm for member, _ in self._reached)

    def conversations_ended(self, arm: Arm) -> int:
        """Return how many conversations of an arm, repeats included, are recorded to their end."""
        reached = sum(count for (member, _), count in self._reached.items() if member == arm)
        return reached + sum(key[0] == arm for key in self._beyond)

    def history(self, arm: Arm, prompt_id: str, attempt: int) -> tuple[Message, ...]:
        """Return what an earlier process recorded of a conversation that it could not end."""
        return tuple(self._torn.get((arm, prompt_id, attempt), ())) if self._torn else ()

    def last_body(self, arm: Arm, prompt_id: str, attempt: int) -> str | None:
        """Return the body of the last reply in such a conversation."""
        return self._last_bodies.get((arm, prompt_id, attempt)) if self._last_bodies else None

    def _writers(self) -> list[PartWriter]:
        return [self._writer] if self._held_back is None else [self._writer, self._held_back]

    def _require_next(self, key: _Key, turn: int) -> None:
        if turn != self._next.get(key, 0) or self.has_ended(*key):
            raise ValueError(f"turn {turn} of {key[1]}, attempt {key[2]}, is not the one that follows")

    def _note(self, key: _Key, turn: int, outcome: str) -> None:
        self.count += 1
        if outcome != "answered" or turn >= self._turns[key[1]] - 1:
            self._next.pop(key, None)
            self._end(*key)
        else:
            self._next[key] = turn + 1

    def _end(self, arm: Arm, prompt_id: str, attempt: int) -> None:
        place = arm, prompt_id
        if attempt != self._reached.get(place, 0) + 1:
            self._beyond.add((arm, prompt_id, attempt))
            return
        while (arm, prompt_id, attempt + 1) in self._beyond:
            attempt += 1
            self._beyond.remove((arm, prompt_id, attempt))
        self._reached[place] = attempt

    def _remember(self, row: Mapping[str, Any]) -> None:
        """Keep the words of a conversation until its end is read."""
        key = _key(row)
        if self.has_ended(*key):
            self._torn.pop(key, None)
            self._last_bodies.pop(key, None)
            return
        self._last_bodies[key] = row["response_body"]
        said = self._torn.setdefault(key, [])
        said.append({"role": "user", "content": row["prompt"]})
        said.append({"role": "assistant", "content": row["response_text"] or ""})


def _key(row: Mapping[str, Any]) -> _Key:
    return row["arm"], row["prompt_id"], row["attempt"]
