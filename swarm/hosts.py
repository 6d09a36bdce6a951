"""Whom the swarm may contact: the listed hosts, and never a link-local or metadata address."""

import contextlib
import ipaddress
import socket
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from harness.errors import ConfigurationError, HostNotAllowedError

METADATA_ADDRESSES = frozenset(
    ipaddress.ip_address(address)
    for address in (
        "100.100.100.200",  # Alibaba Cloud
        "168.63.129.16",  # Azure's WireServer
        "fd00:42::42",  # Scaleway over IPv6
        "fd00:c1::a9fe:a9fe",  # Oracle Cloud over IPv6
        "fd00:ec2::23",  # credentials of AWS's EKS Pod Identity over IPv6
        "fd00:ec2::254",  # AWS over IPv6
        "fd20:ce::254",  # Google Cloud over IPv6
    )
)
"""Instance metadata services outside the link-local ranges."""
_URL_CHARACTERS = "%/?:@!$&'()*+,;=~[]-._"
"""What RFC 3986 lets stand in a path and query; anything else is sent percent-encoded."""
_WRAPPING = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/96")))
"""Networks whose last four bytes are an IPv4 address: compatible and translated ones, and NAT64 (RFC 6052, RFC 8215)."""

Address = tuple[socket.AddressFamily, Any]


class Origin(NamedTuple):
    """Scheme, host and port: what a connection is made to."""

    scheme: str
    host: str
    port: int

    @property
    def header(self) -> str:
        """The ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.scheme == "https" else 80
        return host if self.port == default else f"{host}:{self.port}"

    def url(self, path: str) -> str:
        """Return the URL of a path and query as they stand in the request line."""
        return f"{self.scheme}://{self.header}{path}"


def origin_of(url: str) -> Origin:
    """Return what a URL's requests connect to.

    Raises:
        ConfigurationError: If it is no whole http or https URL.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigurationError("a URL has a port that is no number from 0 to 65535") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError("a URL must be whole and begin with http:// or https://")
    return Origin(parts.scheme, _normal(parts.hostname), port or (443 if parts.scheme == "https" else 80))


def over_http(url: str) -> str:
    """Return a WebSocket's URL as that of its handshake (RFC 6455, 4.1); any other as it is."""
    scheme, colon, rest = url.partition(":")
    return {"ws": "http", "wss": "https"}.get(scheme.lower(), scheme) + colon + rest


def joined(url: str, reference: str) -> str:
    """Return where a reference in a reply from ``url`` leads; empty, which is no URL, where it cannot be read."""
    try:
        return urljoin(url, reference)
    except ValueError:
        return ""


def request_path(parts: SplitResult) -> str:
    """Return a URL's path and query as they stand in the request line."""
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return quote(path, safe=_URL_CHARACTERS)


class AllowList:
    """The hosts that ``[target] allow_hosts`` lists, by exact name."""

    def __init__(self, hosts: Collection[str]) -> None:
        self._hosts = {_normal(host.strip("[]")) for host in hosts}

    def allows(self, host: str) -> bool:
        """Return whether a host is listed."""
        return _normal(host) in self._hosts

    def require(self, host: str) -> None:
        """Raise unless a host is listed.

        Raises:
            HostNotAllowedError: If it is not.
        """
        if not self.allows(host):
            allowed = ", ".join(sorted(self._hosts)) or "none"
            raise HostNotAllowedError(
                f"host '{host}' is not in [target] allow_hosts (allowed: {allowed}); nothing was sent to it",
                hint="add it to allow_hosts if it is yours to test",
            )


def resolve(origin: Origin) -> list[Address]:
    """Return the addresses of a host.

    Raises:
        HostNotAllowedError: If any of them is never contacted, whatever the list says.
        OSError: If the name does not resolve.
    """
    return _looked_at(origin, socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM))


def refuse_forbidden(origin: Origin) -> None:
    """Raise if a host is itself an address that is never contacted, in whichever spelling; asks no name server.

    Raises:
        HostNotAllowedError: If it is.
    """
    with contextlib.suppress(OSError):
        _looked_at(origin, socket.getaddrinfo(origin.host, origin.port, flags=socket.AI_NUMERICHOST))


def _looked_at(origin: Origin, found: Sequence[Any]) -> list[Address]:
    addresses: Sequence[Address] = [(family, sockaddr) for family, _, _, _, sockaddr in found]
    for _, sockaddr in addresses:
        if is_forbidden(str(sockaddr[0])):
            raise HostNotAllowedError(
                f"host '{origin.host}' resolves to {sockaddr[0]}, a link-local or metadata address; nothing was sent",
                hint="such addresses are refused even for listed hosts; check the name's DNS records",
            )
    return list(dict.fromkeys(addresses))


def is_forbidden(address: str) -> bool:
    """Return whether an address is link-local or a metadata service, also when wrapped in IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return any(one.is_link_local or one in METADATA_ADDRESSES for one in (ip, *_wrapped(ip)))


def _wrapped(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    """Yield the IPv4 addresses that an IPv6 address may lead to."""
    if isinstance(ip, ipaddress.IPv4Address):
        return
    yield from filter(None, (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())))
    if any(ip in network for network in _WRAPPING):
        yield ipaddress.IPv4Address(ip.packed[-4:])


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _normal(host: str) -> str:
    name = host.rstrip(".").lower()
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return name
