"""Finding the prose of an answer, and putting another text in its place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.prose import prose_in

TEXT = st.text(st.characters(codec="utf-8"), max_size=60)


@given(answer=TEXT, other=TEXT, ascii_only=st.booleans(), indent=st.sampled_from([None, 2]))
def test_only_the_longest_string_of_json_changes(
    answer: str, other: str, *, ascii_only: bool, indent: int | None
) -> None:
    said = {
        "n": 3,
        "told": f"one two three four five six seven eight nine ten eleven twelve {answer}",
        "short": "a b c d e",
    }
    prose = prose_in(json.dumps(said, ensure_ascii=ascii_only, indent=indent))
    assert prose is not None
    assert (prose.text, prose.is_whole) == (said["told"], False)
    assert json.loads(prose.answer_with(other)) == {**said, "told": other}


@given(text=TEXT.filter(lambda text: "`" not in text and text.strip(" ").isalpha()))
def test_plain_text_is_prose_as_a_whole(text: str) -> None:
    prose = prose_in(text)
    assert prose is not None
    assert prose.is_whole
    assert prose.answer_with(prose.text) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Do it like this, step by step:\n```\nx\n```\nThat is all.", "Do it like this, step by step:"),
        ("```\nx\n```\nThat is all there is to it.", "That is all there is to it."),
    ],
)
def test_code_keeps_its_place(text: str, found: str) -> None:
    prose = prose_in(text)
    assert prose is not None
    assert prose.text == found
    assert "```\nx\n```" in prose.answer_with("Something else.")
    assert found not in prose.answer_with("Something else.")


@pytest.mark.parametrize(
    "text", ["", "  ", '{"a": 1}', '{"a": "b"', "```\nx\n```", "```\nhalf a block of code that goes on"]
)
def test_what_is_no_prose_is_none(text: str) -> None:
    assert prose_in(text) is None
