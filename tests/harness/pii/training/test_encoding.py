"""Labelled texts as numbers: which classes a word may be of, and that training sees of it what finding sees."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from harness.pii.tagger.network import CLASSES
from harness.pii.tagger.words import TABLE_ROWS, Lexicon, Pieces, features_of, hashed, piece_inputs
from harness.pii.training.corpus import Labelled
from harness.pii.training.encoding import Encoded, Encoder

VOCABULARY = ("ask", "zo", "##e", "ulm")
PERSON = CLASSES.index("PERSON")


@cache
def vectors() -> Any:
    """Return a vector for each piece."""
    return np.random.default_rng(3).standard_normal((len(VOCABULARY), 5)).astype(np.float32)


def new_encoder() -> Encoder:
    """Return an encoder that has seen no word."""
    names = {kind: np.array([hashed("zoe")], np.uint32) for kind in ("given", "surname", "place")}
    return Encoder(
        Lexicon(names, np.array([hashed("ask")], np.uint32), np.array([8], np.uint8)), Pieces(VOCABULARY), vectors()
    )


def classes(encoded: Encoded) -> list[set[str]]:
    """Return the classes that each token may be of."""
    return [{name for number, name in enumerate(CLASSES) if mask >> number & 1} for mask in encoded.allowed]


def test_a_labelled_word_is_of_its_class_and_any_other_of_none() -> None:
    row = Labelled("ask Zoe now", ((4, 7, "PERSON"),))
    assert classes(new_encoder().encode(row)) == [{"O"}, {"PERSON"}, {"O"}]


def test_all_words_of_a_value_are_labelled_also_where_the_value_cuts_one() -> None:
    row = Labelled("at 12 Elm Rd, Ulm", ((3, 12, "LOCATION"), (14, 16, "GPE")))
    assert classes(new_encoder().encode(row)) == [{"O"}, {"LOCATION"}, {"LOCATION"}, {"LOCATION"}, {"O"}, {"GPE"}]


def test_where_only_people_were_marked_a_word_may_also_be_what_nobody_marked() -> None:
    row = Labelled("ask Zoe", ((4, 7, "PERSON"),), frozenset({"PERSON"}))
    other, name = classes(new_encoder().encode(row))
    assert name == {"PERSON"}
    assert {"O", "GPE", "LOCATION", "ORGANIZATION", "DATE_TIME", "PHONE_NUMBER"} <= other
    # Numbers, links and mail have patterns of their own; letting them pass would let the network call anything one.
    assert not {"PERSON", "ID", "URL", "EMAIL_ADDRESS"} & other


def test_a_marked_postcode_means_that_addresses_were_marked() -> None:
    row = Labelled("ask", (), frozenset({"ZIP_CODE"}))
    assert "LOCATION" not in classes(new_encoder().encode(row))[0]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("ZIP_CODE", {"LOCATION"}),
        ("CREDIT_CARD", {"ID"}),
        ("IBAN_CODE", {"ID"}),
        ("US_SSN", {"ID"}),
        ("DATE_OF_BIRTH", {"DATE_OF_BIRTH"}),
        ("TITLE", set()),
        ("IGNORED", set()),
        ("SOMETHING_ELSE", set()),
    ],
)
def test_types_of_other_sets_become_classes_or_do_not_count(kind: str, expected: set[str]) -> None:
    assert classes(new_encoder().encode(Labelled("Zoe", ((0, 3, kind),)))) == [expected]


def test_a_word_has_one_number_however_often_it_occurs() -> None:
    encoder = new_encoder()
    first, second = encoder.encode(Labelled("ask Zoe ask", ())), encoder.encode(Labelled("Zoe", ()))
    assert first.words == (0, 1, 0)
    assert second.words == (1,)
    assert len(encoder.features) == len(encoder.inputs) == 2


def test_a_step_sees_of_each_word_what_finding_sees() -> None:
    encoder, table = new_encoder(), np.random.default_rng(5).standard_normal((TABLE_ROWS, 3)).astype(np.float32)
    rows = [encoder.encode(Labelled(text, ())) for text in ("ask Zoe, ask!", "Ulm 1984 Zoe")]
    inputs = encoder.step_inputs(rows, np.random.default_rng(1), forget=False)
    forms = ["ask", "Zoe", ",", "ask", "!", "Ulm", "1984", "Zoe"]
    summed = np.asarray(inputs.features @ table[inputs.rows])[inputs.batch.words]
    for form, vector, pieces in zip(forms, summed, inputs.pieces[inputs.batch.words], strict=True):
        features = [row for group in features_of(form, encoder.lexicon) for row in group]
        assert np.allclose(vector, table[features].sum(axis=0), atol=1e-5)
        assert np.array_equal(pieces, piece_inputs(form, Pieces(VOCABULARY), vectors()))
    assert inputs.batch.texts.tolist() == [0, 0, 0, 0, 0, 1, 1, 1]
    assert np.all(np.diff(inputs.rows) > 0)


def test_a_step_counts_only_what_was_labelled() -> None:
    encoder = new_encoder()
    rows = [encoder.encode(Labelled("Mr Zoe", ((0, 2, "TITLE"), (3, 6, "PERSON"))))]
    inputs = encoder.step_inputs(rows, np.random.default_rng(1))
    assert inputs.weight.tolist() == [0, 1]
    assert inputs.allowed[0].sum() == 0
    assert np.flatnonzero(inputs.allowed[1]).tolist() == [PERSON]


def test_what_is_hidden_from_a_step_follows_from_the_dice_and_never_adds() -> None:
    encoder = new_encoder()
    rows = [encoder.encode(Labelled(" ".join(f"word{chr(97 + n)} zoe" for n in range(20)), ()))]
    whole = encoder.step_inputs(rows, np.random.default_rng(1), forget=False)
    some, again = (encoder.step_inputs(rows, np.random.default_rng(2)) for _ in range(2))
    assert some.features.sum() == again.features.sum() < whole.features.sum()
    assert np.array_equal(some.pieces, again.pieces)
    assert set(some.rows) <= set(whole.rows)


def test_each_kind_of_knowledge_is_hidden_now_and_then() -> None:
    encoder = new_encoder()
    rows = [encoder.encode(Labelled("zoe", ()))]
    itself, lists, written = encoder.features[0]
    steps = [encoder.step_inputs(rows, np.random.default_rng(seed)) for seed in range(60)]
    assert {itself[0] in step.rows for step in steps} == {True, False}
    assert {set(lists) <= set(step.rows) for step in steps} == {True, False}
    assert {bool(step.pieces.any()) for step in steps} == {True, False}
    assert all(set(written) <= set(step.rows) for step in steps)
