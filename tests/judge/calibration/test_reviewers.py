"""How far several people agree on the same answers."""

from judge.calibration.labelling import settled
from judge.calibration.reviewers import conflicts, pairs
from tests.judge.calibration.records import item, label

ITEMS = [item(number, passed=True) for number in range(10)]


def test_two_people_agree_by_cohens_kappa() -> None:
    """Of ten answers they agree on eight; chance alone explains half: (0.8 - 0.5) / (1 - 0.5)."""
    ada = [label(one, "bad" if n < 5 else "good") for n, one in enumerate(ITEMS)]
    ben = [label(one, "bad" if n in {0, 1, 2, 3, 9} else "good", by="ben") for n, one in enumerate(ITEMS)]
    (pair,) = pairs([*ada, *ben])
    assert (pair.first, pair.second, pair.answers, pair.agreed) == ("ada", "ben", 10, 8)
    assert pair.kappa is not None
    assert round(pair.kappa, 6) == 0.6


def test_kappa_is_unknown_where_both_always_say_the_same_word() -> None:
    (pair,) = pairs([label(one, "good", by=by) for one in ITEMS for by in ("ada", "ben")])
    assert (pair.agreed, pair.kappa) == (10, None)


def test_a_person_who_is_unsure_contradicts_nobody() -> None:
    labels = [label(ITEMS[0], "bad"), label(ITEMS[0], "unsure", by="ben")]
    assert pairs(labels) == []
    assert conflicts(labels) == []


def test_a_conflict_names_who_says_what_and_what_counts() -> None:
    """A tie is unsure; a third person decides; who comes round to the other's view contradicts nobody."""
    tie = [label(ITEMS[0], "bad"), label(ITEMS[0], "good", by="ben")]
    (found,) = conflicts(tie)
    assert (found.said, found.settled) == ({"ada": "bad", "ben": "good"}, "unsure")
    decided = [*tie, label(ITEMS[0], "bad", by="eve")]
    (found,) = conflicts(decided)
    assert found.settled == "bad" == settled(decided)[ITEMS[0].review_id, None]
    assert conflicts([*tie, label(ITEMS[0], "bad", by="ben", at="2026-06-01T00:00:00Z")]) == []


def test_criteria_are_answers_of_their_own() -> None:
    labels = [label(ITEMS[0], "bad", criterion="refusal"), label(ITEMS[0], "good", by="ben")]
    assert conflicts(labels) == []
