"""The head of a request: what the configuration asks for, and what the swarm adds."""

import random
import re
from collections.abc import Mapping

from harness.config import TargetSection, resolve_secret
from harness.errors import ConfigurationError
from swarm.hosts import Origin
from swarm.mapping import Request

RUN_HEADER = "x-reverse-rag-run"
HARMLESS_HEADERS = frozenset({"accept", "accept-encoding", "content-type", "user-agent", RUN_HEADER})
"""What may go to another origin after a redirect."""
_OWN_HEADERS = frozenset({"connection", "content-length", "host", "traceparent", "transfer-encoding", RUN_HEADER})
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def request_headers(target: TargetSection, run_id: str, env: Mapping[str, str] | None) -> dict[str, str]:
    """Return the headers that every request carries, secrets resolved.

    Raises:
        ConfigurationError: If a header is not valid, or is one that the swarm sets itself.
    """
    streams = target.stream
    headers = {
        "accept": "text/event-stream, application/json" if streams else "application/json, text/plain;q=0.9, */*;q=0.8",
        # A compressed stream arrives in blocks, not in tokens.
        "accept-encoding": "identity" if streams else "gzip, deflate",
        "content-type": "application/json",
        "user-agent": "reverse-rag",
    }
    if target.method == "GET" and target.protocol == "json":
        del headers["content-type"]
    for name, value in target.headers.items():
        key = f"target.headers.{name}"
        resolved = resolve_secret(value, key=key, env=env)
        if name.lower() in _OWN_HEADERS:
            raise ConfigurationError(f"'{key}' is set by the swarm itself", hint="remove it")
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(resolved):
            raise ConfigurationError(
                f"'{key}' is not a valid HTTP header", hint="is there a line break at the end of its secret?"
            )
        headers[name.lower()] = resolved
    headers[RUN_HEADER] = run_id
    return headers


class Head:
    """The head of every request to one origin.

    Args:
        origin: Whom they go to.
        headers: What they all carry.
    """

    def __init__(self, origin: Origin, headers: Mapping[str, str]) -> None:
        lines = [" HTTP/1.1", f"host: {origin.header}", *(f"{name}: {value}" for name, value in headers.items())]
        self._same = "\r\n".join(lines) + "\r\ntraceparent: 00-"

    def before(self, request: Request, trace_id: str) -> bytes:
        """Return a request up to its body, with a W3C ``traceparent`` of its own (Trace Context, 3.2)."""
        head = f"{request.method} {request.path}{self._same}{trace_id}-{random.getrandbits(64) or 1:016x}-01\r\n"
        if request.body or request.method != "GET":
            head += f"content-length: {len(request.body)}\r\n"
        return (head + "\r\n").encode("latin-1")
