"""Profiles of any number of users give what profiles in memory give."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract.buckets import bucket_of
from extract.profiles import ProfileFiles, read_profiles
from harness.errors import InputError
from harness.identity import keyed_hash
from tests.extract.conftest import write_jsonl

KEY = b"a-key-of-more-than-sixteen-characters"
TOWNS = st.sampled_from(["Obuasi", "obuasi", "Larkhill", "Quarrington"])
PROFILES = st.lists(
    st.fixed_dictionaries(
        {"user_id": st.sampled_from([f"u{n}" for n in range(8)])},
        optional={"name": TOWNS, "town": TOWNS, "plan": st.sampled_from(["gold", "2019-04-05"]), "mail": st.just("a@b.example")},
    ),
    max_size=25,
)  # fmt: skip
WANTED = {f"u{n}" for n in range(6)}


def user_key(user: str) -> str | None:
    """Return the hashed user, if wanted."""
    return keyed_hash(KEY, user) if user in WANTED else None


def in_files(folder: Path, location: Path, buckets: int, key: Callable[[str], str | None] = user_key) -> ProfileFiles:
    """Return profiles read into files."""
    files = ProfileFiles(folder, buckets=buckets, traits=["plan"], key=KEY)
    files.read(str(location), user_field="user_id", user_key=key, min_users=3)
    return files


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(PROFILES, st.integers(1, 5))
def test_files_give_what_memory_gives(
    tmp_path_factory: pytest.TempPathFactory, profiles: list[dict[str, Any]], buckets: int
) -> None:
    folder = tmp_path_factory.mktemp("profiles")
    location = write_jsonl(folder / "p.jsonl", profiles or [{"user_id": "u9"}])
    whole = read_profiles(str(location), user_field="user_id", traits=["plan"], users=WANTED, min_users=3)
    files = in_files(folder, location, buckets)
    for user in (*WANTED, "u7"):
        found = files.of(bucket_of(keyed_hash(KEY, user), buckets))
        assert (found.known(user), found.traits_of(user)) == (whole.known(user), whole.traits_of(user))
    assert sorted(files.values()) == sorted(value for values in whole.values.values() for value in values)


def test_a_value_that_a_users_many_lines_repeat_still_identifies_its_user(tmp_path: Path) -> None:
    """Daily copies of one profile are one holder."""
    location = write_jsonl(tmp_path / "p.jsonl", [{"user_id": "u1", "town": "Larkhill"}] * 5)
    assert list(in_files(tmp_path, location, 2).values()) == ["Larkhill"]


def test_a_town_that_many_share_stays_but_a_name_never_does(tmp_path: Path) -> None:
    people = [{"user_id": f"u{n}", "name": "Ferncastle", "town": "Obuasi"} for n in range(4)]
    files = in_files(tmp_path, write_jsonl(tmp_path / "p.jsonl", people), 2)
    assert set(files.values()) == {"Ferncastle"}
    some = files.of(bucket_of(keyed_hash(KEY, "u1"), 2), {"u1"})
    assert set(some.values) == {"u1"}


def test_a_profile_without_a_user_stops_the_stage(tmp_path: Path) -> None:
    location = write_jsonl(tmp_path / "p.jsonl", [{"user_id": "u1"}, {"name": "nobody"}])
    with pytest.raises(InputError, match="line 2"):
        in_files(tmp_path, location, 1)
