"""Finding a judge's quotation in the answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.quotes import quoted

ANSWER = "The “night desk” isn’t open —\n  it opens at nine."


@pytest.mark.parametrize(
    ("quotation", "passage"),
    [
        ("it opens at nine", "it opens at nine"),
        ('The "night desk" isn\'t open', "The “night desk” isn’t open"),
        ("isn't open - it opens", "isn’t open —\n  it opens"),
        ("  opens   at\tnine.  ", "opens at nine."),
        ("The «night desk»", "The “night desk”"),
    ],
)
def test_spacing_and_the_shapes_of_marks_may_differ(quotation: str, passage: str) -> None:
    assert quoted(quotation, ANSWER) == passage


@pytest.mark.parametrize(
    "quotation", ["it opens at ten", "the “night desk”", "opens nine", "", "  ", "open … nine", "." * 5]
)
def test_words_letters_and_their_case_may_not(quotation: str) -> None:
    assert quoted(quotation, ANSWER) is None


@given(st.text(min_size=1), st.integers(0, 20), st.integers(1, 20))
def test_every_passage_of_an_answer_is_found_in_it(text: str, start: int, length: int) -> None:
    passage = text[start : start + length]
    found = quoted(passage, text)
    if passage.strip():
        assert found is not None
        assert found in text
    else:
        assert found is None
