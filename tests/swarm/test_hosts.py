"""Whom the swarm may contact."""

import pytest

from harness.errors import ConfigurationError, HostNotAllowedError
from swarm.hosts import AllowList, Origin, is_forbidden, origin_of, resolve


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
    ],
)
def test_link_local_and_metadata_addresses_are_forbidden_in_any_guise(address: str) -> None:
    assert is_forbidden(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "fd00::1", "203.0.113.7"])
def test_private_and_public_addresses_are_not(address: str) -> None:
    assert not is_forbidden(address)


def test_a_name_that_resolves_to_a_forbidden_address_is_refused() -> None:
    with pytest.raises(HostNotAllowedError, match=r"169\.254\.169\.254"):
        resolve(Origin("http", "169.254.169.254", 80))


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
