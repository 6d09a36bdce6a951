"""What to label next."""

from harness.contracts import VerdictStrata
from judge.calibration.advice import needs, waiting
from judge.calibration.correction import CALIBRATION_SHARE, Calibration
from judge.calibration.labelling import settled
from tests.judge.calibration.records import JUDGE, item, store

MEASURED = Calibration(tp=190, fn=10, tn=198, fp=2)


def test_good_answers_are_what_a_low_threshold_needs() -> None:
    """At 2 % the share of good answers that the judge fails weighs fifty times the share of bad ones that it misses."""
    to_pass, to_fail = needs(MEASURED, 0.01, 0.95)
    assert (to_pass.decision, to_fail.decision) == ("pass", "fail")
    assert to_pass.reachable
    assert to_pass.more["good"] > 100
    assert to_pass.more["good"] > to_pass.more["bad"]


def test_with_that_many_labels_the_release_can_be_decided() -> None:
    to_pass = needs(MEASURED, 0.01, 0.95)[0]
    good, bad = (200 + to_pass.more[kind] for kind in ("good", "bad"))
    more = Calibration(tp=0.95 * bad, fn=0.05 * bad, tn=0.99 * good, fp=0.01 * good)
    band = more.against(0.01, CALIBRATION_SHARE * 0.05).band
    assert MEASURED.against(0.01, CALIBRATION_SHARE * 0.05).band[0] < 0.0147 < band[0] * 1.01


def test_enough_labels_need_no_more() -> None:
    plenty = Calibration(tp=9500, fn=500, tn=99_000, fp=1000)
    assert all(not any(need.more.values()) for need in needs(plenty, 0.02, 0.95))


def test_labels_by_verdict_are_asked_for_by_verdict() -> None:
    strata = VerdictStrata(flagged=60, passed=100, passed_weight=30, tp=40, fp=20, fn=1, tn=99)
    to_pass = needs(Calibration(strata=strata), 0.02, 0.95)[0]
    assert set(to_pass.more) == {"flagged", "passed"}
    assert sum(to_pass.more.values()) > 0


def test_a_judge_that_tells_nothing_needs_no_labels() -> None:
    assert needs(Calibration(tp=5, fn=5, tn=5, fp=5), 0.02, 0.95) == []
    assert needs(Calibration(tn=5), 0.02, 0.95) == []


def test_what_waits_for_a_label_is_counted_by_verdict() -> None:
    items, labels = store(1, 1, 1, 1)
    more = [item(10, passed=False), item(11, passed=True), item(12, passed=True), item(13, passed=None)]
    left = waiting(JUDGE, [*items, *more, item(14, passed=False, sampled="control")], settled(labels))
    assert (left.flagged, left.passed) == (1, 2)
