"""Counting planted answers: when a run is void, how rarely an honest judge is taken for a broken one, what is said."""

import itertools
from math import comb
from typing import Any

import pytest

from harness.config import GateSection, Settings, TierSection
from harness.contracts import ControlKind, Controls, CriterionResult, Finder, GateResult, PlantedControl, Verdict
from judge.controls import ControlTally, is_missed
from judge.decision import decide
from judge.findings import Findings
from judge.reading import Reading
from judge.statistics import SequentialTest
from tests.judge import records

_NUMBERS = itertools.count()
HALF = GateSection().controls // 2


def control(kind: ControlKind, *, finder: Finder = "model", origin: str = "contradiction") -> PlantedControl:
    """Return a planted answer with an id of its own."""
    exchange = records.exchange(f"p-{next(_NUMBERS)}")
    return PlantedControl(exchange=exchange, kind=kind, origin=origin, finder=finder)


def said(of: PlantedControl, passed: records.Fate, criterion: str = "invented_facts") -> Verdict:
    """Return a verdict on it."""
    return records.verdict(of.exchange, passed, CriterionResult(name=criterion, passed=passed, judged_by="fake"))


def tally(*groups: tuple[ControlKind, Finder, int, int], **gate: Any) -> ControlTally:
    """Return a tally of groups: kind, finder, how many were planted, and how many of them missed."""
    counted = ControlTally(GateSection(**gate))
    for kind, finder, planted, missed in groups:
        for number in range(planted):
            one = control(kind, finder=finder)
            counted.plant(one)
            right = kind == "known_good"
            counted.judge(said(one, right if number >= missed else not right))
    return counted


def void_rate(error: float, planted: int = HALF) -> float:
    """Return how often a judge that errs so often on its own is void for one kind of controls."""
    share = GateSection().max_missed_controls
    return sum(
        comb(planted, k) * error**k * (1 - error) ** (planted - k) for k in range(planted + 1) if k > share * planted
    )


def test_a_judge_that_errs_once_in_twenty_is_practically_never_void() -> None:
    assert void_rate(0.05) < 1e-4
    assert void_rate(0.1) < 0.002


def test_a_judge_that_tosses_a_coin_mostly_is() -> None:
    assert 1 - (1 - void_rate(0.5)) ** 2 > 0.85
    assert void_rate(1.0) == 1.0


@pytest.mark.parametrize("kind", ["known_good", "known_bad"])
def test_more_missed_than_the_share_of_one_kind_voids(kind: ControlKind) -> None:
    """However well the other kind went: an always-pass judge gets every good answer right."""
    other: ControlKind = "known_bad" if kind == "known_good" else "known_good"
    assert tally((kind, "model", 10, 4), (other, "model", 10, 0)).controls.void == []
    (sentence,) = tally((kind, "model", 10, 5), (other, "model", 10, 0)).controls.void
    assert "5 of 10" in sentence
    assert "5 × contradiction" in sentence
    assert "40 %" in sentence


def test_of_a_few_controls_one_may_be_missed_by_bad_luck() -> None:
    """Many were throttled, or the run had little to plant; but to miss all of three is no bad luck."""
    assert tally(("known_bad", "model", 2, 1)).controls.void == []
    assert tally(("known_bad", "model", 3, 3)).controls.void != []
    assert tally(("known_bad", "model", 2, 1), max_missed_controls=0.0).controls.void != []


def test_what_the_checks_find_does_not_hide_a_model_that_finds_nothing() -> None:
    controls = tally(
        ("known_good", "model", 10, 0), ("known_bad", "checks", 30, 0), ("known_bad", "model", 10, 10)
    ).controls
    assert len(controls.void) == 1
    assert (controls.planted, controls.judged, controls.missed) == (50, 50, 10)
    counts = {(count.kind, count.finder): count for count in controls.counts}
    assert len(counts["known_bad", "model"].missed_ids) == 10
    assert counts["known_bad", "checks"].missed_ids == []


def test_a_failure_of_the_judge_is_no_miss() -> None:
    counted = ControlTally(GateSection())
    planted = [control("known_bad") for _ in range(10)]
    for number, one in enumerate(planted):
        counted.plant(one)
        counted.judge(said(one, None if number else False))
    assert counted.controls.void == []
    assert (counted.controls.judged, counted.controls.missed) == (1, 0)
    assert counted.controls.is_complete
    assert any("9 planted answers got no usable judgement" in note for note in counted.controls.notes)


def test_a_control_without_a_verdict_leaves_the_test_incomplete() -> None:
    counted = ControlTally(GateSection())
    one = control("known_bad")
    counted.plant(one)
    assert not counted.controls.is_complete
    counted.judge(said(one, False))
    assert counted.controls.is_complete


def test_a_later_verdict_replaces_an_earlier_one() -> None:
    counted = ControlTally(GateSection())
    one = control("known_bad")
    counted.plant(one)
    counted.judge(said(one, True))
    counted.judge(said(one, False))
    assert counted.controls.missed == 0


def test_a_made_up_answer_vouches_only_for_what_it_was_made_for() -> None:
    """A team's own criterion may fail a quotation: it is no answer to its question."""
    quotation = control("known_good", origin="quotation")
    assert is_missed(quotation, said(quotation, False, "too_short")) is False
    assert is_missed(quotation, said(quotation, False, "invented_facts")) is True
    labelled = control("known_good", origin="label")
    assert is_missed(labelled, said(labelled, False, "too_short")) is True


def test_what_could_not_be_planted_is_said() -> None:
    (note,) = ControlTally(GateSection()).controls.notes
    assert "not tested" in note
    (note,) = tally(("known_good", "model", 3, 0)).controls.notes
    assert "known to be bad" in note
    assert ControlTally(GateSection(controls=0)).controls.notes == []


def test_a_few_missed_ones_are_said_and_void_nothing() -> None:
    controls = tally(("known_good", "model", 10, 1), ("known_bad", "model", 10, 0)).controls
    assert controls.void == []
    assert any("failed 1 of 10 good answers" in note for note in controls.notes)


def decided(controls: Controls, *, failed: int = 0) -> GateResult:
    """Return the decision on a run that would pass, or fail, but for its controls."""
    order = [f"p-{n}" for n in range(250)]
    reading = Reading(records.plan(order), {}, SequentialTest())
    for number, prompt_id in enumerate(order):
        came = records.exchange(prompt_id)
        reading.add(came, records.verdict(came, number >= failed))
    return decide(
        Settings(),
        "main",
        TierSection(),
        records.plan(order),
        reading,
        (),
        {"requests": 250},
        stopped_because="decided",
        target_versions=(),
        cost_usd=0.0,
        duration_s=1.0,
        files={},
        findings=Findings(controls=controls),
    )


@pytest.mark.parametrize("failed", [0, 100])
def test_missed_controls_void_a_pass_and_a_failure_alike(failed: int) -> None:
    missed = tally(("known_good", "model", 10, 10), ("known_bad", "model", 10, 0)).controls
    result = decided(missed, failed=failed)
    assert (result.decision, result.exit_code) == ("void", 5)
    assert result.reasons[0] == missed.void[0]
    assert result.controls == missed


def test_no_pass_rests_on_a_judge_whose_test_did_not_end() -> None:
    counted = tally(("known_good", "model", 10, 0), ("known_bad", "model", 10, 0))
    assert decided(counted.controls).decision == "pass"
    counted.plant(control("known_bad"))
    result = decided(counted.controls)
    assert result.decision == "inconclusive"
    assert any("before its judge had been tested" in reason for reason in result.reasons)
