"""A target that echoes what it was sent gets no secret into the records."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.config import TargetSection
from harness.testing.target_script import Answer, Asked, ScriptedTarget
from swarm.redaction import SHORTEST, Redaction
from swarm.replay import Reply
from swarm.sender import HttpSender
from tests.swarm.senders import converse

ENV = {"TOKEN": 'lon"g-s3cret/token', "SHORT": "pier", "PLACE": "http://127.0.0.1:1/docs"}


def echo(asked: Asked) -> Answer:
    said = f"You sent {asked.headers}"
    call = {"id": "1", "function": {"name": "f", "arguments": str(asked.headers)}}
    message = {"content": said, "tool_calls": [call]}
    return Answer({"choices": [{"message": message, "finish_reason": "stop"}], "docs": [said], "text": said})


def ask(respond: Callable[[Asked], Answer], **target: Any) -> Reply:
    with ScriptedTarget(respond) as server:
        values = {"url": server.url(), "timeout_s": 5.0, "response": {"text": "text", "contexts": "docs"}, **target}
        sender = HttpSender(TargetSection.model_validate(values), "run-1", env=ENV)
        try:
            return converse(sender, "When?")[0].reply
        finally:
            sender.close()


@pytest.mark.parametrize("chat", [{}, {"protocol": "openai-chat", "response": {"contexts": "docs"}}])
def test_an_echoed_secret_is_in_no_field_of_the_record(chat: dict[str, Any]) -> None:
    reply = ask(echo, headers={"Authorization": "Bearer ${TOKEN}"}, **chat)
    assert reply.outcome == "answered"
    assert "s3cret" not in str(reply._asdict())
    assert "Bearer [secret]" in (reply.text or "")
    assert "[secret]" in (reply.response_body or "")
    assert "[secret]" in (reply.contexts or [""])[0]


def test_short_values_and_addresses_are_left_in_answers() -> None:
    reply = ask(
        lambda _: Answer({"text": "at the pier, see http://127.0.0.1:1/docs"}), headers={"x": "${SHORT} ${PLACE}"}
    )
    assert reply.text == "at the pier, see http://127.0.0.1:1/docs"


def test_a_fetched_token_and_its_clients_secret_are_replaced_too() -> None:
    with ScriptedTarget(lambda _: Answer({"access_token": "f3tched-token", "expires_in": 3600})) as host:
        auth = {"kind": "oidc", "token_url": host.url(), "client_id": "gate", "client_secret": "${TOKEN}"}
        reply = ask(lambda asked: Answer({"text": asked.headers["authorization"], "docs": [ENV["TOKEN"]]}), auth=auth)
    assert (reply.text, reply.contexts) == ("Bearer [secret]", ["[secret]"])
    assert "f3tched" not in (reply.response_body or "")


@given(st.text("0123456789", min_size=SHORTEST), st.text(), st.text())
def test_no_text_and_no_body_keeps_a_secret(secret: str, before: str, after: str) -> None:
    redaction = Redaction([secret])
    text = f"{before} {secret} {after}"
    assert secret not in redaction.text(text)
    assert redaction.body(text.encode()).decode() == redaction.text(text)
