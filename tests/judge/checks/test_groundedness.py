"""Groundedness as a criterion: what fails, what passes, what is left open, and what is marked."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.contracts import CriterionResult
from harness.errors import ConfigurationError
from judge.checks import Answer, groundedness
from judge.checks.groundedness import Groundedness
from tests.judge.records import exchange, settings

CONTEXTS = [
    "Bicycles travel in the rear coach and cost 4 crowns on every line.",
    "The quiet coach is the last one; phones stay silent there. Dogs need a ticket at half the fare.",
]
CHECK = Groundedness(["hello@tramline.test"])


def check(text: str, *, by: Groundedness = CHECK, history: Any = (), **values: Any) -> CriterionResult:
    filled = {"contexts": CONTEXTS, "prompt": "Can I take my bike?", **values}
    found = by.check(Answer(exchange=exchange(response_text=text, **filled), history=history))
    assert found is not None
    assert found.score is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        "Bicycles travel in the rear coach and cost 4 crowns on every line.",
        "Yes, you can take your bike: it goes into the rear coach and costs four crowns.",
        "Dogs pay half the fare. Phones have to stay silent in the quiet coach, which is the last one.",
        "Write to hello@tramline.test.",
    ],
)
def test_supported_answers_pass(text: str) -> None:
    found = check(text)
    assert found.passed is not False
    assert found.evidence == []


@pytest.mark.parametrize(
    "invention",
    [
        "Bicycles cost 35 crowns after dark.",
        "The Halvard Pass covers it from 12 June.",
        "Our butler carries every piano to your hotel without charge.",
        "Everybody over sixty receives cheese and a woollen blanket on boarding.",
    ],
)
def test_an_invented_sentence_beside_a_true_one_fails_and_is_marked(invention: str) -> None:
    text = f"Bicycles travel in the rear coach and cost 4 crowns on every line. {invention}"
    found = check(text)
    assert found.passed is False
    assert found.evidence == [invention]
    assert found.score is not None
    assert found.score < (check(text.removesuffix(f" {invention}")).score or 0)


@pytest.mark.parametrize(
    "text", ["Hello! How can I help?", "You're welcome.", "I could not find anything about that.", ""]
)
def test_answers_that_claim_nothing_are_left_open(text: str) -> None:
    found = check(text)
    assert (found.passed, found.reason) == (None, "The answer claims nothing.")


def test_an_assistant_without_contexts_is_not_checked() -> None:
    assert CHECK.check(Answer(exchange=exchange())) is None


def test_where_nothing_was_retrieved_only_several_hard_claims_fail() -> None:
    assert check("Welcome to Tramline! We run trams.", contexts=[]).passed is None
    assert check("The Halvard Pass costs 77 crowns from 12 June.", contexts=[]).passed is False


def test_earlier_turns_and_the_user_support_an_answer() -> None:
    before = exchange(
        prompt="I have 35 bags",
        response_text="The Halvard Pass costs 77 crowns.",
        contexts=["The Halvard Pass costs 77 crowns."],
    )
    assert check("With 35 bags the Halvard Pass at 77 crowns is best.", history=[before]).passed is not False
    assert check("With 35 bags the Halvard Pass at 77 crowns is best.").passed is False


def test_a_json_answer_is_judged_by_its_values() -> None:
    good = json.dumps({"response_code_99": "Bicycles cost 4 crowns on every line."})
    bad = json.dumps({"answer": "Bicycles cost 4 crowns on every line. The fine is 95 crowns."})
    assert check(good).passed is True
    assert check(bad).passed is False
    assert check(bad).evidence == ["The fine is 95 crowns."]


def test_an_answer_in_another_language_is_judged_by_its_hard_claims_only() -> None:
    german = "Fahrräder reisen im letzten Wagen und Sie zahlen für die Mitnahme {} Kronen auf der ganzen Linie."
    assert check(german.format(4)).passed is None
    assert check(german.format(55)).passed is False


def test_an_added_negation_is_told_and_does_not_fail() -> None:
    found = check("Dogs need no ticket at half the fare.")
    assert found.passed is True
    assert "denies" in found.reason


def test_scores_of_different_answers_differ() -> None:
    texts = ["Bicycles cost 4 crowns.", "Bikes cost four crowns on each line.", "Dogs need a ticket at half the fare."]
    assert len({check(text).score for text in texts}) == len(texts)


def test_the_check_is_on_where_asked_for_and_knows_the_assistants_name(tmp_path: Path) -> None:
    assert groundedness.build(settings()) is None
    (tmp_path / "system.txt").write_text("You are Wilhelmine, the voice of Tramline.")
    built = groundedness.build(settings(groundedness=True, system_prompt=str(tmp_path / "system.txt")))
    assert isinstance(built, Groundedness)
    assert check("Ask me, Wilhelmine, about bicycles in the rear coach.", by=built).passed is not False
    with pytest.raises(ConfigurationError, match="system_prompt"):
        groundedness.build(settings(groundedness=True, system_prompt=str(tmp_path / "none.txt")))
