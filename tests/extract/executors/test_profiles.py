"""Profiles that come with their user and go with them."""

from array import array
from pathlib import Path

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from extract.executors.profiles import PassingProfiles, ProfileRules, signed
from extract.hashes import numbers, short_hash
from extract.profiles import read_profiles
from extract.records.mapping import LoggedExchange, parse_time
from extract.sessions import keys_of, to_line
from tests.extract.conftest import KEY, write_jsonl

RULES = ProfileRules("user_id", frozenset({"plan"}), KEY.encode())


def exchange_line(user: str) -> bytes:
    at = parse_time("2026-10-01T08:00:00Z")
    assert at is not None
    exchange = LoggedExchange(
        user=user, session="s", at=at, prompt="hi", response=None, feedback=None, kept={}, source="a", line=1
    )
    return to_line(*keys_of(KEY.encode(), user, "s"), exchange)[:-1]


def profile_lines(folder: Path, profiles: list[dict[str, str]]) -> list[bytes]:
    path = write_jsonl(folder / "profiles.jsonl", profiles)
    batch = pa.RecordBatch.from_pydict({"id": [0]})
    return [row["line"] for row in RULES.files([batch], [[(0, str(path))]])]


def test_a_users_profile_is_there_with_the_first_exchange_and_gone_with_the_next_user(tmp_path: Path) -> None:
    users = [f"customer-{n}" for n in range(50)]
    profiles = [{"user_id": user, "name": f"Name{n} Surname", "plan": "gold"} for n, user in enumerate(users)]
    unknown = {"user_id": "nobody-here", "name": "Not Among Us"}
    passing = PassingProfiles(RULES)
    lines = sorted([*profile_lines(tmp_path, [*profiles, unknown]), *map(exchange_line, users)])
    seen = set()
    for user_key, _, exchange in passing.exchanges(iter(lines)):
        passing.keep_from(user_key)
        number = users.index(exchange.user)
        assert passing.profiles.known(exchange.user) == (f"Name{number} Surname",)
        assert passing.profiles.traits_of(exchange.user) == {"plan": "gold"}
        assert len(passing.profiles.values) == 1
        seen.add(exchange.user)
    assert seen == set(users)


def test_several_lines_of_a_user_are_joined_as_on_one_machine(tmp_path: Path) -> None:
    profiles = [
        {"user_id": "c-1", "name": "Anneke", "plan": "gold", "town": "Leeds"},
        {"user_id": "c-1", "phone": "020 7946 0000", "plan": "basic"},
    ]
    lines = sorted(profile_lines(tmp_path, profiles))
    expected = read_profiles(
        str(tmp_path / "profiles.jsonl"), user_field="user_id", traits={"plan"}, users={"c-1"}, min_users=5
    )
    assert RULES.of(lines) == expected


def test_what_many_users_hold_is_no_known_value_unless_it_is_a_name(tmp_path: Path) -> None:
    lines = profile_lines(tmp_path, [{"user_id": "c-1", "name": "Leeds", "town": "Leeds", "street": "Windlass Road"}])
    pairs = [("town", "leeds"), ("name", "leeds")]
    shared = array("q", sorted(signed(numbers(short_hash(KEY.encode(), *pair))[0]) for pair in pairs))
    rules = ProfileRules("user_id", frozenset(), KEY.encode(), shared)
    assert rules.of(lines).known("c-1") == ("Leeds", "Windlass Road")
    shared_town = ProfileRules("user_id", frozenset(), KEY.encode(), shared[:])
    no_name = profile_lines(tmp_path, [{"user_id": "c-1", "town": "Leeds"}])
    assert shared_town.of(no_name).known("c-1") == ()


def test_a_profile_that_cannot_be_read_is_named_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "profiles.jsonl"
    path.write_bytes(b'{"user_id": "c-1"}\n{broken\n')
    batch = pa.RecordBatch.from_pydict({"id": [0]})
    *_, last = RULES.files([batch], [[(0, str(path))]])
    assert "line 2" in last["problem"]


@given(st.integers(0, 2**64 - 1))
def test_every_hash_fits_into_a_long_and_stays_itself(number: int) -> None:
    assert -(2**63) <= signed(number) < 2**63
    assert signed(number) % 2**64 == number
