"""Segments and the floor of k users."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.errors import SafetyError, UsageError
from personas.corpus import Corpus
from personas.embedding import Vectors
from personas.phrases import mine
from personas.segments import Segmentation, floored, segment
from tests.personas.logs import library_sessions, said_by, session_of


def _segmented(corpus: Corpus, wanted: int = 6) -> Segmentation:
    return segment(corpus, mine(corpus), wanted=wanted, seed=7)


def test_every_segment_has_at_least_k_users_and_shares_add_up() -> None:
    corpus = Corpus(library_sessions(300), min_users=5)
    found = _segmented(corpus)
    assert 1 < len(found.segments) <= 6
    assert all(part.users >= 5 for part in found.segments)
    assert sum(part.share for part in found.segments) == pytest.approx(1.0)
    assert sorted(i for part in found.segments for i in part.members) == list(range(300))


def test_the_same_sessions_give_the_same_segments() -> None:
    first, second = (_segmented(Corpus(library_sessions(200), min_users=5)) for _ in range(2))
    assert first.segments == second.segments


def test_a_segment_of_too_few_users_is_not_kept() -> None:
    """Three users who all ask for something else end in another segment or in none, and are counted."""
    odd = [
        session_of("quantum flux capacitor overhaul procedure", user=f"odd-{i}", session_id=f"odd-{i}")
        for i in range(3)
    ]
    corpus = Corpus([*library_sessions(200), *odd], min_users=5)
    found = segment(corpus, mine(corpus), wanted=12, seed=7)
    assert all(part.users >= 5 for part in found.segments)
    kept = {corpus.sessions[i].user_key for part in found.segments for i in part.members}
    assert found.dropped_users == corpus.users - len(kept)


def test_fewer_users_than_k_are_refused_with_both_numbers() -> None:
    corpus = Corpus(library_sessions(40, users=3), min_users=5)
    with pytest.raises(SafetyError, match=r"3 distinct users in 40 sessions.*at least 5"):
        _segmented(corpus)


def test_a_dataset_without_user_messages_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no session in which a user said anything"):
        _segmented(Corpus([], min_users=5))


def test_identical_sessions_make_one_segment() -> None:
    found = _segmented(Corpus(said_by("How do I renew my loan?", 60), min_users=5))
    assert [len(part.members) for part in found.segments] == [60]


def test_the_label_is_made_of_phrases_of_k_users_only() -> None:
    corpus = Corpus(library_sessions(200), min_users=5)
    known = {phrase.bare for phrase in mine(corpus)}
    labels = [part.label for part in _segmented(corpus).segments]
    assert all(set(label.split(", ")) <= known for label in labels)
    assert len(set(labels)) == len(labels)


def test_a_label_names_what_a_segments_users_talk_about() -> None:
    corpus = Corpus([*said_by("How do I renew my loan?", 30), *said_by("I want to pay a late fee.", 40)], min_users=5)
    for part in _segmented(corpus, wanted=2).segments:
        said = corpus.sessions[part.members[0]].turns[0].text
        assert set(part.label.split(", ")[0].split()) <= set(said.strip("?.").split())


def test_the_number_of_segments_is_chosen_by_the_sessions() -> None:
    """Four wishes, each in several frames, stay four segments however many are allowed."""
    wishes = ("renew my library loan", "pay the late fee", "book a study room", "print some colour documents")
    frames = ("How do I {}?", "I want to {}.", "can I {} please", "Hello, where could I {}?")
    sessions = [
        session_of(frame.format(wish), user=f"u{n}-{frame}-{wish}", session_id=f"{n}-{frame}-{wish}")
        for wish in wishes
        for frame in frames
        for n in range(15)
    ]
    corpus = Corpus(sessions, min_users=5)
    found = segment(corpus, mine(corpus), wanted=12, seed=7)
    assert len(found.segments) == 4
    assert found.ceiling == 12


@given(
    homes=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12)), min_size=12, max_size=60),
    seed=st.integers(0, 100),
)
@settings(max_examples=60, deadline=None)
def test_no_group_that_is_kept_has_fewer_than_k_users(homes: list[tuple[int, int]], seed: int) -> None:
    """Whoever is in which group, and wherever the groups lie; every session is accounted for."""
    sessions = [session_of("hello", user=f"u{user}", session_id=f"s{i}") for i, (_, user) in enumerate(homes)]
    corpus = Corpus(sessions, min_users=3)
    assume(corpus.users >= 3)
    points = np.random.default_rng(seed).normal(size=(len(homes), 4))
    groups = [g for n in range(6) if (g := [i for i, (home, _) in enumerate(homes) if home == n])]
    kept, merged, dropped = floored(groups, points, corpus)
    assert kept
    assert all(len({sessions[i].user_key for i in group}) >= 3 for group in kept)
    assert all(len({sessions[i].user_key for i in group}) < 3 for group in [*merged, *dropped])
    assert sorted(i for group in [*kept, *dropped] for i in group) == list(range(len(homes)))


def test_a_group_below_k_joins_a_similar_one_and_is_dropped_where_there_is_none() -> None:
    points = np.array([[1.0, 0.0]] * 6 + [[0.9, 0.1]] * 2 + [[-1.0, 0.0]])
    users = ["a", "b", "c", "a", "b", "c", "a", "d", "e"]
    corpus = Corpus([session_of("hi", user=u, session_id=str(i)) for i, u in enumerate(users)], min_users=3)
    kept, merged, dropped = floored([[0, 1, 2, 3, 4, 5], [6, 7], [8]], points, corpus)
    assert (kept, merged, dropped) == ([[0, 1, 2, 3, 4, 5, 6, 7]], [[6, 7]], [[8]])


def test_a_model_may_say_what_sessions_are_about_and_sees_no_rare_word() -> None:
    odd = session_of("my zeppelin for <PERSON_1>", user="odd", session_id="odd")
    corpus = Corpus([*library_sessions(200), odd], min_users=5)
    seen: list[str] = []

    def two_kinds(texts: Sequence[str]) -> Vectors:
        seen.extend(texts)
        return np.array([[1.0, 0.0] if "loan" in text else [0.0, 1.0] for text in texts], dtype=np.float32)

    found = segment(corpus, mine(corpus), wanted=2, seed=7, embedder=two_kinds)
    assert len(seen) == len(corpus.sessions)
    assert not [text for text in seen if "zeppelin" in text or "<" in text]
    about_loans = {i for i, text in enumerate(seen) if "loan" in text}
    assert len(found.segments) == 2
    assert any(set(part.members) == about_loans for part in found.segments)


def test_days_of_the_week_are_told_only_of_logs_of_a_week() -> None:
    day = dt.date(2026, 3, 2)
    sessions = library_sessions(40)
    assert _segmented(Corpus(sessions, min_users=5)).segments[0].weekend is None
    spread = [s.model_copy(update={"started_on": day + dt.timedelta(days=n % 14)}) for n, s in enumerate(sessions)]
    assert _segmented(Corpus(spread, min_users=5), wanted=1).segments[0].weekend == pytest.approx(0.3, abs=0.1)
