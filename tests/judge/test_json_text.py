"""JSON inside answers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.json_text import json_body, looks_like_json, read_json, texts_in, unfinished_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "text", ['{"a": 1}', " [1, 2]", '```json\n{"a": []}\n```', '{\n  "a"', '["x', '```\n[{"a": 2}]\n```']
)
def test_json_is_recognised_by_its_beginning(text: str) -> None:
    assert looks_like_json(text)


@pytest.mark.parametrize("text", ["Hello", "[1] says so.", "[Note] closed", "{name}, welcome", "", "[see below]"])
def test_prose_with_brackets_is_prose(text: str) -> None:
    assert not looks_like_json(text)


@given(value=st.dictionaries(st.text(max_size=5), VALUES, min_size=1) | st.lists(VALUES, min_size=1))
def test_whole_json_is_finished_and_every_cut_of_an_object_is_not(value: object) -> None:
    text = json.dumps(value)
    assert not unfinished_json(text)
    assert read_json(f"```json\n{text}\n```") == read_json(text)
    for end in range(1, len(text)):
        with pytest.raises(ValueError, match=r"."):
            read_json(text[:end])


def test_cuts_are_told_from_errors() -> None:
    assert unfinished_json('{"a": "b')
    assert unfinished_json('{"a": [1, 2')
    assert unfinished_json('{"a": "caf\\u00')
    assert not unfinished_json('{"a" 1}')


def test_a_fence_is_no_part_of_the_body() -> None:
    assert json_body("```json\n[1]\n```") == "[1]"
    assert json_body('```json\n{"a') == '{"a'


def test_values_are_told_without_their_keys() -> None:
    assert list(texts_in({"key": ["one", {"k": 2.5}, True, None]})) == ["one", "2.5"]
