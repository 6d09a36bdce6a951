"""What a model was paid for, kept until the suite is published: an interrupted generation asks only for the rest."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

import orjson

from harness.config import PersonasSection
from harness.jsonlines import PartWriter, read_parts
from harness.locking import held
from harness.models import ModelCall, Usage
from harness.storage import Storage

_ANYWAY = {"timeout_s", "concurrency", "batch", "batch_role", "golden"}
"""Keys of ``[personas]`` that say how a model is asked and not what."""
_FORMAT = 2
"""Of the records: another one starts a journal of its own."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was paid for."""

    key: str
    group: str
    """What it is for: a persona."""
    kinds: tuple[str, ...]
    """What of it was asked for: strategies."""
    markers: tuple[str, ...]
    """Handed out with the call."""
    seed: int | None
    reply: dict[str, Any]
    cut_off: bool = False


class Journal:
    """Answers and costs, written as they come; each record is on the disk before the next call is made.

    Args:
        folder: Private; None keeps everything in memory, for a generation that cannot be resumed.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._kept: dict[str, Kept] = {}
        self._unclaimed: dict[str, list[str]] = defaultdict(list)
        self.spent_before = Usage()
        """By earlier attempts."""
        self.notes: dict[str, str] = {}
        """What earlier attempts noted, such as the job they wait for."""
        self.found = 0
        """Answers of earlier attempts."""
        self.reused = 0
        """Calls that an earlier attempt's answer served."""
        if folder is not None:
            self._read(folder)
        self._writer = PartWriter(folder, mode=0o600) if folder is not None else None

    def close(self) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def answered(self, key: str) -> Kept | None:
        """Return an earlier attempt's answer to exactly this call."""
        if (kept := self._kept.pop(key, None)) is not None:
            self.reused += 1
        return kept

    def spare(self, group: str, kinds: tuple[str, ...] = ()) -> Kept | None:
        """Return an earlier attempt's answer to another call for the same, which no call of this attempt has claimed.

        An attempt in which a call failed asks differently from then on, so that its later answers' keys never return.

        Args:
            group: What it has to be for.
            kinds: Of which it has to have been asked for one; none where the group is all there is.
        """
        for key in self._unclaimed[group]:
            kept = self._kept.get(key)
            if kept is not None and (kept.kinds == kinds or set(kept.kinds) & set(kinds)):
                return self.answered(key)
        return None

    def add(self, kept: Kept) -> None:
        """Keep an answer."""
        self._append({"answer": asdict(kept)})

    def spend(self, usage: Usage) -> None:
        """Count what was consumed since the last time."""
        if usage.requests or usage.tokens:
            self._append({"usage": asdict(usage)})

    def note(self, name: str, text: str) -> None:
        """Keep something that the next attempt has to know."""
        self.notes[name] = text
        self._append({"note": {name: text}})

    def _append(self, record: dict[str, Any]) -> None:
        if self._writer is not None:
            self._writer.append(record)
            self._writer.sync()

    def _read(self, folder: Path) -> None:
        known = {field.name for field in fields(Usage)}
        for record in read_parts(folder):
            if (answer := record.get("answer")) is not None:
                lists = {name: tuple(answer[name]) for name in ("kinds", "markers")}
                kept = Kept(**{**answer, **lists})
                self._kept[kept.key] = kept
                self._unclaimed[kept.group].append(kept.key)
            elif (usage := record.get("usage")) is not None:
                self.spent_before += Usage(**{name: value for name, value in usage.items() if name in known})
            elif (note := record.get("note")) is not None:
                self.notes.update(note)
        self.found = len(self._kept)


@contextmanager
def kept_journal(storage: Storage, name: str) -> Iterator[Journal]:
    """Open the journal of one generation for this process alone.

    Raises:
        UsageError: If another process is making the same suite.
        StorageError: If the root cannot be read or written.
    """
    folder = storage.work(name)
    with held(folder, "this suite"):
        journal = Journal(folder)
        try:
            yield journal
        finally:
            journal.close()
            # Published ones are gone by now.
            if folder.exists():
                storage.keep_work(name)


def journal_name(model_id: str, dataset_id: str, section: PersonasSection, templates: dict[str, str]) -> str:
    """Return the name of a generation's journal: a hash of what its calls follow from."""
    values = [_FORMAT, model_id, dataset_id, section.model_dump(mode="json", exclude=_ANYWAY), templates]
    return f"suite-{hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]}"


def call_key(call: ModelCall, form: str) -> str:
    """Return a hash of exactly what is asked."""
    values = [call.system, call.prompt, call.temperature, call.max_tokens, call.seed, form]
    return hashlib.sha256(orjson.dumps(values)).hexdigest()
