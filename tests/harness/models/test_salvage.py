"""What is kept of answers that are not whole."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from harness.models import ModelCall
from harness.models.salvage import salvaged
from harness.testing.servers import Fault, OpenAIServer
from tests.harness.models.asking import ask
from tests.harness.models.conftest import Start


class Item(BaseModel):
    """One of several."""

    turns: list[str] = Field(min_length=1)


class Several(BaseModel):
    """An answer that is a list."""

    items: list[Item]


ANSWER = {"items": [{"turns": [f"number {number}", 'with "quotes", ] and }']} for number in range(6)]}
CALL = ModelCall(system="You write.", prompt="Write 6.", partial="items")
_ITEMS = st.lists(st.builds(Item, turns=st.lists(st.text(), min_size=1, max_size=3)), min_size=1, max_size=5)


@given(_ITEMS, st.data())
def test_a_cut_answer_gives_exactly_the_items_that_came_whole(items: list[Item], data: st.DataObject) -> None:
    text = Several(items=items).model_dump_json()
    cut = data.draw(st.integers(0, len(text)))
    ends = [len('{"items":[' + ",".join(i.model_dump_json() for i in items[: n + 1])) for n in range(len(items))]
    whole = [item for item, end in zip(items, ends, strict=True) if end <= cut]
    found = salvaged(text[:cut], Several, "items")
    assert (found.items if found else []) == whole


@pytest.mark.parametrize("talk", ["{}", "Sure!\n```json\n{}\n```\nMore?", "```\n{}", "{} and that is all"])
def test_talk_around_an_answer_does_no_harm(talk: str) -> None:
    found = salvaged(talk.replace("{}", json.dumps(ANSWER)), Several, "items")
    assert found == Several.model_validate(ANSWER)


def test_a_bare_list_counts_as_the_answer() -> None:
    found = salvaged(json.dumps(ANSWER["items"]), Several, "items")
    assert found == Several.model_validate(ANSWER)


def test_an_item_that_is_spoilt_or_does_not_fit_costs_only_itself() -> None:
    text = '{"items": [{"turns": ["a"]}, {"turns": ["b" "c"]}, {"turns": []}, {"lines": 3}, {"turns": ["d"]}]}'
    found = salvaged(text, Several, "items")
    assert found is not None
    assert [item.turns for item in found.items] == [["a"], ["d"]]


@pytest.mark.parametrize("text", ["", "I would rather not.", '{"items": [', '{"items": []}', "[1, 2]", '{"items": {'])
def test_where_nothing_is_whole_there_is_nothing(text: str) -> None:
    assert salvaged(text, Several, "items") is None


@pytest.mark.parametrize("keep", [0.3, 0.7])
def test_a_cut_answer_is_taken_as_it_is_and_not_asked_for_again(start: Start, keep: float) -> None:
    server, client = start(Fault.fenced(keep), reply=lambda _: ANSWER)
    reply = ask(client, Several, CALL)
    assert 0 < len(reply.output.items) < 6
    assert reply.cut_off
    assert server.requests == 1


def test_cut_arguments_of_a_tool_call_are_used_as_well(start: Start) -> None:
    """Bedrock drops them, and is asked again."""
    server, client = start(Fault.truncated(), reply=lambda _: ANSWER)
    reply = ask(client, Several, CALL)
    if isinstance(server, OpenAIServer):
        assert server.requests == 1
        assert 0 < len(reply.output.items) < 6
    else:
        assert (server.requests, len(reply.output.items)) == (2, 6)


def test_without_leave_a_cut_answer_is_worth_nothing(start: Start) -> None:
    server, client = start(Fault.fenced(0.7), reply=lambda _: ANSWER)
    assert len(ask(client, Several, ModelCall(system="You write.", prompt="Write 6.")).output.items) == 6
    assert server.requests == 2


def test_every_answer_is_billed_whether_it_was_whole_or_not(start: Start) -> None:
    server, client = start(Fault.invalid(), Fault.fenced(0.01), reply=lambda _: ANSWER)
    ask(client, Several, CALL)
    assert client.usage.tokens_out == sum(tokens for _, tokens in server.billed)
