"""The head of a request: what the configuration asks for, and what the swarm adds."""

import re
from collections.abc import Callable, Mapping

from harness.config import TargetSection, resolve_secret
from harness.errors import ConfigurationError
from swarm.carrying import ABSENT, carried_value
from swarm.hosts import Origin
from swarm.mapping import PLACEHOLDER, Request, placeholder_text, require_carried
from swarm.proxies import Proxy
from swarm.replay import Call
from swarm.tracing import span_id_of

RUN_HEADER = "x-reverse-rag-run"
HARMLESS_HEADERS = frozenset({"accept", "accept-encoding", "content-type", "user-agent", RUN_HEADER})
"""What may go to another origin after a redirect."""
_OWN_HEADERS = frozenset(
    {
        *("connection", "content-length", "host", "traceparent", "transfer-encoding", "upgrade", RUN_HEADER),
        *("sec-websocket-extensions", "sec-websocket-key", "sec-websocket-version"),
    }
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_UNSENDABLE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


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
    if target.over_websocket or (target.method == "GET" and target.protocol == "json"):
        del headers["content-type"]
    for name, value in configured_headers(target.headers, env=env):
        if PLACEHOLDER.search(value) is None:
            headers[name] = value
        else:
            headers.pop(name, None)
    headers[RUN_HEADER] = run_id
    return headers


def turn_headers(target: TargetSection, env: Mapping[str, str] | None) -> Callable[[Call], Mapping[str, str]] | None:
    """Return what gives the headers that differ from turn to turn; None where none do.

    A header with a carried value that is not there is left out. Characters that no header may hold are, too: carried
    values are the target's words.

    Raises:
        ConfigurationError: If one refers to a value that is not carried, or would hold a prompt.
    """
    templates = {
        name: value for name, value in configured_headers(target.headers, env=env) if PLACEHOLDER.search(value)
    }
    for name, value in templates.items():
        require_carried(value, target, key=f"target.headers.{name}")
        if re.search(r"\{(prompt|history)\}", value):
            raise ConfigurationError(
                f"'target.headers.{name}' holds the prompt or the history; headers end up in access logs",
                hint="send it in the body",
            )

    def build(call: Call) -> Mapping[str, str]:
        return {name: value for name, one in templates.items() if (value := _filled(one, call)) is not None}

    return build if templates else None


def sendable(value: str) -> str:
    """Return a header's value without the characters that no header may hold."""
    return _UNSENDABLE.sub("", value).strip()


def _filled(template: str, call: Call) -> str | None:
    for name in PLACEHOLDER.findall(template):
        if name.startswith("carry.") and carried_value(call.carried, name.removeprefix("carry.")) is ABSENT:
            return None
    return sendable(PLACEHOLDER.sub(lambda match: placeholder_text(match[1], call), template))


def configured_headers(
    values: Mapping[str, str], *, table: str = "target.headers", env: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """Return a table of headers by lower-case name, secrets resolved.

    Args:
        values: As they are configured.
        table: Where, for the error.
        env: Where secrets are; None takes the process's environment.

    Raises:
        ConfigurationError: If one is not valid, or is one that the swarm sets itself.
    """
    headers = []
    for name, value in values.items():
        key = f"{table}.{name}"
        resolved = resolve_secret(value, key=key, env=env)
        if name.lower() in _OWN_HEADERS:
            raise ConfigurationError(f"'{key}' is set by the swarm itself", hint="remove it")
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(resolved):
            raise ConfigurationError(
                f"'{key}' is not a valid HTTP header", hint="is there a line break at the end of its secret?"
            )
        headers.append((name.lower(), resolved))
    return headers


class Head:
    """The head of every request to one origin.

    Args:
        origin: Whom they go to.
        headers: What they all carry.
        proxy: Whom they are handed to unencrypted; None where they go to the origin itself, or through a tunnel.
    """

    def __init__(self, origin: Origin, headers: Mapping[str, str], *, proxy: Proxy | None = None) -> None:
        lines = [" HTTP/1.1", f"host: {origin.header}", *(f"{name}: {value}" for name, value in headers.items())]
        whole = "\r\n".join(lines) + "\r\n"
        self._same = whole + ("" if proxy is None else proxy.header) + "traceparent: 00-"
        self._place = "" if proxy is None else origin.url("")

    def before(self, request: Request, trace_id: str, more: Mapping[str, str] | None = None) -> bytes:
        """Return a request up to its body, with its turn's W3C ``traceparent`` (Trace Context, 3.2).

        Args:
            request: What is asked.
            trace_id: The turn's.
            more: Headers of this request alone.
        """
        head = f"{request.method} {self._place}{request.path}{self._same}{trace_id}-{span_id_of(trace_id)}-01\r\n"
        if request.body or request.method != "GET":
            head += f"content-length: {len(request.body)}\r\n"
        if more:
            head += "".join([f"{name}: {value}\r\n" for name, value in more.items()])
        return (head + "\r\n").encode("latin-1")
