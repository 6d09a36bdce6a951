"""Which labelled answers may be planted, and what becomes of them."""

from typing import Any

from harness.contracts import CriterionResult, Label, PlantedControl, ReviewItem, Turn
from judge.labelled import labelled_controls


def item(name: str, *, passed: bool, judged_by: str = "fake", **values: Any) -> ReviewItem:
    """Return a judged answer of an earlier run."""
    failure = CriterionResult(name="refusal", passed=False, judged_by=judged_by)
    filled: dict[str, Any] = {"prompt_id": "p-1", "sampled": "audit", **values}
    return ReviewItem(
        review_id=name,
        run_id="run-0",
        exchange_id=f"ex-{name}",
        prompt="And on Sundays?",
        answer="At ten.",
        passed=passed,
        criteria=[] if passed else [failure],
        judge_id="judge-1",
        created_at="2025-01-01T00:00:00Z",
        **filled,
    )


def label(of: ReviewItem, said: Any, by: str = "ada") -> Label:
    """Return a person's say on an answer."""
    return Label(
        review_id=of.review_id, judge_id=of.judge_id, label=said, labelled_by=by, labelled_at="2025-01-02T00:00:00Z"
    )


def planted(*labelled: tuple[ReviewItem, Any], has_model: bool = True) -> list[PlantedControl]:
    """Return the controls that these labels make in a suite with the prompt ``p-1``."""
    items = [each for each, _ in labelled]
    labels = [label(each, said) for each, said in labelled]
    return labelled_controls(items, labels, run_id="run-1", prompt_ids={"p-1"}, has_model=has_model)


def test_answers_that_the_judge_got_right_are_planted() -> None:
    found = planted((item("good", passed=True), "good"), (item("bad", passed=False), "bad"))
    assert [(c.review_id, c.kind, c.finder) for c in found] == [
        ("good", "known_good", "model"),
        ("bad", "known_bad", "model"),
    ]
    assert all(c.origin == "label" for c in found)


def test_known_errors_of_the_judge_are_not() -> None:
    """The judge card carries them; planted they would void every run."""
    assert planted((item("a", passed=False), "good"), (item("b", passed=True), "bad")) == []


def test_what_people_are_unsure_of_or_disagree_on_is_not() -> None:
    one = item("a", passed=True)
    labels = [label(one, "good"), label(one, "bad", by="ben")]
    assert labelled_controls([one], labels, run_id="run-1", prompt_ids={"p-1"}, has_model=True) == []
    assert planted((one, "unsure")) == []
    assert labelled_controls([one], [], run_id="run-1", prompt_ids={"p-1"}, has_model=True) == []


def test_controls_of_earlier_runs_are_not_planted_again() -> None:
    assert planted((item("a", passed=True, sampled="control"), "good")) == []


def test_a_bad_one_that_a_check_found_is_the_checks_and_needs_its_prompt() -> None:
    """The check may hang on what the prompt expects."""
    here, gone = (item(p, passed=False, judged_by="check", prompt_id=p) for p in ("p-1", "p-2"))
    (found,) = planted((here, "bad"), (gone, "bad"))
    assert (found.review_id, found.finder) == ("p-1", "checks")


def test_without_a_model_what_a_model_found_is_left_out() -> None:
    (found,) = planted((item("a", passed=False), "bad"), (item("b", passed=True), "good"), has_model=False)
    assert (found.review_id, found.finder) == ("b", "checks")


def test_a_later_turn_comes_with_the_turns_before_it() -> None:
    said = [Turn(role="user", text="When does it open?"), Turn(role="assistant", text="At nine.")]
    (found,) = planted((item("a", passed=True, history=said), "good"))
    assert [(turn.prompt, turn.response_text) for turn in found.history] == [("When does it open?", "At nine.")]
    assert (found.exchange.turn, found.exchange.prompt, found.exchange.response_text) == (
        1,
        "And on Sundays?",
        "At ten.",
    )
