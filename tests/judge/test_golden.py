"""The golden arm's rule."""

from collections.abc import Mapping
from typing import Any

from harness.contracts import BaselineUse, RunPlan
from judge.golden import GoldenRule
from judge.reading import Fate
from tests.judge import records


def planned(golden: int = 0, regressions: int = 0) -> RunPlan:
    """Return a plan with so many prompts of each kind: ``g-0`` … and ``r-0`` and so on."""
    arm = {"golden": [f"g-{i}" for i in range(golden)], "regressions": [f"r-{i}" for i in range(regressions)]}
    return records.plan(["p-0"]).model_copy(update=arm)


def rule(plan: RunPlan, fates: Mapping[str, Fate | None], most: int = 0, **before: bool) -> GoldenRule:
    """Return the rule; ``before`` says which prompts (``r_0`` for ``r-0``) the baseline failed."""
    kept = {name.replace("_", "-"): failed for name, failed in before.items()}
    use = BaselineUse(asked="latest", standing="comparable", golden=kept) if before else None
    return GoldenRule(plan, fates, most=most, baseline=use)


def test_a_hand_written_prompt_that_fails_breaks_the_rule() -> None:
    broken = rule(planned(golden=2), {"g-0": "passed", "g-1": "failed"})
    assert broken.is_broken
    assert broken.failing() == ["1 golden prompt did not get the expected answer (g-1); at most 0 may."]
    assert not rule(planned(golden=2), {"g-0": "passed", "g-1": "failed"}, most=1).is_broken


def test_a_regression_prompt_that_still_fails_is_only_reported() -> None:
    known = rule(planned(regressions=2), {"r-0": "failed", "r-1": "passed"})
    assert not known.is_broken
    assert known.notes() == ["1 of 2 regression prompts still fail; they failed before, and block nothing."]


def test_a_regression_prompt_that_the_baseline_passed_breaks_the_rule() -> None:
    again = rule(planned(regressions=2), {"r-0": "failed", "r-1": "failed"}, r_0=False, r_1=True)
    assert again.is_broken
    assert again.counting == ["r-0"]
    assert "1 regression prompt that the baseline passed did not" in again.failing()[0]
    assert again.notes() == ["1 of 2 regression prompts still fail; they failed before, and block nothing."]


def test_a_golden_prompt_that_nobody_could_judge_forbids_a_pass_where_it_could_break_the_rule() -> None:
    plan = planned(golden=2)
    fates: dict[str, Fate | None] = {"g-0": "passed", "g-1": "judge"}
    assert "1 of 2 golden prompts could not be judged (g-1)" in rule(plan, fates).doubts()[0]
    assert not rule(plan, fates, most=1).doubts()
    assert not rule(plan, {"g-0": "passed", "g-1": "passed"}).doubts()


def test_it_is_settled_when_every_prompt_of_the_arm_is() -> None:
    plan = planned(golden=1, regressions=1)
    assert not rule(plan, {"g-0": "passed"}).is_settled
    assert not rule(plan, {"g-0": "passed", "r-0": None}).is_settled
    assert rule(plan, {"g-0": "passed", "r-0": "infrastructure"}).is_settled
    assert rule(planned(), {}).is_settled


def test_the_figures_tell_both_kinds_apart() -> None:
    fates: dict[str, Fate | None] = {"g-0": "failed", "g-1": "passed", "r-0": "passed", "r-1": "judge"}
    figures: dict[str, Any] = rule(planned(2, 2), fates, g_0=False, r_0=True).figures
    assert (figures["planned"], figures["judged"], figures["failed"]) == (2, 2, 1)
    assert figures["failures"] == figures["new_failures"] == ["g-0"]
    assert figures["fixed"] == ["r-0"]
    assert figures["regression"] == {"planned": 2, "judged": 1, "failed": 0, "failures": []}
    assert rule(planned(), {}).figures == {}
