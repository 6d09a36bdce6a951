"""The sender's contract, in both places where it works: Locust's greenlets, and plain threads as on Lambda."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from harness.testing.target import TargetServer
from swarm.clock import Clock
from swarm.replay import Conversation, exchange_record, replay
from tests.swarm.runs import exchanges, make_run, prompt, run_to_end
from tests.swarm.senders import sender_to
from tests.swarm.test_sender import MAPPED, OPENAI_OUTCOMES, OUTCOMES
from tests.swarm.test_websocket import OUTCOMES as WEBSOCKET_OUTCOMES
from tests.swarm.test_websocket import STREAM_OUTCOMES, STREAMED, WHOLE
from tests.swarm.websocket_server import WebSocketTarget

Facts = dict[str, tuple[Any, ...]]
TELLING = ("outcome", "error", "status", "response_text", "contexts", "finish_reason", "tokens_in", "tokens_out")
"""The fields of an exchange that no clock decides."""


def facts(record: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(record[name] for name in TELLING)


def in_threads(server: TargetServer | WebSocketTarget, path: str, ways: list[str], target: dict[str, Any]) -> Facts:
    """Return what becomes of a prompt for each way, sent by ten threads that share a sender."""
    sender, clock = sender_to(server.url(path), **target), Clock()

    def sent(way: str) -> tuple[Any, ...]:
        conversation = Conversation(run_id="run-1", prompt_id=way, arm="semantic", turns=(f"[{way}] When?",))
        (done,) = replay(conversation, sender, due=Clock.now(), going_on=lambda: True)
        return facts(exchange_record(conversation, done.turn, done.reply, due=done.due, clock=clock))

    with ThreadPoolExecutor(10) as threads:
        return dict(zip(ways, threads.map(sent, ways), strict=True))


def in_greenlets(
    folder: Path, server: TargetServer | WebSocketTarget, path: str, ways: list[str], target: dict[str, Any]
) -> Facts:
    """Return the same, sent by a swarm process with ten users."""
    prompts = [prompt(number, f"[{way}] When?") for number, way in enumerate(ways)]
    run = make_run(folder, server, prompts, path=path, target=target)
    run_to_end(run)
    names = {one.prompt_id: way for one, way in zip(prompts, ways, strict=True)}
    return {names[one.prompt_id]: facts(one.to_dict()) for one in exchanges(folder)}


@pytest.mark.parametrize("protocol", ["json", "openai-chat", "openai-chat, streamed"])
def test_greenlets_and_threads_tell_the_same_of_every_way_to_answer(tmp_path: Path, protocol: str) -> None:
    target: dict[str, Any] = {"timeout_s": 2.0, "response": MAPPED}
    # A redirect to a host that is not listed ends a process: what comes after it would not be sent.
    ways = sorted({path.strip("/") for path, _, _ in OUTCOMES} - {"redirect-away"})
    if protocol != "json":
        mode = "stream" if "streamed" in protocol else "whole"
        ways = sorted({path.strip("/") for path, each, _, _ in OPENAI_OUTCOMES if each == mode})
        target = {"timeout_s": 2.0, "protocol": "openai-chat", "stream": mode == "stream"}
    with TargetServer(slow_s=4.0) as server:
        threads = in_threads(server, "/any", ways, target)
        greenlets = in_greenlets(tmp_path / "run", server, "/any", ways, target)
    assert len(ways) > 5
    assert greenlets == threads


@pytest.mark.parametrize("replies", ["one message", "several messages"])
def test_greenlets_and_threads_tell_the_same_of_every_way_over_a_websocket(tmp_path: Path, replies: str) -> None:
    target, outcomes = (WHOLE, WEBSOCKET_OUTCOMES) if replies == "one message" else (STREAMED, STREAM_OUTCOMES)
    ways = sorted({way for way, _, _ in outcomes} - {"huge"})
    with WebSocketTarget() as server:
        threads = in_threads(server, "/any", ways, target | {"timeout_s": 2.0})
        greenlets = in_greenlets(tmp_path / "run", server, "/any", ways, target | {"timeout_s": 2.0})
    assert len(ways) > 5
    assert greenlets == threads
