"""Templates with choices and slots."""

import random

import pytest

from personas.phrasebook import FRAGMENTS
from personas.templates import parse


def _all(text: str) -> set[str]:
    return {parse(text).fill(random.Random(i), lambda name: f"<{name}>") for i in range(200)}


def test_a_choice_stands_for_each_of_its_alternatives() -> None:
    assert _all("a [b|c [d|e]|] f") == {"a b f", "a c d f", "a c e f", "a  f"}


def test_slots_are_asked_for_by_name() -> None:
    assert _all("I want to {do}") == {"I want to <do>"}


def test_other_braces_are_text() -> None:
    assert _all('{"a": 1}') == {'{"a": 1}'}


@pytest.mark.parametrize("text", ["[a|b", "a]", "a|b", "[a|[b]"])
def test_brackets_that_do_not_match_are_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match=r"bracket|unbalanced"):
        parse(text)


@pytest.mark.parametrize("name", sorted(FRAGMENTS))
def test_every_fragment_can_be_read(name: str) -> None:
    assert parse(FRAGMENTS[name]).parts
