"""Words, stems and sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.groundedness.language import plain, sentences, stem, words


def test_markup_accents_and_soft_hyphens_go() -> None:
    assert plain("Caf&eacute; d’Or con\xadtains") == "cafe d'or contains"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ferries", "ferry"),
        ("booking", "booked"),
        ("changes", "change"),
        ("tickets", "ticket"),
        ("two", "zwei"),
        ("closes", "closed"),
    ],
)
def test_forms_of_a_word_share_their_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_short_words_keep_their_letters() -> None:
    assert (stem("bus"), stem("glass"), stem("dogs")) == ("bus", "glass", "dog")


def test_a_possessive_does_not_change_a_name() -> None:
    assert words("the captain's table") == ["the", "captain", "s", "table"]


def test_abbreviations_and_decimals_do_not_end_a_sentence() -> None:
    assert sentences("It costs 7.50 euros. Check-in is at 9 a.m.sharp! Really?") == [
        "It costs 7.50 euros.",
        "Check-in is at 9 a.m.sharp!",
        "Really?",
    ]


@given(text=st.text(max_size=200))
def test_sentences_stand_in_the_text_in_order(text: str) -> None:
    place = 0
    for sentence in sentences(text):
        place = text.find(sentence, place)
        assert place >= 0
        place += len(sentence)
