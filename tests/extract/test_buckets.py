"""Files cut by ranges of users: order, and no line lost."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract.buckets import BucketFiles, bucket_of, sorted_lines
from extract.hashes import is_in, numbers, short_hash
from harness.errors import StorageError

KEYS = st.text("0123456789abcdef", min_size=16, max_size=16)
LINES = st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"") + b"\n"), max_size=60)


@given(st.lists(KEYS, max_size=50), st.integers(1, 300))
def test_buckets_are_ranges_so_their_order_is_the_order_of_the_keys(keys: list[str], buckets: int) -> None:
    numbered = [bucket_of(key, buckets) for key in sorted(keys)]
    assert numbered == sorted(numbered)
    assert all(0 <= number < buckets for number in numbered)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES, st.integers(1, 400))
def test_lines_come_sorted_whatever_fits_into_memory(tmp_path: Path, lines: list[bytes], run_bytes: int) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"".join(lines))
    assert list(sorted_lines(path, run_bytes=run_bytes)) == sorted(lines)
    assert [p.name for p in tmp_path.iterdir()] == ["lines"], "the runs are deleted"


def test_runs_are_deleted_when_nobody_reads_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"".join(b"%04d\n" % (7919 * n % 1000) for n in range(1000)))
    lines = sorted_lines(path, run_bytes=200)
    assert next(lines) == b"0000\n"
    assert len(list(tmp_path.iterdir())) > 10
    lines.close()  # type: ignore[attr-defined]
    assert [p.name for p in tmp_path.iterdir()] == ["lines"]


def test_what_is_added_is_read_back_in_its_order_and_deleted(tmp_path: Path) -> None:
    files = BucketFiles(tmp_path, "some", 3)
    for number in range(30):
        files.add(number % 2, b"%d\n" % number)
    files.flush()
    assert [int(line) for line in files.lines(0)] == list(range(0, 30, 2))
    assert files.read(1).split() == [b"%d" % n for n in range(1, 30, 2)]
    assert (files.read(2), list(files.lines(2)), files.sizes[2]) == (b"", [], 0)
    assert files.sizes[0] == files.path(0).stat().st_size
    files.delete(0)
    assert list(files.lines(0)) == []


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    files = BucketFiles(tmp_path / "missing", "some", 1)
    files.add(0, b"x\n")
    with pytest.raises(StorageError, match="cannot be written"):
        files.flush()


@given(st.lists(st.text(max_size=5), max_size=30), st.text(max_size=5))
def test_a_hash_is_in_its_set(members: list[str], other: str) -> None:
    stored = sorted(numbers(b"".join(short_hash(b"key", member) for member in members)))
    assert all(is_in(stored, numbers(short_hash(b"key", member))[0]) for member in members)
    assert is_in(stored, numbers(short_hash(b"key", other))[0]) == (other in members)


def test_hashes_need_the_key_and_tell_where_texts_end() -> None:
    assert short_hash(b"key", "ab", "c") != short_hash(b"key", "a", "bc")
    assert short_hash(b"key", "a") != short_hash(b"other", "a")
    assert [number >> 56 for number in numbers(bytes([1] + [0] * 7 + [2] + [0] * 7))] == [1, 2]
