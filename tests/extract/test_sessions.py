"""Exchanges into sessions and users: the canonical order, and nothing lost at any cut."""

import datetime as dt
import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import extract.sessions
from extract.records.mapping import LoggedExchange
from extract.sessions import from_line, keys_of, part_id, part_number, sessions_of, to_line, user_chunks

KEY = b"a-key-of-more-than-sixteen-characters"
TEXTS = st.text(max_size=20)
START = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
MOMENTS = st.timedeltas(dt.timedelta(), dt.timedelta(days=75_000)).map(lambda since: START + since)
EXCHANGES = st.builds(
    LoggedExchange,
    user=st.sampled_from(["ann", "bob", "kim"]),
    session=st.sampled_from(["one", "two"]),
    at=MOMENTS,
    prompt=TEXTS,
    response=st.none() | TEXTS,
    feedback=st.sampled_from(["up", "down", None]),
    kept=st.dictionaries(TEXTS, TEXTS, max_size=2),
    source=TEXTS,
    line=st.integers(0, 10**9),
)


def exchange(**values: Any) -> LoggedExchange:
    """Return an exchange."""
    given_values: dict[str, Any] = {
        "user": "ann", "session": "one", "at": dt.datetime(2026, 10, 1, tzinfo=dt.UTC), "prompt": "hello", "response": None,
        "feedback": None, "kept": {}, "source": "a.jsonl", "line": 1,
    }  # fmt: skip
    return LoggedExchange(**{**given_values, **values})


def lines_of(exchanges: list[LoggedExchange]) -> list[bytes]:
    """Return the lines of exchanges in the canonical order."""
    return sorted(to_line(*keys_of(KEY, e.user, e.session), e) for e in exchanges)


@given(EXCHANGES)
def test_an_exchange_comes_back_from_its_line(one: LoggedExchange) -> None:
    line = to_line(*keys_of(KEY, one.user, one.session), one)
    assert line.count(b"\n") == 1
    assert from_line(line) == (*keys_of(KEY, one.user, one.session), one)


def test_half_a_surrogate_pair_is_spelt_out() -> None:
    _, _, back = from_line(to_line("0" * 16, "1" * 16, exchange(prompt="a\ud800b", kept={"x": "\udfff"})))
    assert (back.prompt, back.kept) == ("a\\ud800b", {"x": "\\udfff"})


@given(st.lists(EXCHANGES, max_size=20), st.randoms(use_true_random=False))
def test_sessions_hold_every_exchange_once_in_order_whatever_order_they_came_in(
    exchanges: list[LoggedExchange], dice: random.Random
) -> None:
    sessions = list(sessions_of(map(from_line, lines_of(exchanges))))
    shuffled = exchanges[:]
    dice.shuffle(shuffled)
    assert list(sessions_of(map(from_line, lines_of(shuffled)))) == sessions
    key = repr
    assert sorted((e for s in sessions for e in s.exchanges), key=key) == sorted(exchanges, key=key)
    for session in sessions:
        assert len({(e.user, e.session) for e in session.exchanges}) == 1
        assert all(a.at <= b.at for a, b in pairwise(session.exchanges))
    assert all((a.user_key, a.session_id) < (b.user_key, b.session_id) for a, b in pairwise(sessions))


def test_two_at_the_same_moment_stay_in_the_order_of_their_lines() -> None:
    lines = lines_of([exchange(line=n, prompt=f"p{n}") for n in (10, 9, 100)])
    (session,) = sessions_of(map(from_line, lines))
    assert [e.prompt for e in session.exchanges] == ["p9", "p10", "p100"]


def test_an_overlong_session_is_continued_as_a_further_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract.sessions, "MOST_EXCHANGES", 3)
    monkeypatch.setattr(extract.sessions, "MOST_CHARS", 30)
    short = [exchange(line=n, prompt="hello") for n in range(7)]
    parts = list(sessions_of(map(from_line, lines_of(short))))
    assert [(s.part, len(s.exchanges)) for s in parts] == [(0, 3), (1, 3), (2, 1)]
    assert len({s.session_id for s in parts}) == 1
    long = [exchange(line=n, prompt="x" * 20) for n in range(3)]
    assert [len(s.exchanges) for s in sessions_of(map(from_line, lines_of(long)))] == [1, 1, 1]


@pytest.mark.parametrize("part", [0, 1, 9, 10, 123_456])
def test_the_ids_of_parts_sort_and_say_their_number(part: int) -> None:
    first = "0123456789abcdef"
    assert part_number(part_id(first, part)) == part
    assert part_id(first, part) < part_id(first, part + 1) < "0123456789abcdf"


def test_a_users_sessions_are_looked_at_together_and_a_services_in_bounded_lists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(extract.sessions, "MOST_SESSIONS", 4)
    exchanges = [exchange(user=f"u{n % 2}", session=f"s{n}") for n in range(6)]
    exchanges += [exchange(user="service", session=f"s{n}") for n in range(10)]
    sessions = list(sessions_of(map(from_line, lines_of(exchanges))))
    chunks = list(user_chunks(sessions))
    assert [s for chunk in chunks for s in chunk] == sessions
    assert all(len({s.user_key for s in chunk}) == 1 for chunk in chunks)
    assert sorted(len(chunk) for chunk in chunks) == [2, 3, 3, 4, 4]
    monkeypatch.setattr(extract.sessions, "MOST_CHARS", 9)
    assert {len(chunk) for chunk in user_chunks(sessions)} == {1}


def test_a_sessions_mood_is_its_worst_and_its_fields_are_the_first_said() -> None:
    lines = lines_of([
        exchange(line=1, feedback="up", kept={"a": "1"}), exchange(line=2, feedback="down", kept={"a": "2", "b": "3"}),
    ])  # fmt: skip
    (session,) = sessions_of(map(from_line, lines))
    assert (session.feedback, session.metadata) == ("down", {"a": "1", "b": "3"})
