"""Judgements that were paid for, kept on disk: the same question to the same model costs nothing twice."""

import hashlib
import sqlite3
import time
from asyncio import Lock
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakValueDictionary

import orjson

from harness.errors import StorageError
from harness.models import ModelCall
from judge.rubric import Judgement

FILE = "judgements.sqlite"
KEPT_S = 30 * 24 * 3600.0
"""A judgement older than this is asked for anew: providers change models under the same name."""
_FORM = hashlib.sha256(orjson.dumps(Judgement.model_json_schema(), option=orjson.OPT_SORT_KEYS)).hexdigest()
_TABLE = "CREATE TABLE IF NOT EXISTS judgements (key TEXT PRIMARY KEY, judgement BLOB NOT NULL, made_at REAL NOT NULL)"


def call_key(model_id: str, call: ModelCall) -> str:
    """Return the hash of everything that a judgement follows from: the model, all it is told, and the asked-for form."""
    told = [model_id, call.system, call.prompt, call.temperature, call.max_tokens, _FORM]
    return hashlib.sha256(orjson.dumps(told)).hexdigest()


class Judgements:
    """Usable judgements by the hash of their call; several processes may share them.

    They quote answers, so the folder has to be as private as the run's own.

    Args:
        folder: Where they are kept; None keeps them for this process only.

    Raises:
        StorageError: If the folder cannot be used.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._where = str(folder / FILE) if folder is not None else "in memory"
        self._asking: WeakValueDictionary[str, Lock] = WeakValueDictionary()
        with self._failures():
            self._rows = sqlite3.connect(self._where if folder is not None else ":memory:", isolation_level=None)
            if folder is not None:
                # Losing the last ones in a power cut costs a few calls; waiting for the disk costs time in every one.
                self._rows.execute("PRAGMA journal_mode=WAL")
                self._rows.execute("PRAGMA synchronous=OFF")
            self._rows.execute(_TABLE)
            self._rows.execute("DELETE FROM judgements WHERE made_at < ?", (time.time() - KEPT_S,))

    def turn(self, key: str) -> Lock:
        """Return what to hold while a judgement is looked up and asked for, so that equal calls wait for the first."""
        return self._asking.setdefault(key, Lock())

    def get(self, key: str) -> Judgement | None:
        """Return the judgement that such a call got before; None if there is none."""
        with self._failures():
            row = self._rows.execute("SELECT judgement FROM judgements WHERE key = ?", (key,)).fetchone()
        return Judgement.model_validate_json(row[0]) if row is not None else None

    def put(self, key: str, judgement: Judgement) -> None:
        """Keep a judgement."""
        with self._failures():
            self._rows.execute(
                "INSERT OR REPLACE INTO judgements VALUES (?, ?, ?)",
                (key, judgement.model_dump_json().encode(), time.time()),
            )

    def close(self) -> None:
        """Close the file. May be called twice."""
        self._rows.close()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StorageError(
                f"{self._where}: judgements cannot be kept: {type(error).__name__}",
                hint="delete the file, or set [judge] cache = false",
            ) from None
