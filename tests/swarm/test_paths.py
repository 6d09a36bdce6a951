"""Compiled expressions give what the JMESPath library gives."""

from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm.paths import _getter, compiled

NAMES = st.sampled_from(["a", "b", '"c d"'])
STEPS = st.one_of(
    NAMES.map(lambda name: f".{name}"), st.just("[]"), st.just("[*]"), st.integers(-3, 3).map(lambda n: f"[{n}]")
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c d"]), inner, max_size=3),
    max_leaves=15,
)


@st.composite
def expressions(draw: st.DrawFn) -> str:
    start = draw(st.sampled_from(["a", "b", "@", "[]", "[0]"]))
    return start + "".join(draw(st.lists(STEPS, max_size=4)))


@given(expressions(), VALUES)
def test_fields_indices_and_projections_find_what_the_library_finds(expression: str, value: Any) -> None:
    getter = compiled(expression, "text")
    assert getter is not None
    assert getter(value) == jmespath.search(expression, value)


@pytest.mark.parametrize("expression", ["a.b", "a[0].b", "a[].b.c", "a[*].b[]", "@"])
def test_what_answers_are_usually_mapped_with_is_compiled(expression: str) -> None:
    assert _getter(jmespath.compile(expression).parsed) is not None


@pytest.mark.parametrize("expression", ["a[?b == `1`].c", "a || b", "{x: a}", "a[1:]", "a.*", "join(', ', a)", "a | b"])
def test_anything_else_is_left_to_the_library(expression: str) -> None:
    assert _getter(jmespath.compile(expression).parsed) is None
    getter = compiled(expression, "text")
    assert getter is not None
    value = {"a": ["1", "2"], "b": 3}
    assert getter(value) == jmespath.search(expression, value)


def test_a_function_that_does_not_take_what_the_reply_holds_finds_nothing() -> None:
    read = compiled("length(answer) > `0`", "target.poll.until")
    assert read is not None
    assert read({"answer": "there"}) is True
    assert read({"answer": None}) is None
