"""Ids: the same for the same content, guessable by nobody without the key, sorted by time."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.identity import content_id, file_sha256, keyed_hash, run_id, utc_now

CHUNKS = st.lists(st.binary(max_size=6), max_size=5)


@settings(deadline=None)
@given(CHUNKS, CHUNKS)
def test_only_the_same_chunks_give_the_same_id(one: list[bytes], other: list[bytes]) -> None:
    """Not even a different cut of the same bytes does."""
    assert (content_id("suite", one) == content_id("suite", other)) is (one == other)


def test_a_content_id_never_changes_between_versions() -> None:
    """Ids are recorded: a change here orphans every artifact there is."""
    assert content_id("suite", [b"a", b"bc"]) == content_id("suite", iter([b"a", b"bc"])) == "suite-3fafa1cf2f19a7c1"


def test_a_keyed_hash_is_hmac_sha256_and_differs_by_key() -> None:
    expected = hmac.new(b"key", b"user-1", hashlib.sha256).hexdigest()[:16]
    assert keyed_hash(b"key", "user-1") == expected != keyed_hash(b"other", "user-1")


@settings(deadline=None)
@given(st.text(st.characters(), max_size=10))
def test_any_value_of_a_log_can_be_hashed(value: str) -> None:
    assert len(keyed_hash(b"key", value)) == 16


def test_half_a_surrogate_pair_can_be_hashed() -> None:
    assert keyed_hash(b"key", "\ud800") != keyed_hash(b"key", "\ud801")


def test_run_ids_are_unique_and_sort_by_time() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    ids = [run_id(moment + timedelta(seconds=step)) for step in range(120)]
    assert ids == sorted(ids)
    assert ids[0].startswith("run-20260102-030405-")
    assert len({run_id(moment) for _ in range(100)}) == 100


def test_a_run_id_tells_utc_whatever_the_clocks_zone() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert run_id(moment).startswith("run-20260101-213405-")


def test_the_present_time_is_aware_and_to_the_millisecond() -> None:
    now = utc_now()
    parsed = datetime.fromisoformat(now)
    assert now.endswith("Z")
    assert parsed.utcoffset() == timedelta(0)
    assert parsed.microsecond % 1000 == 0


@pytest.mark.parametrize("content", [b"", b"x" * 300_000])
def test_a_files_hash_is_its_sha256(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert file_sha256(path) == hashlib.sha256(content).hexdigest()
