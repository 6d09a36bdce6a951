"""Which URLs look like production's: nobody should find out by accident that they tested there."""

import re
from urllib.parse import urlsplit

from harness.errors import SafetyError
from swarm.hosts import is_loopback

MARKERS = frozenset({"prod", "production", "live"})
_DENIALS = frozenset({"non", "not", "pre"})
"""Before a marker these words turn it into its opposite: ``non-prod``."""


def refuse_production(url: str) -> None:
    """Raise if a URL carries a mark of production.

    A mark is ``prod``, ``production`` or ``live`` as a word of the host's name or as the first part of the path (an
    API Gateway's stage), and a host that begins with ``www.``. Loopback is nobody's production.

    Raises:
        SafetyError: If there is one; names it.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if not is_loopback(host) and (mark := _mark(host, parts.path)) is not None:
        raise SafetyError(
            f"[target] url on host '{host}' looks like production ('{mark}'); nothing was sent",
            hint="point it at staging, or set [target] production = true if this is meant",
        )


def _mark(host: str, path: str) -> str | None:
    if host.startswith("www."):
        return "www."
    for label in host.split("."):
        words = re.split(r"[-_]", label)
        for before, word in zip(["", *words], words, strict=False):
            if word in MARKERS and before not in _DENIALS:
                return word
    stage = path.strip("/").partition("/")[0].lower()
    return f"/{stage}" if stage in MARKERS else None
