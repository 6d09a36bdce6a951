"""Targets that are talked to over a WebSocket: every row of the outcome table, and conversations."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.config import TargetSection
from harness.contracts import Outcome
from harness.errors import ConfigurationError, HostNotAllowedError
from harness.testing.target_bodies import ANSWER, CONTEXTS, plain_reply
from harness.testing.target_script import Answer, ScriptedTarget
from swarm import channel, websocket
from swarm.carrying import Carrier
from swarm.deadlines import Deadlines
from swarm.distribution import Distribution
from swarm.replay import Call, Message, Reply
from tests.swarm.certificates import self_signed
from tests.swarm.proxy_server import ProxyServer
from tests.swarm.runs import exchanges, make_run, prompt, run_to_end, wait_until
from tests.swarm.senders import converse, sender_to
from tests.swarm.websocket_server import Chat, WebSocketTarget

WHOLE: dict[str, Any] = {
    "timeout_s": 20.0,
    "body": {"message": "{prompt}"},
    "response": {"text": "message.text", "contexts": "message.sources[].text"},
}
STREAMED: dict[str, Any] = WHOLE | {"response": {"text": "delta", "contexts": "sources", "end": "done"}}
DONE_WORD = "[DONE]"
SAID = (Message(role="user", content="One?"), Message(role="assistant", content=ANSWER))


@pytest.fixture
def server() -> Iterator[WebSocketTarget]:
    with WebSocketTarget() as running:
        yield running


def ask(server: WebSocketTarget, way: str, path: str = "/ok", **target: Any) -> Reply:
    if way in {"silent", "stream-stops"} or path == "/silent":
        target["timeout_s"] = 0.5
    sender = sender_to(server.url(path), **(WHOLE | target))
    try:
        return sender.send(Call(f"[{way}] When?", (), "conv-1", last=True))
    finally:
        sender.close()


OUTCOMES: list[tuple[str, Outcome, str | None]] = [
    ("ok", "answered", None),
    ("binary", "answered", None),
    ("fragments", "answered", None),
    ("ping-first", "answered", None),
    ("html", "malformed", "html_instead_of_json"),
    ("not-json", "malformed", "not_json"),
    ("other-shape", "malformed", "no_text"),
    ("gone", "malformed", "cut"),
    ("1000", "malformed", "cut"),
    ("1011", "malformed", "closed_1011"),
    ("4429", "malformed", "closed_4429"),
    ("noise", "malformed", "bad_websocket"),
    ("bad-utf8", "malformed", "bad_websocket"),
    ("huge", "malformed", "too_large"),
    ("silent", "timeout", "no_whole_reply_in_time"),
]
STREAM_OUTCOMES: list[tuple[str, Outcome, str | None]] = [
    ("stream", "answered", None),
    ("stream-1000", "malformed", "cut"),
    ("stream-cut", "malformed", "cut"),
    ("stream-1011", "malformed", "closed_1011"),
    ("stream-error", "malformed", "error_in_stream"),
    ("not-json", "malformed", "event_not_json"),
    ("stream-endless", "malformed", "event_not_json"),
    ("stream-stops", "timeout", "no_whole_reply_in_time"),
    ("silent", "timeout", "no_whole_reply_in_time"),
]


@pytest.mark.parametrize(("way", "outcome", "error"), OUTCOMES)
def test_one_message_is_a_reply(server: WebSocketTarget, way: str, outcome: Outcome, error: str | None) -> None:
    reply = ask(server, way)
    assert (reply.outcome, reply.error, reply.status) == (outcome, error, None)
    if outcome == "answered":
        assert (reply.text, reply.contexts) == (ANSWER, CONTEXTS)
        assert reply.response_body == plain_reply().decode()
        assert (reply.first_token, reply.timing) == (None, None)
    assert reply.request_body == f'{{"message":"[{way}] When?"}}'


@pytest.mark.parametrize(("way", "outcome", "error"), STREAM_OUTCOMES)
def test_several_messages_are_a_stream(server: WebSocketTarget, way: str, outcome: Outcome, error: str | None) -> None:
    reply = ask(server, way, **STREAMED)
    assert (reply.outcome, reply.error) == (outcome, error)
    if outcome == "answered":
        assert ((reply.text or "").strip(), reply.contexts) == (ANSWER, CONTEXTS)
        assert reply.timing is not None
        assert reply.timing.content_events == len(ANSWER.split())
        assert reply.first_token is not None
        assert reply.sent < reply.first_token <= reply.ended
    elif way.startswith("stream-") and way != "stream-endless":
        assert (reply.text or "").startswith("Vehicles")


def test_a_server_may_end_a_stream_by_closing(server: WebSocketTarget) -> None:
    target: dict[str, Any] = {"stream": True, "response": {"text": "delta"}}
    assert (ask(server, "stream-1000", **target).text or "").strip() == ANSWER
    assert ask(server, "stream-cut", **target).error == "cut"
    assert ask(server, "1000", **target).error == "cut"


def test_text_messages_may_be_the_answer_itself(server: WebSocketTarget) -> None:
    target: dict[str, Any] = {"stream": True, "response": {"end": DONE_WORD}}

    def respond(chat: Chat, message: Any) -> None:
        chat.say("Ninety ", "minutes.", DONE_WORD)

    server.respond = respond
    assert ask(server, "any", **target).text == "Ninety minutes."


REFUSED: list[tuple[str, Outcome, str, int | None]] = [
    ("/401", "http_error", "status_401", 401),
    ("/403", "blocked", "status_403", 403),
    ("/429", "throttled", "status_429", 429),
    ("/500", "http_error", "status_500", 500),
    ("/503-retry", "throttled", "status_503", 503),
    ("/302", "http_error", "status_302", 302),
    ("/200", "malformed", "not_a_websocket", 200),
    ("/bad-accept", "malformed", "bad_websocket", None),
    ("/unwelcome", "malformed", "closed_4401", None),
    ("/silent", "timeout", "no_whole_reply_in_time", None),
    ("/reset", "connection_error", "closed_before_reply after 3 tries", None),
]


@pytest.mark.parametrize(("path", "outcome", "error", "status"), REFUSED)
def test_a_handshake_that_leads_nowhere_is_told_by_the_table_of_outcomes(
    server: WebSocketTarget, path: str, outcome: Outcome, error: str, status: int | None
) -> None:
    reply = ask(server, "ok", path)
    assert (reply.outcome, reply.error, reply.status) == (outcome, error, status)
    assert len(server.messages) == 0 or path == "/unwelcome"


def test_hints_before_the_switch_are_passed_over(server: WebSocketTarget) -> None:
    assert ask(server, "ok", "/interim").text == ANSWER


def test_what_came_before_the_prompt_is_no_answer_to_it(server: WebSocketTarget) -> None:
    assert ask(server, "ok", "/greets").text == ANSWER


def test_nobody_there_is_a_connection_error() -> None:
    reply = sender_to("ws://127.0.0.1:9/", **WHOLE).send(Call("When?", (), "conv-1"))
    assert (reply.outcome, reply.error) == ("connection_error", "refused after 3 tries")


def test_a_conversation_has_one_connection_and_ends_it(server: WebSocketTarget) -> None:
    sender = sender_to(server.url(), **WHOLE)
    turns = converse(sender, "One?", "Two?", "Three?")
    assert [one.reply.outcome for one in turns] == ["answered"] * 3
    assert [(number, said["message"]) for number, said in server.messages] == [(0, "One?"), (0, "Two?"), (0, "Three?")]
    wait_until(lambda: server.goodbyes == [1000])
    converse(sender, "Four?", prompt_id="p2")
    assert server.messages[-1][0] == 1


def test_a_conversation_that_is_told_from_its_beginning_begins_on_a_new_connection(server: WebSocketTarget) -> None:
    sender = sender_to(server.url(), **WHOLE)
    for prompt_text in ("One?", "One?"):
        sender.send(Call(prompt_text, (), "conv-1"))
    assert [number for number, _ in server.messages] == [0, 1]
    wait_until(lambda: server.goodbyes == [1000])


def test_a_conversation_that_fails_leaves_no_connection_behind(server: WebSocketTarget) -> None:
    (only,) = converse(sender_to(server.url(), **WHOLE), "[other-shape] One?", "Two?")
    assert only.reply.error == "no_text"
    wait_until(lambda: server.goodbyes == [1000])


def test_closing_the_sender_ends_conversations(server: WebSocketTarget) -> None:
    sender = sender_to(server.url(), **WHOLE)
    sender.send(Call("One?", (), "conv-1"))
    sender.close()
    wait_until(lambda: server.goodbyes == [1000])


@pytest.mark.parametrize("way", ["answer-and-1001", "answer-and-gone"])
def test_a_server_that_leaves_between_two_turns_is_connected_to_again(server: WebSocketTarget, way: str) -> None:
    turns = converse(sender_to(server.url(), **WHOLE), f"[{way}] One?", f"[{way}] Two?")
    assert [one.reply.outcome for one in turns] == ["answered"] * 2
    assert server.messages[-1] == (1, {"message": f"[{way}] Two?"})


def test_a_message_that_a_leaving_server_did_not_answer_is_sent_once_more(server: WebSocketTarget) -> None:
    turns = converse(sender_to(server.url(), **WHOLE), "[left-once] One?", "[left-once] Two?")
    assert [one.reply.outcome for one in turns] == ["answered"] * 2
    assert [(number, said["message"][-4:]) for number, said in server.messages] == [
        (0, "One?"),
        (0, "Two?"),
        (1, "Two?"),
    ]


def test_what_a_server_says_between_turns_is_no_answer(server: WebSocketTarget) -> None:
    sender = sender_to(server.url(), **WHOLE)
    first = sender.send(Call("[chatter] One?", (), "conv-1"))
    server.respond = lambda chat, _: chat.say(plain_reply("the second").decode())
    second = sender.send(Call("Two?", (), "conv-1", 1, last=True))
    assert (first.text, second.text) == ("answer 1", "the second")


def test_pings_are_answered_while_the_user_thinks(server: WebSocketTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "TEND_EVERY_S", 0.05)
    sender = sender_to(server.url(), **WHOLE)
    sender.send(Call("[late-ping] One?", (), "conv-1"))
    wait_until(lambda: server.pongs == [0])
    assert sender.send(Call("[ok] Two?", (), "conv-1", 1, last=True)).text == ANSWER


def test_the_handshake_carries_headers_and_the_trace(server: WebSocketTarget) -> None:
    headers = {
        "authorization": "Bearer ${STAGING_TOKEN}",
        "Sec-WebSocket-Protocol": "chat.v2, chat.v1",
        "origin": "https://bank.test",
        "x-turn": "{turn}",
    }
    reply = ask(server, "ok", "/ok/{conversation_id}?v=1", headers=headers, version_header="x-release")
    (seen,) = server.handshakes
    assert seen["authorization"] == "Bearer s3cret"
    assert (seen["sec-websocket-protocol"], seen["origin"]) == ("chat.v2, chat.v1", "https://bank.test")
    assert (seen["x-turn"], seen["x-reverse-rag-run"]) == ("0", "run-1")
    assert seen["traceparent"].split("-")[1] == reply.trace_id
    assert seen[":path"] == "/ok/conv-1?v=1"
    assert reply.target_version == "2.7.1"


def test_a_secret_that_is_echoed_on_a_later_turn_is_not_recorded(server: WebSocketTarget) -> None:
    def tokens(asked: Any) -> Answer:
        return Answer({"access_token": "t0ken-of-the-host", "expires_in": 3600})

    def echo(chat: Chat, _: Any) -> None:
        chat.say(plain_reply(server.handshakes[chat.number]["authorization"]).decode())

    server.respond = echo
    with ScriptedTarget(tokens) as host:
        auth = {"kind": "oidc", "token_url": host.url(), "client_id": "gate", "client_secret": "${CLIENT_SECRET}"}
        turns = converse(sender_to(server.url(), auth=auth, **WHOLE), "One?", "Two?")
    assert server.handshakes[0]["authorization"] == "Bearer t0ken-of-the-host"
    assert [one.reply.text for one in turns] == ["Bearer [secret]"] * 2
    assert "t0ken" not in str([one.reply for one in turns])


def test_a_handshake_can_be_signed(server: WebSocketTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "an-invented-key")
    auth = {"kind": "sigv4", "service": "execute-api", "region": "eu-west-1"}
    assert ask(server, "ok", auth=auth).outcome == "answered"
    assert server.handshakes[0]["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")


def test_values_of_a_reply_go_into_the_next_message(server: WebSocketTarget) -> None:
    def respond(chat: Chat, message: Any) -> None:
        chat.say(f'{{"delta": "fine", "thread": "t{len(chat.heard)}"}}', '{"done": true}')

    server.respond = respond
    body = {"q": "{prompt}", "thread": "{carry.thread}"}
    converse(sender_to(server.url(), **(STREAMED | {"carry": {"thread": "thread"}, "body": body})), "One?", "Two?")
    assert [said for _, said in server.messages] == [{"q": "One?"}, {"q": "Two?", "thread": "t1"}]


def torn(server: WebSocketTarget, **target: Any) -> list[Any]:
    """Return the messages of a conversation whose second turn is another process's."""
    values = {"url": server.url(), **WHOLE, **target}
    carrier = Carrier(TargetSection.model_validate(values))
    recall = carrier.restored if carrier.needed else None
    converse(sender_to(**values), "One?", "Two?", said=SAID, last_body=plain_reply().decode(), recall=recall)
    return [message for _, message in server.messages]


def test_a_conversation_that_was_torn_is_told_again_on_the_new_connection(server: WebSocketTarget) -> None:
    assert torn(server) == [{"message": "One?"}, {"message": "Two?"}]
    assert {number for number, _ in server.messages} == {0}


@pytest.mark.parametrize(
    ("placeholder", "value"),
    [
        ("{history}", [dict(one) for one in SAID]),
        ("{conversation_id}", "conv-"),
    ],
)
def test_a_message_that_tells_the_conversation_needs_no_telling_again(
    server: WebSocketTarget, placeholder: str, value: Any
) -> None:
    (message,) = torn(server, body={"message": "{prompt}", "before": placeholder})
    assert message["message"] == "Two?"
    assert message["before"] == value or message["before"].startswith(value)


def test_a_turn_whose_connection_was_another_process_s_is_not_held_against_the_target(server: WebSocketTarget) -> None:
    reply = sender_to(server.url(), **WHOLE).send(Call("Two?", SAID, "conv-1", 1))
    assert (reply.outcome, reply.error) == ("connection_error", "conversation_lost")
    assert server.handshakes == []


def tls(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder))
    return context


def test_wss_verifies_the_certificate(tmp_path: Path) -> None:
    with WebSocketTarget(ssl_context=tls(tmp_path)) as server:
        assert ask(server, "ok").error == "tls_certificate"
        trusting = sender_to(
            server.url(), **WHOLE | {"timeout_s": 2.0}, tls={"ca_file": str(tmp_path / "localhost.crt")}
        )
        turns = converse(trusting, "[late-ping] One?", "[ok] Two?", "[silent] Three?")
        assert [one.reply.outcome for one in turns] == ["answered", "answered", "timeout"]
        assert [number for number, _ in server.messages] == [0, 0, 0]


def test_wss_goes_through_a_tunnel_and_ws_through_no_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(self_signed(tmp_path, "chat.test")))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "chat.test.pem")
    with WebSocketTarget(ssl_context=context) as server:
        port = int(server.url("").rpartition(":")[2])
        with ProxyServer(to=port) as proxy:
            for name in ("HTTP_PROXY", "HTTPS_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            values = WHOLE | {"allow_hosts": ["chat.test"]}
            (turn,) = converse(sender_to("wss://chat.test/ok", **values), "One?")
            assert turn.reply.text == ANSWER
            assert proxy.asked == [("CONNECT", "chat.test:443")]
            with pytest.raises(ConfigurationError, match=r"'target\.url': ws:// does not go through the proxy"):
                sender_to("ws://chat.test/ok", **values)


def test_only_listed_hosts_and_no_metadata_addresses_are_connected_to() -> None:
    with pytest.raises(HostNotAllowedError, match=r"elsewhere\.test"):
        sender_to("wss://elsewhere.test/chat", **WHOLE)
    with pytest.raises(HostNotAllowedError, match=r"169\.254\.169\.254"):
        sender_to("ws://169.254.169.254/", **WHOLE, allow_hosts=["169.254.169.254"])


@pytest.mark.parametrize("name", ["Upgrade", "Sec-WebSocket-Key", "sec-websocket-extensions"])
def test_the_handshake_s_own_headers_are_not_configured(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is set by the swarm itself"):
        sender_to("ws://127.0.0.1:9/", headers={name: "x"})


def test_a_run_converses_over_websockets(server: WebSocketTarget, tmp_path: Path) -> None:
    """In Locust's greenlets: each conversation on its own connection, and none left open."""
    prompts = [prompt(number, "[late-ping] One?", "[ok] Two?") for number in range(6)]
    code, end = run_to_end(make_run(tmp_path / "run", server, prompts, path="/ok", target=WHOLE, concurrency=3))
    assert (code, end["stopped_because"]) == (0, "prompts_sent")
    assert {one.outcome for one in exchanges(tmp_path / "run")} == {"answered"}
    by_connection = [[said["message"] for at, said in server.messages if at == number] for number in range(6)]
    assert by_connection == [["[late-ping] One?", "[ok] Two?"]] * 6
    wait_until(lambda: server.goodbyes == [1000] * 6)


def test_workers_keep_to_their_conversations(server: WebSocketTarget, tmp_path: Path) -> None:
    prompts = [prompt(number, "[ok] One?", "[ok] Two?", "[ok] Three?") for number in range(8)]
    run = make_run(tmp_path / "run", server, prompts, path="/ok", target=WHOLE, distribution=Distribution(processes=2))
    code, _ = run_to_end(run)
    assert code == 0
    assert {one.outcome for one in exchanges(tmp_path / "run")} == {"answered"}
    assert len(server.handshakes) == 8


def test_a_killed_run_tells_the_earlier_turns_again_on_a_new_connection(
    server: WebSocketTarget, tmp_path: Path
) -> None:
    def silent_to_the_second(chat: Chat, message: Any) -> None:
        if message["message"] != "Two?":
            chat.say(plain_reply().decode())

    server.respond = silent_to_the_second
    run = make_run(tmp_path / "run", server, [prompt(1, "One?", "Two?")], path="/ok", target=WHOLE)
    run.start()
    wait_until(lambda: len(server.messages) == 2 and len(exchanges(tmp_path / "run")) == 1)
    run.kill()
    run.wait(20)
    server.respond = None
    code, _ = run_to_end(make_run(tmp_path / "run", server, [prompt(1, "One?", "Two?")], path="/ok", target=WHOLE))
    assert code == 0
    said = [(number, message["message"]) for number, message in server.messages]
    assert said == [(0, "One?"), (0, "Two?"), (1, "One?"), (1, "Two?")]
    assert [(one.turn, one.outcome) for one in exchanges(tmp_path / "run")] == [(0, "answered"), (1, "answered")]


def test_a_server_that_pings_and_never_reads_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pong that finds no room would else wait for its own second, whatever the turn's deadline."""
    monkeypatch.setattr(channel, "CONTROL_TIMEOUT_S", 0.01)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
        pings = b"\x89\x7d" + b"x" * 125
        flooded = channel.Channel(ours, Deadlines(), pings * 400, headers={}, more=None)
        assert not flooded.attend()
        assert ours.fileno() == -1
