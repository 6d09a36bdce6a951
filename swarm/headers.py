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


def request_head(origin: Origin, request: Request, headers: Mapping[str, str], trace_id: str) -> bytes:
    """Return a request up to its body, with a W3C ``traceparent`` of its own (Trace Context, 3.2)."""
    lines = [f"{request.method} {request.path} HTTP/1.1", f"host: {origin.header}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"traceparent: 00-{trace_id}-{random.getrandbits(64) or 1:016x}-01")
    if request.body or request.method != "GET":
        lines.append(f"content-length: {len(request.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
