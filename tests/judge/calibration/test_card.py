"""Judge cards: what is counted, what is left out, and when a card is stale."""

import random
from datetime import timedelta

import pytest

from harness.contracts import JudgeCard
from harness.errors import UsageError
from judge.calibration.agreement import agreement, kappa_of
from judge.calibration.card import make_card, use_of
from judge.calibration.correction import Calibration
from judge.calibration.labelling import Labelled, LabelledAnswer, gather, settled
from judge.statistics import SequentialTest
from tests.judge.calibration.records import JUDGE, NOW, drawn, item, label, store


def card(tp: int = 19, fn: int = 1, tn: int = 38, fp: int = 2) -> JudgeCard:
    """Return the card of a fully labelled store."""
    return make_card(JUDGE, *store(tp, fn, tn, fp), now=NOW)


def test_a_card_counts_labels_and_measures_both_errors() -> None:
    made = card()
    assert (made.labels.bad, made.labels.good, made.labels.unsure) == (20, 40, 0)
    assert (made.overall.tp, made.overall.fn, made.overall.tn, made.overall.fp) == (19, 1, 38, 2)
    assert made.overall.sensitivity.estimate == 0.95
    assert made.overall.sensitivity.lower == pytest.approx(0.7513, abs=1e-4)
    assert made.overall.specificity.estimate == 0.95
    assert not made.weighted
    assert made.strata is None
    assert JudgeCard.from_json(made.to_json()) == made


def test_kappa_is_cohens_and_lies_in_its_interval() -> None:
    """Cohen's 1960 formula by hand: observed .95, expected .35 × .3333 + .65 × .6667."""
    kappa = card().overall.kappa
    assert kappa.estimate == pytest.approx((0.95 - (21 * 20 + 39 * 40) / 3600) / (1 - (21 * 20 + 39 * 40) / 3600))
    assert kappa.lower < (kappa.estimate or 0.0) < kappa.upper < 1.0
    assert kappa_of((1, 0, 0, 0)) is None
    assert kappa_of((25, 25, 25, 25)) == pytest.approx(0.0)


def test_kappas_interval_holds_the_truth() -> None:
    """Nominal 95 %; of 40 samples of 100 labels at most 6 may miss (three deviations)."""
    rng, cells = random.Random(2), {(True, True): 27, (True, False): 3, (False, True): 3, (False, False): 67}
    truth, missed = kappa_of((27, 3, 67, 3)) or 0.0, 0
    for _ in range(40):
        answers = [
            LabelledAnswer(f"e-{n}", bad, failed)
            for n, (bad, failed) in enumerate(rng.choices(list(cells), list(cells.values()), k=100))
        ]
        kappa = agreement(Labelled(answers=answers, verdicts=[], by_verdict=False)).kappa
        missed += not kappa.lower <= truth <= kappa.upper
    assert missed <= 6


def test_unsure_labels_and_controls_are_left_out_and_said() -> None:
    items, labels = store(3, 1, 5, 1)
    unsure, control, ungraded = item(90, passed=True), item(91, passed=False, sampled="control"), item(92, passed=None)
    labels += [label(unsure, "unsure"), label(control, "bad"), label(ungraded, "bad")]
    made = make_card(JUDGE, [*items, unsure, control, ungraded], labels, now=NOW)
    assert (made.labels.bad, made.labels.good, made.labels.unsure) == (4, 6, 1)
    assert [note.split(" ")[2:4] for note in made.notes] == [["1", "label"]] * 3


def test_the_latest_say_of_a_person_counts_and_then_the_majority() -> None:
    one = item(1, passed=True)
    said = settled(
        [
            label(one, "bad", at="2026-05-02T00:00:00Z"),
            label(one, "good", at="2026-05-03T00:00:00Z"),
            label(one, "bad", by="ben"),
        ]
    )
    assert said == {(one.review_id, None): "unsure"}
    assert settled([label(one, "good"), label(one, "good", by="ben"), label(one, "bad", by="cy")]) == {
        (one.review_id, None): "good"
    }


def test_labels_on_flagged_answers_and_an_audit_are_reweighted() -> None:
    """40 flagged, all labelled, 20 of them bad; 100 passes at one in ten, half of them labelled, 1 bad."""
    flagged = [item(n, passed=False, sampled="flagged") for n in range(40)]
    passes = [item(100 + n, passed=True, rate=0.1) for n in range(100)]
    labels = [label(one, "bad" if n < 20 else "good") for n, one in enumerate(flagged)]
    labels += [label(one, "bad" if n == 0 else "good") for n, one in enumerate(passes[:50])]
    made = make_card(JUDGE, [*flagged, *passes], labels, now=NOW)
    assert made.weighted
    assert made.overall.sensitivity.estimate == pytest.approx(20 / (20 + 1000 * 1 / 50))
    assert made.overall.specificity.estimate == pytest.approx(980 / (980 + 20))
    assert (made.overall.tp, made.overall.fn) == (20, 1)
    assert any("reweighted" in note for note in made.notes)


def test_items_of_unequal_weight_count_for_less() -> None:
    items = [item(n, passed=True, rate=0.02) for n in range(10)] + [
        item(10 + n, passed=True, sampled="disputed") for n in range(10)
    ]
    made = make_card(JUDGE, items, [label(one, "good") for one in items], now=NOW)
    assert made.strata is not None
    assert 10 < made.strata.tn < 11


def test_a_criterion_has_its_own_figures_and_a_good_answer_is_good_by_every_criterion() -> None:
    rude = [item(n, passed=False, criteria={"tone": False, "facts": True}) for n in range(3)]
    kind = [item(10 + n, passed=True, criteria={"tone": True, "facts": True}) for n in range(5)]
    labels = [label(one, "bad") for one in rude] + [label(one, "bad", criterion="tone") for one in rude]
    labels += [label(one, "good") for one in kind]
    made = make_card(JUDGE, [*rude, *kind], labels, now=NOW)
    assert made.by_criterion["tone"].tp == 3
    assert made.by_criterion["tone"].tn == 5
    assert made.by_criterion["facts"].tn == 5
    assert made.by_criterion["facts"].sensitivity.estimate is None


def test_labels_are_about_answers_so_they_carry_over_to_another_judge() -> None:
    items, labels = store(10, 0, 20, 0)
    again = [item(n, passed=one.passed if n else True, judge_id="judge-2") for n, one in enumerate(items)]
    made = make_card("judge-2", [*items, *again], labels, now=NOW)
    assert (made.overall.tp, made.overall.fn) == (9, 1)
    assert made.judge_id == "judge-2"


def test_labels_drawn_by_another_judges_verdict_do_not_carry_over() -> None:
    """They would show that judge's false alarms and hide the misses of both."""
    items, labels = store(10, 0, 20, 0)
    items += [item(500 + n, passed=True) for n in range(50)]
    again = [item(n, passed=one.passed, judge_id="judge-2") for n, one in enumerate(items[:30])]
    with pytest.raises(UsageError, match="judge-2"):
        make_card("judge-2", [*items, *again], labels, now=NOW)


def test_without_a_label_there_is_no_card() -> None:
    with pytest.raises(UsageError, match="labelled"):
        make_card(JUDGE, [item(1, passed=True)], [], now=NOW)


def test_a_run_rests_on_the_newest_valid_card_of_its_own_judge() -> None:
    items, labels = store(19, 1, 38, 2)
    old = make_card(JUDGE, items, labels, now=NOW)
    new = make_card(JUDGE, items, labels, now=NOW + timedelta(days=1))
    assert use_of([new, old], JUDGE, now=NOW + timedelta(days=2)).card == new
    assert use_of([new, old], JUDGE, now=NOW + timedelta(days=2)).standing == "valid"
    assert use_of([new, old], JUDGE, now=NOW + timedelta(days=91)).standing == "expired"
    assert use_of([old], "judge-2", now=NOW).standing == "other_judge"
    assert use_of([], JUDGE, now=NOW).standing == "missing"
    assert old.card_id != new.card_id


def test_figures_of_no_answers_are_unknown() -> None:
    empty = agreement(gather(JUDGE, [], {}))
    assert (empty.sensitivity.estimate, empty.kappa.estimate) == (None, None)
    assert (empty.specificity.lower, empty.specificity.upper) == (0.0, 1.0)


def test_labels_carried_over_from_a_whole_store_are_reweighted_by_what_the_own_verdicts_brought_in() -> None:
    """The old judge's 1,000 answers are all labelled; of the new one's passes only every tenth is in the store."""
    old, labels, new = [], [], []
    for n in range(1000):
        bad = n < 200
        old.append(item(n, passed=not bad, judge_id="judge-old"))
        labels.append(label(old[-1], "bad" if bad else "good"))
        failed = n % 5 != 0 if bad else n % 40 == 1
        if failed or n // 5 % 10 == 0:
            new.append(item(n, passed=not failed, rate=1.0 if failed else 0.1, sampled=drawn(failed=failed)))
    made = make_card(JUDGE, [*old, *new], labels, now=NOW)
    assert made.weighted
    assert made.overall.sensitivity.estimate == pytest.approx(0.8, abs=0.08)
    assert made.overall.specificity.estimate == pytest.approx(0.975, abs=0.01)


def test_flagged_answers_alone_say_nothing_about_what_was_missed() -> None:
    """Plainly counted, 20 of 20 bad answers were found: that no pass was looked at is why."""
    items = [item(n, passed=False, sampled="flagged") for n in range(20)]
    made = make_card(JUDGE, items, [label(one, "bad") for one in items], now=NOW)
    assert (made.overall.sensitivity.estimate, made.overall.sensitivity.lower) == (None, 0.0)
    assert "no undisputed pass was drawn" in " ".join(made.notes)
    assert SequentialTest(calibration=Calibration.of(made)).update(0, 100_000).decision == "undecided"
