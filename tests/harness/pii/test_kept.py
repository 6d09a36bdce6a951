"""Words that are kept are no person and no place, and nothing else is let through by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pii import PiiSpan
from harness.pii.kept import KeptWords

KEPT = KeptWords(["Larkfield", "Aria", "Larkfield Everyday Saver", "Café Soleil"])


def left(text: str, *, entity: str = "PERSON", score: float = 0.9) -> bool:
    span = PiiSpan(start=0, end=len(text), entity=entity, score=score)
    return KEPT.without(text, [span]) == [span]


@pytest.mark.parametrize(
    "value",
    [
        "Larkfield",
        "LARKFIELD",
        "larkfield's",
        "Larkfield’s",
        "Aria, Larkfield",
        "Larkfield Everyday-Saver",
        "cafe soleil",
    ],
)
@pytest.mark.parametrize("entity", ["PERSON", "LOCATION"])
def test_kept_words_and_phrases_are_neither_person_nor_place(value: str, entity: str) -> None:
    assert not left(value, entity=entity)


@pytest.mark.parametrize(
    "value", ["Aria Thompson", "12 Larkfield Road", "Everyday Saver", "Ariana", "Everyday", "s", "-"]
)
def test_a_value_of_which_only_a_part_is_kept_stays_personal(value: str) -> None:
    assert left(value)
    assert left(value, entity="LOCATION")


def test_what_is_certain_is_never_kept() -> None:
    """Values of a profile come with this score."""
    assert left("Aria", score=1.0)


@pytest.mark.parametrize("entity", ["EMAIL_ADDRESS", "CREDIT_CARD", "ID", "PASSWORD"])
def test_other_kinds_of_values_are_never_kept(entity: str) -> None:
    assert left("Aria", entity=entity)


def test_nothing_is_kept_where_no_words_are_named() -> None:
    span = PiiSpan(start=0, end=4, entity="PERSON", score=0.5)
    assert KeptWords(["", " - "]).without("Aria", [span]) == [span]


@given(st.lists(st.text(max_size=8), max_size=5), st.text(max_size=30))
def test_a_value_is_kept_only_if_each_of_its_words_is_in_a_phrase(phrases: list[str], value: str) -> None:
    """Whatever the words are, dropping a span never drops a word that nobody named."""
    span = PiiSpan(start=0, end=len(value), entity="PERSON", score=0.5)
    named = {word for phrase in phrases for word in _words(phrase)} | {"s"}
    if not KeptWords(phrases).without(value, [span]):
        assert set(_words(value)) <= named


def _words(text: str) -> list[str]:
    from harness.pii.known.folding import TOKEN, fold

    return TOKEN.findall(fold(text))


BANK = KeptWords(["Larkfield"], ordinary=("cards", "branches", "short", "fields"))


def names_left(text: str, value: str, *, entity: str = "PERSON", score: float = 0.8) -> bool:
    """Return whether a tagger's name is left where it stands last in a text."""
    start = text.rindex(value)
    span = PiiSpan(start=start, end=start + len(value), entity=entity, score=score)
    return BANK.without_ordinary(text, [span]) == [span]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Cards are sent by post", "Cards"),
        ("It is closed. Branches open at nine.", "Branches"),
        ("block it under Cards and then Freeze", "Cards"),
        ("Larkfield branches are closed", "Larkfield branches"),
        ("WHERE ARE YOUR CARDS", "CARDS"),
        ("Hello Anna, Branches are closed", "Branches"),
        ("i need two cards", "cards"),
    ],
)
def test_ordinary_words_of_the_log_are_no_names(text: str, value: str) -> None:
    assert not names_left(text, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("hi, i'm fields", "fields"),
        ("my name is Fields", "Fields"),
        ("Dr. Fields", "Fields"),
        ("Best regards,\nFields", "Fields"),
        ("I talked to my agent fields", "fields"),
        ("ask fields about it", "fields"),
        ("I met with Fields on Monday", "Fields"),
        ("I want Fields to call", "Fields"),
        ("Fields here, call me", "Fields"),
        ("Cards Larkfields", "Cards Larkfields"),
        ("Anna Fields", "Anna Fields"),
    ],
)
def test_an_ordinary_word_that_stands_as_a_name_is_one(text: str, value: str) -> None:
    assert names_left(text, value)


def test_ordinary_words_let_nothing_stand_but_a_taggers_unsure_names() -> None:
    assert names_left("Cards are free", "Cards", score=0.96)
    assert names_left("Cards are free", "Cards", entity="LOCATION")
    span = PiiSpan(start=0, end=5, entity="PERSON", score=0.8)
    assert BANK.without("Cards are free", [span]) == [span]
    assert KEPT.without_ordinary("Aria", [span]) == [span]
