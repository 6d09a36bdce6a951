"""Words as the copy firewall compares them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.spelling import Vocabulary, read_words


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("ＧＲＥＥＮ atlas", "green atlas"),
        ("grееn аtlаs", "green atlas"),
        ("gr\u200been at\u00adlas", "green atlas"),
        ("gre\u0301en a\u0336tlas", "green atlas"),
        ("𝐠𝐫𝐞𝐞𝐧 atlas!", "green atlas"),
        ("don't", "dont"),
        ("12 Oaks", "7 oaks"),
        ("pls u", "please you"),
    ],
)
def test_disguises_are_read_as_what_they_show(disguised: str, plain: str) -> None:
    assert read_words(disguised) == read_words(plain)


def test_scripts_without_spaces_are_read_by_character() -> None:
    assert len(read_words("どうすれば")) == 5


LETTERS = "bcdfgjkmqvxz"
"""No word of these is an abbreviation or misheard."""


@given(st.text(LETTERS, min_size=5, max_size=10), st.data())
def test_a_word_with_one_slip_is_found_again(word: str, data: st.DataObject) -> None:
    known = Vocabulary()
    number = known.learned(word)
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    slips = [
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
    ]
    if place + 1 < len(word):
        slips.append(word[:place] + word[place + 1] + word[place] + word[place + 2 :])
    assert all(known.read(slip) == number for slip in slips)


def test_an_unknown_word_is_none_of_the_known_ones() -> None:
    known = Vocabulary()
    numbers = known.learned("green atlas")
    assert not set(known.read("purple dictionary")) & set(numbers)
