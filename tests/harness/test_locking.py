"""One process at a time."""

from pathlib import Path

import pytest

from harness.errors import StorageError, UsageError
from harness.locking import held


@pytest.mark.parametrize("wait_s", [0.0, 0.15])
def test_a_held_folder_is_refused_by_name_and_free_afterwards(tmp_path: Path, wait_s: float) -> None:
    with (
        held(tmp_path / "run", "run-1"),
        pytest.raises(UsageError, match="another process is working on run-1"),
        held(tmp_path / "run", "run-1", wait_s=wait_s),
    ):
        pass
    with held(tmp_path / "run", "run-1"):
        assert (tmp_path / "run").is_dir()


def test_an_error_of_the_work_is_not_taken_for_a_lock(tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError), held(tmp_path, "run-1"):
        raise BlockingIOError


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be opened"), held(tmp_path / "file" / "run", "run-1"):
        pass
