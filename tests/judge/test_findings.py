"""What is found beside the rate, in the decision: what fails a release, and what is only said."""

from typing import Any

from harness.config import GateSection, Settings, TierSection
from harness.contracts import Confirmations, GateResult, GroupRate, SegmentRate, WorstSegment
from judge.decision import decide
from judge.findings import Findings
from judge.reading import Reading
from judge.statistics import SequentialTest
from tests.judge.records import exchange, plan, verdict
from tests.judge.test_quality import paired


def gate(findings: Findings, *, load: dict[str, Any] | None = None, **section: Any) -> GateResult:
    """Return the decision on 250 good answers with these findings."""
    planned = plan([f"p-{number}" for number in range(250)])
    reading = Reading(planned, {}, SequentialTest())
    for prompt_id in planned.order:
        came = exchange(prompt_id)
        reading.add(came, verdict(came, True))
    return decide(
        Settings(gate=GateSection(**section)),
        "main",
        TierSection(),
        planned,
        reading,
        (),
        load or {},
        stopped_because="prompts_sent",
        target_versions=(),
        cost_usd=0.0,
        duration_s=1.0,
        files={},
        findings=findings,
    )


def worst(standing: str) -> WorstSegment:
    segment = {"persona_id": "persona-1", "judged": 40, "failed": 20, "lower": 0.2, "upper": 0.7, "standing": standing}
    return WorstSegment(limit=0.1, confidence=0.99, segments=[SegmentRate.model_validate(segment)])


def test_a_persona_above_the_bar_fails_a_rate_that_passes() -> None:
    result = gate(Findings(worst_segment=worst("above")))
    assert (result.decision, result.exit_code) == ("fail", 1)
    assert result.reasons[0].startswith("Worst segment: the failure rate of persona-1 is above 10 %")
    assert "The failure rate alone would have passed" in result.reasons[1]
    assert result.worst_segment == worst("above")


def test_a_persona_that_too_little_is_known_of_is_said_and_fails_nothing() -> None:
    result = gate(Findings(worst_segment=worst("undecided")))
    assert (result.decision, result.exit_code) == ("pass", 0)
    assert "too little was read to say whether persona-1 is below 10 %" in result.reasons[-1]


def test_quality_that_falls_below_the_limit_fails_a_rate_that_passes() -> None:
    load = {"paired": paired(170, 30, 0)}
    result = gate(Findings(), load=load, max_quality_drop=0.05)
    assert (result.decision, result.exit_code) == ("fail", 1)
    assert result.reasons[0].startswith("Quality under load: quality falls by 15 points")
    assert result.load["paired"]["drop"]["estimate"] == 0.15
    without = gate(Findings(), load=load)
    assert without.decision == "pass"
    assert any("quality falls by 15 points" in reason for reason in without.reasons[1:])


def test_what_came_back_when_asked_again_is_said_and_decides_nothing() -> None:
    again = Confirmations(times=2, consistent=["p-1"], flaky=["p-2"])
    group = GroupRate(
        by="persona", name="persona-1", judged=9, failed=1, estimate=1 / 9, lower=0.0, upper=0.5, traffic_share=0.1
    )
    result = gate(Findings(confirmations=again, groups=(group,)))
    assert result.decision == "pass"
    assert "1 failed every time and 1 passed at least once. The rate reads first answers only." in result.reasons[-1]
    assert GateResult.from_json(result.to_json()) == result


def test_results_of_older_versions_have_no_groups() -> None:
    values = gate(Findings()).to_dict()
    for name in ("groups", "worst_segment", "confirmations", "noise_floor"):
        del values[name]
    assert GateResult.model_validate(values).groups == []
