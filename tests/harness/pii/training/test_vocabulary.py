"""Ordinary words are nobody's names, and numbers nobody's addresses."""

import random

import pytest

from harness.pii.training.pools import census, regions
from harness.pii.training.vocabulary import (
    code,
    currencies,
    foreign,
    foreign_words,
    frequent_words,
    jobs,
    listed,
    menu,
    number,
    quantity,
    term,
    uncommon_words,
)

SEED = 5


def test_uncommon_words_are_no_names_and_not_among_the_frequent_ones() -> None:
    uncommon, rare = map(set, uncommon_words())
    names = {name.lower() for region in (*regions(), census()) for name in (*region.first, *region.last)}
    assert len(uncommon) > 10_000
    assert len(rare) > 10_000
    assert not uncommon & rare
    assert not (uncommon | rare) & (names | set(frequent_words()))


def test_frequent_words_hold_no_given_name() -> None:
    given = {name.lower() for region in (*regions(), census()) for name in region.first}
    assert not given & set(frequent_words())


def test_words_of_many_languages_are_in_latin_script_and_in_one_order() -> None:
    assert len(foreign_words()) > 10
    for words in foreign_words():
        assert list(words) == sorted(set(words))
        assert not any("\u0370" <= char <= "\u0fff" for word in words for char in word)


def test_callings_are_in_latin_script() -> None:
    assert len(jobs()) > 10
    assert not any("\u0370" <= char <= "\u0fff" for titles in jobs() for title in titles for char in title)


def test_currencies_have_names_and_codes() -> None:
    assert {"EUR", "Euro"} <= set(currencies())


@pytest.mark.parametrize("made", [term, menu, foreign, number, quantity, code])
def test_what_is_made_follows_from_the_dice_and_varies(made: object) -> None:
    assert callable(made)
    first, again = ([made(dice) for _ in range(50)] for dice in (random.Random(SEED), random.Random(SEED)))
    assert first == again
    assert len(set(first)) > 25
    assert all(text.strip() == text and text for text in first)


def test_what_stands_on_a_button_begins_with_a_capital() -> None:
    dice = random.Random(SEED)
    assert all(menu(dice)[0].isupper() for _ in range(50))


def test_a_quantity_ends_with_what_is_counted() -> None:
    dice = random.Random(SEED)
    assert all(quantity(dice).endswith(listed("units")) for _ in range(50))


def test_a_code_holds_letters_and_no_spelt_word() -> None:
    dice = random.Random(SEED)
    made = [code(dice) for _ in range(200)]
    assert all(any(char.isalpha() for char in text) for text in made)
    assert all(len(text) <= 16 for text in made)
