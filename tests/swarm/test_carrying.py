"""What one turn hands to the next: values of the reply, and cookies."""

import itertools
from typing import Any

import pytest

from harness.config import TargetSection
from harness.errors import ConfigurationError
from harness.testing.target_script import Answer, Asked, ScriptedTarget
from swarm.carrying import Carrier
from swarm.replay import NOT_TOLD_AGAIN, Exchanged, Message
from tests.swarm.senders import converse, sender_to

SAID: tuple[Message, ...] = ({"role": "user", "content": "One?"}, {"role": "assistant", "content": "1"})


def threads() -> Any:
    """Return an assistant that gives every conversation an id of its own in its first reply."""
    numbers = itertools.count(1)

    def respond(asked: Asked) -> Answer:
        thread = asked.json.get("thread") or f"thread/{next(numbers)}"
        return Answer({"text": "fine", "thread": {"id": thread}})

    return respond


THREADED = {"body": {"q": "{prompt}", "thread": "{carry.thread}"}, "carry": {"thread": "thread.id"}}


def test_a_value_of_the_reply_goes_out_with_the_next_turn_and_is_absent_in_the_first() -> None:
    with ScriptedTarget(threads()) as server:
        converse(sender_to(server.url(), **THREADED), "One?", "Two?")
        assert [asked.json for asked in server.requests] == [
            {"q": "One?"},
            {"q": "Two?", "thread": "thread/1"},
        ]


def test_conversations_carry_nothing_over_to_each_other() -> None:
    with ScriptedTarget(threads()) as server:
        sender = sender_to(server.url(), **THREADED)
        for prompt_id in ("p1", "p2"):
            converse(sender, "One?", "Two?", prompt_id=prompt_id)
        assert [asked.json.get("thread") for asked in server.requests] == [None, "thread/1", None, "thread/2"]


def test_a_first_turn_may_have_a_value_of_its_own_and_urls_and_headers_carry_too() -> None:
    target = {
        "body": {"q": "{prompt}"},
        "carry": {"thread": "thread.id"},
        "carry_first": {"thread": "new"},
        "headers": {"x-thread": "t-{carry.thread}"},
    }
    with ScriptedTarget(lambda _: Answer({"text": "fine", "thread": {"id": "a/b\r\nx: y"}})) as server:
        converse(sender_to(server.url("/threads/{carry.thread}/say?n={turn}"), **target), "One?", "Two?")
        first, second = server.requests
        assert (first.target, first.headers["x-thread"]) == ("/threads/new/say?n=0", "t-new")
        assert second.target == "/threads/a%2Fb%0D%0Ax%3A%20y/say?n=1"
        assert second.headers["x-thread"] == "t-a/bx: y"


def test_a_header_whose_value_is_not_there_yet_is_left_out() -> None:
    target = {"carry": {"thread": "thread.id"}, "headers": {"x-thread": "{carry.thread}"}}
    with ScriptedTarget(lambda _: Answer({"text": "fine", "thread": {"id": 7}})) as server:
        converse(sender_to(server.url(), **target), "One?", "Two?")
        assert [asked.headers.get("x-thread") for asked in server.requests] == [None, "7"]


def test_a_value_that_a_later_reply_does_not_repeat_stays() -> None:
    def respond(asked: Asked) -> Answer:
        return Answer({"text": "fine"} if "thread" in asked.json else {"text": "fine", "thread": {"id": "t"}})

    with ScriptedTarget(respond) as server:
        converse(sender_to(server.url(), **THREADED), "One?", "Two?", "Three?")
        assert [asked.json.get("thread") for asked in server.requests] == [None, "t", "t"]


def resumed(server: ScriptedTarget, *turns: str, last_body: str | None, **target: Any) -> list[Exchanged]:
    """Send a conversation whose first turn is recorded."""
    values = {"url": server.url(), **target}
    recall = Carrier(TargetSection.model_validate(values)).restored
    return converse(sender_to(**values), *turns, said=SAID, last_body=last_body, recall=recall)


def test_a_conversation_that_was_torn_goes_on_with_what_its_recorded_reply_says() -> None:
    with ScriptedTarget(threads()) as server:
        body = '{"text":"1","thread":{"id":"thread-of-before"}}'
        (exchanged,) = resumed(server, "One?", "Two?", last_body=body, **THREADED)
        assert [asked.json for asked in server.requests] == [{"q": "Two?", "thread": "thread-of-before"}]
        assert exchanged.told_again == 0


@pytest.mark.parametrize("body", [None, '{"text":"1"', '{"text":"1"}'])
def test_where_the_record_does_not_say_it_the_earlier_turns_are_told_again(body: str | None) -> None:
    """They are shown to whoever counts requests, and not to be recorded: the run holds them."""
    with ScriptedTarget(threads()) as server:
        exchanged = resumed(server, "One?", "Two?", "Three?", last_body=body, **THREADED)
        told, *others = [asked.json for asked in server.requests]
        assert told == {"q": "One?"}
        assert others == [{"q": turn, "thread": "thread/1"} for turn in ("Two?", "Three?")]
    assert [(one.turn, one.again, one.told_again) for one in exchanged] == [(0, True, 0), (1, False, 1), (2, False, 0)]


def test_a_turn_is_not_asked_where_the_one_before_it_is_not_answered_again() -> None:
    """Else it would be judged without what it is about."""
    with ScriptedTarget(lambda _: Answer({"text": "no"}, status=500)) as server:
        (exchanged,) = resumed(server, "One?", "Two?", last_body=None, **THREADED)
        assert [asked.json for asked in server.requests] == [{"q": "One?"}]
    reply = exchanged.reply
    assert (exchanged.turn, exchanged.again) == (1, False)
    assert (reply.outcome, reply.status, reply.error) == ("http_error", 500, NOT_TOLD_AGAIN)


def test_a_stream_carries_as_well() -> None:
    def respond(asked: Asked) -> Answer:
        event = b'data: {"text":"fine","thread":{"id":"t"}}\n\n'
        return Answer(event, headers=[("content-type", "text/event-stream")])

    with ScriptedTarget(respond) as server:
        converse(sender_to(server.url(), stream=True, **THREADED), "One?", "Two?")
        assert server.requests[1].json["thread"] == "t"


def test_a_template_that_refers_to_nothing_carried_names_its_key() -> None:
    with pytest.raises(ConfigurationError, match=r"target\.body.*carry\.thread"):
        sender_to("http://127.0.0.1:9/", body={"thread": "{carry.thread}"})
    with pytest.raises(ConfigurationError, match=r"target\.url.*first turn"):
        sender_to("http://127.0.0.1:9/{carry.thread}", carry={"thread": "id"})
    with pytest.raises(ConfigurationError, match=r"target\.carry\.thread"):
        sender_to("http://127.0.0.1:9/", carry={"thread": "id["})


def shop() -> Any:
    numbers = itertools.count(1)

    def respond(asked: Asked) -> Answer:
        if "cookie" in asked.headers:
            return Answer({"text": "known"})
        cookies = [f"sid={next(numbers)}; Path=/; HttpOnly", "theme=dark; Path=/", "other=1; Domain=elsewhere.test"]
        return Answer({"text": "new"}, headers=[("set-cookie", cookie) for cookie in cookies])

    return respond


def test_cookies_go_back_within_their_conversation_only() -> None:
    with ScriptedTarget(shop()) as server:
        sender = sender_to(server.url(), cookies=True)
        for prompt_id in ("p1", "p2"):
            converse(sender, "One?", "Two?", prompt_id=prompt_id)
        sent = [asked.headers.get("cookie") for asked in server.requests]
        assert sent == [None, "sid=1; theme=dark", None, "sid=2; theme=dark"]


def test_without_the_key_no_cookie_is_kept() -> None:
    with ScriptedTarget(shop()) as server:
        converse(sender_to(server.url()), "One?", "Two?")
        assert [asked.headers.get("cookie") for asked in server.requests] == [None, None]


def test_cookies_keep_to_their_path_and_to_encrypted_connections() -> None:
    cookies = [("set-cookie", "deep=1; Path=/admin"), ("set-cookie", "safe=1; Secure"), ("set-cookie", "here=1")]
    with ScriptedTarget(lambda _: Answer({"text": "fine"}, headers=cookies)) as server:
        converse(sender_to(server.url(), cookies=True), "One?", "Two?")
        assert server.requests[1].headers["cookie"] == "here=1"


def test_configured_cookies_and_those_of_the_conversation_share_one_header() -> None:
    with ScriptedTarget(shop()) as server:
        sender = sender_to(server.url(), cookies=True, headers={"Cookie": "gate=${STAGING_TOKEN}"})
        converse(sender, "One?")
        assert server.requests[0].headers["cookie"] == "gate=s3cret"
    with ScriptedTarget(lambda _: Answer({"text": "fine"}, headers=[("set-cookie", "sid=1")])) as server:
        converse(sender_to(server.url(), cookies=True, headers={"cookie": "gate=${STAGING_TOKEN}"}), "One?", "Two?")
        assert server.requests[1].headers["cookie"] == "gate=s3cret; sid=1"


def test_a_cookie_of_a_redirect_goes_along_with_its_next_hop_and_to_no_other_host() -> None:
    """Two ports of a host share its cookies (RFC 6265, 8.5); another name for it does not."""

    def respond(asked: Asked) -> Answer:
        if asked.target == "/chat":
            return Answer({}, status=307, headers=[("set-cookie", "sid=1; Path=/"), ("location", "/in")])
        return Answer({}, status=307, headers=[("location", f"http://localhost:{other.port}/out")])

    with ScriptedTarget(lambda _: Answer({"text": "fine"})) as other, ScriptedTarget(respond) as server:
        (exchanged,) = converse(sender_to(server.url(), cookies=True), "One?")
        assert exchanged.reply.outcome == "answered"
        assert [asked.headers.get("cookie") for asked in server.requests] == [None, "sid=1"]
        assert "cookie" not in other.requests[0].headers


def test_a_conversation_with_cookies_that_was_torn_is_told_again() -> None:
    with ScriptedTarget(shop()) as server:
        resumed(server, "One?", "Two?", last_body='{"text":"1"}', cookies=True)
        assert [asked.headers.get("cookie") for asked in server.requests] == [None, "sid=1; theme=dark"]
