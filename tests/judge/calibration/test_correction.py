"""From labels to what the gate may decide."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from harness.contracts import VerdictStrata
from judge.calibration.correction import Calibration, Line
from judge.statistics import SequentialTest, State

MEASURED = Calibration(tp=190, fn=10, tn=198, fp=2)
COUNT = st.integers(0, 120)
CALIBRATIONS = st.builds(Calibration, tp=COUNT, fn=COUNT, tn=COUNT, fp=COUNT)


def read(calibration: Calibration, failed: int, judged: int) -> State:
    """Return what is known after failures that lie evenly among the verdicts."""
    test = SequentialTest(calibration=calibration)
    for number in range(judged):
        test.update(int((number + 1) * failed // judged > number * failed // judged), 1)
    return test.state


def test_two_hundred_labels_of_each_kind_leave_one_to_five_per_cent_undecided() -> None:
    correction = MEASURED.against(0.02, 0.03)
    lower, upper = correction.undecidable or (0.0, 0.0)
    assert 0.009 < lower < 0.0105
    assert 0.045 < upper < 0.0485
    assert (correction.can_pass, correction.can_fail) == (True, True)


def test_more_labels_leave_less_undecided() -> None:
    few = MEASURED.against(0.02, 0.03).band
    many = Calibration(tp=1900, fn=100, tn=1980, fp=20).against(0.02, 0.03).band
    assert few[0] < many[0] < 0.02 * 0.95 + 0.98 * 0.01 < many[1] < few[1]


@given(sensitivity=st.floats(0.5, 1.0), false_alarms=st.floats(0.0, 0.4), rate=st.floats(0.0, 1.0))
def test_a_line_is_undone_by_rogan_and_gladen(sensitivity: float, false_alarms: float, rate: float) -> None:
    line = Line(sensitivity, false_alarms)
    assert line.rate(line.apparent(rate)) == pytest.approx(rate, abs=1e-9)


@tuned(deadline=None, max_examples=60)
@given(calibration=CALIBRATIONS, threshold=st.floats(0.005, 0.5))
def test_the_band_holds_what_was_measured(calibration: Calibration, threshold: float) -> None:
    correction = calibration.against(threshold, 0.03)
    lower, upper = correction.band
    assert 0.0 <= lower <= upper <= 1.0
    if correction.middle is not None:
        assert lower <= correction.middle.apparent(threshold) <= upper


@tuned(deadline=None, max_examples=40)
@given(
    calibration=CALIBRATIONS,
    outcomes=st.lists(st.integers(0, 9).map(lambda n: n == 0), min_size=1, max_size=150),
    threshold=st.floats(0.01, 0.5),
)
def test_bounds_hold_the_corrected_estimate_and_agree_with_the_decision(
    calibration: Calibration, outcomes: list[bool], threshold: float
) -> None:
    test = SequentialTest(threshold, calibration=calibration)
    for failed in outcomes:
        state = test.update(int(failed), 1)
        assert 0.0 <= state.lower <= state.upper <= 1.0
        assert (state.decision == "pass") == (state.upper < threshold)
        assert (state.decision == "fail") == (state.lower > threshold)
        if state.decision == "undecided" and state.estimate is not None:
            assert state.lower <= state.estimate <= state.upper
    assert state.raw.estimate == sum(outcomes) / len(outcomes)
    assert state.corrected is not None
    assert (state.corrected.lower, state.corrected.upper) == (state.lower, state.upper)


def test_what_false_alarms_explain_is_no_failure() -> None:
    """At 1 % apparent failures a judge that fails 1 % of good answers has seen nothing bad."""
    state = read(MEASURED, 40, 4000)
    assert state.decision == "pass"
    assert state.estimate == pytest.approx(0.0, abs=1e-12)
    assert state.raw.estimate == 0.01
    assert SequentialTest().state.corrected is None


def test_a_rate_within_the_band_is_decided_by_no_number_of_prompts() -> None:
    test = SequentialTest(calibration=MEASURED)
    assert test.update(30_000, 1_000_000).decision == "undecided"
    assert test.state.lower == pytest.approx(0.0, abs=0.001)
    assert test.state.upper == pytest.approx(0.033, abs=0.003)


@pytest.mark.parametrize("useless", [Calibration(tp=50, fn=50, tn=50, fp=50), Calibration(tp=1, fn=9, tn=1, fp=9)])
def test_a_judge_that_is_no_better_than_chance_decides_nothing(useless: Calibration) -> None:
    for failed in (0, 5000, 10_000):
        state = SequentialTest(calibration=useless).update(failed, 10_000)
        assert (state.decision, state.estimate, state.lower, state.upper) == ("undecided", None, 0.0, 1.0)


def test_without_a_bad_label_nothing_passes_and_much_failing_still_fails() -> None:
    """The judge may see no bad answer at all; but if it fails few good ones, many failures mean bad answers."""
    blind = Calibration(tn=300)
    assert SequentialTest(calibration=blind).update(0, 100_000).decision == "undecided"
    assert SequentialTest(calibration=blind).update(200, 1000).decision == "fail"
    assert SequentialTest(calibration=blind).update(200, 1000).estimate is None


def test_without_a_good_label_nothing_fails_and_no_failure_still_passes() -> None:
    strict = Calibration(tp=300)
    assert SequentialTest(calibration=strict).update(900, 1000).decision == "undecided"
    assert SequentialTest(calibration=strict).update(0, 2000).decision == "pass"


def test_without_any_label_nothing_is_decided() -> None:
    for failed in (0, 100_000):
        assert SequentialTest(calibration=Calibration()).update(failed, 100_000).decision == "undecided"


def test_a_threshold_below_what_specificity_allows_cannot_be_passed() -> None:
    """With 5 % false alarms known this badly, even a flawless release may show more than 0.2 % would."""
    correction = Calibration(tp=95, fn=5, tn=190, fp=10).against(0.002, 0.03)
    assert not correction.can_pass
    assert correction.undecidable is not None
    assert correction.undecidable[0] == 0.0


def test_time_outs_which_no_judge_overlooks_fail_no_release_that_has_few_of_them() -> None:
    """Behind a judge that misses half, 1.5 % of time-outs show more failures than 2 % of bad answers."""
    half = Calibration(tp=2500, fn=2500, tn=4950, fp=50)
    apparent = round(100_000 * (0.015 + 0.985 * 0.01))
    assert apparent > 100_000 * (half.middle or Line(1, 0)).apparent(0.02)
    assert SequentialTest(calibration=half).update(apparent, 100_000).decision == "undecided"
    assert SequentialTest(calibration=half).update(5000, 100_000).decision == "fail"


def test_the_false_alarms_of_three_answers_fail_no_release_of_conversations() -> None:
    """With 1 % false alarms an answer, 3 % of good conversations of three turns show a failure."""
    card = Calibration(tp=1900, fn=100, tn=1980, fp=20)
    three = replace(card, turns=3.0)
    apparent = round(100_000 * (0.01 * 0.952 + 0.99 * (1 - 0.99**3)))
    assert SequentialTest(calibration=card).update(apparent, 100_000).decision == "fail"
    state = SequentialTest(calibration=three).update(apparent, 100_000)
    assert state.decision == "undecided"
    assert state.estimate == pytest.approx(0.01, abs=0.0005)
    assert state.lower < 0.01 < state.upper
    assert SequentialTest(calibration=three).update(9000, 100_000).decision == "fail"
    assert SequentialTest(calibration=three).update(500, 100_000).decision == "pass"


@tuned(deadline=None, max_examples=50)
@given(calibration=CALIBRATIONS, starts=st.lists(st.floats(0.0, 0.999), min_size=1, max_size=6))
def test_no_good_conversation_fails_more_often_than_the_high_line_however_errors_hang_together(
    calibration: Calibration, starts: list[float]
) -> None:
    """Each answer is failed wrongly on a part of all occasions that begins anywhere: apart from the others' or within them."""
    alarms = calibration.most_false_alarms(0.03)
    fails = sum(any((place / 1000 - start) % 1.0 < alarms for start in starts) for place in range(1000)) / 1000
    line = replace(calibration, turns=float(len(starts))).high_line(0.03)
    assert fails <= line.apparent(0.0) + 0.001 * len(starts)


@pytest.mark.parametrize("turns", [0.5, math.nan, math.inf])
def test_a_prompt_has_at_least_one_answer(turns: float) -> None:
    with pytest.raises(ValueError, match="turns"):
        Calibration(turns=turns)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="fp"):
        Calibration(fp=-1)


@pytest.mark.parametrize(("true_rate", "wrong"), [(0.02, "pass"), (0.02, "fail"), (0.015, "fail"), (0.03, "pass")])
def test_few_decisions_are_wrong_though_every_card_is_measured_anew(true_rate: float, wrong: str) -> None:
    """Of 120 gates, each with its own labels, at most 5 % and two and a half deviations more decide wrongly."""
    rng = random.Random(3)
    ends = []
    for _ in range(120):
        tp, tn = sum(rng.random() < 0.95 for _ in range(60)), sum(rng.random() < 0.97 for _ in range(60))
        test = SequentialTest(calibration=Calibration(tp=tp, fn=60 - tp, tn=tn, fp=60 - tn))
        for _ in range(30):
            batch = sum(rng.random() < true_rate * 0.95 + (1 - true_rate) * 0.03 for _ in range(100))
            test.update(batch, 100)
        ends.append(test.state.decision)
    assert sum(end == wrong for end in ends) <= 12


def test_labels_drawn_by_verdict_know_specificity_well_and_sensitivity_badly() -> None:
    """200 flagged answers and 200 of 9,800 passes: half of the flagged are bad, one of the audited passes."""
    strata = VerdictStrata(flagged=200, passed=200, passed_weight=49, tp=100, fp=100, fn=1, tn=199)
    calibration = Calibration(tp=100, fp=100, fn=1, tn=199, strata=strata)
    assert calibration.sensitivity == pytest.approx(100 / 149)
    assert calibration.specificity == pytest.approx(1 - 100 / (100 + 9751))
    sensitivity, specificity = calibration.sides(0.025)
    assert sensitivity[0] < 0.4
    assert sensitivity[1] > 0.95
    assert 0.98 < specificity[0] < 0.99 < specificity[1]
