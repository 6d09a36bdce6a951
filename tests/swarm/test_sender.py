"""Every row of the outcome table, over real HTTP."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest

from harness.config import TargetSection
from harness.contracts import Outcome
from harness.errors import ConfigurationError, HostNotAllowedError
from harness.testing.target import TargetServer
from harness.testing.target_bodies import ANSWER, CONTEXTS, RELEASE
from swarm.replay import Call, Reply
from swarm.sender import HttpSender

Mode = Literal["whole", "stream"]
MAPPED = {"text": "message.text", "contexts": "message.sources[].text"}


@pytest.fixture(scope="module")
def server() -> Iterator[TargetServer]:
    with TargetServer(slow_s=4.0) as running:
        yield running


def ask(server: TargetServer, path: str, prompt: str = "When do I have to be there?", **target: Any) -> Reply:
    sender = sender_for(server.url(path), **target)
    try:
        return sender.send(Call(prompt=prompt, history=(), conversation_id="conv-1"))
    finally:
        sender.close()


def sender_for(url: str, **target: Any) -> HttpSender:
    values = {"url": url, "timeout_s": 2.0, "response": MAPPED, **target}
    return HttpSender(TargetSection.model_validate(values), "run-1", env={"STAGING_TOKEN": "s3cret"})


def ask_openai(server: TargetServer, path: str, mode: Mode = "whole") -> Reply:
    response = {"contexts": "sources"}
    return ask(server, f"{path}/v1", protocol="openai-chat", stream=mode == "stream", response=response)


OUTCOMES: list[tuple[str, Outcome, str | None]] = [
    ("/ok", "answered", None),
    ("/gzip", "answered", None),
    ("/until-close", "answered", None),
    ("/chunked", "answered", None),
    ("/latin-1", "answered", None),
    ("/byte-order-mark", "answered", None),
    ("/unknown-charset", "answered", None),
    ("/no-contexts", "answered", None),
    ("/empty-text", "answered", None),
    ("/huge", "answered", None),
    ("/redirect", "answered", None),
    ("/redirect-get", "answered", None),
    ("/html", "malformed", "html_instead_of_json"),
    ("/not-json", "malformed", "not_json"),
    ("/half-json", "malformed", "not_json"),
    ("/cut-json", "malformed", "cut"),
    ("/chunked-cut", "malformed", "cut"),
    ("/other-shape", "malformed", "no_text"),
    ("/text-is-object", "malformed", "text_is_not_text"),
    ("/empty-body", "malformed", "empty_body"),
    ("/gzip-broken", "malformed", "bad_encoding"),
    ("/brotli", "malformed", "bad_encoding"),
    ("/endless", "malformed", "too_large"),
    ("/bad-http", "malformed", "bad_http"),
    ("/500", "http_error", "status_500"),
    ("/500-html", "http_error", "status_500"),
    ("/503", "http_error", "status_503"),
    ("/404", "http_error", "status_404"),
    ("/401", "http_error", "status_401"),
    ("/redirect-nowhere", "http_error", "status_302"),
    ("/redirect-loop", "http_error", "too_many_redirects"),
    ("/redirect-away", "http_error", "redirect_not_allowed"),
    ("/slow", "timeout", "no_whole_reply_in_time"),
    ("/dribble", "timeout", "no_whole_reply_in_time"),
    ("/403", "blocked", "status_403"),
    ("/html-403", "blocked", "status_403"),
    ("/html-waf", "blocked", "status_200"),
    ("/429", "throttled", "status_429"),
    ("/503-retry", "throttled", "status_503"),
    ("/close", "connection_error", "closed_before_reply after 3 tries"),
    ("/reset", "connection_error", "closed_before_reply after 3 tries"),
]


@pytest.mark.parametrize(("path", "outcome", "error"), OUTCOMES)
def test_a_json_target_gives_the_outcome_of_the_table(
    server: TargetServer, path: str, outcome: Outcome, error: str | None
) -> None:
    timeout_s = 0.4 if outcome == "timeout" else 5.0
    reply = ask(server, path, timeout_s=timeout_s)
    assert (reply.outcome, reply.error) == (outcome, error)


OPENAI_OUTCOMES: list[tuple[str, Mode, Outcome, str | None]] = [
    ("/openai", "whole", "answered", None),
    ("/openai", "stream", "answered", None),
    ("/stream", "stream", "answered", None),
    ("/stream-without-done", "stream", "answered", None),
    ("/stream-tools", "stream", "answered", None),
    ("/openai-tools", "whole", "answered", None),
    ("/openai-refusal", "whole", "answered", None),
    ("/openai-parts", "whole", "answered", None),
    ("/openai-parts", "stream", "answered", None),
    ("/stream-cut", "stream", "malformed", "cut"),
    ("/stream-without-end", "stream", "malformed", "stream_without_end"),
    ("/stream-broken-event", "stream", "malformed", "event_not_json"),
    ("/stream-error", "stream", "malformed", "error_in_stream"),
    ("/other-shape", "whole", "malformed", "no_message"),
    ("/html", "stream", "malformed", "html_instead_of_json"),
    ("/openai-filtered", "whole", "blocked", "content_filter"),
    ("/azure-filtered", "whole", "blocked", "content_filter"),
    ("/stream-slow", "stream", "timeout", "no_whole_reply_in_time"),
]


@pytest.mark.parametrize(("path", "mode", "outcome", "error"), OPENAI_OUTCOMES)
def test_an_openai_target_gives_the_outcome_of_the_table(
    server: TargetServer, path: str, mode: Mode, outcome: Outcome, error: str | None
) -> None:
    reply = ask_openai(server, path, mode)
    assert (reply.outcome, reply.error) == (outcome, error)


def test_an_answer_brings_text_contexts_bodies_and_the_release(server: TargetServer) -> None:
    reply = ask(server, "/ok", version_header="X-Release")
    assert (reply.text, reply.contexts, reply.target_version) == (ANSWER, CONTEXTS, RELEASE)
    assert reply.request_body == '{"message":"When do I have to be there?"}'
    assert reply.response_body is not None
    assert ANSWER in reply.response_body
    assert reply.sent <= reply.ended
    assert reply.first_token is None


def test_contexts_are_empty_where_nothing_was_found_and_none_where_the_target_gives_none(server: TargetServer) -> None:
    assert ask(server, "/empty-contexts").contexts == []
    assert ask(server, "/no-contexts").contexts is None


def test_a_target_without_a_text_path_answers_in_plain_text(server: TargetServer) -> None:
    assert ask(server, "/text", response={}).text == ANSWER


def test_another_charset_than_utf_8_is_read_as_declared(server: TargetServer) -> None:
    assert ask(server, "/latin-1").text == "Fähre"


def test_bytes_that_are_not_what_they_are_declared_as_still_map(server: TargetServer) -> None:
    assert ask(server, "/wrong-charset").text == "F\ufffdhre"


def test_a_chat_completion_brings_usage_and_finish_reason(server: TargetServer) -> None:
    reply = ask_openai(server, "/openai")
    assert (reply.text, reply.contexts, reply.finish_reason) == (ANSWER, CONTEXTS, "stop")
    assert (reply.tokens_in, reply.tokens_out) == (11, 9)


def test_a_stream_brings_the_same_and_the_moment_of_its_first_token(server: TargetServer) -> None:
    reply = ask_openai(server, "/stream", "stream")
    assert (reply.text, reply.contexts, reply.finish_reason) == (ANSWER + " ", CONTEXTS, "stop")
    assert (reply.tokens_in, reply.tokens_out) == (11, 9)
    assert reply.first_token is not None
    assert reply.sent <= reply.first_token <= reply.ended


def test_a_stream_that_breaks_off_keeps_what_came(server: TargetServer) -> None:
    reply = ask_openai(server, "/stream-cut", "stream")
    assert reply.text
    assert ANSWER.startswith(reply.text.strip())


@pytest.mark.parametrize(("path", "mode"), [("/openai-tools", "whole"), ("/stream-tools", "stream")])
def test_tool_calls_are_recorded_whole_or_streamed(server: TargetServer, path: str, mode: Mode) -> None:
    reply = ask_openai(server, path, mode)
    assert reply.text == ""
    assert reply.tool_calls[0]["function"] == {"name": "timetable", "arguments": '{"route":"north"}'}
    assert reply.finish_reason == "tool_calls"


def test_plain_event_streams_map_too(server: TargetServer) -> None:
    reply = ask(server, "/stream-json", stream=True, response={"text": "delta", "contexts": "docs"})
    assert (reply.outcome, reply.text, reply.contexts) == ("answered", ANSWER + " ", CONTEXTS)
    words = ask(server, "/stream-words", stream=True, response={})
    assert words.text == ANSWER.replace(" ", "")


def test_a_reply_in_chunks_is_put_together(server: TargetServer) -> None:
    assert ask(server, "/chunked").text == "Die Fähre legt um neun ab – pünktlich."


@pytest.mark.parametrize("path", ["/500", "/404", "/429", "/503-retry", "/403"])
def test_the_body_of_an_error_is_recorded_and_is_no_answer(server: TargetServer, path: str) -> None:
    reply = ask(server, path)
    assert (reply.text, reply.response_body) == (None, '{"error":"no"}')


def test_long_bodies_are_recorded_up_to_the_cap_and_then_as_a_hash(server: TargetServer) -> None:
    reply = ask(server, "/huge")
    assert reply.response_body is not None
    assert len(reply.response_body) < 66_000
    assert "SHA-256" in reply.response_body[-120:]
    assert reply.text is not None
    assert len(reply.text) > 200_000


def test_a_connection_that_closes_early_is_tried_three_times_and_no_more(server: TargetServer) -> None:
    before = len(server.requests)
    ask(server, "/close", timeout_s=5.0)
    assert len(server.requests) - before == 3


def test_a_refused_connection_is_a_connection_error() -> None:
    with TargetServer() as gone:
        url = gone.url()
    reply = sender_for(url).send(Call(prompt="Anyone?", history=(), conversation_id="c"))
    assert (reply.outcome, reply.error, reply.status) == ("connection_error", "refused after 3 tries", None)


def test_a_name_that_does_not_resolve_is_a_connection_error() -> None:
    sender = sender_for("http://no-such-host.invalid/chat", allow_hosts=["no-such-host.invalid"])
    reply = sender.send(Call(prompt="Anyone?", history=(), conversation_id="c"))
    assert (reply.outcome, reply.error) == ("connection_error", "dns")


def test_connections_are_kept_for_the_next_request(server: TargetServer) -> None:
    sender = sender_for(server.url("/ok"))
    before = server.connections
    for _ in range(5):
        assert sender.send(Call(prompt="Again?", history=(), conversation_id="c")).outcome == "answered"
    sender.close()
    assert server.connections - before == 1


def test_every_request_carries_the_run_and_a_trace_of_its_own(server: TargetServer) -> None:
    first, second = ask(server, "/ok"), ask(server, "/ok")
    headers = [request.headers for request in server.requests[-2:]]
    assert [h["x-reverse-rag-run"] for h in headers] == ["run-1", "run-1"]
    assert [h["traceparent"].split("-")[1] for h in headers] == [first.trace_id, second.trace_id]
    assert first.trace_id != second.trace_id


def test_secrets_reach_the_target_and_no_record(server: TargetServer) -> None:
    reply = ask(server, "/ok", headers={"Authorization": "Bearer ${STAGING_TOKEN}"})
    assert server.requests[-1].headers["authorization"] == "Bearer s3cret"
    assert "s3cret" not in repr(reply)


def test_a_missing_secret_is_named_before_anything_is_sent(server: TargetServer) -> None:
    before = len(server.requests)
    with pytest.raises(ConfigurationError, match="NO_SUCH_TOKEN"):
        ask(server, "/ok", headers={"authorization": "Bearer ${NO_SUCH_TOKEN}"})
    assert len(server.requests) == before


@pytest.mark.parametrize(
    "headers", [{"content-length": "3"}, {"x-key": "two\r\nx-other: lines"}, {"x key": "space"}, {"traceparent": "00"}]
)
def test_headers_that_would_break_the_request_are_refused(server: TargetServer, headers: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"target\.headers"):
        ask(server, "/ok", headers=headers)


def test_a_redirect_to_another_host_gets_nothing(server: TargetServer) -> None:
    with TargetServer() as other:
        server.redirect_to = other.url("/ok", host="localhost")
        reply = ask(server, "/redirect-away", allow_hosts=["127.0.0.1"])
        assert (reply.error, reply.refused_host, reply.status) == ("redirect_not_allowed", "localhost", 307)
        assert other.requests == []


def test_a_redirect_to_another_listed_origin_leaves_secrets_behind(server: TargetServer) -> None:
    with TargetServer() as other:
        server.redirect_to = other.url("/ok")
        reply = ask(server, "/redirect-away", headers={"authorization": "Bearer ${STAGING_TOKEN}"})
        assert reply.outcome == "answered"
        assert "authorization" not in other.requests[0].headers
        assert other.requests[0].body == {"message": "When do I have to be there?"}


def test_a_redirect_after_a_post_is_followed_as_browsers_do(server: TargetServer) -> None:
    ask(server, "/redirect-get")
    assert [request.method for request in server.requests[-2:]] == ["POST", "GET"]
    ask(server, "/redirect")
    assert [request.method for request in server.requests[-2:]] == ["POST", "POST"]


def test_an_unlisted_target_is_never_contacted(server: TargetServer) -> None:
    before = server.connections
    with pytest.raises(HostNotAllowedError, match=r"127\.0\.0\.1"):
        ask(server, "/ok", allow_hosts=["staging.bank.test"])
    assert server.connections == before


def test_a_listed_metadata_address_is_refused() -> None:
    with pytest.raises(HostNotAllowedError, match="link-local"):
        sender_for("http://169.254.169.254/latest/meta-data", allow_hosts=["169.254.169.254"])


def test_an_expression_that_is_no_jmespath_names_its_key(server: TargetServer) -> None:
    with pytest.raises(ConfigurationError, match=r"target\.response\.contexts"):
        ask(server, "/ok", response={"text": "message.text", "contexts": "sources[?"})
