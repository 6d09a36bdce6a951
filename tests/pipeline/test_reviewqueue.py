"""Which answers a person is asked about, and in which order."""

import pytest

from harness.config import GateSection
from harness.errors import UsageError
from pipeline.reviewqueue import Selection, advice, selected
from tests.judge.calibration.records import JUDGE, item, label, store

FAILED = [item(number, passed=False, sampled="flagged", criteria={"refusal": False}) for number in range(20)]
PASSED = [item(100 + number, passed=True, rate=0.1, criteria={"refusal": True}) for number in range(30)]
REST = [item(200, passed=None, sampled="disputed"), item(201, passed=True, sampled="control")]
ITEMS = [*PASSED, *REST, *FAILED]


def verdicts(*, blind: bool = True) -> list[bool | None]:
    """Return the verdicts of all answers in their order."""
    return [one.passed for one in selected(ITEMS, [], Selection(blind=blind))]


def test_failed_answers_come_first_where_the_verdict_is_shown() -> None:
    shown = verdicts(blind=False)
    assert shown[:20] == [False] * 20
    assert shown[20:50] == [True] * 30


def test_the_blind_order_does_not_tell_the_verdict() -> None:
    """About every other answer is a failed one while there are any, in no order that one could learn."""
    blind = verdicts()
    assert 5 <= blind[:20].count(False) <= 15
    assert len({tuple(blind[start : start + 5]) for start in (0, 5, 10, 15)}) > 1
    assert sorted(map(str, blind)) == sorted(map(str, verdicts(blind=False)))


def test_what_tells_nothing_about_the_judge_comes_last() -> None:
    for blind in (True, False):
        order = selected(ITEMS, [], Selection(blind=blind))
        assert {one.review_id for one in order[-2:]} == {one.review_id for one in REST}


def test_answers_with_the_same_verdict_come_by_chance_and_always_the_same_way() -> None:
    order = selected(ITEMS, [], Selection(blind=False))[:20]
    assert order != FAILED
    assert order == selected(list(reversed(ITEMS)), [], Selection(blind=False))[:20]


def test_what_anybody_labelled_is_not_asked_again_unless_for_a_second_opinion() -> None:
    labels = [label(FAILED[0], "bad"), label(FAILED[1], "bad", by="ben")]
    assert len(selected(ITEMS, labels, Selection())) == len(ITEMS) - 2
    second = selected(ITEMS, labels, Selection(reviewer="ben"))
    assert FAILED[0] in second
    assert FAILED[1] not in second
    assert len(selected(ITEMS, labels, Selection(labelled=True))) == len(ITEMS)


def test_a_criterion_is_labelled_apart_from_the_whole_answer() -> None:
    labels = [label(FAILED[0], "bad"), label(FAILED[1], "bad", criterion="refusal")]
    found = selected(ITEMS, labels, Selection(criterion="refusal", blind=False))
    assert FAILED[0] in found
    assert FAILED[1] not in found
    assert not {one.review_id for one in REST} & {one.review_id for one in found}
    with pytest.raises(UsageError, match="criterion 'refusals'"):
        selected(ITEMS, [], Selection(criterion="refusals"))


def test_one_judges_answers_are_asked_about_and_runs_go_by_their_beginning() -> None:
    newer = [
        item(n, passed=False, judge_id="judge-2").model_copy(
            update={"run_id": f"run-2{n}", "created_at": f"2026-06-0{n}T00:00:00Z"}
        )
        for n in (1, 2)
    ]
    everything = [*ITEMS, *newer]
    assert {one.judge_id for one in selected(everything, [], Selection())} == {"judge-2"}
    assert len(selected(everything, [], Selection(judge="1"))) == len(ITEMS)
    assert selected(everything, [], Selection(run="latest")) == [newer[1]]
    assert selected(everything, [], Selection(run="21")) == [newer[0]]
    for wrong in (Selection(run="2"), Selection(run="9"), Selection(judge="judge-9")):
        with pytest.raises(UsageError, match="begin with"):
            selected(everything, [], wrong)
    with pytest.raises(UsageError, match="no judged answers"):
        selected([], [], Selection())


def test_the_advice_says_how_many_more_labels_decide() -> None:
    items, labels = store(60, 5, 120, 4)
    told = advice(JUDGE, items, labels, GateSection())
    assert "more labels to pass at 1" in told
    assert "more labels to fail at 4" in told
    assert advice(JUDGE, items, [], GateSection()) == ""
