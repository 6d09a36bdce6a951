"""Request bodies: templates and messages."""

import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config import TargetSection
from harness.errors import ConfigurationError
from swarm.carrying import Carried
from swarm.mapping import Request, fill, request_builder
from swarm.replay import Call, Message

HISTORY: tuple[Message, ...] = ({"role": "user", "content": "Hi?"}, {"role": "assistant", "content": "Hello."})
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def call(prompt: str = "When?", history: tuple[Message, ...] = ()) -> Call:
    return Call(prompt=prompt, history=history, conversation_id="conv-7")


def built(one: Call, **target: Any) -> Request:
    section = TargetSection.model_validate({"url": "http://127.0.0.1:9/chat?v=2", **target})
    return request_builder(section, section.url)(one)


@given(TEXT)
def test_any_prompt_arrives_as_it_is(prompt: str) -> None:
    """Quotes, braces, line breaks and placeholders in a prompt are data."""
    body = {"a": ["{prompt}"], "b": {"c": "<{prompt}>"}, "thread": "{conversation_id}", "n": 1, "none": None}
    sent = orjson.loads(built(call(prompt), body=body).body)
    assert sent == {"a": [prompt], "b": {"c": f"<{prompt}>"}, "thread": "conv-7", "n": 1, "none": None}


@given(TEXT)
def test_any_prompt_arrives_in_a_query_as_it_is(prompt: str) -> None:
    request = built(call(prompt), method="GET", body={"q": "{prompt}", "n": 3, "left_out": None})
    assert request.body == b""
    fields = parse_qs(urlsplit(request.path).query, keep_blank_values=True, strict_parsing=True)
    assert fields == {"v": ["2"], "q": [prompt], "n": ["3"]}


def test_history_alone_is_a_list_and_inside_text_it_is_lines() -> None:
    one = call(history=HISTORY)
    assert fill({"log": "{history}"}, one) == {"log": list(HISTORY)}
    assert fill("so far:\n{history}\nnow: {prompt}", one) == "so far:\nuser: Hi?\nassistant: Hello.\nnow: When?"


def test_a_placeholder_in_a_prompt_is_not_filled_again() -> None:
    assert fill("{prompt}!", call("say {conversation_id}")) == "say {conversation_id}!"


def test_other_braces_stay() -> None:
    assert fill("{unknown} {} {prompt}", call()) == "{unknown} {} When?"


def test_openai_messages_hold_the_history_and_ask_for_usage_when_streaming() -> None:
    sent = orjson.loads(built(call(history=HISTORY), protocol="openai-chat", model="m-1", stream=True).body)
    assert sent["messages"] == [*HISTORY, {"role": "user", "content": "When?"}]
    assert (sent["model"], sent["stream"], sent["stream_options"]) == ("m-1", True, {"include_usage": True})
    assert "stream_options" not in orjson.loads(built(call(), protocol="openai-chat").body)


def test_turns_have_numbers_and_ids_of_their_own_that_every_retry_repeats() -> None:
    body = {"n": "{turn}", "at": "turn {turn}", "key": "{uuid}"}
    first, again = (orjson.loads(built(call(), body=body).body) for _ in range(2))
    second = orjson.loads(built(call()._replace(turn=1), body=body).body)
    other = orjson.loads(built(call()._replace(conversation_id="conv-8"), body=body).body)
    assert (first["n"], first["at"], second["n"], second["at"]) == (0, "turn 0", 1, "turn 1")
    assert first == again
    assert len({first["key"], second["key"], other["key"]}) == 3
    assert uuid.UUID(first["key"]).version == 5


def test_a_url_holds_placeholders_whose_values_are_no_syntax_there() -> None:
    section = TargetSection.model_validate({"url": "http://127.0.0.1:9/c/{conversation_id}/say?n={turn}&q={prompt}"})
    request = request_builder(section, section.url)(call("a/b?c&d=é {turn}"))
    assert request.path == "/c/conv-7/say?n=0&q=a%2Fb%3Fc%26d%3D%C3%A9%20%7Bturn%7D"


@given(TEXT)
def test_a_carried_value_arrives_as_it_is_alone_and_inside_text(value: str) -> None:
    one = call()._replace(carried=Carried({"thread": value, "deep": {"a": [1]}}, None))
    template = {"t": "{carry.thread}", "in": "<{carry.thread}>", "deep": "{carry.deep}", "text": "d={carry.deep}"}
    assert fill(template, one) == {"t": value, "in": f"<{value}>", "deep": {"a": [1]}, "text": 'd={"a":[1]}'}


def test_members_whose_carried_value_is_not_there_are_left_out_at_any_depth() -> None:
    template = {"a": "{carry.x}", "b": {"c": "{carry.x}", "d": ["{carry.x}", 1]}, "e": "-{carry.x}-"}
    assert fill(template, call()) == {"b": {"d": [1]}, "e": "--"}


def test_a_secret_in_the_body_is_refused_because_bodies_are_recorded() -> None:
    with pytest.raises(ConfigurationError, match="bodies are recorded"):
        built(call(), body={"message": "{prompt}", "key": "${API_KEY}"})
