"""HTTPS: the target's certificate is verified."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.config import TargetSection
from harness.testing.target import TargetServer
from harness.testing.target_bodies import ANSWER
from swarm.replay import Call
from swarm.sender import HttpSender
from tests.swarm.certificates import self_signed
from tests.swarm.runs import exchanges, make_run, questions, run_to_end

QUESTION = Call(prompt="When?", history=(), conversation_id="c")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return self_signed(tmp_path)


@pytest.fixture
def server(certificate: Path) -> Iterator[TargetServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with TargetServer(ssl_context=context, slow_s=4.0) as running:
        yield running


def sender(server: TargetServer) -> HttpSender:
    url = server.url("/ok", host="localhost")
    return HttpSender(TargetSection.model_validate({"url": url, "response": {"text": "message.text"}}), "run-1")


def test_a_certificate_that_nobody_vouches_for_is_a_connection_error(server: TargetServer) -> None:
    reply = sender(server).send(QUESTION)
    assert (reply.outcome, reply.error) == ("connection_error", "tls_certificate")
    assert server.requests == []


def test_a_certificate_of_a_configured_authority_is_trusted(
    server: TargetServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert sender(server).send(QUESTION).text == ANSWER


@pytest.mark.parametrize("path", ["/slow", "/dribble"])
def test_a_deadline_holds_inside_tls_too(
    server: TargetServer, certificate: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str
) -> None:
    """A session that is being read must not be taken away from its reader: with threads, and with Locust's greenlets."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    target = {"url": server.url(path, host="localhost"), "timeout_s": 0.4, "response": {"text": "message.text"}}
    one = HttpSender(TargetSection.model_validate(target), "run-1").send(QUESTION)
    assert (one.outcome, one.error) == ("timeout", "no_whole_reply_in_time")
    code, _ = run_to_end(make_run(tmp_path / "run", server, questions(3), target=target, concurrency=3))
    assert (code, [row.outcome for row in exchanges(tmp_path / "run")]) == (0, ["timeout"] * 3)
