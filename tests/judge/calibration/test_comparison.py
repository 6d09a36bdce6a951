"""Two judges on the same labels."""

import json

import pytest

from harness.contracts import Label, ReviewItem
from harness.errors import UsageError
from judge.calibration.comparison import compare
from tests.judge.calibration.records import JUDGE, drawn, item, label, store


def both(changes: int, worse: int = 0) -> tuple[list[ReviewItem], list[Label]]:
    """Return answers that a second judge sees differently: so many rightly where the first was wrong, and the reverse."""
    items, labels = store(20, 15, 60, 5)
    again = []
    for n, one in enumerate(items):
        turned = 20 <= n < 20 + changes or n < worse
        again.append(item(n, passed=not one.passed if turned else one.passed, judge_id="judge-2"))
    return [*items, *again], labels


def test_a_judge_that_is_right_where_the_other_was_wrong_is_better() -> None:
    found = compare(JUDGE, "judge-2", *both(10))
    assert (found.answers, found.only_first_right, found.only_second_right) == (100, 0, 10)
    assert found.better == "judge-2"
    assert found.sensitivity.estimate == pytest.approx(10 / 35)
    assert 0.1 < found.sensitivity.lower < found.sensitivity.upper < 0.5
    assert found.specificity.estimate == 0.0
    assert not found.weighted
    assert json.loads(json.dumps(found.to_dict()))["better"] == "judge-2"


def test_the_same_from_the_other_side() -> None:
    found = compare("judge-2", JUDGE, *both(10))
    assert found.better == "judge-2"
    assert found.accuracy.estimate == pytest.approx(-0.1)


def test_a_difference_that_chance_explains_makes_none_better() -> None:
    found = compare(JUDGE, "judge-2", *both(3, worse=2))
    assert found.better is None
    assert found.p_value == 1.0


def test_labels_drawn_by_a_verdict_are_reweighted() -> None:
    items, labels = both(10)
    unseen = [item(500 + n, passed=True) for n in range(400)]
    found = compare(JUDGE, "judge-2", [*items, *unseen], labels)
    assert found.weighted
    assert (found.sensitivity.estimate or 0.0) > 10 / 35


def test_judges_without_a_shared_labelled_answer_cannot_be_compared() -> None:
    with pytest.raises(UsageError, match="both"):
        compare(JUDGE, "judge-3", *both(1))


def test_two_judges_that_are_equally_good_stay_so_though_the_first_ones_verdicts_chose_the_labels() -> None:
    """Each fails 20 of 400 good answers alone and 20 with the other; of the passes every tenth is in the store."""
    items, labels = [], []
    for n in range(400):
        for judge_id, wrong in ((JUDGE, range(20)), ("judge-2", range(20, 40))):
            failed, audited = n in wrong or 40 <= n < 60, n % 10 == 0
            if failed or audited:
                kept = item(
                    n, passed=not failed, judge_id=judge_id, rate=1.0 if failed else 0.1, sampled=drawn(failed=failed)
                )
                items.append(kept)
                labels += [label(kept, "good")] if judge_id == JUDGE else []
    found = compare(JUDGE, "judge-2", items, labels)
    assert (found.only_first_right, found.only_second_right, found.weighted) == (2, 2, True)
    assert found.specificity.estimate == pytest.approx(0.0)
    assert found.better is None


def test_without_an_audit_nothing_is_better() -> None:
    """Where the judges differ, the answer is only there if the one that passed it disputed it."""
    items, labels = [], []
    for n in range(40):
        first = item(n, passed=n < 20, sampled="disputed" if n < 20 else "flagged")
        items += [first, item(n, passed=False, judge_id="judge-2", sampled="flagged")]
        labels.append(label(first, "bad"))
    found = compare(JUDGE, "judge-2", items, labels)
    assert found.p_value < 0.001
    assert found.better is None
