"""What a file of logs is called where a dataset is described: its name may be a person's."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from harness.identity import keyed_hash
from harness.pii import PiiDetector

_BETWEEN_WORDS = re.compile(r"[_.\-]+")
_SUFFIXES = frozenset((".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".gz", ".zst"))
_HASH_LENGTH = 8
HASHED = re.compile(r"file-[0-9a-f]{8}(?:-\d+)?(?:\.[a-z]+)*")
"""What such a name looks like."""

Shown = Callable[[str], str]
"""Returns what a file is called outside this machine."""


class SourceNames:
    """Names of files in which nothing personal is, and hashes in place of others.

    Whoever holds the logs and the key can tell which file is meant; the
    number behind the hash is its place among the sources, from 1.

    Args:
        detector: The strict one.
        key: Of the hashes.
        names: Of all sources, in their order.
    """

    def __init__(self, detector: PiiDetector, key: bytes, names: Sequence[str] = ()) -> None:
        self._detector = detector
        self._key = key
        self._places: Mapping[str, int] = {name: place for place, name in reversed(list(enumerate(names, start=1)))}
        self._shown: dict[str, str] = {}

    def shown(self, name: str) -> str:
        """Return a file's name, or what stands for it."""
        if name not in self._shown:
            self._shown[name] = self._hashed(name) if self._is_personal(name) else name
        return self._shown[name]

    def _is_personal(self, name: str) -> bool:
        stem, _ = _split(name)
        # Folders of a URI are names, too.
        spellings = {part for whole in stem.split("/") for part in (whole, _BETWEEN_WORDS.sub(" ", whole).strip())}
        return any(self._detector.find(spelling) for spelling in spellings if spelling)

    def _hashed(self, name: str) -> str:
        place = f"-{self._places[name]}" if name in self._places else ""
        return f"file-{keyed_hash(self._key, f'name of a file {name}')[:_HASH_LENGTH]}{place}{_split(name)[1]}"


def _split(name: str) -> tuple[str, str]:
    """Return a name without its suffixes, and those of them that say what a file is."""
    suffixes = ""
    while (suffix := PurePosixPath(name).suffix.lower()) in _SUFFIXES:
        name = name[: -len(suffix)]
        suffixes = suffix + suffixes
    return name, suffixes
