"""What may enter a suite."""

import pytest

from harness.contracts import PromptChecks
from harness.pii.detector import detector
from personas.screening import MAX_CHARS, Screen

NONE = PromptChecks()


def _screen(*lines: str) -> Screen:
    return Screen(lines, detector("strict"))


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        ([], "empty"),
        (["fine", "  "], "empty"),
        (["x" * (MAX_CHARS + 1)], "too_long"),
        (["call <PERSON_1> please"], "placeholder"),
        (["what does <RARE> mean"], "placeholder"),
        (["write to anna.smith@mailbox.org please"], "personal_value"),
        (["so the atlas lay on the desk for two weeks"], "copied_run"),
    ],
)
def test_a_rejected_prompt_is_counted_by_its_reason(turns: list[str], reason: str) -> None:
    screen = _screen("Then the atlas lay on the desk for two weeks.")
    assert not screen.admits(turns, NONE)
    assert screen.rejected == {reason: 1}


def test_many_prompts_are_screened_together_as_one_by_one() -> None:
    """With the same counts, and with a prompt of the batch being another's duplicate."""
    prompts = [
        (["how do I renew my loan?"], NONE),
        (["How do I renew my loan"], NONE),
        (["so the atlas lay on the desk for two weeks"], NONE),
        (["write to anna.smith@mailbox.org please"], NONE),
        (["where is", "  "], NONE),
        (["is the reading room warm enough in winter?", "and in spring?"], NONE),
    ]
    together, alone = (_screen("Then the atlas lay on the desk for two weeks.") for _ in range(2))
    assert together.admitted(prompts) == [alone.admits(*prompt) for prompt in prompts]
    assert together.rejected == alone.rejected
    assert together.rejected.total() == 4


def test_a_prompt_is_admitted_once() -> None:
    screen = _screen()
    assert screen.admits(["how do I renew my loan?"], NONE)
    assert not screen.admits(["How do I renew my loan"], NONE)
    assert screen.rejected == {"duplicate": 1}


def test_a_personal_value_that_we_invented_is_admitted() -> None:
    checks = PromptChecks(invented=["anna.smith@example.com"])
    assert _screen().admits(["write to anna.smith@example.com please"], checks)


def test_an_invented_value_does_not_cover_another_one() -> None:
    checks = PromptChecks(invented=["anna.smith@example.com"])
    assert not _screen().admits(["write to anna.smith@example.com or bob.jones@mailbox.org"], checks)


def test_asking_whether_texts_are_clean_remembers_nothing() -> None:
    screen = _screen()
    assert screen.is_clean(["Hurried Reader", "Wants to renew a loan."])
    assert screen.is_clean(["Hurried Reader", "Wants to renew a loan."])
    assert not screen.is_clean(["mail anna.smith@mailbox.org"])
    assert not screen.rejected
