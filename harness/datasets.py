"""Sanitized datasets on disk: what ``extract`` publishes, held against its manifest before anything is made from it."""

from pathlib import Path

from harness.errors import StorageError
from harness.integrity import CHANGED, require_files
from harness.suites import MANIFEST, read_manifest


def require_whole_dataset(folder: Path, dataset_id: str) -> None:
    """Hold every file of a dataset against its manifest.

    The certificate covers what was published: a session that came in later was sanitized by nobody. A folder without
    a manifest is no published dataset yet, and is read as it is.

    Args:
        folder: The dataset's.
        dataset_id: What it was asked for by.

    Raises:
        StorageError: If a file is missing or changed, sessions were added, or it is another dataset's; names the file.
    """
    if not (folder / MANIFEST).exists():
        return
    manifest = read_manifest(folder)
    if manifest.artifact_id != dataset_id:
        raise StorageError(
            f"{folder / MANIFEST}: is {manifest.artifact_id}'s; asked for was {dataset_id}", hint=CHANGED["dataset"]
        )
    added = next((path for path in sorted(folder.glob("part-*")) if path.name not in manifest.files), None)
    if added is not None:
        raise StorageError(
            f"{added}: is none of the files that the dataset was published with", hint=CHANGED["dataset"]
        )
    require_files(folder, manifest, "dataset")
