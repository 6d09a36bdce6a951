"""Records: the same after a round trip, open to the next version, closed where people write them by hand."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from harness import contracts
from harness.contracts import (
    INFRASTRUCTURE_OUTCOMES,
    SCHEMA_VERSION,
    Exchange,
    GateResult,
    JudgeCard,
    Label,
    Outcome,
    Prompt,
    PromptChecks,
    Record,
    ReviewItem,
    Verdict,
    conversation_ended,
)
from harness.testing.instances import instance_of

RECORDS = sorted(
    (kind for kind in vars(contracts).values() if isinstance(kind, type) and issubclass(kind, Record)),
    key=lambda kind: kind.__name__,
)
NAMED_FIELDS = {
    "SanitizedSession": "session_id user_key started_on turns entities feedback traits metadata",
    "Persona": "persona_id name description traits goals segment_id traffic_share users",
    "Prompt": "prompt_id persona_id strategy turns checks weight origin generator",
    "Exchange": "exchange_id prompt_id arm attempt turn scheduled_at sent_at ttft_ms latency_ms service_ms status outcome "
    "prompt response_text contexts tool_calls finish_reason request_body response_body tokens_in tokens_out trace_id "
    "target_version error",
    "Verdict": "prompt_id exchange_id passed ledger criteria turn judge_id cost_usd control",
    "GateResult": "decision reasons exit_code tier threshold confidence failure_rate prompts criteria ledgers slo load "
    "controls golden baseline target_version cost_usd stopped_because suite_id run_id",
    "ReviewItem": "review_id run_id exchange_id prompt_id prompt history answer contexts passed criteria judge_id sampled "
    "sampling_rate created_at",
    "Label": "review_id judge_id label criterion note labelled_by labelled_at",
    "JudgeCard": "card_id judge_id model labels overall by_criterion confidence weighted made_at expires_at",
}


def example(kind: type[Record]) -> Record:
    """Return a small valid record."""
    values = instance_of(kind.model_json_schema())
    if kind is Prompt:
        values["turns"] = ["hello"]
    return kind.model_validate_json(json.dumps(values))


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_every_record_survives_a_round_trip(kind: type[Record]) -> None:
    record = example(kind)
    assert kind.from_json(record.to_json()) == record
    assert json.loads(record.to_json()) == record.to_dict()


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_every_record_carries_its_version_in_one_line(kind: type[Record]) -> None:
    line = example(kind).to_json()
    assert json.loads(line)["schema_version"] == SCHEMA_VERSION
    assert b"\n" not in line


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_every_record_reads_what_a_later_version_added(kind: type[Record]) -> None:
    record = example(kind)
    line = json.dumps({**record.to_dict(), "added_later": 1, "schema_version": SCHEMA_VERSION})
    assert kind.from_json(line) == record


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_no_record_can_be_changed(kind: type[Record]) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        example(kind).schema_version = 7  # type: ignore[misc]


@pytest.mark.parametrize(("name", "fields"), NAMED_FIELDS.items())
def test_records_have_the_fields_that_other_tools_rely_on(name: str, fields: str) -> None:
    kind: type[BaseModel] = getattr(contracts, name)
    assert set(fields.split()) <= set(kind.model_fields)


def prompt(**checks: Any) -> Prompt:
    """Return a prompt with these checks."""
    values = {"prompt_id": "p", "persona_id": "q", "strategy": "s", "turns": ["hi"], "weight": 0.5}
    return Prompt.model_validate({**values, "generator": {"kind": "offline"}, "checks": checks})


def test_a_prompts_checks_hold_only_what_it_asks_for() -> None:
    record = prompt(json=True, contains=["fee"])
    assert json.loads(record.to_json())["checks"] == {"json": True, "contains": ["fee"]}
    assert record.checks.json_answer
    assert Prompt.from_json(record.to_json()) == record
    assert json.loads(prompt().to_json())["checks"] == {}


def test_a_misspelt_check_of_a_hand_written_prompt_is_an_error() -> None:
    with pytest.raises(ValidationError, match="contain"):
        prompt(contain=["fee"])
    with pytest.raises(ValidationError, match="fact"):
        prompt(expected={"fact": ["x"]})


def test_a_prompt_needs_a_turn() -> None:
    with pytest.raises(ValidationError, match="at least one turn"):
        Prompt.model_validate({**prompt().to_dict(), "turns": []})


@settings(deadline=None)
@given(st.builds(PromptChecks, must_block=st.booleans(), contains=st.lists(st.text(max_size=5), max_size=3)))
def test_checks_survive_being_reduced(checks: PromptChecks) -> None:
    record = prompt().model_copy(update={"checks": checks})
    assert Prompt.from_json(record.to_json()).checks == checks


def exchange(outcome: Outcome, turn: int) -> Exchange:
    """Return one turn of a conversation."""
    return Exchange(exchange_id="e", prompt_id="p", prompt="hi", outcome=outcome, turn=turn)


def test_a_conversation_ends_with_its_last_turn_or_its_first_failure() -> None:
    assert not conversation_ended(exchange("answered", 0), turns=2)
    assert conversation_ended(exchange("answered", 1), turns=2)
    assert conversation_ended(exchange("timeout", 0), turns=2)
    assert conversation_ended(exchange("answered", 0), turns=1)


def test_an_outcome_outside_the_list_is_refused() -> None:
    with pytest.raises(ValidationError):
        Exchange.from_json('{"exchange_id": "e", "prompt_id": "p", "prompt": "x", "outcome": "fine"}')


def test_only_what_never_reached_the_target_is_the_infrastructures() -> None:
    assert {"throttled", "connection_error"} == INFRASTRUCTURE_OUTCOMES


def test_retrieving_nothing_differs_from_giving_no_contexts() -> None:
    line = '{"exchange_id": "e", "prompt_id": "p", "prompt": "x", "contexts": %s}'
    assert Exchange.from_json(line % "null").contexts is None
    assert Exchange.from_json(line % "[]").contexts == []


def test_an_ungraded_verdict_is_neither_passed_nor_failed() -> None:
    verdict = Verdict(prompt_id="p", exchange_id="e", passed=None, ledger="judge", judge_id="j")
    assert Verdict.from_json(verdict.to_json()).passed is None


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.1])
def test_an_answer_is_reviewed_with_the_chance_that_it_had(rate: float) -> None:
    with pytest.raises(ValidationError, match="sampling_rate"):
        ReviewItem.model_validate({**example(ReviewItem).to_dict(), "sampling_rate": rate})


def test_a_label_is_about_the_answer_as_a_whole_unless_it_names_a_criterion() -> None:
    label = Label(review_id="r", judge_id="j", label="unsure", labelled_by="ada", labelled_at="2026-01-02T03:04:05Z")
    assert Label.from_json(label.to_json()).criterion is None
    with pytest.raises(ValidationError, match="label"):
        Label.model_validate({**label.to_dict(), "label": "maybe"})


def test_a_judge_card_counts_no_fewer_than_none() -> None:
    values = example(JudgeCard).to_dict()
    with pytest.raises(ValidationError, match="tp"):
        JudgeCard.model_validate({**values, "overall": {**values["overall"], "tp": -1}})


def test_a_gate_result_has_the_documented_rates() -> None:
    rate = {"estimate": 0.01, "lower": 0.0, "upper": 0.02}
    values = {**example(GateResult).to_dict(), "failure_rate": {**rate, "raw": rate, "corrected": None}}
    result = GateResult.model_validate(values)
    assert set(result.to_dict()["failure_rate"]) == {"estimate", "lower", "upper", "raw", "corrected"}


def test_an_error_about_a_record_does_not_quote_it() -> None:
    """Tracebacks are reported to strangers; what stands in a record was written by users and targets."""
    for line in ('{"exchange_id": "e", "turn": "what a user wrote"}', '"what a user wrote"'):
        with pytest.raises(ValidationError) as caught:
            Exchange.from_json(line)
        assert "user wrote" not in str(caught.value)
