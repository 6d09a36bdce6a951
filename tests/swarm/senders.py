"""Senders for the tests, and conversations through them."""

from collections.abc import Callable
from typing import Any

from harness.config import TargetSection
from swarm.clock import Clock
from swarm.replay import Conversation, Exchanged, Message, replay
from swarm.sender import HttpSender

SECRETS = {"STAGING_TOKEN": "s3cret", "CLIENT_SECRET": "cl1ent&s3cret", "KEY_PASSWORD": "pa55word"}


def sender_to(url: str, **target: Any) -> HttpSender:
    values = {"url": url, "timeout_s": 5.0, "response": {"text": "text"}, **target}
    return HttpSender(TargetSection.model_validate(values), "run-1", env=SECRETS)


def converse(
    sender: HttpSender,
    *turns: str,
    said: tuple[Message, ...] = (),
    last_body: str | None = None,
    prompt_id: str = "p1",
    recall: Callable[[str | None], object] | None = None,
) -> list[Exchanged]:
    """Send a conversation to its end; return its exchanges."""
    conversation = Conversation(
        run_id="run-1", prompt_id=prompt_id, arm="semantic", turns=turns, history=said, last_body=last_body
    )
    return list(replay(conversation, sender, due=Clock.now(), going_on=lambda: True, recall=recall))
