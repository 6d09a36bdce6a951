"""What the events of a stream add up to, and what is wrong with some; over real HTTP where the wire matters."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from harness.contracts import Exchange
from harness.testing.target import TargetServer
from harness.testing.target_bodies import ANSWER, CONTEXTS, chunks
from swarm.clock import Clock
from swarm.replay import Conversation, Reply, exchange_record
from swarm.streams import ChatStream, EventStream, end_of_stream
from tests.swarm.test_sender import ask

WORDS = len(ANSWER.split())
BLOCKS = {"text": "delta.text", "end": "message_stop"}
LINES = {"text": "response", "contexts": "docs", "end": "done"}
FRAMES = {"text": "delta.text", "end": "messageStop"}


@pytest.fixture(scope="module")
def server() -> Iterator[TargetServer]:
    with TargetServer(slow_s=0.25) as running:
        yield running


def stream(server: TargetServer, way: str, response: dict[str, str], **target: Any) -> Reply:
    return ask(server, f"/streamed/{way}", stream=True, response=response, **target)


def chat(server: TargetServer, path: str) -> Reply:
    return ask(server, path, stream=True, protocol="openai-chat", response={})


@pytest.mark.parametrize(
    ("way", "response"), [("blocks", BLOCKS), ("lines", LINES), ("array", LINES), ("frames", FRAMES)]
)
def test_every_kind_of_stream_gives_the_answer_and_its_timing(
    server: TargetServer, way: str, response: dict[str, str]
) -> None:
    reply = stream(server, way, response)
    assert (reply.outcome, reply.error, reply.text) == ("answered", None, ANSWER + " ")
    assert reply.timing is not None
    assert reply.timing.content_events == WORDS
    assert reply.first_token is not None
    assert reply.sent <= reply.first_token <= reply.ended


def test_contexts_come_from_the_stream_s_last_object(server: TargetServer) -> None:
    assert stream(server, "lines", LINES).contexts == CONTEXTS
    assert stream(server, "array", LINES).contexts == CONTEXTS


@pytest.mark.parametrize(
    ("way", "response", "error"),
    [
        ("blocks-without-stop", BLOCKS, "stream_without_end"),
        ("blocks-error", BLOCKS, "error_in_stream"),
        ("lines-error", LINES, "error_in_stream"),
        ("lines-without-end", LINES, "stream_without_end"),
        ("array-open", {"text": "response"}, "stream_without_end"),
        ("frames-exception", FRAMES, "error_in_stream"),
        ("lines", {"text": "no.such.path"}, "no_text"),
    ],
)
def test_a_stream_that_lacks_its_end_or_tells_an_error_is_malformed(
    server: TargetServer, way: str, response: dict[str, str], error: str
) -> None:
    reply = stream(server, way, response)
    assert (reply.outcome, reply.error) == ("malformed", error)


@pytest.mark.parametrize("end", ["message_stop", "type == 'message_stop'"])
def test_the_end_is_known_by_an_event_s_name_or_by_its_json(server: TargetServer, end: str) -> None:
    assert stream(server, "blocks", {"text": "delta.text", "end": end}).outcome == "answered"
    assert stream(server, "blocks-without-stop", {"text": "delta.text", "end": end}).error == "stream_without_end"


def test_without_a_configured_end_the_end_of_the_message_is_one(server: TargetServer) -> None:
    assert stream(server, "lines-without-end", {"text": "response"}).outcome == "answered"


def test_lines_of_json_without_a_path_to_the_text_are_the_answer_as_they_stand(server: TargetServer) -> None:
    reply = stream(server, "lines", {})
    assert reply.text is not None
    assert [json.loads(line)["done"] for line in reply.text.splitlines()][-2:] == [False, True]
    assert reply.timing is None


@pytest.mark.parametrize(
    ("way", "outcome", "error", "finish_reason"),
    [
        ("chat-length", "answered", None, "length"),
        ("chat-filtered", "blocked", "content_filter", "content_filter"),
        ("chat-event-error", "malformed", "error_in_stream", None),
        ("chat-lines", "answered", None, "stop"),
    ],
)
def test_a_chat_s_stream_ends_in_several_ways(
    server: TargetServer, way: str, outcome: str, error: str | None, finish_reason: str | None
) -> None:
    reply = chat(server, f"/streamed/{way}/v1")
    assert (reply.outcome, reply.error, reply.finish_reason) == (outcome, error, finish_reason)
    assert reply.text
    assert ANSWER.startswith(reply.text.strip())


def test_the_pauses_that_the_target_makes_are_measured(server: TargetServer) -> None:
    """The target sleeps 50 ms after each word, and says that its answer has nine tokens."""
    reply = chat(server, "/stream-slow/v1")
    timing = reply.timing
    assert timing is not None
    assert timing.gaps is not None
    assert timing.content_events == WORDS
    assert len(timing.gaps.each) < WORDS
    assert timing.gaps.max >= 49.9
    assert min(timing.gaps.each) <= timing.gaps.p50 <= timing.gaps.p95 <= timing.gaps.max
    assert sum(timing.gaps.each) <= (reply.ended - reply.sent) * 1000 + 1
    assert timing.tokens_from == "usage"
    assert timing.tokens_per_s == pytest.approx(8 / sum(timing.gaps.each) * 1000, rel=0.02)


def test_an_answer_that_came_at_once_has_a_first_token_and_no_pauses(server: TargetServer) -> None:
    reply = chat(server, "/streamed/chat-at-once/v1")
    assert reply.first_token is not None
    assert reply.timing is not None
    assert (reply.timing.content_events, reply.timing.gaps, reply.timing.tokens_per_s) == (WORDS, None, None)


@pytest.mark.parametrize("path", ["/stream-slow/v1", "/streamed/chat-at-once/v1", "/openai/v1"])
def test_a_reply_s_timing_is_written_and_read_again(server: TargetServer, path: str) -> None:
    conversation = Conversation(run_id="run-1", prompt_id="p1", arm="load", turns=("When?",))
    reply = chat(server, path)
    exchange = Exchange.model_validate(exchange_record(conversation, 0, reply, due=reply.sent, clock=Clock()))
    assert reply.timing is not None
    assert exchange.content_events == reply.timing.content_events
    assert exchange.tokens_from == reply.timing.tokens_from
    assert (exchange.gaps_ms.each if exchange.gaps_ms else None) == (
        reply.timing.gaps.each if reply.timing.gaps else None
    )


def test_a_reply_that_is_no_stream_has_no_timing(server: TargetServer) -> None:
    conversation = Conversation(run_id="run-1", prompt_id="p1", arm="load", turns=("When?",))
    reply = ask(server, "/ok")
    record = exchange_record(conversation, 0, reply, due=reply.sent, clock=Clock())
    exchange = Exchange.model_validate(record)
    assert reply.timing is None
    assert (exchange.gaps_ms, exchange.content_events, exchange.tokens_per_s, exchange.tokens_from) == (None,) * 4


def test_a_stream_that_is_cut_keeps_the_pauses_until_then(server: TargetServer) -> None:
    reply = chat(server, "/stream-cut/v1")
    assert reply.error == "cut"
    assert reply.timing is not None
    assert 1 <= reply.timing.content_events < WORDS
    assert reply.timing.tokens_from in {"events", None}


def test_chunks_add_up_to_the_whole_reply() -> None:
    stream = collected(*chunks())
    merged = stream.merged()
    assert (stream.text, stream.finished, stream.done, stream.fault) == (ANSWER + " ", True, True, None)
    assert merged["choices"][0]["message"]["content"] == ANSWER + " "
    assert (merged["sources"], merged["usage"]["prompt_tokens"]) == (CONTEXTS, 11)


def test_an_empty_list_takes_nothing_back() -> None:
    """Some servers repeat a member in every chunk, and fill it in one of them."""
    stream = collected('{"sources":[],"choices":[]}', '{"sources":["a"],"choices":[]}', '{"sources":[],"choices":[]}')
    assert stream.merged()["sources"] == ["a"]
    assert collected('{"sources":[],"choices":[]}').merged()["sources"] == []


def collected(*events: str) -> ChatStream:
    stream = ChatStream()
    for data in events:
        stream.add(data.encode())
    return stream


def test_a_role_an_end_and_usage_are_no_pieces_of_the_answer() -> None:
    stream = collected('{"choices":[{"delta":{"role":"assistant","content":""}}]}')
    assert stream.events == 0
    stream.add(b'{"choices":[{"delta":{"content":"Hi"}}]}')
    stream.add(b'{"choices":[{"delta":{},"finish_reason":"stop"}]}')
    stream.add(b'{"choices":[],"usage":{"completion_tokens":1}}')
    assert stream.events == 1


def test_thinking_is_no_piece_of_the_answer() -> None:
    stream = collected('{"choices":[{"delta":{"reasoning_content":"Let me see"}}]}')
    assert (stream.events, stream.text, stream.reasoned) == (0, "", True)


def test_a_call_of_a_tool_is_a_piece_of_the_answer() -> None:
    assert collected('{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c"}]}}]}').events == 1


@pytest.mark.parametrize("data", ["[]", "3", '"text"', "null", "{", '{"error":{"message":"boom"}}'])
def test_events_that_are_no_chunks_are_a_fault(data: str) -> None:
    assert collected(data).fault


def test_empty_data_keeps_a_connection_alive_and_is_no_fault() -> None:
    assert collected("", *chunks()).fault is None


def test_bytes_that_are_no_utf_8_become_replacement_characters() -> None:
    stream = ChatStream()
    stream.add(b'{"choices":[{"delta":{"content":"F\xe4hre"}}]}')
    assert (stream.text, stream.fault) == ("F\ufffdhre", None)


@pytest.mark.parametrize(
    ("end", "name", "data", "value", "expected"),
    [
        ("[DONE]", b"", b"[DONE]", None, True),
        ("[DONE]", b"", b"{}", {}, False),
        ("done", b"done", b"{}", {}, True),
        ("done", b"", b'{"done":true}', {"done": True}, True),
        ("done", b"", b'{"done":false}', {"done": False}, False),
        ("count", b"", b'{"count":0}', {"count": 0}, True),
        ("the end", b"", b"the end", None, True),
        ("the end", b"", b"{}", {}, False),
    ],
)
def test_an_end_is_data_a_name_or_an_expression_that_is_true(
    end: str, name: bytes, data: bytes, value: object, expected: object
) -> None:
    ends = end_of_stream(end)
    assert ends is not None
    assert ends(name, data, value) is expected


def test_a_plain_text_stream_ends_with_its_literal_and_does_not_say_it() -> None:
    stream = EventStream(None, end_of_stream("END"))
    for data in (b"Two ", b"words", b"END"):
        stream.add(data)
    assert (stream.text, stream.finished, stream.done) == ("Two words", True, True)
