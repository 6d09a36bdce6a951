"""HTTPS: the target's certificate is verified."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.config import TargetSection
from harness.errors import ConfigurationError
from harness.testing.target import TargetServer
from harness.testing.target_bodies import ANSWER
from swarm.replay import Call
from swarm.sender import HttpSender
from tests.swarm.certificates import certificate_and_key, self_signed
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
    code, _ = run_to_end(make_run(tmp_path / "run", server, questions(3), target=target))
    assert (code, [row.outcome for row in exchanges(tmp_path / "run")]) == (0, ["timeout"] * 3)


def tls_sender(server: TargetServer, **tls: str) -> HttpSender:
    values = {"url": server.url("/ok", host="localhost"), "response": {"text": "message.text"}, "tls": tls}
    return HttpSender(TargetSection.model_validate(values), "run-1", env={"KEY_PASSWORD": "pa55word"})


def test_an_authority_of_the_configuration_is_trusted_beside_the_systems(
    server: TargetServer, certificate: Path
) -> None:
    assert tls_sender(server, ca_file=str(certificate)).send(QUESTION).text == ANSWER


def test_a_name_that_the_certificate_does_not_hold_is_refused_all_the_same(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    other = self_signed(tmp_path, "elsewhere.test")
    context.load_cert_chain(other)
    with TargetServer(ssl_context=context) as server:
        reply = tls_sender(server, ca_file=str(other)).send(QUESTION)
        assert (reply.error, server.requests) == ("tls_certificate", [])


@pytest.fixture
def mutual(certificate: Path, tmp_path: Path) -> Iterator[tuple[TargetServer, Path, Path]]:
    """Return a target that asks for a client certificate, and one with its protected key."""
    cert_file, key_file = certificate_and_key(tmp_path, "client.test", password="pa55word")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.load_verify_locations(cert_file)
    context.verify_mode = ssl.CERT_REQUIRED
    with TargetServer(ssl_context=context) as running:
        yield running, cert_file, key_file


def test_the_client_certificate_is_shown_to_the_target_that_asks_for_it(
    mutual: tuple[TargetServer, Path, Path], certificate: Path
) -> None:
    server, cert_file, key_file = mutual
    client = {"cert_file": str(cert_file), "key_file": str(key_file), "key_password": "${KEY_PASSWORD}"}
    assert tls_sender(server, ca_file=str(certificate), **client).send(QUESTION).text == ANSWER
    without = tls_sender(server, ca_file=str(certificate)).send(QUESTION)
    assert (without.outcome, without.error) == ("connection_error", "tls_client_certificate")


def test_the_client_certificate_is_shown_to_no_other_origin(
    mutual: tuple[TargetServer, Path, Path], certificate: Path
) -> None:
    server, cert_file, key_file = mutual
    client = {"cert_file": str(cert_file), "key_file": str(key_file), "key_password": "${KEY_PASSWORD}"}
    with TargetServer(redirect_to=server.url("/ok", host="localhost")) as first:
        values = {"url": first.url("/redirect-away"), "tls": {"ca_file": str(certificate), **client}}
        sender = HttpSender(TargetSection.model_validate(values), "run-1", env={"KEY_PASSWORD": "pa55word"})
        assert sender.send(QUESTION).outcome == "connection_error"
    assert server.requests == []


def test_files_that_are_wrong_are_named_with_their_key_before_anything_is_sent(
    server: TargetServer, tmp_path: Path
) -> None:
    one, key_of_one = certificate_and_key(tmp_path, "one.test", password="pa55word")
    two, key_of_two = certificate_and_key(tmp_path, "two.test")
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing\n")
    wrong: list[tuple[dict[str, str], str]] = [
        ({"ca_file": str(tmp_path / "none.pem")}, r"tls\.ca_file.*none\.pem cannot be read: No such file"),
        ({"ca_file": str(tmp_path)}, r"tls\.ca_file.*cannot be read"),
        ({"ca_file": str(empty)}, r"tls\.ca_file.*no certificate"),
        ({"cert_file": str(tmp_path / "none.crt")}, r"tls\.cert_file.*No such file"),
        ({"cert_file": str(two)}, r"tls\.cert_file.*no certificate and key"),
        ({"cert_file": str(one), "key_file": str(key_of_two)}, r"tls\.key_file.*is not the key of the certificate"),
        ({"cert_file": str(one), "key_file": str(key_of_one)}, r"tls\.key_password.*needed"),
        (
            {"cert_file": str(one), "key_file": str(key_of_one), "key_password": "${WRONG}"},
            r"tls\.key_password.*not the password",
        ),
        ({"cert_file": str(one), "key_file": str(empty)}, r"tls\.key_file"),
    ]
    for tls, message in wrong:
        values = {"url": server.url("/ok", host="localhost"), "tls": tls}
        with pytest.raises(ConfigurationError, match=message) as raised:
            HttpSender(TargetSection.model_validate(values), "run-1", env={"WRONG": "not-it-s3cret"})
        assert "s3cret" not in str(raised.value)
    assert server.connections == 0
