"""Artifacts held against their manifests: what was changed after it was published is noticed before anything rests on it."""

from pathlib import Path
from typing import Literal

from harness.contracts import Manifest
from harness.errors import StorageError
from harness.identity import file_sha256

Artifact = Literal["suite", "dataset"]

CHANGED: dict[Artifact, str] = {
    "suite": "restore it from a copy, or delete the suite's folder and make the suite again",
    "dataset": "restore it from a copy, or delete the dataset's folder and make it again with `reverse-rag extract`",
}
"""What to do about an artifact that is not as it was published."""


def require_files(folder: Path, manifest: Manifest, artifact: Artifact) -> None:
    """Hold every file that a manifest names against its SHA-256.

    Raises:
        StorageError: If one is missing or changed; names the file.
    """
    for name, expected in sorted(manifest.files.items()):
        path = folder / name
        try:
            found = file_sha256(path)
        except OSError as error:
            raise StorageError(f"{path}: cannot be read: {error.strerror}", hint=CHANGED[artifact]) from None
        require_same(path, found, expected, artifact)


def require_same(path: Path, found: str, expected: str | None, artifact: Artifact) -> None:
    """Hold one file's SHA-256 against the one it was published with; None: its manifest does not name it.

    Raises:
        StorageError: If they differ; names the file.
    """
    if expected is not None and found != expected:
        raise StorageError(
            f"{path}: is not the file that the {artifact} was published with "
            f"(SHA-256 {found[:12]}…, the manifest says {expected[:12]}…)",
            hint=CHANGED[artifact],
        )
