"""Replies that nobody should send: each is one exchange with its outcome, and the run goes on."""

import contextlib
import errno
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

from harness.errors import ExitCode
from harness.testing.target import TargetServer
from harness.testing.target_script import Answer, Asked, ScriptedTarget
from harness.testing.target_streams import frame
from swarm.deadlines import Deadlines
from swarm.distributed.wire import packed, reply_row
from swarm.distribution import KEY_VARIABLE, Distribution
from swarm.event_frames import EventFrames
from swarm.hosts import Origin
from swarm.replay import Call, Conversation, Reply
from swarm.reply import Received, decoded
from swarm.streams import ChatStream
from swarm.transport import Connections, NoReplyError
from tests.swarm.runs import exchanges, make_run, questions, run_to_end
from tests.swarm.senders import converse, sender_to
from tests.swarm.test_distributed import ending, master, worker

CHAT: dict[str, Any] = {"protocol": "openai-chat", "response": {}}


def nested(levels: int) -> Any:
    value: Any = "core"
    for _ in range(levels):
        value = [value]
    return value


def calling(levels: int) -> Answer:
    call = {"id": "1", "function": {"name": "f", "arguments": ""}, "more": nested(levels)}
    return Answer({"choices": [{"message": {"content": "", "tool_calls": [call]}, "finish_reason": "tool_calls"}]})


def ask(answer: Answer, **target: Any) -> Reply:
    with ScriptedTarget(lambda _: answer) as server:
        sender = sender_to(server.url(), **target)
        try:
            return converse(sender, "When?")[0].reply
        finally:
            sender.close()


@pytest.mark.parametrize(
    ("answer", "target"),
    [
        (calling(300), CHAT),
        (Answer({"text": "yes", "docs": [nested(400)]}), {"response": {"text": "text", "contexts": "docs"}}),
        (Answer({"text": "yes", "id": nested(400)}), {"carry": {"id": "id"}, "body": {"q": "{prompt}"}}),
    ],
    ids=["tool calls", "contexts", "carried"],
)
def test_values_that_can_be_read_but_not_written_are_malformed(answer: Answer, target: dict[str, Any]) -> None:
    reply = ask(answer, **target)
    assert (reply.outcome, reply.error) == ("malformed", "too_deep")
    assert packed([(1, reply_row(reply, 0.0))])


def test_deep_values_that_can_be_written_are_kept_and_travel() -> None:
    reply = ask(calling(150), **CHAT)
    assert reply.tool_calls[0]["more"] == nested(150)
    assert packed([(1, reply_row(reply, 0.0))])


@pytest.mark.parametrize("distribution", [None, Distribution(processes=2)], ids=["one process", "workers"])
def test_replies_nested_too_deep_cost_no_other_exchange(tmp_path: Path, distribution: Distribution | None) -> None:
    deep, plain = calling(300), calling(1)

    def respond(asked: Asked) -> Answer:
        return deep if "number 3?" in asked.json["messages"][-1]["content"] else plain

    with ScriptedTarget(respond) as server:
        code, end = run_to_end(
            make_run(tmp_path, server, questions(20), target={**CHAT, "model": "m"}, distribution=distribution)
        )
    assert (code, end["outcomes"]) == (0, {"answered": 19, "malformed": 1})
    assert [row.error for row in exchanges(tmp_path) if row.outcome == "malformed"] == ["too_deep"]
    assert len(exchanges(tmp_path)) == 20


@pytest.mark.parametrize("place", ["http://[", "//[::1", "http://127.0.0.1:x/"])
def test_a_redirect_that_is_no_url_is_a_bad_redirect(place: str) -> None:
    reply = ask(Answer({}, status=302, headers=[("location", place)]))
    assert (reply.outcome, reply.error) == ("http_error", "bad_redirect")


@pytest.mark.parametrize(
    "poll",
    [
        {"url": "{where}", "until": "state == 'done'"},
        {"url": "/jobs", "until": "state != 'done'", "result": "{where}"},
        {"url": "{nfkc}", "until": "state == 'done'"},
    ],
)
def test_a_place_to_poll_that_is_no_url_is_a_bad_redirect(poll: dict[str, Any]) -> None:
    answer = Answer({"state": "running", "where": "http://[", "nfkc": "http://a\u2100b/"})
    reply = ask(answer, poll={**poll, "every_s": 0.01})
    assert (reply.outcome, reply.error) == ("http_error", "bad_redirect")


def streamed(*chunks: Any) -> ChatStream:
    stream = ChatStream()
    for chunk in chunks:
        stream.add(json.dumps(chunk).encode())
    return stream


def test_arguments_of_a_tool_that_come_as_an_object_become_its_json() -> None:
    call = {"index": 0, "function": {"name": "f", "arguments": {"a": 1}}}
    stream = streamed({"choices": [{"delta": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]})
    message = stream.merged()["choices"][0]["message"]
    assert message["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"a":1}'}
    call["function"] = {"name": "f", "arguments": nested(400)}
    assert streamed({"choices": [{"delta": {"tool_calls": [call]}}]}).fault == "too_deep"


def test_an_error_of_null_in_a_stream_is_none() -> None:
    assert streamed({"error": None, "choices": [], "usage": {"prompt_tokens": 1}}).fault is None
    assert streamed({"error": {"message": "no"}, "choices": []}).fault == "error_in_stream"


def test_a_payload_whose_bytes_are_no_base64_stays_as_it_is() -> None:
    ((name, data),) = EventFrames().feed(frame("chunk", {"bytes": "Fähre"}))
    assert (name, json.loads(data)) == (b"chunk", {"bytes": "Fähre"})


@pytest.mark.parametrize("charset", ["idna", "unicode_escape", "utf-7", "undefined", "hex", "a\0b"])
def test_no_charset_breaks_the_reading_of_a_body(charset: str) -> None:
    received = Received(body=b"\\ud800 +2AA- \xff", headers={"content-type": f"text/plain; charset={charset}"})
    assert decoded(received).encode()


def test_a_generator_out_of_sockets_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> NoReturn:
        raise OSError(errno.EMFILE, "too many open files")

    connections = Connections(Origin("http", "127.0.0.1", 9), Deadlines())
    monkeypatch.setattr(socket, "socket", exhausted)
    with pytest.raises(NoReplyError, match="generator_out_of_sockets"):
        connections.take(float("inf"), fresh=True)


WHOLE = b'HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{"text":"yes"}'
FAREWELL = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n"


@contextmanager
def saying(first: bytes, after: bytes = b"") -> Iterator[tuple[str, list[threading.Event]]]:
    """Run a server that says something on every request, and more when the connection's event is set."""
    events: list[threading.Event] = []

    def serve(conn: socket.socket, event: threading.Event) -> None:
        with conn, contextlib.suppress(OSError):
            while conn.recv(65536):
                conn.sendall(first)
                if after:
                    event.wait(20)
                    conn.sendall(after)
                    event.clear()

    def accept(listener: socket.socket) -> None:
        while True:
            try:
                conn, _ = listener.accept()
            except OSError:
                return
            events.append(threading.Event())
            threading.Thread(target=serve, args=(conn, events[-1]), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/chat", events
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("surplus", [FAREWELL, WHOLE, b"rubbish"])
def test_what_follows_a_whole_reply_is_no_part_of_it_and_ends_the_connection(surplus: bytes) -> None:
    with saying(WHOLE + surplus) as (url, connections):
        sender = sender_to(url)
        replies = [converse(sender, "When?")[0].reply for _ in range(2)]
        sender.close()
    assert [(reply.outcome, reply.text, reply.status) for reply in replies] == [("answered", "yes", 200)] * 2
    assert len(connections) == 2


def test_a_farewell_on_an_idle_connection_is_not_the_next_reply() -> None:
    with saying(WHOLE, FAREWELL) as (url, connections):
        sender = sender_to(url)
        assert converse(sender, "When?")[0].reply.text == "yes"
        ((sock, _),) = next(iter(sender._delivery._connections.values()))._idle
        connections[0].set()
        assert sock.recv(1, socket.MSG_PEEK) == b"H"
        reply = converse(sender, "And then?")[0].reply
        sender.close()
    assert (reply.outcome, reply.text) == ("answered", "yes")


def test_what_gevent_may_print_holds_no_prompt() -> None:
    conversation = Conversation(
        run_id="r", prompt_id="p", arm="load", turns=("Where do I live?",), last_body="Where do I live?"
    )
    call = Call("Where do I live?", ({"role": "user", "content": "Where do I live?"},), "conv-1", 1)
    assert "live" not in repr((conversation, call))
    assert "conv-1" in repr(call)


IN_A_SWARM = """
from swarm.locust_user import Swarm
from types import SimpleNamespace as Some
def flush():
    raise TypeError("Where do I live?")
stops = []
swarm = Some(_recorder=Some(flush=flush), stop=lambda *why, **more: stops.append((why, more["message"])))
swarm._on_user_error = lambda error: Swarm._on_user_error(swarm, error)
Swarm._flush(swarm)
assert stops == [(("bug",), "TypeError")], stops
"""


def test_a_flush_that_fails_ends_the_run_as_a_bug_and_tells_no_words() -> None:
    done = subprocess.run([sys.executable, "-c", IN_A_SWARM], capture_output=True, timeout=100, check=True)
    assert b"TypeError" in done.stderr
    assert b"in flush" in done.stderr
    assert b"live" not in done.stderr


def test_a_worker_whose_reports_fail_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "k" * 40)
    at = master()
    broken = "import locust\nimport swarm.distributed.worker as w\nw.reply_row = lambda *_: {1: object(), (2,): 3}"
    with TargetServer() as server:
        process = make_run(tmp_path, server, questions(5), distribution=at)
        process.start()
        with ending(lonely := worker(at, before=broken)):
            _, said = lonely.communicate(timeout=100)
            process.kill()
    assert lonely.returncode == ExitCode.BUG
    assert b"a worker broke: TypeError" in said
    assert b"Question number" not in said
