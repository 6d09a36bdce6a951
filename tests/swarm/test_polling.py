"""Asynchronous targets: submit, ask until it is there, map."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from harness.errors import ConfigurationError
from harness.testing.target_script import Answer, Asked, ScriptedTarget
from swarm.polling import Polling, retry_after_s
from swarm.replay import Reply
from tests.swarm.senders import converse, sender_to

POLL: dict[str, Any] = {"url": "/jobs/{job.id}", "until": "state == 'done'", "every_s": 0.01}
ACCEPTED = Answer({"job": {"id": "a b/1"}, "state": "queued"}, status=202)
RUNNING = Answer({"state": "running"})
DONE = Answer({"state": "done", "text": "the answer"})


def script(accepted: Answer, *states: Answer) -> Callable[[Asked], Answer]:
    """Return what answers a prompt with ``accepted`` and questions with the states in turn, the last one for ever."""
    turn = itertools.count()
    return lambda asked: accepted if asked.method == "POST" else states[min(next(turn), len(states) - 1)]


def ask(server: ScriptedTarget, *, poll: dict[str, Any] = POLL, **target: Any) -> Reply:
    sender = sender_to(server.url(), poll=poll, **target)
    try:
        (exchanged,) = converse(sender, "When?")
    finally:
        sender.close()
    return exchanged.reply


def test_the_answer_is_asked_for_until_it_is_there_and_its_latency_is_the_whole_one() -> None:
    with ScriptedTarget(script(ACCEPTED, RUNNING, RUNNING, DONE)) as server:
        reply = ask(server, headers={"authorization": "Bearer ${STAGING_TOKEN}"})
        assert (reply.outcome, reply.text, reply.status) == ("answered", "the answer", 200)
        assert [(asked.method, asked.target) for asked in server.requests] == [
            ("POST", "/chat"),
            *[("GET", "/jobs/a%20b%2F1")] * 3,
        ]
        assert {asked.headers["authorization"] for asked in server.requests} == {"Bearer s3cret"}
        assert reply.ended - reply.sent >= 3 * 0.01
        assert reply.request_body == '{"message":"When?"}'


@pytest.mark.parametrize(
    ("url", "value", "place"),
    [
        ("/jobs/{job.id}", "..", None),
        ("/jobs/{job.id}/state", ".", None),
        ("/jobs/{job.id}{job.id}/state", ".", None),
        ("/jobs/x{job.id}", "..", "/jobs/x.."),
        ("../jobs/{job.id}", "7", "/jobs/7"),
        ("/jobs?id={job.id}", "..", "/jobs?id=.."),
        ("/jobs/{job.id}", "../../admin", "/jobs/..%2F..%2Fadmin"),
    ],
)
def test_a_value_leads_to_no_other_path_than_the_configured_one(url: str, value: str, place: str | None) -> None:
    with ScriptedTarget(script(Answer({"job": {"id": value}, "state": "queued"}), DONE)) as server:
        reply = ask(server, poll={**POLL, "url": url})
        assert [asked.target for asked in server.requests[1:]] == ([place] if place else [])
    assert reply.error == (None if place else "no_place_to_poll")


def test_zero_is_true_as_in_streams() -> None:
    """JMESPath's truth: false is what is absent, false or empty."""
    falsehoods: list[Any] = ["", [], {}, False, None]
    states = [Answer({"code": code}) for code in falsehoods]
    with ScriptedTarget(script(ACCEPTED, *states, Answer({"code": 0, "text": "the answer"}))) as server:
        assert ask(server, poll={**POLL, "until": "code"}).text == "the answer"
        assert len(server.requests) == 7


def test_an_answer_that_comes_at_once_is_not_asked_for() -> None:
    with ScriptedTarget(script(DONE)) as server:
        assert ask(server).text == "the answer"
        assert len(server.requests) == 1


def test_without_a_url_the_location_header_says_where_to_ask() -> None:
    accepted = Answer({}, status=202, headers=[("location", "../status?id=7")])
    with ScriptedTarget(script(accepted, DONE)) as server:
        assert ask(server, poll={**POLL, "url": None}).text == "the answer"
        assert server.requests[1].target == "/status?id=7"


def test_a_whole_url_in_the_reply_is_taken_as_it_is() -> None:
    def respond(asked: Asked) -> Answer:
        return Answer({"links": {"status": server.url("/s/1?x=%20")}}) if asked.method == "POST" else DONE

    with ScriptedTarget(respond) as server:
        assert ask(server, poll={**POLL, "url": "{links.status}"}).text == "the answer"
        assert server.requests[1].target == "/s/1?x=%20"


def test_the_answer_may_have_a_place_of_its_own() -> None:
    def respond(asked: Asked) -> Answer:
        if asked.method == "POST":
            return ACCEPTED
        return Answer({"text": "fetched"}) if asked.target == "/results/9" else Answer({"state": "done", "result": 9})

    with ScriptedTarget(respond) as server:
        assert ask(server, poll={**POLL, "result": "/results/{result}"}).text == "fetched"


def test_a_job_that_fails_is_an_http_error_of_the_target() -> None:
    failed = Answer({"state": "failed", "reason": "out of memory"})
    with ScriptedTarget(script(ACCEPTED, RUNNING, failed)) as server:
        reply = ask(server, poll={**POLL, "failed": "state == 'failed'"})
        assert (reply.outcome, reply.error, reply.text) == ("http_error", "job_failed", None)
        assert "out of memory" in (reply.response_body or "")


def test_a_job_that_takes_too_long_is_a_timeout_of_the_whole() -> None:
    with ScriptedTarget(script(ACCEPTED, RUNNING)) as server:
        reply = ask(server, timeout_s=0.3)
        assert (reply.outcome, reply.error) == ("timeout", "no_whole_reply_in_time")
        assert reply.ended - reply.sent >= 0.3


def test_a_throttled_question_is_asked_again_when_the_target_says() -> None:
    busy = Answer({}, status=429, headers=[("retry-after", "0")])
    with ScriptedTarget(script(ACCEPTED, busy, DONE)) as server:
        assert ask(server).text == "the answer"


def test_a_retry_after_beyond_the_deadline_ends_the_waiting() -> None:
    busy = Answer({}, status=503, headers=[("retry-after", "3600")])
    with ScriptedTarget(script(ACCEPTED, busy)) as server:
        assert ask(server, timeout_s=0.2).outcome == "throttled"


STOPS: Sequence[tuple[Answer, str, str]] = [
    (Answer({}, status=429), "throttled", "status_429"),
    (Answer({}, status=500), "http_error", "status_500"),
    (Answer({"state": "queued"}, status=202), "http_error", "no_place_to_poll"),
    (Answer({"job": {"id": "x"}}, status=403), "blocked", "status_403"),
]


@pytest.mark.parametrize(("accepted", "outcome", "error"), STOPS)
def test_a_prompt_that_is_not_taken_on_gets_the_outcome_of_the_table(
    accepted: Answer, outcome: str, error: str
) -> None:
    with ScriptedTarget(script(accepted, DONE)) as server:
        reply = ask(server)
        assert (reply.outcome, reply.error) == (outcome, error)
        assert len(server.requests) == 1


@pytest.mark.parametrize(("state", "error"), [(404, "status_404"), (500, "status_500")])
def test_a_question_that_fails_gets_the_outcome_of_the_table(state: int, error: str) -> None:
    with ScriptedTarget(script(ACCEPTED, Answer({}, status=state))) as server:
        reply = ask(server)
        assert (reply.outcome, reply.error) == ("http_error", error)


def test_an_answer_is_never_asked_for_at_a_host_that_is_not_listed() -> None:
    with ScriptedTarget(lambda _: DONE) as other:
        accepted = Answer({"where": other.url("/jobs/1", host="localhost")})
        with ScriptedTarget(script(accepted, DONE)) as server:
            reply = ask(server, poll={**POLL, "url": "{where}"}, allow_hosts=["127.0.0.1"])
            assert (reply.error, reply.refused_host) == ("redirect_not_allowed", "localhost")
        assert other.requests == []


def test_secrets_do_not_go_along_to_another_origin_that_is_listed() -> None:
    with ScriptedTarget(lambda _: DONE) as other:
        accepted = Answer({"where": other.url("/jobs/1")})
        with ScriptedTarget(script(accepted)) as server:
            headers = {"authorization": "Bearer ${STAGING_TOKEN}"}
            assert ask(server, poll={**POLL, "url": "{where}"}, headers=headers).text == "the answer"
        assert "authorization" not in other.requests[0].headers


def test_values_of_the_first_reply_are_carried_too() -> None:
    accepted = Answer({"job": {"id": "1"}, "thread": "t-1"}, status=202)
    target = {"body": {"q": "{prompt}", "thread": "{carry.thread}"}, "carry": {"thread": "thread"}}
    with ScriptedTarget(script(accepted, DONE)) as server:
        converse(sender_to(server.url(), poll=POLL, **target), "One?", "Two?")
        prompts = [asked.json for asked in server.requests if asked.method == "POST"]
        assert prompts == [{"q": "One?"}, {"q": "Two?", "thread": "t-1"}]


def test_expressions_that_are_not_valid_name_their_keys() -> None:
    for key in ("until", "failed", "url", "result"):
        with pytest.raises(ConfigurationError, match=rf"target\.poll\.{key}"):
            sender_to("http://127.0.0.1:9/", poll={**POLL, key: "{a[}" if key in {"url", "result"} else "a["})


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, 0), ("7", 7), ("-3", 0), ("soon", 0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)]
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, seconds: float) -> None:
    assert retry_after_s(header) == seconds


def test_a_later_date_is_waited_for() -> None:
    assert retry_after_s("Wed, 21 Oct 2099 07:28:00 GMT") > 3600


def test_the_pause_is_the_configured_one_unless_the_target_asks_for_a_longer_one() -> None:
    from harness.config import PollSection
    from swarm.reply import Received

    polling = Polling(PollSection(until="done", every_s=2.0))
    assert polling.pause_s(Received(headers={"retry-after": "1"})) == 2.0
    assert polling.pause_s(Received(headers={"retry-after": "5"})) == 5.0
