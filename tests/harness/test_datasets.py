"""A dataset is read as it was published, or not at all."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.datasets import require_whole_dataset
from harness.errors import StorageError
from tests.harness.datasets import publish_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A dataset as it was published; what its files hold does not matter here."""
    for name in ("part-00000.parquet", "certificate.json", "arrivals.json"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    publish_manifest(tmp_path, "data-1")
    return tmp_path


def test_a_dataset_as_it_was_published_is_whole(folder: Path) -> None:
    before = sorted(folder.iterdir())
    require_whole_dataset(folder, "data-1")
    assert sorted(folder.iterdir()) == before


def test_a_folder_without_a_manifest_is_no_published_dataset(tmp_path: Path) -> None:
    (tmp_path / "part-00000.parquet").write_text("x", encoding="utf-8")
    require_whole_dataset(tmp_path, "data-1")
    assert not (tmp_path / "manifest.json").exists()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("part-00000.parquet", lambda path: path.write_text("another", encoding="utf-8")),
        ("certificate.json", lambda path: path.write_text("another", encoding="utf-8")),
        ("arrivals.json", lambda path: path.unlink()),
        ("part-00001.parquet", lambda path: path.write_text("added", encoding="utf-8")),
    ],
)
def test_a_file_that_was_changed_removed_or_added_is_named(
    folder: Path, name: str, change: Callable[[Path], object]
) -> None:
    change(folder / name)
    with pytest.raises(StorageError, match=name) as caught:
        require_whole_dataset(folder, "data-1")
    assert "reverse-rag extract" in caught.value.hint


def test_another_dataset_s_folder_is_not_the_one_asked_for(folder: Path) -> None:
    with pytest.raises(StorageError, match="is data-1's; asked for was data-2"):
        require_whole_dataset(folder, "data-2")
