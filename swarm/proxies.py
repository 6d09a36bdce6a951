"""Proxies that the environment names, and tunnels through them."""

import base64
import socket
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from harness.errors import ConfigurationError
from swarm.hosts import Origin, is_loopback

_MAX_HEAD_BYTES = 65536


class Proxy(NamedTuple):
    """A forward proxy."""

    origin: Origin
    authorization: str | None
    """The ``Proxy-Authorization`` header; a secret."""

    @property
    def header(self) -> str:
        """The header line that it asks for; empty where it asks for none."""
        return "" if self.authorization is None else f"proxy-authorization: {self.authorization}\r\n"


class TunnelError(Exception):
    """A proxy made no tunnel; its argument is the category."""


def proxy_for(target: Origin) -> Proxy | None:
    """Return the proxy that ``HTTP_PROXY``, ``HTTPS_PROXY`` and ``NO_PROXY`` name for an origin; None for none.

    The variables count in upper and lower case, as the standard library reads them. Loopback is never proxied: seen
    from the proxy it is another machine.

    Raises:
        ConfigurationError: If the variable holds something else than the URL of an HTTP proxy; never shows it.
    """
    url = getproxies_environment().get(target.scheme)
    if not url or is_loopback(target.host) or proxy_bypass(target.header):
        return None
    name = f"{target.scheme.upper()}_PROXY"
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or 80
    except ValueError:
        raise ConfigurationError(f"environment variable {name}: its port is no number from 0 to 65535") from None
    if parts.scheme != "http" or not parts.hostname:
        raise ConfigurationError(
            f"environment variable {name} must be http://HOST:PORT: other kinds of proxies are not used",
            hint="unset it, or list the target's host in NO_PROXY",
        )
    return Proxy(Origin("http", parts.hostname, port), _basic(parts.username, parts.password))


def open_tunnel(sock: socket.socket, target: Origin, proxy: Proxy) -> None:
    """Ask a proxy for a tunnel (RFC 9110, 9.3.6).

    Args:
        sock: A connection to it, with a timeout.
        target: Where the tunnel ends.
        proxy: Whom it is asked of.

    Raises:
        TunnelError: If it makes none.
        OSError: If the connection fails.
    """
    host = f"[{target.host}]" if ":" in target.host else target.host
    end = f"{host}:{target.port}"
    sock.sendall(f"CONNECT {end} HTTP/1.1\r\nhost: {end}\r\n{proxy.header}\r\n".encode("latin-1"))
    head = bytearray()
    # One byte at a time: what follows the head is the target's, and TLS has to read it.
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte or len(head) > _MAX_HEAD_BYTES:
            raise TunnelError("proxy_closed")
        head += byte
    status = head.split(None, 2)[1:2]
    if not head.startswith(b"HTTP/1.") or not status or not status[0].isdigit():
        raise TunnelError("proxy_bad_http")
    if not status[0].startswith(b"2"):
        raise TunnelError(f"proxy_{int(status[0])}")


def _basic(user: str | None, password: str | None) -> str | None:
    if user is None:
        return None
    return "Basic " + base64.b64encode(f"{unquote(user)}:{unquote(password or '')}".encode()).decode()
