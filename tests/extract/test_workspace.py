"""The private folder: nobody else's, and gone in the end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from extract.workspace import delete_leftovers, workspace
from harness.errors import StorageError

KILLED = """
import os, sys
from pathlib import Path
from extract.workspace import workspace
with workspace(Path(sys.argv[1])) as folder:
    (folder / "raw").write_text("what somebody said")
    os.kill(os.getpid(), 9)
"""


def test_it_is_private_and_deleted(tmp_path: Path) -> None:
    with workspace(tmp_path) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "raw").write_text("what somebody said")
    assert list(tmp_path.iterdir()) == []


def test_it_is_deleted_after_an_error_too(tmp_path: Path) -> None:
    def interrupted() -> None:
        with workspace(tmp_path) as folder:
            (folder / "below").mkdir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_deleted_by_the_next_and_a_living_ones_is_not(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -9
    (left,) = tmp_path.iterdir()
    with workspace(tmp_path) as folder:
        assert not left.exists()
        assert delete_leftovers(tmp_path) == 0
        with workspace(tmp_path) as other:
            assert folder.exists()
            assert other != folder


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data-0123").mkdir()
    (tmp_path / ".partial-x").mkdir()
    assert delete_leftovers(tmp_path) == 0
    assert sorted(os.listdir(tmp_path)) == [".partial-x", "data-0123"]  # noqa: PTH208 - names only


def test_a_place_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError), workspace(tmp_path / "file"):
        pass
