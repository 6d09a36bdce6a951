"""Ways of typing: whatever they do to a text, its labels stay on their values."""

import random
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pii.training.noise import Span, Style

AS_IT_IS = Style("as it is", 0, accents=True, stops=True)
CASINGS = ("as it is", "lower", "upper", "values lower", "rest lower", "title")
WORDS = st.text(st.sampled_from("abkzAÉñßŁçİŉ'.,!?-12 "), min_size=1, max_size=9)
STYLES = st.builds(Style, st.sampled_from(CASINGS), st.just(0), st.booleans(), st.booleans())


@st.composite
def labelled(draw: st.DrawFn) -> tuple[str, tuple[Span, ...], list[str]]:
    """Return a text, the places of its values, and the values."""
    text, spans, values = "", [], []
    for number, (between, value) in enumerate(draw(st.lists(st.tuples(WORDS, WORDS), max_size=5))):
        text += between
        spans.append((len(text), len(text) + len(value), f"KIND_{number}"))
        values.append(value)
        text += value
    return text + draw(WORDS), tuple(spans), values


def folded(text: str) -> str:
    """Return a text without what a style may change: case and accents."""
    return "".join(unicodedata.normalize("NFKD", char)[0].upper()[0] for char in text)


@given(labelled(), STYLES, st.integers(0, 99))
def test_under_a_label_is_its_value_however_it_is_typed(
    row: tuple[str, tuple[Span, ...], list[str]], style: Style, seed: int
) -> None:
    text, spans, values = row
    typed, moved = style.apply(text, spans, random.Random(seed))
    assert [kind for _, _, kind in moved] == [kind for _, _, kind in spans]
    assert [folded(typed[start:end]) for start, end, _ in moved] == [folded(value) for value in values]


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=8), min_size=1, max_size=5), st.integers(0, 10_000))
def test_slips_stay_inside_what_they_happen_to(values: list[str], seed: int) -> None:
    """Digits are never mistyped: each label keeps its own, and nothing of what stands between."""
    text, spans = "", list[Span]()
    for number, value in enumerate(values):
        text += "xyz - "
        spans.append((len(text), len(text) + len(value) + 1, f"{number}"))
        text += f"{value}{number} "
    typed, moved = Style("lower", 1.0, accents=True, stops=True).apply(text, tuple(spans), random.Random(seed))
    assert [kind for _, _, kind in moved] == [f"{number}" for number in range(len(values))]
    for start, end, kind in moved:
        assert [char for char in typed[start:end] if not char.isalpha()] == [kind]
    assert all(before[1] < after[0] for before, after in pairwise(moved))


def test_a_careful_writer_changes_nothing() -> None:
    text = "Straße 5, İzmir: ŉ É!"
    assert AS_IT_IS.apply(text, ((0, 8, "LOCATION"),), random.Random(1)) == (text, ((0, 8, "LOCATION"),))


@pytest.mark.parametrize(
    ("style", "typed"),
    [
        (Style("lower", 0, accents=True, stops=True), "ask zoé, please."),
        (Style("upper", 0, accents=True, stops=True), "ASK ZOÉ, PLEASE."),
        (Style("values lower", 0, accents=True, stops=True), "Ask zoé, please."),
        (Style("rest lower", 0, accents=True, stops=True), "ask Zoé, please."),
        (Style("title", 0, accents=True, stops=True), "Ask Zoé, Please."),
        (Style("as it is", 0, accents=False, stops=True), "Ask Zoe, please."),
        (Style("as it is", 0, accents=True, stops=False), "Ask Zoé please"),
    ],
)
def test_each_way_of_typing_does_what_it_says(style: Style, typed: str) -> None:
    assert style.apply("Ask Zoé, please.", ((4, 7, "PERSON"),), random.Random(1)) == (typed, ((4, 7, "PERSON"),))


def test_a_letter_that_would_become_two_stays_so_that_labels_do_not_move() -> None:
    for casing in ("upper", "title", "lower"):
        typed, moved = Style(casing, 0, accents=True, stops=True).apply(
            "ŉ ßa İb Zoe", ((8, 11, "PERSON"),), random.Random(1)
        )
        assert [typed[start:end].lower() for start, end, _ in moved] == ["zoe"]


def test_a_value_that_slips_lost_altogether_has_no_label() -> None:
    style = Style("as it is", 15.0, accents=True, stops=True)
    kept = [style.apply("to A", ((3, 4, "PERSON"),), random.Random(seed)) for seed in range(40)]
    assert {len(spans) for _, spans in kept} == {0, 1}
    assert all(start < end <= len(typed) for typed, spans in kept for start, end, _ in spans)


def test_styles_are_drawn_from_the_dice_alone() -> None:
    drawn = [Style.draw(random.Random(seed)) for seed in range(300)]
    assert drawn == [Style.draw(random.Random(seed)) for seed in range(300)]
    assert {style.casing for style in drawn} == set(CASINGS)
    assert {style.slips > 0 for style in drawn} == {True, False}
