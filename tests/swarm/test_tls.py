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

QUESTION = Call(prompt="When?", history=(), conversation_id="c")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return self_signed(tmp_path)


@pytest.fixture
def server(certificate: Path) -> Iterator[TargetServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with TargetServer(ssl_context=context) as running:
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
