"""A run beside the one before it."""

from typing import Any

import pytest

from harness.config import GateSection
from harness.contracts import BaselineUse
from judge.baseline import BaselineReading
from judge.precedents import Precedents
from judge.reading import Reading
from judge.statistics import SequentialTest
from tests.judge import records


def compared(before: str, now: str, *, came: list[int] | None = None, use: Any = None, **gate: Any) -> BaselineReading:
    """Return the comparison of outcomes: ``.`` passed, ``F`` failed, ``?`` left open, `` `` not there.

    Args:
        before: The baseline's, prompt by prompt.
        now: The run's.
        came: In which order the run's outcomes came; None: in the plan's.
        use: Further values of the baseline.
        gate: Settings.
    """
    reading = Reading(records.plan([f"p-{i}" for i in range(len(now))]), {}, SequentialTest())
    outcomes = {f"p-{i}": sign == "F" for i, sign in enumerate(before) if sign in ".F"}
    values = {"asked": "latest", "standing": "comparable", "run_id": "run-0", **(use or {})}
    found = BaselineReading(BaselineUse(outcomes=outcomes, **values), reading, GateSection(**gate))
    for place in came if came is not None else range(len(now)):
        if now[place] != " ":
            one = records.exchange(f"p-{place}")
            reading.add(one, records.verdict(one, {".": True, "F": False, "?": None}[now[place]]))
            found.advance()
    return found


def test_changes_are_counted_and_a_regression_fails_the_gate_with_numbers_and_ids() -> None:
    found = compared("." * 30 + "F", "F" * 6 + "." * 25)
    assert found.is_broken
    (sentence,) = found.failing()
    figures = found.figures
    assert (figures["new_failures"], figures["fixed"], figures["both_passed"]) == (6, 1, 24)
    assert figures["decided_at"] == 6
    assert figures["new_failure_ids"] == [f"p-{i}" for i in range(6)]
    assert "6 failed only now (p-0, p-1, p-2, p-3, p-4 and 1 more)" in sentence


def test_fast_new_outcomes_wait_for_the_slow_ones_before_them() -> None:
    """Otherwise whatever comes fast would be compared first, and failures come slowly."""
    early = compared("F" + "." * 6, " FFFFFF")
    assert (early.compared, early.is_broken, early.is_waiting) == (0, False, True)
    whole = compared("F" + "." * 6, ".FFFFFF", came=[6, 5, 4, 3, 2, 1, 0])
    assert (whole.compared, whole.is_waiting) == (7, False)
    assert whole.figures == compared("F" + "." * 6, ".FFFFFF").figures


def test_what_nobody_could_judge_is_not_compared() -> None:
    found = compared("....", ".?F ")
    assert (found.compared, found.figures["left_open"], found.figures["in_common"]) == (2, 1, 4)


def test_a_maximum_of_new_failures_fails_the_gate_without_any_test() -> None:
    found = compared("...", "FF.", max_new_failures=1)
    assert not found.test.regressed
    assert found.is_broken
    assert found.failing() == ["2 prompts that the baseline run-0 passed failed (p-0, p-1); at most 1 may."]
    assert not compared("...", "FF.", max_new_failures=2).is_broken


@pytest.mark.parametrize(
    ("use", "said"),
    [
        ({"standing": "missing"}, "no passed run on this suite's line was promoted"),
        ({"standing": "other_judge", "judge_id": "judge-2"}, "judged by another judge (judge-2)"),
        ({"standing": "other_suite", "suite_id": "suite-9"}, "is of suite-9"),
        ({}, "read none of this run's prompts"),
    ],
)
def test_a_run_that_has_nothing_to_compare_with_says_so(use: dict[str, Any], said: str) -> None:
    found = compared("", "..", use=use)
    assert not found.doubts()
    assert said in found.notes()[0]
    required = compared("", "..", use=use, require_baseline=True)
    assert said in required.doubts()[0]
    assert not required.notes()
    named = compared("", "..", use={**use, "asked": "run-0"})
    assert said in named.doubts()[0]


def test_outcomes_of_an_incomparable_run_are_not_looked_at() -> None:
    found = compared("......", "FFFFFF", use={"standing": "other_judge"})
    assert (found.compared, found.is_broken, found.is_waiting) == (0, False, False)
    assert "compared" not in found.figures


def test_an_uneventful_comparison_is_said() -> None:
    (note,) = compared("....F.", "F...F.", use={"target_version": "1.3"}).notes()
    assert note == (
        "Against the baseline run-0 (version 1.3), 6 of 6 prompts in common compared: 1 failed only now (p-0), "
        "0 only before; no sign of a regression."
    )


def test_a_baseline_in_another_arm_is_named_so_because_load_may_be_what_differs() -> None:
    (note,) = compared("......", "......", use={"arm": "load"}).notes()
    assert "run-0 (asked under load, unlike this run)" in note
    (reason,) = compared("......", "FFFFFF", use={"arm": "golden"}).failing()
    assert "asked without load, unlike this run" in reason
    assert "unlike" not in compared("......", "......", use={"arm": "semantic"}).notes()[0]


def test_fewer_prompts_than_a_regression_takes_are_said_to_tell_nothing() -> None:
    (note,) = compared("......", ".....?").notes()
    assert "5 of 6 prompts in common compared" in note
    assert note.endswith("too few to tell a regression.")


def test_precedents_wait_for_both_rules_and_name_the_broken_one() -> None:
    plan = records.plan(["p-0"]).model_copy(update={"golden": ["g-0"]})
    reading = Reading(plan, {}, SequentialTest())
    use = BaselineUse(asked="latest", standing="comparable", run_id="run-0", outcomes={"p-0": False})
    precedents = Precedents(plan, reading, GateSection(max_new_failures=0), use)
    assert precedents.is_waiting
    for prompt_id, arm, passed in (("g-0", "golden", True), ("p-0", "semantic", False)):
        one = records.exchange(prompt_id, arm=arm)
        reading.add(one, records.verdict(one, passed))
        precedents.read(one)
    assert not precedents.is_waiting
    assert precedents.broken == "regression"
    assert (precedents.golden_figures["judged"], precedents.baseline_figures["new_failures"]) == (1, 1)
