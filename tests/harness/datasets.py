"""Manifests of datasets, for the tests of what reads them."""

from pathlib import Path

from harness.contracts import Manifest
from harness.identity import file_sha256, utc_now
from harness.suites import MANIFEST, write_manifest


def publish_manifest(folder: Path, dataset_id: str) -> None:
    """Write a manifest that names every other file of a folder."""
    write_manifest(
        folder,
        Manifest(
            kind="dataset",
            artifact_id=dataset_id,
            tool_version="1",
            created_at=utc_now(),
            configuration_hash="c" * 64,
            files={path.name: file_sha256(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST},
        ),
    )
