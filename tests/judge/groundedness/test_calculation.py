"""Numbers that follow from others."""

import pytest

from judge.groundedness.calculation import is_operand, is_result, is_shifted, window

KNOWN = {15.0, 29.9, 4.5, 80.0, 60.0, 285.0, 50.0}


def follows(wanted: float, near: str, *asked: float) -> bool:
    return is_result(wanted, near, set(asked), KNOWN.__contains__)


@pytest.mark.parametrize(
    ("wanted", "near"),
    [
        (358.8, "twelve months at 29.90"),
        (235, "of 285, 50 are paid"),
        (117.5, "of 285, 50 are paid: 235 remain, in two instalments"),
        (120, "two people and one more, 60 each: 2 x 60"),
        (48, "80 % of 60"),
        (68, "15 % off 80"),
        (240, "2 × 2 × 60"),
        (193.5, "3 × (60 + 4.50)"),
        (128.5, "2 × 60 = 120. Beside it 2 loans of 4.25 and 8.50. Together"),
        (30, "half of 60"),
        (133.5, "zwei mal 60 und drei mal 4.50: 120 + 13.50"),
    ],
)
def test_a_number_that_follows_from_others_near_it_is_found(wanted: float, near: str) -> None:
    assert follows(wanted, near)


@pytest.mark.parametrize(
    ("wanted", "near"), [(357.8, "twelve months at 29.90"), (233, "of 285, 50 are paid"), (97, "it costs 60"), (40, "")]
)
def test_a_number_that_does_not_follow_is_not(wanted: float, near: str) -> None:
    assert not follows(wanted, near)


def test_the_users_numbers_enter() -> None:
    assert follows(1200, "at most 80 % of it", 1500)
    assert not follows(1250, "at most 80 % of it", 1500)


def test_among_many_numbers_nothing_is_worked_out() -> None:
    """Almost any number is the sum or the product of some of them."""
    near = " ".join(str(number) for number in range(2, 40))
    assert not is_result(41, near, set(), lambda _: True)


def test_a_small_number_may_count_what_a_product_is_made_of() -> None:
    assert is_operand(5, "at 29.90 come to 149.50", KNOWN.__contains__)
    assert not is_operand(5, "at 29.90 come to 139.50", KNOWN.__contains__)


def test_a_time_of_day_may_lie_a_named_duration_away() -> None:
    assert is_shifted((4, 0), "two hours before", {(6, 0)})
    assert is_shifted((5, 30), "30 minutes before", {(6, 0)})
    assert not is_shifted((5, 0), "two hours before", {(6, 0)})


def test_the_window_ends_with_the_sentence() -> None:
    text = "One. Two. It is 77 here. Four."
    assert window(text, text.index("77"), text.index("77") + 2) == "One. Two. It is  ;  here"
