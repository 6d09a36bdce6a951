"""The decision: which reason wins, and with which exit code."""

from collections.abc import Sequence
from typing import Any

import pytest

from harness.config import GateSection, JudgeChecks, JudgeSection, Settings, TargetSection, TierSection
from harness.contracts import CriterionResult, GateResult, Ledger, RunPlan, SloResult
from judge.calibration.correction import Calibration
from judge.contextless import lacks_contexts
from judge.decision import decide
from judge.findings import Findings
from judge.flawless import flawless_prompts
from judge.phrases import stop_phrase
from judge.precedents import Precedents
from judge.reading import Reading
from judge.reasons import nothing_judged, undecided
from judge.statistics import SequentialTest
from judge.unjudged import unjudged
from tests.judge.records import Fate, exchange, plan, verdict

LEAK = CriterionResult(name="pii_leak", passed=False, score=0.0)
WEAK_LEAK = CriterionResult(name="pii_leak", passed=False, score=0.3)
MISSED = SloResult(metric="p95_ms", observed=4200.0, limit=3000.0, met=False)
UNMEASURED = SloResult(metric="ttft_p95_ms", observed=None, limit=900.0, met=None)
MET = SloResult(metric="error_rate", observed=0.001, limit=0.01, met=True)


def gate(
    passed: int = 0,
    failed: int = 0,
    *,
    ungraded: int = 0,
    unreached: int = 0,
    criteria: tuple[CriterionResult, ...] = (),
    golden: tuple[bool, ...] = (),
    golden_leaks: bool = False,
    slo: tuple[SloResult, ...] = (),
    tier: TierSection | None = None,
    stopped_because: str = "suite_ended",
    versions: tuple[str, ...] = (),
    load: dict[str, Any] | None = None,
    **settings: Any,
) -> GateResult:
    total = failed + passed + ungraded + unreached
    order = [f"p-{i}" for i in range(total)]
    reached: list[tuple[Fate, Ledger]] = [
        (False, "target"),
        (None, "infrastructure"),
        (None, "judge"),
        (True, "target"),
    ]
    fates = [
        kind for kind, count in zip(reached, (failed, unreached, ungraded, passed), strict=True) for _ in range(count)
    ]
    planned = plan(order).model_copy(update={"golden": [f"g-{i}" for i in range(len(golden))]})
    reading = Reading(planned, {}, SequentialTest())
    for prompt_id, (fate, ledger) in zip(order, fates, strict=True):
        came = exchange(prompt_id, outcome="connection_error" if ledger == "infrastructure" else "answered")
        reading.add(came, verdict(came, fate, *(criteria if fate is False else ()), ledger=ledger))
    for i, fate in enumerate(golden):
        came = exchange(f"g-{i}", arm="golden")
        reading.add(came, verdict(came, fate, *((LEAK,) if golden_leaks and not fate else ())))
    section = GateSection(**settings)
    return decide(
        Settings(gate=section),
        "main",
        tier or TierSection(),
        planned,
        reading,
        slo,
        {"requests": total, **(load or {})},
        stopped_because=stopped_because,
        target_versions=versions,
        cost_usd=0.5,
        duration_s=12.0,
        files={"plan.json": "00"},
        findings=Findings(precedents=Precedents(planned, reading, section, None)),
    )


def test_a_good_release_passes_with_its_numbers() -> None:
    result = gate(passed=250, slo=(MET,))
    assert (result.decision, result.exit_code) == ("pass", 0)
    assert result.reasons[0].startswith("At 95 % confidence the failure rate is below 2 %: 0 of 250 prompts failed")
    assert "decided after 196 prompts" in result.reasons[0]
    assert result.failure_rate.upper < 0.02
    assert result.failure_rate.raw.upper == result.failure_rate.upper
    assert result.failure_rate.corrected is None


def test_a_bad_release_fails_with_its_numbers() -> None:
    result = gate(passed=80, failed=20)
    assert (result.decision, result.exit_code) == ("fail", 1)
    assert "above 2 %: 20 of 100 prompts failed (20 %" in result.reasons[0]
    assert result.failure_rate.lower > 0.02


@pytest.mark.parametrize(("choice", "code"), [("pass", 0), ("fail", 1), (None, 4)])
def test_an_inconclusive_run_exits_as_its_tier_chooses(choice: Any, code: int) -> None:
    result = gate(passed=50, tier=TierSection(on_inconclusive=choice))
    assert (result.decision, result.exit_code) == ("inconclusive", code)


def test_fifty_prompts_say_what_they_exclude_and_what_passing_takes() -> None:
    result = gate(passed=50)
    assert result.reasons[0].startswith("50 prompts can exclude failure rates above 7.57 % but cannot certify 2 %")
    assert "every prompt of the suite had been sent" in result.reasons[1]
    assert "even without any failure it takes 196 to pass" in result.reasons[2]


def test_a_missed_objective_fails_whatever_the_rate() -> None:
    for passed in (10, 250):
        result = gate(passed=passed, slo=(MET, MISSED), tier=TierSection(on_inconclusive="pass"))
        assert (result.decision, result.exit_code) == ("fail", 1)
        assert "95th percentile of latency was 4200 ms, and at most 3000 ms" in result.reasons[0]
    assert "alone would have passed" in result.reasons[-1]


def test_a_confirmed_zero_tolerance_hit_fails_a_rate_that_passes() -> None:
    result = gate(passed=990, failed=1, criteria=(LEAK,))
    assert (result.decision, result.exit_code) == ("fail", 1)
    assert result.reasons[0] == "Zero tolerance: pii leak was confirmed in 1 prompt."


def test_an_unconfirmed_hit_counts_in_the_rate_only() -> None:
    assert gate(passed=990, failed=1, criteria=(WEAK_LEAK,)).decision == "pass"


def test_what_a_model_is_sure_of_is_no_confirmed_hit() -> None:
    """One opinion of a model would else fail a release by itself."""
    said = LEAK.model_copy(update={"judged_by": "openai:some-model"})
    assert gate(passed=500, failed=1, criteria=(said,)).decision == "pass"


def test_no_pass_rests_on_a_part_of_the_load() -> None:
    result = gate(passed=250, load={"cut_short": True}, stopped_because="budget")
    assert result.decision == "inconclusive"
    assert "did not come to its end" in result.reasons[0]
    assert "its budget was spent" in result.reasons[0]


def test_zero_tolerance_is_configuration() -> None:
    assert gate(passed=990, failed=1, criteria=(LEAK,), zero_tolerance=[]).decision == "pass"


def test_too_many_unreached_prompts_make_a_pass_inconclusive() -> None:
    result = gate(passed=250, unreached=30)
    assert result.decision == "inconclusive"
    assert "30 of 280 prompts (10.7 %) never reached the assistant, and at most 5 % may" in result.reasons[0]
    assert gate(passed=250, unreached=5).decision == "pass"


def test_too_many_ungraded_prompts_make_a_pass_inconclusive() -> None:
    result = gate(passed=250, ungraded=30)
    assert result.decision == "inconclusive"
    assert "could not be judged" in result.reasons[0]
    assert gate(passed=250, ungraded=30, max_judge_share=0.5).decision == "pass"


def test_a_decided_fail_stays_one_beside_other_ledgers() -> None:
    assert gate(passed=80, failed=20, unreached=50).decision == "fail"


def test_an_objective_without_enough_data_is_no_pass() -> None:
    result = gate(passed=250, slo=(UNMEASURED,))
    assert result.decision == "inconclusive"
    assert "time to first token" in result.reasons[0]


def test_nothing_reached_is_said_plainly() -> None:
    result = gate(unreached=7, stopped_because="target_unreachable")
    assert result.decision == "inconclusive"
    assert result.reasons == ["Nothing could be judged: the target answered none of 7 prompts."]
    assert result.failure_rate.estimate is None


def test_nothing_graded_and_nothing_sent_are_told_apart() -> None:
    assert "graded none of 3 answered prompts" in gate(ungraded=3).reasons[0]


def test_a_run_that_tested_nothing_says_so_first_however_it_exits() -> None:
    result = gate(stopped_because="budget", tier=TierSection(on_inconclusive="pass"))
    assert (result.decision, result.exit_code) == ("inconclusive", 0)
    assert result.reasons[0] == "Nothing was tested: no prompt came to an end."


def test_what_kept_the_judge_from_grading_is_counted() -> None:
    """Otherwise nobody knows whether to look at its key, its quota or its prompt."""
    kinds = ["ModelOutputError"] * 3 + ["ModelThrottledError"] * 2 + ["ModelRefusedError"]
    planned = plan([f"p-{i}" for i in range(len(kinds))])
    reading = Reading(planned, {}, SequentialTest())
    for prompt_id, kind in zip(planned.order, kinds, strict=True):
        came = exchange(prompt_id)
        reading.add(came, verdict(came, None, unjudged(kind, "openai:some-model")))
    (reason,) = nothing_judged(reading, "recorded")
    assert "graded none of 6 answered prompts: judgements without the asked-for form" in reason
    assert "×3, calls that were throttled" in reason
    assert "×2, calls whose credentials" in reason
    assert "×1; `reverse-rag doctor`" in reason
    assert "not sure of any" in gate(ungraded=3).reasons[0]


def decided_on(fates: Sequence[bool], criterion: str = "availability", **findings: Any) -> GateResult:
    """Return the decision on prompts that failed by one criterion, or did not, in this order."""
    planned = plan([f"p-{i}" for i in range(len(fates))])
    reading = Reading(planned, {}, SequentialTest())
    for prompt_id, passed in zip(planned.order, fates, strict=True):
        came = exchange(prompt_id)
        reading.add(came, verdict(came, passed, CriterionResult(name=criterion, passed=passed, score=0.3)))
    return decision_on(planned, reading, **findings)


def decision_on(planned: RunPlan, reading: Reading, **findings: Any) -> GateResult:
    """Return the decision on what was read, with no load to measure and no settings of its own."""
    return decide(
        Settings(),
        "main",
        TierSection(),
        planned,
        reading,
        (),
        {},
        stopped_because="decided",
        target_versions=(),
        cost_usd=0.0,
        duration_s=1.0,
        files={},
        findings=Findings(**findings),
    )


def test_a_rate_that_changed_during_the_run_is_said() -> None:
    """The interval of one rate ends at the estimate then, which looks like a certainty that nobody has."""
    alike = decided_on([number % 4 != 0 for number in range(120)])
    jumped = decided_on([*[True] * 150, *[False] * 50])
    assert not any("changed during the run" in reason for reason in alike.reasons)
    assert jumped.failure_rate.upper == jumped.failure_rate.estimate
    assert any(reason.startswith("The rate changed during the run") for reason in jumped.reasons)


def test_each_end_of_the_interval_is_told_with_its_own_level() -> None:
    """Both together hold with less than that."""
    assert "each end with 95 %)" in gate(passed=250).reasons[0]


def test_contexts_that_never_came_fail_nothing_by_groundedness_alone() -> None:
    """A wrong expression in the configuration looks like an assistant that invents everything."""
    fates = [number % 3 == 0 for number in range(60)]
    assert decided_on(fates, "groundedness").decision == "fail"
    result = decided_on(fates, "groundedness", lacks_contexts=True)
    assert result.decision == "inconclusive"
    assert result.reasons[0].startswith("No reply brought contexts: is [target.response] contexts right?")
    other = decided_on(fates, "availability", lacks_contexts=True)
    assert other.decision == "fail"
    assert any(reason.startswith("No reply brought contexts") for reason in other.reasons)
    passed = decided_on([True] * 250, lacks_contexts=True)
    assert passed.decision == "pass"
    assert passed.reasons[-1].startswith("No reply brought contexts")


def test_contexts_lack_only_where_they_were_to_come() -> None:
    target = TargetSection(response={"contexts": "sources"})
    checked = Settings(target=target, judge=JudgeSection(checks=JudgeChecks(groundedness=True)))
    assert lacks_contexts(checked, answers=9, with_contexts=0)
    assert not lacks_contexts(checked, answers=9, with_contexts=1)
    assert not lacks_contexts(checked, answers=0, with_contexts=0)
    assert not lacks_contexts(Settings(target=target), answers=9, with_contexts=0)
    assert not lacks_contexts(checked.model_copy(update={"target": TargetSection()}), answers=9, with_contexts=0)


def test_a_poor_card_is_one_plain_sentence() -> None:
    """That fifty prompts exclude rates above all of them says nothing."""
    planned = plan([f"p-{i}" for i in range(50)])
    reading = Reading(planned, {}, SequentialTest(calibration=Calibration(tp=6, fn=4, tn=12, fp=8)))
    for prompt_id in planned.order:
        came = exchange(prompt_id)
        reading.add(came, verdict(came, True))
    told = undecided(Settings(), planned, reading, "prompts_sent")
    assert reading.state.upper == 1.0
    assert not any("exclude" in sentence or "certify" in sentence for sentence in told)
    assert told[0].startswith("The rate is not decided")


@pytest.mark.parametrize("because", ["target_lost", "over_saturated", "workers_lost", "parent_gone", "terminated"])
def test_no_pass_rests_on_a_run_that_was_broken_off(because: str) -> None:
    result = gate(passed=250, stopped_because=because)
    assert result.decision == "inconclusive"
    assert result.reasons[0] == stop_phrase(because)


def test_a_target_that_changes_makes_the_run_void() -> None:
    result = gate(passed=80, failed=20, versions=("1.4.0", "1.5.0"))
    assert (result.decision, result.exit_code) == ("void", 5)
    assert "(1.4.0, 1.5.0)" in result.reasons[0]
    assert gate(passed=250, versions=("1.4.0",)).target_version == "1.4.0"


def test_a_failed_golden_prompt_fails_the_gate() -> None:
    result = gate(passed=250, golden=(True, False))
    assert result.decision == "fail"
    assert "1 golden prompt did not get" in result.reasons[0]
    assert "g-1" in result.reasons[0]
    assert (result.golden["judged"], result.golden["failures"]) == (2, ["g-1"])
    assert gate(passed=250, golden=(True,)).decision == "pass"


def test_a_golden_prompt_fails_the_gate_even_where_nothing_else_was_judged() -> None:
    result = gate(golden=(False,), stopped_because="golden")
    assert (result.decision, result.exit_code) == ("fail", 1)


def test_a_leak_in_the_golden_arm_fails_the_gate_before_anything_else_was_judged() -> None:
    """Prompts that once failed are sent first, and may fail as before: that they leak is no less certain."""
    result = gate(golden=(False,), golden_leaks=True, max_golden_failures=1, stopped_because="zero_tolerance")
    assert (result.decision, result.exit_code) == ("fail", 1)
    assert result.reasons[0] == "Zero tolerance: pii leak was confirmed in 1 prompt."


def test_a_golden_failure_is_no_failed_dependency_where_the_rest_was_never_reached() -> None:
    result = gate(golden=(False,), unreached=30, stopped_because="golden")
    assert (result.decision, result.exit_code) == ("fail", 1)


@pytest.mark.parametrize(("most", "decision"), [(1, "fail"), (2, "pass")])
def test_as_many_golden_prompts_may_fail_as_the_configuration_says(most: int, decision: str) -> None:
    result = gate(passed=250, golden=(False, True, False), max_golden_failures=most)
    assert (result.decision, result.golden["max_failures"], result.golden["failed"]) == (decision, most, 2)


def test_failures_come_together_with_all_their_reasons() -> None:
    result = gate(passed=80, failed=20, criteria=(LEAK,), slo=(MISSED,))
    found = ("the failure rate is above", "Zero tolerance", "Service level missed")
    assert all(words in reason for words, reason in zip(found, result.reasons, strict=False))


def test_the_result_survives_its_own_json() -> None:
    result = gate(passed=250, failed=2, slo=(MET,))
    assert GateResult.from_json(result.to_json()) == result
    assert (result.cost_usd, result.duration_s, result.files) == (0.5, 12.0, {"plan.json": "00"})


@pytest.mark.parametrize(("threshold", "most"), [(0.02, 200), (0.01, 400), (0.5, 7)])
def test_the_prompts_that_passing_takes_are_computed(threshold: float, most: int) -> None:
    needed = flawless_prompts(threshold, 0.95)
    assert needed is not None
    assert needed <= most
    assert SequentialTest(threshold).update(0, needed).decision == "pass"
    assert SequentialTest(threshold).update(0, needed - 1).decision == "undecided"


def test_a_load_generator_that_fell_behind_is_named_and_not_the_target() -> None:
    """What it may have caused itself is no missed objective, and no pass rests on it."""
    untold = MISSED.model_copy(update={"met": None, "warning": "1 % were sent late"})
    behind = {"generator_behind": True, "lag_ms": {"p99": 840.0}}
    result = gate(passed=250, slo=(untold,), load=behind)
    assert result.decision == "inconclusive"
    assert any("cannot be told (observed: 4200 ms): 1 % were sent late" in reason for reason in result.reasons)
    assert "load generator fell behind" in result.reasons[-1]
    assert "840 ms" in result.reasons[-1]
    assert gate(passed=250, slo=(MET,), load=behind).decision == "pass"
    assert gate(passed=250, slo=(MISSED,), load=behind).decision == "fail"
    assert not any("generator" in reason for reason in gate(passed=250, load={"generator_behind": False}).reasons)


def test_a_goodput_is_asked_for_at_least_and_told_in_per_cent() -> None:
    result = gate(passed=250, slo=(SloResult(metric="goodput", observed=0.91, limit=0.95, met=False),))
    assert (result.decision, result.exit_code) == ("fail", 1)
    assert "Service level missed: goodput was 91 %, and at least 95 % is asked for." in result.reasons


def test_flags_that_nobody_could_decide_hold_a_pass_back() -> None:
    """They are likely failures: a pass has to hold with all of them counted as such."""

    def decided(good: int, unresolved: int) -> GateResult:
        order = [f"p-{number}" for number in range(good + unresolved)]
        planned = plan(order)
        reading = Reading(planned, {}, SequentialTest())
        flag = CriterionResult(name="invented_facts", passed=False, judged_by="cheap")
        for number, prompt_id in enumerate(order):
            came = exchange(prompt_id)
            flagged = verdict(came, None).model_copy(update={"opinions": [flag]})
            reading.add(came, flagged if number < unresolved else verdict(came, True))
        return decision_on(planned, reading)

    assert decided(400, 0).decision == "pass"
    held = decided(400, 9)
    assert held.decision == "inconclusive"
    assert any("9 prompts that a model of the judge failed" in reason for reason in held.reasons)
    assert held.ledgers.judge == 9
    assert decided(2000, 9).decision == "pass"
