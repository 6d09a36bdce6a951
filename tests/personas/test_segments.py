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
from personas.lexicon import word_set
from personas.naming import Label, labels_of, typical_phrases
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


_ABROAD = {
    "it": ("Vorrei bloccare la carta di credito", "Come faccio a bloccare la carta di credito?", "Non riesco a cambiare la password", "Ho dimenticato la password, aiuto"),
    "pt": ("Preciso bloquear o cartão de crédito", "Como faço para bloquear o cartão de crédito?", "Não consigo mudar a senha", "Esqueci a senha do aplicativo"),
    "nl": ("Ik wil mijn creditcard blokkeren", "Hoe kan ik mijn creditcard blokkeren?", "Mijn wachtwoord werkt niet meer", "Ik ben mijn wachtwoord vergeten"),
    "de": ("Ich möchte meine Karte sperren", "Wie kann ich meine Karte sperren?", "Mein Passwort geht nicht mehr", "Ich habe mein Passwort vergessen"),
    "ru": ("Хочу заблокировать карту банка", "Как заблокировать карту банка?", "Не могу сменить пароль", "Я забыл пароль, помогите"),
}  # fmt: skip
_TOPICS = word_set("carta credito password cartão crédito senha creditcard wachtwoord karte passwort карту пароль")


@pytest.mark.parametrize("language", sorted(_ABROAD))
def test_a_segment_in_another_language_is_named_in_its_own_words(language: str) -> None:
    """By phrases of at least k users of it, beside an English segment that keeps its own name."""
    abroad = [
        session_of(_ABROAD[language][n % 4], user=f"{language}-{n}", session_id=f"{language}-{n}") for n in range(80)
    ]
    rare = [session_of(_ABROAD[language][0] + " zeppelin", user=f"z-{n}", session_id=f"z-{n}") for n in range(4)]
    corpus = Corpus([*said_by("How do I renew my loan?", 60), *abroad, *rare], min_users=5)
    found = _segmented(corpus)
    own = [part for part in found.segments if part.languages.most_common(1)[0][0] == language]
    english = [part for part in found.segments if part not in own]
    assert own
    assert english
    for part in own:
        said = " ".join(turn.text for i in part.members for turn in corpus.sessions[i].turns).lower()
        assert "mixed" not in part.label
        assert "zeppelin" not in part.label
        assert all(phrase.lower() in said for phrase in part.label.split(", "))
        assert _TOPICS & set(part.label.replace(",", "").lower().split())
    assert all("loan" in part.label for part in english)
    assert len({part.label for part in found.segments}) == len(found.segments)


def test_a_name_that_users_of_another_language_share_becomes_no_label() -> None:
    from harness.pii.detector import detector

    said = [
        session_of("Vorrei scrivere a help.desk@mailbox.org adesso", user=f"u-{n}", session_id=f"s-{n}")
        for n in range(60)
    ]
    corpus = Corpus(said, min_users=5)
    found = segment(corpus, [], wanted=2, seed=7, personal=detector("strict"))
    assert "mailbox" not in found.segments[0].label
    assert "scrivere" in found.segments[0].label


def _labels(*groups: Sequence[str], typical_of: Sequence[str] = ()) -> list[Label]:
    """Return the labels of groups of sessions of one message each; ``typical_of`` are phrases that k users wrote."""
    said = [text for group in groups for text in group]
    corpus = Corpus([session_of(text, user=f"u{n}", session_id=f"s{n}") for n, text in enumerate(said)], min_users=5)
    ends = np.cumsum([len(group) for group in groups])
    places = [list(range(end - len(group), end)) for end, group in zip(ends.tolist(), groups, strict=True)]
    homes = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    return labels_of(typical_phrases(mine(corpus), homes, len(groups)), ["en"] * len(groups), places, corpus)


def test_a_wish_of_few_of_its_sessions_names_no_segment() -> None:
    """Six of a hundred want to change their name; what most talk about names the segment all the same."""
    rate = ["what is the rate?", "I saw the rate.", "what about rates"] * 20
    rare = ["I want to change my name"] * 6
    other = [f"{text} {number}" for number in range(9) for text in ("my parcel", "nothing", "hello", "yes")]
    first, second = _labels([*rate, *rare, *other], ["I want to book a room"] * 60)
    assert (first.text, second.text) == ("rate", "book a room")
    assert first.share == pytest.approx(60 / 102)
    assert second.share == 1.0


def test_a_segment_in_which_no_phrase_covers_enough_is_mixed() -> None:
    wishes = (
        "renew my loan",
        "pay the fee",
        "print a page",
        "find a group",
        "freeze my card",
        "buy a stamp",
        "order ink",
    )
    first, second = _labels(
        [f"I want to {wish}" for wish in wishes for _ in range(6)] + ["well"] * 40, ["I want to book a room"] * 60
    )
    assert (first.text, first.share) == ("mixed requests", 0.0)
    assert second.text == "book a room"
