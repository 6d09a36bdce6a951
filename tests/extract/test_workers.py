"""Parts sanitized by several processes: whatever becomes of a worker, nothing is lost and nothing comes twice."""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from extract.buckets import BucketFiles, bucket_of
from extract.certifying.audit import OutputAudit
from extract.partitions import Material, PartResult, Sizes, parts_of
from extract.sessions import from_line
from extract.workers import cpu_count, sanitize_parts
from harness.errors import DependencyError, StorageError
from harness.pii.known.registry import KnownRegistry
from tests.extract.test_sessions import exchange, lines_of

SIZES = Sizes(buckets=4, worth_workers=0)
USERS = 12


class Deadly(BucketFiles):
    """Files over which a worker dies, as if the system had killed it; over the second bucket, and only so often."""

    deaths = 0

    def path(self, bucket: int) -> Path:
        """Return where a bucket's file is, or end the process."""
        if bucket == 1 and multiprocessing.parent_process() is not None:
            for number in range(self.deaths):
                marker = self._folder / f"died-{number}"
                if not marker.exists():
                    marker.touch()
                    os._exit(9)
        return super().path(bucket)


class DeadlyOnce(Deadly):
    """Files over which one worker dies."""

    deaths = 1


class DeadlyTwice(Deadly):
    """Files over which two workers die."""

    deaths = 2


def material(folder: Path, files: type[BucketFiles]) -> Material:
    """Return some users' sessions, ready to be sanitized."""
    exchanges = files(folder, "exchanges", SIZES.buckets)
    for line in lines_of([exchange(user=f"user-{n}", prompt=f"hello {n}") for n in range(USERS)]):
        exchanges.add(bucket_of(from_line(line)[0], SIZES.buckets), line)
    exchanges.flush()
    assert min(exchanges.sizes) > 0
    return Material(
        folder=folder, exchanges=exchanges, profiles=None, registry=KnownRegistry(()), audit=OutputAudit(()), sizes=SIZES
    )  # fmt: skip


def sanitized(work: Material, workers: int, tell: Callable[[int], None]) -> tuple[PartResult, list[bytes]]:
    """Sanitize all parts; return the counts and all sessions in order."""
    parts = parts_of(work.exchanges, SIZES, workers=2)
    assert len(parts) > 1
    total = PartResult()
    for _, result in sanitize_parts(work, parts, workers=workers, tell=tell):
        total.add(result)
    return total, [line for part in parts for line in work.sessions_path(part).read_bytes().splitlines()]


@pytest.fixture
def alone(tmp_path: Path) -> list[bytes]:
    """Return what one process makes of the sessions."""
    (tmp_path / "alone").mkdir()
    return sanitized(material(tmp_path / "alone", BucketFiles), 1, lambda _: None)[1]


def test_a_worker_that_dies_costs_nothing_but_time(tmp_path: Path, alone: list[bytes]) -> None:
    told: list[int] = []
    total, sessions = sanitized(material(tmp_path, DeadlyOnce), 2, told.append)
    assert (tmp_path / "died-0").exists()
    assert sessions == alone
    assert (total.exchanges, total.sessions, total.users, total.failed) == (USERS, USERS, USERS, 0)
    assert sum(told) == USERS
    assert multiprocessing.active_children() == []


def test_a_part_that_kills_its_second_worker_too_ends_the_stage(tmp_path: Path) -> None:
    with pytest.raises(DependencyError, match=r"2 workers died over the same part.*exit code 9") as error:
        sanitized(material(tmp_path, DeadlyTwice), 2, lambda _: None)
    assert "workers" in error.value.hint
    assert multiprocessing.active_children() == []


def test_an_error_of_a_worker_is_the_stages_error(tmp_path: Path) -> None:
    work = material(tmp_path, BucketFiles)
    for part in parts_of(work.exchanges, SIZES, workers=2):
        work.sessions_path(part).with_suffix(".partial").mkdir()
    with pytest.raises((StorageError, RuntimeError)) as error:
        sanitized(work, 2, lambda _: None)
    assert "hello" not in str(error.value)
    assert multiprocessing.active_children() == []


def test_whoever_stops_listening_stops_the_workers(tmp_path: Path) -> None:
    work = material(tmp_path, BucketFiles)
    results = sanitize_parts(work, parts_of(work.exchanges, SIZES, workers=2), workers=2, tell=lambda _: None)
    next(results)
    assert multiprocessing.active_children() != []
    results.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


ORPHANING = """
import multiprocessing, os, sys
from pathlib import Path
from extract.buckets import BucketFiles
from extract.partitions import parts_of
from extract.workers import sanitize_parts
from tests.extract.test_workers import SIZES, material

if __name__ == "__main__":
    work = material(Path(sys.argv[1]), BucketFiles)
    results = sanitize_parts(work, parts_of(work.exchanges, SIZES, workers=2), workers=2, tell=lambda _: None)
    next(results)
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    os.kill(os.getpid(), 9)
"""


def test_workers_do_not_outlive_a_killed_command(tmp_path: Path) -> None:
    script = tmp_path / "orphaning.py"
    script.write_text(ORPHANING)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    killed = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    assert killed.returncode == -9
    pids = [int(pid) for pid in killed.stdout.split()]
    assert len(pids) == 2
    for _ in range(600):
        if not any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids):
            return
        time.sleep(0.1)
    pytest.fail("workers are still there")


def test_parts_cover_all_buckets_once_in_order(tmp_path: Path) -> None:
    files = BucketFiles(tmp_path, "exchanges", 7)
    for bucket, size in enumerate((0, 5, 90, 3, 0, 4, 0)):
        files.add(bucket, b"x" * size)
    for part_bytes in (1, 10, 1000):
        parts = parts_of(files, Sizes(buckets=7, part_bytes=part_bytes), workers=1)
        assert [b for part in parts for b in range(part.first, part.end)] == list(range(7))
        assert sum(part.bytes for part in parts) == sum(files.sizes)
    assert cpu_count() >= 1
