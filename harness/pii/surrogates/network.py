"""Invented network addresses, from the ranges that are kept for documentation."""

import ipaddress
import re

from harness.pii.surrogates.keyed import Seed

_V4_NETS = ("192.0.2", "198.51.100", "203.0.113")
"""RFC 5737."""
_V6_NETS = ("2001:db8", "3fff")
"""RFC 3849 and RFC 9637."""
NETWORKS = tuple(
    ipaddress.ip_network(net)
    for net in (*(f"{net}.0/24" for net in _V4_NETS), *(f"{net}::/{16 * (net.count(':') + 1)}" for net in _V6_NETS))
)
_V4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_V6 = re.compile(r"[0-9A-Fa-f:]+")
_GROUPS = 8
_LAST_GROUP = 0xFFF
"""Of a group behind 3fff only the last twelve bits are free."""
MAC_START = "00005e0053"
"""RFC 7042, section 2.1.2."""
_MAC_DIGITS = 12


def fake_ip(value: str, seed: Seed) -> str | None:
    """Return an address from a documentation network, with the port or prefix length left out."""
    if match := _V4.search(value):
        nets = tuple(net for net in _V4_NETS if all(seed.allows(part) for part in net.split(".")))
        draws = seed.draws("ip", match[0])
        return f"{draws.one_of(nets or _V4_NETS)}.{draws.below(254) + 1}"
    match = _V6.search(value)
    if not match or match[0].count(":") < 2:
        return None
    draws = seed.draws("ip", match[0].lower())
    nets = tuple(net for net in _V6_NETS if all(seed.allows(part) for part in net.split(":")))
    net = (nets or _V6_NETS)[0]
    whole = "::" not in match[0]
    groups = _GROUPS - net.count(":") - 1 if whole else 3
    rest = ":".join(f"{draws.below(_LAST_GROUP) + 1:x}" for _ in range(groups))
    return f"{net}:{rest}" if whole else f"{net}::{rest}"


def fake_mac(value: str, seed: Seed) -> str | None:
    """Return a hardware address from the documentation range, in the form of ``value``."""
    digits = [c for c in value if c.isalnum()]
    if len(digits) != _MAC_DIGITS:
        return None
    draws = seed.draws("mac", "".join(digits).lower())
    fake = iter(f"{MAC_START}{draws.below(256):02x}")
    shown = "".join(next(fake) if c.isalnum() else c for c in value)
    return shown.upper() if value.upper() == value else shown
