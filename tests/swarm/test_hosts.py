"""Whom the swarm may contact."""

import socket
from typing import Any

import pytest

from harness.errors import ConfigurationError, HostNotAllowedError
from harness.testing.target import TargetServer
from swarm import transport
from swarm.hosts import AllowList, Origin, is_forbidden, is_loopback, origin_of, resolve
from tests.swarm.senders import converse, sender_to


@pytest.mark.parametrize("host", ["bank.test", "BANK.test", "bank.test."])
def test_a_listed_host_is_allowed_in_any_case(host: str) -> None:
    assert AllowList(["Bank.Test", "::1"]).allows(host)


@pytest.mark.parametrize("host", ["evil-bank.test", "sub.bank.test", "bank.test.evil.test", "", "bank"])
def test_names_are_exact(host: str) -> None:
    with pytest.raises(HostNotAllowedError, match="allow_hosts"):
        AllowList(["bank.test"]).require(host)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "100.100.100.200",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "168.63.129.16",
        "fd00:ec2::23",
        "fd00:c1::a9fe:a9fe",
        "fd00:42::42",
        "::169.254.169.254",
        "::ffff:0:169.254.169.254",
        "::ffff:100.100.100.200",
        "64:ff9b:1::a9fe:a9fe",
        "2001:0:4136:e378:8000:63bf:5601:5601",
    ],
)
def test_link_local_and_metadata_addresses_are_forbidden_in_any_guise(address: str) -> None:
    assert is_forbidden(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "::",
        "::ffff:10.1.2.3",
        "10.1.2.3",
        "192.168.0.9",
        "fd00::1",
        "203.0.113.7",
        "64:ff9b::cb00:7107",
    ],
)
def test_private_and_public_addresses_are_not(address: str) -> None:
    assert not is_forbidden(address)


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"]
)
def test_a_name_that_resolves_to_a_forbidden_address_is_refused(host: str) -> None:
    """Also one that only the system's resolver reads as an address."""
    with pytest.raises(HostNotAllowedError, match=r"169\.254\.169\.254"):
        resolve(Origin("http", host, 80))


def test_origins_know_default_ports_and_brackets() -> None:
    assert origin_of("https://Bank.test/chat") == Origin("https", "bank.test", 443)
    assert origin_of("http://[::1]:8080/chat").header == "[::1]:8080"
    assert origin_of("http://bank.test/").header == "bank.test"
    assert origin_of("http://fähre.test/").host == "xn--fhre-loa.test"


@pytest.mark.parametrize(
    "url", ["ftp://bank.test/", "//bank.test/", "http://bank.test:port/", "http://bank.test:99999/"]
)
def test_what_is_no_http_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        origin_of(url)


@pytest.mark.parametrize("host", ["localhost", "app.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.bank.test", "10.0.0.1", "0.0.0.0", "bank.test"])
def test_anything_else_is_another(host: str) -> None:
    assert not is_loopback(host)


def test_a_name_that_changes_its_mind_after_the_start_is_refused_when_it_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: only addresses that were looked at are connected to, at every new look."""
    answers = [["127.0.0.1"]]
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers[-1]]

    with TargetServer() as server:
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        sender = sender_to(server.url("/ok", host="staging.bank.test"), allow_hosts=["staging.bank.test"])
        # One bad address among good ones is enough.
        answers.append(["127.0.0.1", "169.254.169.254"])
        with pytest.raises(HostNotAllowedError, match=r"169\.254\.169\.254"):
            converse(sender, "When?")
        assert server.connections == 0
        answers.append(["127.0.0.1"])
        (exchanged,) = converse(sender, "When?")
        sender.close()
    assert exchanged.reply.status == 200
    assert set(asked) == {"staging.bank.test"}


def test_what_a_kept_connection_leads_to_is_looked_at_again_for_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "RESOLVE_EVERY_S", -1.0)
    monkeypatch.setattr(transport, "MAX_IDLE_S", -1.0)
    with TargetServer() as server:
        sender = sender_to(server.url("/ok", host="localhost"))
        converse(sender, "When?")
        monkeypatch.setattr(transport, "resolve", lambda origin: resolve(origin._replace(host="169.254.1.1")))
        with pytest.raises(HostNotAllowedError, match="link-local"):
            converse(sender, "When?")
        sender.close()
        assert server.connections == 1
