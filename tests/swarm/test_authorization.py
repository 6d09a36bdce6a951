"""Bearer tokens that are fetched and renewed, and AWS signatures that the other side verifies."""

import base64
import datetime as dt
import hashlib
import hmac
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlsplit

import pytest

from harness.config import AuthSection
from harness.errors import ConfigurationError, DependencyError, HostNotAllowedError
from harness.signing import SigV4Signer
from harness.testing.target_script import Answer, Asked, ScriptedTarget
from swarm.authorization import BearerTokens
from swarm.clock import Clock
from swarm.replay import Reply
from swarm.reply import Received
from tests.swarm.senders import SECRETS, converse, sender_to

OIDC = {"kind": "oidc", "client_id": "gate", "client_secret": "${CLIENT_SECRET}"}


def tokens(life_s: float = 3600) -> Callable[[Asked], Answer]:
    numbers = itertools.count(1)
    return lambda _: Answer({"access_token": f"t0ken-{next(numbers)}", "token_type": "Bearer", "expires_in": life_s})


def guarded(*accepted: str) -> Callable[[Asked], Answer]:
    """Return a target that takes these tokens only."""
    wanted = {f"Bearer {token}" for token in accepted}
    return lambda asked: (
        Answer({"text": "welcome"}) if asked.headers.get("authorization") in wanted else Answer({}, status=401)
    )


def ask(server: ScriptedTarget, auth: dict[str, Any], *prompts: str, path: str = "/chat", **target: Any) -> list[Reply]:
    sender = sender_to(server.url(path), auth=auth, **target)
    try:
        return [one.reply for prompt in prompts for one in converse(sender, prompt)]
    finally:
        sender.close()


def test_one_token_lets_many_requests_in() -> None:
    with ScriptedTarget(tokens()) as host, ScriptedTarget(guarded("t0ken-1")) as server:
        auth = {**OIDC, "token_url": host.url("/token"), "scope": "chat read", "audience": "staging"}
        replies = ask(server, auth, "One?", "Two?", "Three?")
        assert [reply.outcome for reply in replies] == ["answered"] * 3
        (asked,) = host.requests
        assert parse_qs(asked.body.decode()) == {
            "grant_type": ["client_credentials"],
            "scope": ["chat read"],
            "audience": ["staging"],
        }
        user, _, password = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).partition(b":")
        assert (user, unquote(password.decode())) == (b"gate", SECRETS["CLIENT_SECRET"])
        assert "t0ken" not in repr(replies)
        assert "s3cret" not in repr(replies)


def test_id_and_secret_may_go_in_the_form() -> None:
    with ScriptedTarget(tokens()) as host, ScriptedTarget(guarded("t0ken-1")) as server:
        ask(server, {**OIDC, "token_url": host.url(), "client_auth": "post"}, "One?")
        form = parse_qs(host.requests[0].body.decode())
        assert (form["client_id"], form["client_secret"]) == (["gate"], [SECRETS["CLIENT_SECRET"]])
        assert "authorization" not in host.requests[0].headers


def test_a_token_that_the_target_no_longer_takes_is_renewed_once() -> None:
    with ScriptedTarget(tokens()) as host, ScriptedTarget(guarded("t0ken-2")) as server:
        (reply,) = ask(server, {**OIDC, "token_url": host.url()}, "One?")
        assert reply.outcome == "answered"
        assert [asked.headers["authorization"] for asked in server.requests] == ["Bearer t0ken-1", "Bearer t0ken-2"]


def test_a_target_that_takes_no_token_at_all_is_asked_twice_and_then_believed() -> None:
    with ScriptedTarget(tokens()) as host, ScriptedTarget(guarded()) as server:
        (reply,) = ask(server, {**OIDC, "token_url": host.url()}, "One?")
        assert (reply.outcome, reply.error) == ("http_error", "status_401")
        assert (len(server.requests), len(host.requests)) == (2, 2)


def test_a_target_that_takes_no_token_does_not_make_the_token_host_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """One new token in ten seconds, however many requests are refused."""
    now = [1000.0]
    monkeypatch.setattr(Clock, "now", staticmethod(lambda: now[0]))
    numbers = itertools.count(1)

    def post(headers: object, form: bytes) -> Received:
        return Received(status=200, body=b'{"access_token":"t-%d","expires_in":3600}' % next(numbers))

    held = BearerTokens(AuthSection.model_validate({**OIDC, "token_url": "http://127.0.0.1/"}), post, SECRETS)
    held.ready()
    tries = []
    for moment in (0.0, 0.1, 9.9, 10.0, 10.1):
        now[0] = 1000.0 + moment
        assert held._token is not None
        tries.append((held.refused({"authorization": held._token.header}), held._token.header))
    assert tries == [
        (True, "Bearer t-2"),
        (False, "Bearer t-2"),
        (False, "Bearer t-2"),
        (True, "Bearer t-3"),
        (False, "Bearer t-3"),
    ]


def test_a_token_is_renewed_before_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at once: a short-lived token is used for four fifths of its life."""
    now = [1000.0]
    monkeypatch.setattr(Clock, "now", staticmethod(lambda: now[0]))
    numbers = itertools.count(1)

    def post(headers: object, form: bytes) -> Received:
        return Received(status=200, body=b'{"access_token":"t-%d","expires_in":100}' % next(numbers))

    held = BearerTokens(AuthSection.model_validate({**OIDC, "token_url": "http://127.0.0.1/"}), post, SECRETS)
    seen = []
    for moment in (0, 79, 81, 160, 162):
        now[0] = 1000.0 + moment
        held.ready()
        seen.append(held._token.header if held._token else None)
    assert seen == ["Bearer t-1", "Bearer t-1", "Bearer t-2", "Bearer t-2", "Bearer t-3"]


def test_a_token_host_that_fails_for_a_while_is_no_matter_while_the_token_is_valid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr(Clock, "now", staticmethod(lambda: now[0]))
    answers = [Received(status=200, body=b'{"access_token":"t-1","expires_in":"100"}'), Received(status=500)]

    def post(headers: object, form: bytes) -> Received:
        return answers[0] if now[0] == 1000.0 else answers[1]

    held = BearerTokens(AuthSection.model_validate({**OIDC, "token_url": "http://127.0.0.1/"}), post, SECRETS)
    held.ready()
    now[0] = 1090.0
    held.ready()
    now[0] = 1101.0
    with pytest.raises(DependencyError, match="HTTP 500"):
        held.ready()


def test_without_any_token_requests_are_connection_errors_and_nothing_is_sent() -> None:
    refusal = Answer({"error": "invalid_client", "error_description": f"wrong: {SECRETS['CLIENT_SECRET']}"}, status=401)
    with ScriptedTarget(lambda _: refusal) as host, ScriptedTarget(guarded()) as server:
        auth = {**OIDC, "token_url": host.url()}
        with pytest.raises(DependencyError, match=r"target\.auth\.token_url.*HTTP 401 \(invalid_client\)") as raised:
            sender_to(server.url(), auth=auth).authorize()
        assert "s3cret" not in str(raised.value)
        (reply,) = ask(server, auth, "One?")
        assert (reply.outcome, reply.error) == ("connection_error", "auth")
        assert server.requests == []


def test_a_redirect_of_the_token_host_is_not_followed() -> None:
    with ScriptedTarget(tokens()) as other:
        away = Answer({}, status=307, headers=[("location", other.url())])
        with ScriptedTarget(lambda _: away) as host, pytest.raises(DependencyError, match="HTTP 307"):
            sender_to("http://127.0.0.1:9/", auth={**OIDC, "token_url": host.url()}).authorize()
        assert other.requests == []


def test_the_token_host_has_to_be_listed() -> None:
    with pytest.raises(HostNotAllowedError, match=r"login\.bank\.test"):
        sender_to("http://127.0.0.1:9/", auth={**OIDC, "token_url": "https://login.bank.test/token"})


def test_tokens_do_not_go_to_another_origin() -> None:
    with ScriptedTarget(tokens()) as host, ScriptedTarget(lambda _: Answer({"text": "hi"})) as other:
        away = Answer({}, status=307, headers=[("location", other.url())])
        with ScriptedTarget(lambda _: away) as server:
            (reply,) = ask(server, {**OIDC, "token_url": host.url()}, "One?")
        assert reply.outcome == "answered"
        assert "authorization" not in other.requests[0].headers


ACCESS_KEY, SECRET_KEY, SESSION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "a-session/token=="
SIGV4 = {"kind": "sigv4", "service": "execute-api", "region": "eu-west-1"}


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_SESSION_TOKEN": SESSION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


def verified(asked: Asked, *, region: str = "eu-west-1", service: str = "execute-api") -> bool:
    """Return whether a request is signed as AWS documents it ("Create a signed AWS API request"), computed anew."""
    scheme, _, fields = asked.headers.get("authorization", "").partition(" ")
    given = dict(field.strip().split("=", 1) for field in fields.split(",") if "=" in field)
    moment = asked.headers.get("x-amz-date", "")
    day = moment[:8]
    scope = f"{day}/{region}/{service}/aws4_request"
    names = given.get("SignedHeaders", "").split(";")
    if scheme != "AWS4-HMAC-SHA256" or given.get("Credential") != f"{ACCESS_KEY}/{scope}" or "host" not in names:
        return False
    if not set(names) >= {name for name in asked.headers if name.startswith("x-amz-")}:
        return False
    parts = urlsplit(asked.target)
    query = sorted((quote(n, safe="-_.~"), quote(v, safe="-_.~")) for n, v in parse_qsl(parts.query, True))
    canonical = "\n".join(
        [
            asked.method,
            quote(parts.path, safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in query),
            *(f"{name}:{' '.join(asked.headers[name].split())}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(asked.body).hexdigest(),
        ]
    )
    signed = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{SECRET_KEY}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(hmac.digest(key, signed.encode(), "sha256").hex(), given.get("Signature", ""))


def gateway(asked: Asked) -> Answer:
    return Answer({"text": "signed"}) if verified(asked) else Answer({"message": "Forbidden"}, status=403)


REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("/stage/chat", {}),
    ("/stage/chat", {"method": "GET", "body": {"q": "{prompt}", "b": "a+b/c=~ é", "a": ""}}),
    ("/stage/chat?z=1&a=b%20c&a=B:/", {"body": {"nested": ["{prompt}", {"n": 1}]}}),
    ("/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aeu/invocations?qualifier=DEFAULT", {}),
    ("/a b/{conversation_id}/{uuid}", {"headers": {"X-Amz-Thread": "{conversation_id}", "x-other": "1"}}),
]


@pytest.mark.parametrize(("path", "target"), REQUESTS)
@pytest.mark.usefixtures("credentials")
def test_signed_requests_pass_a_verifier_of_its_own(path: str, target: dict[str, Any]) -> None:
    with ScriptedTarget(gateway) as server:
        (reply,) = ask(server, SIGV4, "When – and where?", path=path, **target)
        assert (reply.outcome, reply.text) == ("answered", "signed")
        assert server.requests[0].headers["x-amz-security-token"] == SESSION
        assert all(secret not in repr(reply) for secret in (SECRET_KEY, SESSION, ACCESS_KEY))


@pytest.mark.usefixtures("credentials")
def test_a_changed_body_or_region_fails_the_verifier() -> None:
    """What makes the other tests mean something."""
    with ScriptedTarget(gateway) as server:
        ask(server, SIGV4, "One?")
        (asked,) = server.requests
        assert verified(asked)
        assert not verified(asked._replace(body=asked.body + b" "))
        assert not verified(asked._replace(target="/other"))
        assert not verified(asked, region="us-east-1")
        (refused,) = ask(server, {**SIGV4, "region": "us-east-1"}, "One?")
        assert (refused.outcome, refused.error) == ("blocked", "status_403")


@pytest.mark.usefixtures("credentials")
def test_redirects_are_signed_anew_within_the_origin_and_not_beyond_it() -> None:
    def respond(asked: Asked) -> Answer:
        if not verified(asked):
            return Answer({}, status=403)
        location = {"/chat": "/next?a=1", "/next?a=1": other.url("/away")}[asked.target]
        return Answer({}, status=307, headers=[("location", location)])

    with ScriptedTarget(lambda _: Answer({"text": "hi"})) as other, ScriptedTarget(respond) as server:
        (reply,) = ask(server, SIGV4, "One?")
        assert reply.outcome == "answered"
        assert not {"authorization", "x-amz-date", "x-amz-security-token"} & other.requests[0].headers.keys()


@pytest.mark.usefixtures("credentials")
def test_a_published_signature_of_awss_documentation_is_reproduced(monkeypatch: pytest.MonkeyPatch) -> None:
    """``get-vanilla`` of AWS's Signature Version 4 test suite."""
    monkeypatch.delenv("AWS_SESSION_TOKEN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    moment = dt.datetime(2015, 8, 30, 12, 36, tzinfo=dt.UTC)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_, **__: moment.replace(tzinfo=None))
    signer = SigV4Signer("service", "us-east-1")
    headers = signer.signature("GET", "https://example.amazonaws.com/", {"host": "example.amazonaws.com"}, b"")
    assert headers["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )


PROCESS = """
import datetime as dt, json, pathlib, sys
count = pathlib.Path(sys.argv[1])
number = int(count.read_text() or 0) + 1
count.write_text(str(number))
minutes = {1: 5, 2: 5, 3: -5}.get(number) or sys.exit("the session has ended: s3cret")
until = (dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)).isoformat()
print(json.dumps({"Version": 1, "AccessKeyId": f"AKID{number}", "SecretAccessKey": "s3cret", "Expiration": until}))
"""


def test_credentials_that_expire_are_refreshed_and_a_failure_says_no_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Within ten minutes of their end AWS's SDK fetches new ones before every signature."""
    (tmp_path / "count").write_text("")
    (tmp_path / "process.py").write_text(PROCESS)
    command = f"{sys.executable} {tmp_path / 'process.py'} {tmp_path / 'count'}"
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {command}\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    signer = SigV4Signer("lambda", "eu-west-1")
    signed = signer.signature("GET", "https://api.bank.test/", {"host": "api.bank.test"}, b"")
    assert "Credential=AKID2/" in signed["Authorization"]
    for _ in range(2):  # credentials that have expired already, then none
        with pytest.raises(DependencyError, match="cannot be refreshed") as raised:
            signer.ready()
        assert "s3cret" not in str(raised.value)


def test_without_credentials_the_run_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    with pytest.raises(ConfigurationError, match="no AWS credentials"):
        sender_to("http://127.0.0.1:9/", auth=SIGV4)
