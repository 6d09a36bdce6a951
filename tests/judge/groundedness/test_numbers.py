"""What numbers mean, in figures, in words and with units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.groundedness.numbers import another_unit, converted, in_words, unit_at, unit_named, units_by_value, values


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1,200", {1200.0, 1.2}),
        ("2.5", {2.5}),
        ("48.00", {48.0}),
        ("12.345,67", {12345.67}),
        ("1,00,000", {100000.0}),
        ("1’200", {1200.0}),
        ("1.2.3", set()),
        ("1234567890123456", set()),
    ],
)
def test_figures_mean_what_their_notation_allows(written: str, meant: set[float]) -> None:
    assert set(values(written)) == meant


@given(st.integers(min_value=0, max_value=10**12))
def test_a_grouped_number_means_the_same_as_the_bare_one(number: int) -> None:
    assert float(number) in values(f"{number:,}")
    assert float(number) in values(f"{number:,}".replace(",", "."))


@pytest.mark.parametrize(
    ("words", "value"),
    [("forty-eight", 48), ("fifteen", 15), ("two hundred", 200), ("ninety", 90), ("twelve thousand", 12000)],
)
def test_numbers_in_words_have_values(words: str, value: int) -> None:
    assert [found for _, found in in_words(f"it takes {words} days")] == [value]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("48 pounds", "pound"),
        ("£48", "pound"),
        ("48 €", "euro"),
        ("48 working days", "day"),
        ("48-hour", "hour"),
        ("48 guests", None),
    ],
)
def test_units_are_told_from_what_stands_around(text: str, unit: str | None) -> None:
    start = text.index("48")
    assert unit_named(unit_at(text, start, start + 2)) == unit


def test_a_value_is_known_with_every_unit_it_stands_with() -> None:
    units = units_by_value("it takes 14 days or 14 hours; gate 3, three euros")
    assert units[14.0] == {"day", "hour"}
    assert units[3.0] == {None, "euro"}


def test_another_unit_is_any_but_those_that_the_value_stands_with() -> None:
    assert another_unit("week", frozenset({"day"}))
    assert not another_unit("week", frozenset({"day", None}))
    assert another_unit("pound", frozenset({"day"}))
    assert not another_unit("day", frozenset({"day"}))


def test_durations_are_converted_to_the_neighbouring_units() -> None:
    assert set(converted(2, "week")) == {(14, "day")}
    assert set(converted(120, "minute")) == {(7200, "second"), (2, "hour")}
    assert set(converted(90, "minute")) == {(5400, "second")}
