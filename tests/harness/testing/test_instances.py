"""Any model's schema has an instance that the model accepts."""

import datetime as dt
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, create_model

from harness.testing.instances import instance_of


class Colour(Enum):
    """One of two."""

    RED = "red"
    BLUE = "blue"


class Leaf(BaseModel):
    """A nested object."""

    kind: Literal["leaf"]
    size: Annotated[int, Field(gt=3, le=9)]


class Everything(BaseModel):
    """All that ordinary models hold."""

    text: Annotated[str, Field(min_length=12, max_length=20)]
    short: Annotated[str, Field(max_length=2)]
    share: Annotated[float, Field(ge=0.25, lt=1)]
    below: Annotated[float, Field(lt=-2)]
    day: dt.date
    moment: dt.datetime
    flag: bool
    colour: Colour
    maybe: str | None
    either: int | str
    leaf: Leaf
    leaves: Annotated[list[Leaf], Field(min_length=2)]
    pair: tuple[int, Leaf]
    table: dict[str, int]
    pattern: Annotated[str, Field(pattern="^[a-f]{4}$", examples=["beef"])]
    optional: int = 5


def test_an_instance_of_everything_validates() -> None:
    value = Everything.model_validate(instance_of(Everything.model_json_schema()))
    assert (len(value.leaves), value.pattern, value.optional) == (2, "beef", 5)


TYPES = st.sampled_from([int, float, str, bool, dt.date, Colour, Leaf, list[Leaf], int | None, dict[str, Leaf]])


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.sampled_from("abcdef"), TYPES, max_size=6))
def test_an_instance_of_any_combination_validates(types: dict[str, Any]) -> None:
    fields: dict[str, Any] = {name: (kind, ...) for name, kind in types.items()}
    model: type[BaseModel] = create_model("Combination", **fields)
    model.model_validate(instance_of(model.model_json_schema()))


@settings(deadline=None, max_examples=50)
@given(st.integers(-50, 50), st.integers(0, 20))
def test_bounds_of_numbers_are_kept(lowest: int, span: int) -> None:
    model = create_model("Bounded", value=(Annotated[int, Field(ge=lowest, le=lowest + span)], ...))
    model.model_validate(instance_of(model.model_json_schema()))


def test_a_schema_without_an_end_is_refused() -> None:
    schema = {"$ref": "#/$defs/N", "$defs": {"N": {"properties": {"n": {"$ref": "#/$defs/N"}}, "required": ["n"]}}}
    with pytest.raises(ValueError, match="without an end"):
        instance_of(schema)
