"""Segments and the floor of k users."""

import numpy as np
import pytest

from harness.errors import SafetyError, UsageError
from personas.corpus import Corpus
from personas.phrases import mine
from personas.segments import Segmentation, segment, spread_examples
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
    assert all(set(part.label.split(", ")) <= known for part in _segmented(corpus).segments)


def test_examples_are_spread_over_the_segment() -> None:
    """The nearest to the centre comes first, then one from each far corner before any twin."""
    points = np.array([[1.0, 0.0], [1.0, 0.01], [0.0, 1.0], [-1.0, 0.0], [1.0, 0.02]])
    chosen = spread_examples(points, 3)
    assert len({tuple(points[i].round()) for i in chosen}) == 3


def test_examples_of_equal_points_do_not_repeat() -> None:
    assert spread_examples(np.ones((5, 2)), 3) == [0]
