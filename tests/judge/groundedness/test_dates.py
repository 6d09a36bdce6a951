"""Days of the year in any notation, and how far they lie apart."""

import pytest

from judge.groundedness.dates import calendar_of, durations, is_between, is_reached


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("on 5 march 2026", (3, 5)),
        ("march 5th", (3, 5)),
        ("am 5. märz", (3, 5)),
        ("le 5 mars", (3, 5)),
        ("el 5 de marzo", (3, 5)),
        ("5 maart", (3, 5)),
        ("2026-03-05", (3, 5)),
        ("05.03.", (3, 5)),
        ("5.3.2026", (3, 5)),
        ("5/3/2026", (3, 5)),
        ("from 5 to 9 march", (3, 5)),
        ("le 1er août", (8, 1)),
    ],
)
def test_a_day_is_read_in_every_notation(text: str, day: tuple[int, int]) -> None:
    assert day in calendar_of(text).days


@pytest.mark.parametrize("text", ["it costs 5.30", "march on", "5/8 of it", "call 5-3-2", "version 3.11.9", "99 march"])
def test_other_figures_are_no_days(text: str) -> None:
    assert calendar_of(text).days == frozenset()


def test_spans_are_counted_in_days() -> None:
    assert list(durations("14 days, two weeks, vier wochen or 3 months")) == [14, 14, 28]


def test_a_day_is_reached_by_a_span_in_both_directions() -> None:
    assert is_reached((3, 17), [(3, 3)], {14})
    assert is_reached((12, 25), [(1, 8)], {14})
    assert not is_reached((3, 18), [(3, 3)], {14})
    assert not is_reached((2, 30), [(3, 3)], {1})


def test_the_time_between_two_days_is_known_to_a_whole_unit() -> None:
    days = {(1, 7), (3, 27)}
    assert is_between(11, 7, days)
    assert is_between(79, 1, days)
    assert not is_between(14, 7, days)
