"""Counting who wrote what."""

from personas.corpus import Corpus
from tests.personas.logs import said_by, session_of


def test_a_word_of_fewer_than_k_users_is_masked_in_an_example() -> None:
    corpus = Corpus([*said_by("please renew my loan", 5), session_of("zanzibar", user="user-9")], min_users=5)
    assert corpus.masked("Please renew zanzibar, 4711!") == "Please renew <RARE>, <RARE>!"


def test_users_are_counted_not_messages() -> None:
    """One user who writes a word ten times is still one user."""
    corpus = Corpus([session_of(*["my aardvark is lost"] * 10)], min_users=2)
    assert not corpus.is_common("aardvark")


def test_placeholders_of_the_sanitizer_stay_in_an_example() -> None:
    corpus = Corpus(said_by("hello it is me", 5), min_users=5)
    assert corpus.masked("hello it is <PERSON_1>") == "hello it is <PERSON_1>"


def test_sessions_without_a_word_of_the_user_are_left_out() -> None:
    corpus = Corpus([session_of("  "), session_of("hello")], min_users=2)
    assert len(corpus.sessions) == 1
    assert corpus.users == 1
