"""Values that too few users share do not survive; those that enough share do."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import extract.publishing.rarity
from extract.publishing.rarity import ValueCounts

VALUES = st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["x", "y", "z" * 80]), max_size=2)


def row(user: str, metadata: dict[str, str], traits: dict[str, str], feedback: str | None) -> dict[str, Any]:
    """Return a session's fields."""
    return {"user_key": user, "metadata": metadata, "traits": traits, "feedback": feedback}


ROWS = st.lists(
    st.builds(row, st.sampled_from("abcdefg"), VALUES, VALUES, st.sampled_from(["up", "down", None])), max_size=30
)


def without_rare(rows: list[dict[str, Any]], k: int) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the rows without rare values, and what was left out."""
    counts = ValueCounts()
    for each in rows:
        counts.add(each)
    shared = counts.shared(k)
    done = [shared.without_rare({**each}) for each in rows]
    return done, dict(shared.suppressed)


@given(ROWS, st.integers(2, 4))
def test_exactly_the_values_of_k_users_survive(rows: list[dict[str, Any]], k: int) -> None:
    rows.sort(key=lambda each: str(each["user_key"]))
    users: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for each in rows:
        for group in ("metadata", "traits"):
            for name, value in each[group].items():
                users[group, name, value].add(each["user_key"])
        users["feedback", "", each["feedback"]].add(each["user_key"])
    done, suppressed = without_rare(rows, k)
    for before, after in zip(rows, done, strict=True):
        for group in ("metadata", "traits"):
            assert after[group] == {n: v for n, v in before[group].items() if len(users[group, n, v]) >= k}
        mood = before["feedback"]
        assert after["feedback"] == (mood if mood and len(users["feedback", "", mood]) >= k else None)
    lost = sum(len(r["metadata"]) + len(r["traits"]) + (r["feedback"] is not None) for r in rows)
    left = sum(len(r["metadata"]) + len(r["traits"]) + (r["feedback"] is not None) for r in done)
    assert sum(suppressed.values()) == lost - left


def test_a_value_that_one_user_repeats_is_still_rare() -> None:
    done, suppressed = without_rare([row("a", {"page": "mine"}, {}, None)] * 9, 2)
    assert {tuple(each["metadata"]) for each in done} == {()}
    assert suppressed == {"metadata.page": 9}


def words_of(n: int) -> str:
    """Return a value of its own that is no code."""
    return "".join("abcdefghij"[int(digit)] for digit in str(n))


@pytest.mark.parametrize("most", [10, 1000])
def test_ids_of_records_survive_and_a_value_for_everybody_does_not(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Neither with few values nor with more than are counted: memory is bounded by the fields, not by the rows."""
    monkeypatch.setattr(extract.publishing.rarity, "MOST_VALUES", most)
    rows = [
        row(f"{n:03}", {"request": f"r-{n}", "channel": "web", "mood": words_of(n)}, {"code": f"t{n}"}, None)
        for n in range(50)
    ]
    done, suppressed = without_rare(rows, 2)
    assert [each["metadata"] for each in done] == [{"request": f"r-{n}", "channel": "web"} for n in range(50)]
    assert {tuple(each["traits"]) for each in done} == {()}
    assert suppressed == {"metadata.mood": 50, "traits.code": 50}
