"""Reading in the plan's order: what comes back first must not decide."""

import random
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from harness.contracts import CriterionResult, Exchange, Verdict
from judge.reading import Reading
from judge.statistics import SequentialTest
from tests.judge.records import Fate, exchange, plan, verdict

FAILED = CriterionResult(name="groundedness", passed=False, score=0.2)
LEAK = CriterionResult(name="pii_leak", passed=False, score=0.0)
FINE = CriterionResult(name="groundedness", passed=True, score=0.9)


def of(prompt_id: str, fate: Fate, **values: Any) -> tuple[Exchange, Verdict]:
    came = exchange(prompt_id, **values)
    return came, verdict(came, fate)


def reading(order: list[str], turns: dict[str, int] | None = None, threshold: float = 0.02, **values: Any) -> Reading:
    return Reading(plan(order, **values), turns or {}, SequentialTest(threshold=threshold))


def test_slow_failures_are_not_outrun_by_fast_passes() -> None:
    """250 good answers that come first decide nothing while earlier prompts are still out."""
    order = [f"p-{i}" for i in range(300)]
    slow = [p for i, p in enumerate(order) if i % 3 == 0]
    read = reading(order)
    for p in order:
        if p not in slow:
            read.add(*of(p, True))
    assert read.state.judged == 0
    assert read.held_back == 200
    for p in slow:
        read.add(*of(p, False))
    assert read.state.decision == "fail"


@st.composite
def conversations(draw: st.DrawFn) -> tuple[list[str], dict[str, int], list[tuple[Exchange, Verdict]]]:
    """Return a plan's order, turn counts and all outcomes, in the plan's order."""
    order = [f"p-{i}" for i in range(draw(st.integers(1, 60)))]
    turns = {p: draw(st.integers(1, 3)) for p in order}
    came = []
    for p in order:
        for turn in range(turns[p]):
            outcome = draw(st.sampled_from(["answered"] * 8 + ["http_error", "throttled"]))
            fate = draw(st.sampled_from([True] * 6 + [False, None]))
            sent = exchange(p, turn=turn, outcome=outcome)
            if outcome == "throttled":
                came.append((sent, verdict(sent, None, ledger="infrastructure")))
            else:
                came.append((sent, verdict(sent, False if outcome == "http_error" else fate, FINE)))
            if outcome != "answered":
                break
    return order, turns, came


@tuned(max_examples=60)
@given(run=conversations(), seed=st.integers(0, 1000), threshold=st.sampled_from([0.02, 0.2, 0.5]))
def test_any_order_of_completion_gives_the_same_decision(
    run: tuple[list[str], dict[str, int], list[tuple[Exchange, Verdict]]], seed: int, threshold: float
) -> None:
    order, turns, came = run
    results = []
    for shuffled in (came, random.Random(seed).sample(came, len(came))):
        read = reading(order, turns, threshold)
        for outcome in shuffled:
            read.add(*outcome)
        results.append((read.state, read.decided_at, read.evidence, read.counts, read.ledgers, read.criteria))
    assert results[0] == results[1]


def test_a_prompt_fails_when_any_of_its_turns_fails() -> None:
    read = reading(["a"], {"a": 3})
    read.add(*of("a", True, turn=0))
    assert read.state.judged == 0
    read.add(*of("a", False, turn=1))
    assert (read.state.judged, read.state.failed) == (1, 1)
    read.add(*of("a", True, turn=2))
    assert (read.state.judged, read.state.failed, read.counts.judged) == (1, 1, 1)


def test_a_conversation_that_breaks_off_is_known_at_its_last_reply() -> None:
    read = reading(["a", "b"], {"a": 3, "b": 1})
    came = exchange("a", turn=1, outcome="throttled")
    read.add(came, verdict(came, None, ledger="infrastructure"))
    assert read.ledgers.infrastructure == 0
    read.add(*of("a", True, turn=0))
    assert read.ledgers.infrastructure == 1


def test_other_ledgers_are_left_out_and_hold_nothing_back() -> None:
    read = reading(["a", "b", "c"])
    came = exchange("a", outcome="connection_error")
    read.add(came, verdict(came, None, ledger="infrastructure"))
    read.add(*of("b", None))
    read.add(*of("c", True))
    assert read.state.judged == 1
    assert (read.ledgers.target, read.ledgers.judge, read.ledgers.infrastructure) == (1, 1, 1)
    assert (read.counts.sent, read.counts.judged, read.counts.failed) == (3, 1, 0)


def test_repeats_other_arms_controls_and_strangers_do_not_count() -> None:
    read = reading(["a"])
    read.add(*of("a", False, attempt=2))
    read.add(*of("a", False, arm="load"))
    read.add(*of("stranger", False))
    came = exchange("a")
    read.add(came, verdict(came, False).model_copy(update={"control": "known_bad"}))
    assert (read.state.judged, read.counts.sent) == (0, 0)


def test_the_load_arm_is_read_where_the_plan_says_so() -> None:
    read = reading(["a"], arm="load")
    read.add(*of("a", False))
    assert read.state.judged == 0
    read.add(*of("a", True, arm="load"))
    assert read.state.judged == 1


def test_prompts_set_aside_by_thinning_are_counted_and_read_by_no_test() -> None:
    read = reading(["a", "b"], counted=1)
    read.add(*of("b", False))
    read.add(*of("a", True))
    assert (read.state.judged, read.state.failed) == (1, 0)
    assert (read.counts.judged, read.counts.failed) == (2, 1)


def test_the_same_exchange_read_twice_counts_once() -> None:
    read = reading(["a", "b"])
    for _ in range(2):
        read.add(*of("a", True))
    assert (read.state.judged, read.counts.sent, read.counts.judged) == (1, 1, 1)


def test_criteria_are_counted_by_prompt_most_failures_first() -> None:
    read = reading(["a", "b"], {"a": 2})
    for turn in (0, 1):
        came = exchange("a", turn=turn)
        read.add(came, verdict(came, False, FAILED, CriterionResult(name="cut_off", passed=True, score=1.0)))
    came = exchange("b")
    read.add(came, verdict(came, True, FINE, CriterionResult(name="empty", passed=None)))
    assert [(c.name, c.judged, c.failed) for c in read.criteria] == [("groundedness", 2, 1), ("cut_off", 1, 0)]


def test_a_confirmed_hit_is_noticed_in_any_arm_and_attempt() -> None:
    read = reading(["a"])
    repeat = exchange("a", arm="load", attempt=3)
    read.add(repeat, verdict(repeat, False, LEAK, FAILED))
    read.add(repeat, verdict(repeat, False, LEAK, FAILED))
    assert read.zero_tolerance_hits(["pii_leak", "groundedness", "canary_leak"]) == {"pii_leak": ["a"]}


def test_golden_prompts_are_told_apart() -> None:
    read = reading(["a"])
    assert read.golden == {}
    read.add(*of("g-1", False, arm="golden"))
    read.add(*of("g-2", True, arm="golden"))
    assert read.golden == {"g-1": "failed", "g-2": "passed"}
    assert read.state.judged == 0


def test_evidence_is_thinned_and_keeps_the_deciding_and_the_last_point() -> None:
    order = [f"p-{i}" for i in range(3000)]
    read = reading(order)
    for p in order:
        read.add(*of(p, True))
    points = read.evidence
    assert 100 < len(points) < 400
    assert [point.judged for point in points[:50]] == list(range(1, 51))
    assert points[-1].judged == 3000
    deciding = next(point for point in points if point.decision == "pass")
    assert deciding.judged == read.decided_at
    assert all(later.upper <= earlier.upper for earlier, later in pairwise(points))


def test_after_the_decision_counts_go_on_and_the_decision_stands() -> None:
    order = [f"p-{i}" for i in range(400)]
    read = reading(order)
    for i, p in enumerate(order):
        read.add(*of(p, i < 250))
    assert read.state.decision == "pass"
    assert read.counts.failed == 150
    assert read.decided_at is not None
    assert read.decided_at < 210
