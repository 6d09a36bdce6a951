"""Files that are written whole or not at all."""

from pathlib import Path

import pytest

from harness.documents import write_document
from harness.errors import StorageError


def test_a_document_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "gate.json"
    write_document(path, b"first")
    write_document(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_error_of_storage(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"gate\.json: cannot be written: No such file"):
        write_document(tmp_path / "gone" / "gate.json", b"x")


def test_what_cannot_be_put_in_its_place_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "gate.json" / "inside").mkdir(parents=True)
    with pytest.raises(StorageError, match="cannot be written: Is a directory"):
        write_document(tmp_path / "gate.json", b"x")
    assert (tmp_path / "gate.json" / "inside").is_dir()
