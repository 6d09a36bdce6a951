"""The same prompts alone and under load."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.contracts import Exchange, Pair, Verdict
from judge.pairing import Pairing
from judge.reading import Reading
from judge.statistics import SequentialTest
from tests.judge.records import Fate, exchange, plan, verdict


def of(prompt_id: str, arm: str, fate: Fate, **values: Any) -> tuple[Exchange, Verdict]:
    text = f"{arm} says so" if "response_text" not in values else values.pop("response_text")
    came = exchange(prompt_id, arm=arm, response_text=text, **values)
    return came, verdict(came, fate)


def pairing(prompt_ids: Sequence[str], **turns: int) -> Pairing:
    paired = plan(prompt_ids, arm="load").model_copy(
        update={"pairs": [Pair(prompt_id=prompt_id, first="control") for prompt_id in prompt_ids]}
    )
    return Pairing(paired, turns)


def test_pairs_are_counted_by_the_side_that_failed() -> None:
    pairs = pairing(["a", "b", "c", "d"])
    for prompt_id, alone, loaded in (("a", True, True), ("b", False, True), ("c", True, False), ("d", False, False)):
        pairs.add(*of(prompt_id, "control", alone))
        pairs.add(*of(prompt_id, "load", loaded))
    assert pairs.figures == {
        "pairs": 4,
        "both_passed": 1,
        "only_control_failed": 1,
        "only_load_failed": 1,
        "both_failed": 1,
        "same_text": 0,
    }


def test_a_side_that_is_missing_or_nobody_s_fault_makes_no_pair() -> None:
    pairs = pairing(["a", "b", "c"])
    pairs.add(*of("a", "control", True))
    pairs.add(*of("b", "control", True))
    pairs.add(*of("b", "load", None))
    pairs.add(*of("c", "load", False))
    assert pairs.figures["pairs"] == 0


def test_repeats_probes_and_prompts_of_no_pair_are_passed_over() -> None:
    pairs = pairing(["a"])
    for arm in ("control", "load"):
        pairs.add(*of("a", arm, False, attempt=2))
        pairs.add(*of("z", arm, False))
    pairs.add(*of("a", "golden", False))
    assert pairs.figures["pairs"] == 0
    assert "a" in pairs
    assert "z" not in pairs


def test_a_conversation_passes_when_all_its_turns_do() -> None:
    pairs = pairing(["a"], a=2)
    for arm, second in (("control", True), ("load", False)):
        pairs.add(*of("a", arm, True, turn=0))
        assert pairs.figures["pairs"] == 0
        pairs.add(*of("a", arm, second, turn=1))
    assert pairs.figures["only_load_failed"] == 1


def test_answers_that_are_the_same_in_every_turn_are_counted() -> None:
    pairs = pairing(["a", "b", "c"], a=2)
    for arm in ("control", "load"):
        pairs.add(*of("a", arm, True, turn=0, response_text="Nine."))
        pairs.add(*of("a", arm, True, turn=1, response_text="Ten." if arm == "load" else "Eleven."))
        pairs.add(*of("b", arm, True, response_text="Nine."))
        pairs.add(*of("c", arm, False, response_text=""))
    assert (pairs.figures["pairs"], pairs.figures["same_text"]) == (3, 1)


@given(
    fates=st.lists(st.tuples(st.sampled_from([True, False, None]), st.sampled_from([True, False, None])), max_size=30)
)
def test_every_judged_pair_is_counted_exactly_once_and_none_enters_the_rate(fates: list[tuple[Fate, Fate]]) -> None:
    ids = [f"p-{number}" for number in range(len(fates))]
    pairs, read = pairing(ids), Reading(plan(ids, arm="load"), {}, SequentialTest(threshold=0.02))
    for prompt_id, sides in zip(ids, fates, strict=True):
        for arm, fate in zip(("control", "load"), sides, strict=True):
            came = of(prompt_id, arm, fate)
            pairs.add(*came)
            if arm == "control":
                read.add(*came)
    figures = pairs.figures
    assert figures["pairs"] == sum(None not in sides for sides in fates)
    assert figures["pairs"] == sum(figures[name] for name in figures if name not in {"pairs", "same_text"})
    assert (read.state.judged, read.counts.sent) == (0, 0)
