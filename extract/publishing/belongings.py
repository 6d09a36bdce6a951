"""Files that stand beside a dataset's sessions and hold no text of anybody: known by what they are, not by their names."""

import re
from contextlib import suppress
from typing import Any

import orjson
from pydantic import ValidationError

from extract.publishing.naming import HASHED
from harness.contracts import Manifest
from harness.identity import file_sha256

_MANIFEST = "manifest.json"
_BESIDE = frozenset(("certificate.json", "certificate.md", "arrivals.json", "exchanges.index"))
_POINTERS = frozenset(("latest", "latest.json"))
_POINTED = re.compile(r"[a-z]+-[0-9a-f]{16}\s*")
_LONGEST_POINTER = 64
_BETWEEN_WORDS = re.compile(r"[_.\-]+")


class Belongings:
    """Tells the files that this program wrote beside datasets from others of the same names."""

    def __init__(self) -> None:
        self._manifests: dict[str, Manifest | None] = {}

    def holds_no_text(self, path: Any) -> bool:
        """Return whether a file is this program's, unchanged, and of a kind that holds nobody's text."""
        if path.name in _POINTERS:
            with path.open("rb") as file:
                return _POINTED.fullmatch(file.read(_LONGEST_POINTER).decode("utf-8", "replace")) is not None
        manifest = self.manifest(path)
        if manifest is None:
            return False
        if path.name == _MANIFEST:
            return True
        return path.name in _BESIDE and manifest.files.get(path.name) == file_sha256(path)

    def manifest(self, path: Any) -> Manifest | None:
        """Return the manifest of the dataset that a file stands in; None if there is none, or it is something else."""
        folder = str(path.parent)
        if folder not in self._manifests:
            self._manifests[folder] = _manifest(path.parent / _MANIFEST)
        return self._manifests[folder]

    def source_names(self, path: Any) -> list[str]:
        """Return the names of files of logs, with blanks between words, that the manifest beside a file holds."""
        manifest = self.manifest(path)
        if manifest is None:
            return []
        names = (name for key in ("sources", "empty_sources") for name in manifest.details.get(key, ()))
        return [_BETWEEN_WORDS.sub(" ", str(name)) for name in names if not HASHED.fullmatch(str(name))]


def _manifest(path: Any) -> Manifest | None:
    with suppress(OSError, ValidationError, orjson.JSONDecodeError):
        written = path.read_bytes()
        found = Manifest.from_json(written)
        # What a manifest of ours does not have may be anything.
        if found.kind == "dataset" and set(orjson.loads(written)) <= set(Manifest.model_fields):
            return found
    return None
