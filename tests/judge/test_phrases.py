"""Numbers in words that a person reads."""

import pytest

from judge.phrases import count_of, milliseconds, percent, stop_phrase


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0 %"), (0.02, "2 %"), (0.0199, "1.99 %"), (0.0757, "7.57 %"), (1.0, "100 %"), (0.00352, "0.352 %")],
)
def test_percentages_have_the_digits_they_need(share: float, shown: str) -> None:
    assert percent(share) == shown


def test_counts_agree_with_their_noun() -> None:
    assert (count_of(1, "prompt"), count_of(1200, "prompt")) == ("1 prompt", "1,200 prompts")


def test_long_durations_are_seconds() -> None:
    assert (milliseconds(950.0), milliseconds(29_000.0)) == ("950 ms", "29.0 s")


def test_every_end_of_a_run_is_a_sentence() -> None:
    assert stop_phrase("budget").startswith("The run ended because its budget")
    assert stop_phrase("disk_full") == "The run ended: disk full."
    assert stop_phrase("") == "The run ended."
