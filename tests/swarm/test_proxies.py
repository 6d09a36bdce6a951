"""Proxies of the environment: tunnels, forwarding, credentials, and who goes without."""

import base64
import logging
import ssl
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ConfigurationError, HostNotAllowedError
from harness.testing.target import TargetServer
from harness.testing.target_bodies import ANSWER
from harness.testing.target_script import Answer, ScriptedTarget
from swarm.hosts import Origin
from swarm.proxies import proxy_for
from swarm.replay import Reply
from tests.swarm.certificates import self_signed
from tests.swarm.proxy_server import ProxyServer
from tests.swarm.senders import converse, sender_to

HOST = "staging.bank.test"
VARIABLES = [f"{scheme}_proxy" for scheme in ("http", "https", "no", "all")]
CREDENTIALS = "Basic " + base64.b64encode(b"ship:s3cr@t").decode()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def ask(url: str, **target: Any) -> Reply:
    response = {"text": "message.text"}
    sender = sender_to(url, allow_hosts=[HOST, "localhost", "127.0.0.1"], response=response, **target)
    try:
        (exchanged,) = converse(sender, "When?")
    finally:
        sender.close()
    return exchanged.reply


def encrypted(folder: Path) -> tuple[TargetServer, Path]:
    """Return a target that shows a certificate for the host behind the proxy, and its authority."""
    certificate = self_signed(folder, HOST)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return TargetServer(ssl_context=context), certificate


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY"])
def test_http_requests_are_handed_to_the_proxy_whole(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The target's name need not resolve here: the proxy does that."""
    with TargetServer() as server, ProxyServer(server.port) as proxy:
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert ask(f"http://{HOST}/ok").text == ANSWER
        assert proxy.asked == [("POST", f"http://{HOST}/ok")]
        assert server.requests[0].headers["host"] == HOST


def test_https_goes_through_a_tunnel_and_the_target_itself_is_verified(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target, certificate = encrypted(tmp_path)
    with target as server, ProxyServer(server.port, authorization=CREDENTIALS) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://ship:s3cr%40t@127.0.0.1:{proxy.port}")
        assert ask(f"https://{HOST}/ok", tls={"ca_file": str(certificate)}).text == ANSWER
        assert proxy.asked == [("CONNECT", f"{HOST}:443")]
        assert "proxy-authorization" not in server.requests[0].headers
        untrusted = ask(f"https://{HOST}/ok")
        assert (untrusted.outcome, untrusted.error) == ("connection_error", "tls_certificate")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_credentials_are_shown_to_the_proxy_and_to_nobody_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, scheme: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with TargetServer() as server, ProxyServer(server.port, authorization=CREDENTIALS) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", f"http://ship:wrong-s3cr3t@127.0.0.1:{proxy.port}")
        reply = ask(f"{scheme}://{HOST}/ok")
        assert (reply.outcome, reply.error) == ("connection_error", "proxy_407")
        assert server.requests == []
    assert "s3cr" not in repr(reply) + caplog.text


def test_a_proxy_that_makes_no_tunnel_is_named_with_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    with ProxyServer(1, refuses=502) as proxy:
        monkeypatch.setenv("https_proxy", f"127.0.0.1:{proxy.port}")
        assert ask(f"https://{HOST}/ok").error == "proxy_502"
    assert ask(f"https://{HOST}/ok").error == "proxy_refused after 3 tries"


def test_no_proxy_and_loopback_go_without(monkeypatch: pytest.MonkeyPatch) -> None:
    with TargetServer() as server, ProxyServer(1) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert ask(server.url("/ok")).text == ANSWER
        assert ask(server.url("/ok", host="localhost")).text == ANSWER
        assert proxy.asked == []
    monkeypatch.setenv("NO_PROXY", "localhost,.bank.test")
    assert proxy_for(Origin("http", HOST, 80)) is None
    assert proxy_for(Origin("http", "staging.shop.test", 80)) is not None
    assert proxy_for(Origin("https", "staging.shop.test", 443)) is None


@pytest.mark.parametrize("url", ["https://user:pa55@127.0.0.1:3128", "socks5://user:pa55@h:1", "http://u:pa55@h:port"])
def test_other_kinds_of_proxies_are_refused_by_the_variables_name(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", url)
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY") as raised:
        sender_to(f"https://{HOST}/", allow_hosts=[HOST])
    assert "pa55" not in str(raised.value) + raised.value.hint


@pytest.mark.parametrize("metadata", ["169.254.169.254", "2852039166", "[::ffff:169.254.169.254]"])
def test_no_proxy_is_asked_for_a_metadata_address_even_if_it_is_listed(
    monkeypatch: pytest.MonkeyPatch, metadata: str
) -> None:
    away = Answer({}, status=307, headers=[("location", f"http://{metadata}/latest/meta-data")])
    with ScriptedTarget(lambda _: away) as server, ProxyServer(server.port) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        sender = sender_to(f"http://{HOST}/", allow_hosts=[HOST, metadata])
        with pytest.raises(HostNotAllowedError, match=r"169\.254\.169\.254"):
            converse(sender, "When?")
        sender.close()
        assert [url for _, url in proxy.asked] == [f"http://{HOST}/"]
