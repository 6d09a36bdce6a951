"""Mining phrases that can be put into sentences of our own."""

import pytest

from personas.corpus import Corpus
from personas.phrases import Phrase, mine
from tests.personas.logs import library_sessions, said_by, session_of


def _mined(*texts: str, users: int = 5) -> dict[str, Phrase]:
    sessions = [session for text in texts for session in said_by(text, users)]
    return {phrase.text: phrase for phrase in mine(Corpus(sessions, min_users=5))}


@pytest.mark.parametrize(
    ("text", "phrase", "kind"),
    [
        ("How do I renew my loan?", "renew my loan", "do"),
        ("could you please reserve a book for me", "reserve a book", "do"),
        ("I would like to quickly pay a late fee.", "pay a late fee", "do"),
        ("My library card is not working!", "my library card is not working", "issue"),
        ("I lost my library card", "I lost my library card", "issue"),
        ("what about the reading app?", "the reading app", "thing"),
    ],
)
def test_frames_tell_wishes_things_and_troubles_apart(text: str, phrase: str, kind: str) -> None:
    # The second line shows that the nouns are nouns: they follow an article or a possessive.
    found = _mined(text, "the loan, a book, the fee, my library card, the card, the app")
    assert found[phrase].kind == kind


def test_a_phrase_of_fewer_than_k_users_is_not_mined() -> None:
    assert "renew my loan" not in _mined("How do I renew my loan?", users=4)


def test_one_user_cannot_make_a_phrase_by_repeating_it() -> None:
    sessions = [session_of("How do I renew my loan?", session_id=f"s{i}") for i in range(50)]
    assert mine(Corpus(sessions, min_users=5)) == []


def test_names_numbers_and_placeholders_end_a_phrase() -> None:
    found = _mined(
        "I want to visit the branch in Oakham",
        "can I call <PERSON_1> today",
        "I want to pay 4711 now",
        "the branch is nice",
    )
    assert not any("oakham" in text.lower() or "<" in text or "4711" in text for text in found)


def test_a_phrase_points_at_nothing_outside_itself() -> None:
    found = _mined("How do I renew it?", "can you do that for me?", "I want to talk to them about this")
    assert not any(set(text.split()) & {"it", "that", "them", "this"} for text in found)


def test_abbreviations_keep_their_capitals() -> None:
    assert "change my PIN" in _mined("How do I change my PIN?", "my PIN is wrong")


def test_support_and_sessions_are_those_of_the_data() -> None:
    corpus = Corpus(library_sessions(200), min_users=5)
    for phrase in mine(corpus):
        users = {corpus.sessions[i].user_key for i in phrase.sessions}
        assert phrase.users == len(users) >= 5
