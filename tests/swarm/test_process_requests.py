"""What requests may look like, inside a swarm process: the same with Locust's greenlets as with threads."""

import itertools
from pathlib import Path

import pytest

from harness.errors import ExitCode
from harness.testing.target import TargetServer
from harness.testing.target_script import Answer, Asked, ScriptedTarget
from tests.swarm.runs import exchanges, make_run, prompt, questions, run_to_end

SECRET = "cl1ent-s3cret"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENT_SECRET", SECRET)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)


def oidc(host: ScriptedTarget) -> dict[str, str]:
    return {"kind": "oidc", "token_url": host.url(), "client_id": "gate", "client_secret": "${CLIENT_SECRET}"}


def written(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def test_twenty_users_share_one_token_and_no_secret_is_written(tmp_path: Path) -> None:
    numbers = itertools.count(1)

    def token(_: Asked) -> Answer:
        return Answer({"access_token": f"t0ken-{next(numbers)}", "expires_in": 3600})

    with ScriptedTarget(token) as host, TargetServer() as server:
        run = make_run(tmp_path / "run", server, questions(60), target={"auth": oidc(host)})
        code, end = run_to_end(run)
        assert (code, end["outcomes"]) == (0, {"answered": 60})
        assert {request.headers["authorization"] for request in server.requests} == {"Bearer t0ken-1"}
        assert len(host.requests) == 1
    assert SECRET not in written(tmp_path / "run") + run.talk
    assert "t0ken" not in written(tmp_path / "run") + run.talk


def test_a_run_without_a_token_ends_before_anything_is_sent(tmp_path: Path) -> None:
    refusal = Answer({"error": "invalid_client"}, status=401)
    with ScriptedTarget(lambda _: refusal) as host, TargetServer() as server:
        run = make_run(tmp_path / "run", server, questions(5), target={"auth": oidc(host)})
        code, end = run_to_end(run)
        assert code == ExitCode.DEPENDENCY
        assert "target.auth.token_url" in end["message"]
        assert "HTTP 401 (invalid_client)" in end["message"]
        assert server.requests == []


def test_signed_requests_go_out_of_a_swarm_process(tmp_path: Path) -> None:
    auth = {"kind": "sigv4", "service": "execute-api", "region": "eu-west-1"}
    with TargetServer() as server:
        run = make_run(tmp_path / "run", server, questions(20), target={"auth": auth})
        code, end = run_to_end(run)
        assert (code, end["outcomes"]) == (0, {"answered": 20})
        assert all("/execute-api/aws4_request" in request.headers["authorization"] for request in server.requests)
    assert SECRET not in written(tmp_path / "run") + run.talk


def test_conversations_at_once_keep_their_cookies_and_threads_apart(tmp_path: Path) -> None:
    numbers = itertools.count(1)
    begun: list[int] = []

    def respond(asked: Asked) -> Answer:
        thread = asked.json.get("thread")
        if thread is None:
            begun.append(thread := next(numbers))
        known = asked.headers.get("cookie") in (None, f"sid={thread}")
        reply = {"message": {"text": asked.json["q"] if known else "a stranger"}, "thread": thread}
        return Answer(reply, headers=[("set-cookie", f"sid={thread}")])

    prompts = [prompt(number, *(f"{number}/{turn}" for turn in range(3))) for number in range(20)]
    target = {
        "body": {"q": "{prompt}", "thread": "{carry.thread}"},
        "carry": {"thread": "thread"},
        "cookies": True,
    }
    with ScriptedTarget(respond) as script, TargetServer() as unused:
        target["url"] = script.url()
        code, _ = run_to_end(make_run(tmp_path / "run", unused, prompts, target=target))
        rows = exchanges(tmp_path / "run")
        assert code == 0
        assert sorted(row.response_text or "" for row in rows) == sorted(turn for one in prompts for turn in one.turns)
        assert len(begun) == 20
        assert sum("cookie" in asked.headers for asked in script.requests) == 40


def test_a_conversation_that_a_kill_tore_goes_on_with_what_its_record_says(tmp_path: Path) -> None:
    """A second process, and the thread of the first."""

    def respond(asked: Asked) -> Answer:
        return Answer({"message": {"text": asked.json["q"]}, "thread": asked.json.get("thread") or "thread-1"})

    with ScriptedTarget(respond) as script, TargetServer() as unused:
        body = {"q": "{prompt}", "thread": "{carry.thread}"}
        target = {"url": script.url(), "body": body, "carry": {"thread": "thread"}}
        prompts = [prompt(1, "One?", "Two?", "Three?")]
        code, _ = run_to_end(make_run(tmp_path / "run", unused, prompts, target=target))
        (part,) = (tmp_path / "run" / "exchanges").glob("*.jsonl")
        lines = part.read_bytes().splitlines(keepends=True)
        part.write_bytes(lines[0] + lines[1][:40])
        del script.requests[:]
        again, _ = run_to_end(make_run(tmp_path / "run", unused, prompts, target=target))
        assert (code, again) == (0, 0)
        assert [asked.json for asked in script.requests] == [
            {"q": "Two?", "thread": "thread-1"},
            {"q": "Three?", "thread": "thread-1"},
        ]
        assert [row.turn for row in exchanges(tmp_path / "run")] == [0, 1, 2]
