"""The sequential test: its guarantee, its bounds, its speed of deciding."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from judge.statistics import ABOVE, BELOW, SequentialTest, State, log_evidence

RATES = st.floats(0.001, 0.6)
COUNTS = st.tuples(st.integers(0, 300), st.integers(0, 300))


def decide(true_rate: float, rng: random.Random, *, cap: int = 5000) -> tuple[str, int]:
    test = SequentialTest(threshold=0.02, confidence=0.95)
    for count in range(1, cap + 1):
        state = test.update(failed=int(rng.random() < true_rate), judged=1)
        if state.decision != "undecided":
            return state.decision, count
    return "undecided", cap


def read(outcomes: list[bool], threshold: float = 0.02) -> list[State]:
    test = SequentialTest(threshold=threshold)
    return [test.update(int(failed), 1) for failed in outcomes]


def test_a_flawless_release_passes_after_fewer_than_210_prompts() -> None:
    decision, count = decide(0.0, random.Random(1))
    assert decision == "pass"
    assert 149 <= count <= 200


@pytest.mark.parametrize(
    ("true_rate", "wanted", "most"), [(0.01, "pass", 1500), (0.05, "fail", 400), (0.10, "fail", 90)]
)
def test_releases_off_the_threshold_are_decided_early(true_rate: float, wanted: str, most: int) -> None:
    rng = random.Random(11)
    runs = [decide(true_rate, rng) for _ in range(40)]
    assert sum(decision == wanted for decision, _ in runs) >= 38
    assert sum(count for _, count in runs) / len(runs) <= most


def test_at_the_threshold_few_runs_decide_either_way() -> None:
    """Of 80 runs looked at 1,500 times, each kind of error stays near 5 % or below (bound: 5 % plus two and a half deviations)."""
    rng = random.Random(5)
    decisions = [decide(0.02, rng, cap=1500)[0] for _ in range(80)]
    assert decisions.count("pass") <= 9
    assert decisions.count("fail") <= 9


@given(threshold=st.floats(0.005, 0.9), share=st.floats(0.0, 1.0), failed=st.integers(0, 6), passed=st.integers(0, 6))
def test_evidence_never_grows_on_average_where_its_null_holds(
    threshold: float, share: float, failed: int, passed: int
) -> None:
    """The supermartingale property, exactly: the mean of the two possible next values is at most the present one."""
    beyond = threshold + share * (1 - threshold)
    short = threshold * share
    for mixture, rate in ((BELOW, beyond), (ABOVE, short)):
        now = math.exp(log_evidence(mixture, threshold, failed, passed))
        after_failure = math.exp(log_evidence(mixture, threshold, failed + 1, passed))
        after_pass = math.exp(log_evidence(mixture, threshold, failed, passed + 1))
        assert rate * after_failure + (1 - rate) * after_pass <= now * (1 + 1e-9)


@given(threshold=st.floats(0.005, 0.9), length=st.integers(1, 9))
def test_evidence_has_mean_one_at_the_threshold_by_enumeration(threshold: float, length: int) -> None:
    for mixture in (BELOW, ABOVE):
        mean = sum(
            math.comb(length, k)
            * threshold**k
            * (1 - threshold) ** (length - k)
            * math.exp(log_evidence(mixture, threshold, k, length - k))
            for k in range(length + 1)
        )
        # At high thresholds some alternatives of ABOVE would exceed 1 and are cut there; they stay alternatives.
        assert mean == pytest.approx(1.0, rel=1e-6)


def test_mixtures_are_probability_distributions_on_their_own_side() -> None:
    for mixture in (BELOW, ABOVE):
        assert sum(weight for _, weight in mixture) == pytest.approx(1.0)
    assert all(0 <= ratio < 1 for ratio, _ in BELOW)
    assert all(ratio > 1 for ratio, _ in ABOVE)


@given(outcomes=st.lists(st.booleans(), min_size=1, max_size=120), threshold=RATES)
def test_bounds_hold_the_estimate_and_agree_with_the_decision(outcomes: list[bool], threshold: float) -> None:
    for state in read(outcomes, threshold):
        assert state.estimate is not None
        assert 0.0 <= state.lower <= state.upper <= 1.0
        assert (state.decision == "pass") == (state.upper < threshold)
        assert (state.decision == "fail") == (state.lower > threshold)
        if state.decision == "undecided":
            assert state.lower <= state.estimate <= state.upper


@given(outcomes=st.lists(st.integers(0, 39).map(lambda n: n == 0), min_size=1, max_size=300))
def test_bounds_close_in_until_verdicts_contradict_them(outcomes: list[bool]) -> None:
    """The interval is the intersection over all looks, widened only so far that it holds the estimate."""
    lower, upper = 0.0, 1.0
    for state in read(outcomes):
        assert state.estimate is not None
        assert state.upper <= max(upper, state.estimate) + 1e-12
        assert state.lower >= min(lower, state.estimate) - 1e-12
        lower, upper = state.lower, state.upper


@given(outcomes=st.lists(st.booleans(), min_size=1, max_size=80), asked=st.sets(st.integers(0, 79)))
def test_bounds_do_not_depend_on_when_they_are_asked_for(outcomes: list[bool], asked: set[int]) -> None:
    every = [(state.lower, state.upper) for state in read(outcomes)]
    states = read(outcomes)
    some = {i: (states[i].lower, states[i].upper) for i in sorted(asked, reverse=True) if i < len(states)}
    assert all(every[i] == bounds for i, bounds in some.items())


@given(failed=st.integers(0, 30), passed=st.integers(0, 400))
def test_a_batch_knows_what_single_verdicts_know_at_its_end(failed: int, passed: int) -> None:
    """Where no look inside the batch decides, the counts alone decide."""
    if not failed + passed:
        return
    whole = SequentialTest().update(failed, failed + passed)
    single = SequentialTest()
    for outcome in [0] * passed + [1] * failed:
        state = single.update(outcome, 1)
    assert (state.failed, state.judged, state.estimate) == (whole.failed, whole.judged, whole.estimate)
    assert whole.decision in (state.decision, "undecided") or state.decision != "undecided"
    assert whole.upper >= state.upper - 1e-12 or state.decision != "undecided"


@given(a=COUNTS, b=COUNTS)
def test_more_failures_never_help(a: tuple[int, int], b: tuple[int, int]) -> None:
    """With the same number of verdicts, more failures mean less evidence for passing and more for failing."""
    judged = max(a[0], b[0]) + max(a[1], b[1])
    fewer, more = sorted((a[0], b[0]))
    if not judged:
        return
    assert log_evidence(BELOW, 0.02, fewer, judged - fewer) >= log_evidence(BELOW, 0.02, more, judged - more) - 1e-9
    assert log_evidence(ABOVE, 0.02, fewer, judged - fewer) <= log_evidence(ABOVE, 0.02, more, judged - more) + 1e-9


@given(low=st.floats(0.001, 0.98), high=st.floats(0.001, 0.98), counts=COUNTS)
def test_evidence_is_monotone_in_the_threshold(low: float, high: float, counts: tuple[int, int]) -> None:
    """So what inverts it is an interval."""
    low, high = sorted((low, high))
    assert log_evidence(BELOW, low, *counts) <= log_evidence(BELOW, high, *counts) + 1e-9
    assert log_evidence(ABOVE, low, *counts) >= log_evidence(ABOVE, high, *counts) - 1e-9


@tuned(max_examples=25)
@given(outcomes=st.lists(st.booleans(), min_size=250, max_size=400), after=st.integers(0, 1))
def test_a_decision_stands_whatever_comes_after_it(outcomes: list[bool], after: int) -> None:
    test = SequentialTest(threshold=0.3)
    decided = None
    for failed in [*outcomes, *[after] * 300]:
        state = test.update(int(failed), 1)
        decided = decided or (state.decision if state.decision != "undecided" else None)
        assert decided is None or state.decision == decided
    assert state.judged == len(outcomes) + 300


def test_fifty_flawless_prompts_exclude_high_rates_and_certify_nothing() -> None:
    state = SequentialTest().update(failed=0, judged=50)
    assert state.decision == "undecided"
    assert 0.058 < state.upper < 0.08
    assert state.lower == 0.0


def test_nothing_is_known_before_the_first_verdict() -> None:
    state = SequentialTest().state
    assert (state.decision, state.estimate, state.lower, state.upper) == ("undecided", None, 0.0, 1.0)
    assert SequentialTest().update(0, 0) == state


def test_all_failures_fail_and_leave_the_upper_bound_open() -> None:
    state = SequentialTest().update(failed=8, judged=8)
    assert (state.decision, state.upper) == ("fail", 1.0)


def test_extreme_counts_stay_finite() -> None:
    state = SequentialTest().update(failed=500_000, judged=10_000_000)
    assert state.decision == "fail"
    assert 0.049 < state.lower < 0.05 < state.upper < 0.051


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.1, 1.5, math.nan])
def test_a_threshold_outside_its_range_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        SequentialTest(threshold=threshold)


@pytest.mark.parametrize("confidence", [0.5, 1.0, 0.0, math.nan])
def test_a_confidence_outside_its_range_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        SequentialTest(confidence=confidence)


@pytest.mark.parametrize(("failed", "judged"), [(-1, 1), (0, -1), (2, 1), (0.5, 1), (0, "1")])
def test_impossible_counts_are_refused_and_change_nothing(failed: int, judged: int) -> None:
    test = SequentialTest()
    with pytest.raises(ValueError, match=r"failed|judged"):
        test.update(failed, judged)
    assert test.state.judged == 0


def test_lower_confidence_decides_sooner() -> None:
    def needed(confidence: float) -> int:
        test = SequentialTest(confidence=confidence)
        return next(n for n in range(1, 1000) if test.update(0, 1).decision == "pass")

    assert needed(0.8) < needed(0.95) < needed(0.99)
