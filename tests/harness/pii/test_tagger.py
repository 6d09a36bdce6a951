"""The tagger: which words of chat it takes for names and addresses, and what it never does whatever the text."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.pii.interface import PiiSpan
from harness.pii.tagger import tagging
from harness.pii.tagger.model import shipped_model
from harness.pii.tagger.network import CLASSES, Batch, Floats, class_probabilities
from harness.pii.tagger.tagging import Tagger, Thresholds, shipped_tagger
from harness.pii.tagger.words import words_of

TALK = (
    "hi, my name is Priya Raghunathan",
    "i live at 14 lark rise, stoke",
    "when do you open on sundays?",
    "ship it to\n14 Lark Rise\nStoke\nST4 2PB",
    "The refund of $120 is late",
    "Okonkwo-Reyes",
    "",
    "   ",
    "thanks, Tobias!",
    "can I pay in 3 instalments",
)
ODD = st.text(st.characters(codec="utf-8"), max_size=120) | st.text(
    st.sampled_from("Anna Berg 12 Elm Street, flat corner of via & Mr. Dr aunt O'Neil's \n\t$€5-#/–’ßİŉ"), max_size=80
)
BEFORE = (
    "corner",
    "of",
    "5th",
    "9",
    "Elm",
    "Street",
    "flat",
    "7",
    "via",
    "Roma",
    "Mr",
    ".",
    "aunt",
    "Kim",
    "$",
    "40",
    ",",
)


def new_tagger() -> Tagger:
    """Return a tagger that remembers nothing yet."""
    model = shipped_model()
    return Tagger(model, Thresholds(**model.facts["thresholds"]))


def found(text: str) -> list[tuple[str, str]]:
    """Return what the shipped tagger finds: the words and what they are."""
    return [(text[span.start : span.end], span.entity) for span in shipped_tagger().find([text])[0]]


def places(spans: Sequence[Sequence[PiiSpan]]) -> list[list[tuple[int, int, str]]]:
    """Return spans without their scores."""
    return [[(span.start, span.end, span.entity) for span in row] for row in spans]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hi, my name is Priya Raghunathan", "Priya Raghunathan"),
        ("hi, my name is priya raghunathan", "priya raghunathan"),
        ("HI, MY NAME IS PRIYA RAGHUNATHAN", "PRIYA RAGHUNATHAN"),
        ("Priya Raghunathan", "Priya Raghunathan"),
        ("raghunathan priya", "raghunathan priya"),
        ("Raghunathan, Priya", "Raghunathan, Priya"),
        ("Raghunathan", "Raghunathan"),
        ("Dr. Raghunathan will see you at nine", "Dr. Raghunathan"),
        ("can aunt Bettina collect it", "aunt Bettina"),
        ("Priya's card was stolen", "Priya"),
        ("Priya’s card was stolen", "Priya"),
        ("Mrs Tollgate-Winterbourne's parcel", "Mrs Tollgate-Winterbourne"),
        ("it's for o'brien", "o'brien"),
        ("my name is jhon smtih", "jhon smtih"),
        ("surname: Ng", "Ng"),
    ],
)
def test_a_name_is_found_however_it_is_given(text: str, name: str) -> None:
    assert found(text) == [(name, "PERSON")]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("i live at 14 Lark Rise, Stoke", "14 Lark Rise, Stoke"),
        ("i live at 14 lark rise, stoke", "14 lark rise, stoke"),
        ("I LIVE AT 14 LARK RISE", "14 LARK RISE"),
        ("221b Tollgate Street", "221b Tollgate Street"),
        ("Calle Mayor 5, 3º B, Madrid", "Calle Mayor 5, 3º B, Madrid"),
        ("ul. Długa 4/7, Kraków", "ul. Długa 4/7, Kraków"),
        ("12, rue de la Paix 75002 Paris", "12, rue de la Paix 75002 Paris"),
    ],
)
def test_an_address_is_found_however_it_is_written(text: str, address: str) -> None:
    assert found(text) == [(address, "LOCATION")]


def test_an_address_over_several_lines_leaves_nothing_of_itself() -> None:
    text = "ship it to\n14 Lark Rise\nStoke\nST4 2PB\nthanks"
    left = text
    for value, entity in found(text):
        assert entity == "LOCATION"
        left = left.replace(value, "")
    assert not {"14", "Lark", "Rise", "ST4", "2PB"} & set(left.split())
    assert {"ship", "it", "to", "thanks"} <= set(left.split())


def test_two_people_joined_by_and_are_both_found() -> None:
    covered = " ".join(value for value, _ in found("a table for Bettina and Okonkwo please"))
    assert "Bettina" in covered
    assert "Okonkwo" in covered


@pytest.mark.parametrize(
    "text",
    [
        "when do you open on sundays?",
        "bill me later, will you",
        "hope you are well",
        "mark my words",
        "chase the payment please",
        "my order of a main course arrived cold",
        "I live in Springfield",
        "Reset it, wait 30 seconds, then try again.",
        "it's 4",
        "thanks!!",
    ],
)
def test_ordinary_chat_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", ["Ralph Lauren", "john deere", "DR PEPPER", "Jean Paul Gaultier"])
def test_brands_that_bear_a_name_stay_however_eager_the_tagger(text: str) -> None:
    assert eager_tagger().find([text]) == [[]]


@pytest.mark.parametrize("amount", ["$120", "£ 45", "€1,250", "₹500"])
def test_amounts_stay_beside_names(amount: str) -> None:
    text = f"pay {amount} to Priya Raghunathan"
    assert found(text) == [("Priya Raghunathan", "PERSON")]


@pytest.mark.parametrize("measure", ["1080p", "256GB", "45%", "30km", "2200mm"])
def test_digits_with_their_unit_stay_however_eager_the_tagger(measure: str) -> None:
    text = f"take {measure} from it"
    digits = measure.rstrip("pGBkm%")
    assert not any(digits in text[span.start : span.end] for span in eager_tagger().find([text])[0])


def test_the_company_of_other_texts_changes_nothing() -> None:
    alone = [new_tagger().find([text])[0] for text in TALK]
    order = random.Random(5).sample(range(len(TALK)), len(TALK))
    together = new_tagger().find([TALK[number] for number in order])
    assert places(together) == places([alone[number] for number in order])
    for row, number in zip(together, order, strict=True):
        # Matrix products of other shapes round otherwise, in the seventh digit.
        assert [s.score for s in row] == pytest.approx([s.score for s in alone[number]], abs=1e-4)


def test_what_was_asked_before_changes_nothing() -> None:
    tagger = new_tagger()
    first = tagger.find(TALK)
    tagger.find(["Some other words altogether, by Wilhelmina Fernsby"])
    assert tagger.find(TALK) == first


def test_no_texts_and_empty_texts_give_nothing() -> None:
    assert shipped_tagger().find([]) == []
    assert shipped_tagger().find(["", " ", "\n"]) == [[], [], []]


@pytest.mark.parametrize(
    "text", ["room ①②③④", "x²²²²", "١٢٣٤", "½½½½", "\ud800 lone", "\x00\x1b[2J", "ß" * 50, "İ" * 50, "e\u0301" * 30]
)
def test_odd_characters_are_no_obstacle(text: str) -> None:
    assert_sound(text, shipped_tagger().find([text])[0])


def assert_sound(text: str, spans: Sequence[PiiSpan]) -> None:
    """Check what holds for the spans of any text."""
    end = 0
    for span in spans:
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        assert span.entity in {"PERSON", "LOCATION"}
        assert 0 < span.score < 1
        end = span.end


@settings(max_examples=60, deadline=None)
@given(st.lists(ODD, max_size=4))
def test_any_text_gives_ordered_spans_inside_it_that_begin_and_end_on_words(texts: list[str]) -> None:
    rows = shipped_tagger().find(texts)
    assert len(rows) == len(texts)
    for text, spans in zip(texts, rows, strict=True):
        assert_sound(text, spans)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(BEFORE), max_size=14))
def test_what_stands_before_an_address_or_a_name_is_never_taken_twice(words: list[str]) -> None:
    text = " ".join(words)
    assert_sound(text, eager_tagger().find([text])[0])


def eager_tagger() -> Tagger:
    """Return one that takes nearly everything for personal, so that spans touch each other."""
    return Tagger(shipped_model(), Thresholds(alone=0.002, beside=0.5))


def test_a_very_long_text_is_searched_to_its_end() -> None:
    filler = "the weather is fine and the queue is short. "
    text = filler * (200_000 // len(filler)) + "my name is Priya Raghunathan"
    spans = new_tagger().find([text])[0]
    assert_sound(text, spans)
    assert text[spans[-1].start : spans[-1].end] == "Priya Raghunathan"


def test_many_texts_are_looked_at_in_chunks_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def noted(weights: dict[str, Floats], vectors: Floats, batch: Batch) -> Floats:
        sizes.append(len(batch.words))
        return class_probabilities(weights, vectors, batch)

    whole = new_tagger().find(TALK * 3)
    monkeypatch.setattr(tagging, "class_probabilities", noted)
    monkeypatch.setattr(tagging, "_MOST_TOKENS", 40)
    assert places(new_tagger().find(TALK * 3)) == places(whole)
    assert len(sizes) > 3
    assert max(sizes) <= 40


def test_the_memory_of_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagging, "_MOST_WORDS", 50)
    monkeypatch.setattr(tagging, "_MOST_TOKENS", 40)
    tagger = new_tagger()
    dice = random.Random(3)
    texts = [f"hello {''.join(dice.choices('abcdefgh', k=6))} from Priya Raghunathan" for _ in range(120)]
    rows = tagger.find(texts)
    assert len(tagger._numbers) <= 50 + 40
    assert max(tagger._numbers.values()) < 50 + 40 <= tagging._FIRST_WORDS == len(tagger._vectors[0])
    assert all(text[row[-1].start : row[-1].end].endswith("Raghunathan") for text, row in zip(texts, rows, strict=True))


def test_more_words_than_there_is_room_for_at_first_keep_their_own_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagging, "_FIRST_WORDS", 2)
    assert places(new_tagger().find(TALK)) == places(shipped_tagger().find(TALK))


def test_lower_thresholds_find_no_less() -> None:
    model = shipped_model()
    strict, eager = Tagger(model, Thresholds(0.5, 0.2)), Tagger(model, Thresholds(0.02, 0.01))
    for text, few, many in zip(TALK, strict.find(TALK), eager.find(TALK), strict=True):
        covered = {place for span in many for place in range(span.start, span.end)}
        assert all(
            place in covered for span in few for place in range(span.start, span.end) if not text[place].isspace()
        )


def test_several_networks_are_averaged() -> None:
    """Two copies of a network think what one thinks."""
    model = shipped_model()
    first = type(model)(model.networks[:1], model.vocabulary, model.vectors, model.lexicon, model.facts)
    twice = type(model)(model.networks[:1] * 2, model.vocabulary, model.vectors, model.lexicon, model.facts)
    thresholds = Thresholds(0.1, 0.03)
    assert places(Tagger(first, thresholds).find(TALK)) == places(Tagger(twice, thresholds).find(TALK))


def test_probabilities_of_a_token_sum_to_one() -> None:
    tagger = new_tagger()
    chances = tagger._look([(text, words_of(text)) for text in TALK if text.strip()])
    assert chances.shape[1] == len(CLASSES)
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-4)
