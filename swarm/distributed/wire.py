"""What master and workers tell each other.

Locust packs its messages with msgpack, and turns mappings with certain keys
into other objects when it unpacks them. A target's reply may hold any key, so
ours are JSON, which Locust carries as bytes.
"""

from http.cookiejar import Cookie, CookieJar
from importlib.metadata import version
from typing import Any, Literal

import orjson

from swarm.carrying import Carried
from swarm.replay import Call, Reply
from swarm.timing import Gaps, StreamTiming

VERSION = version("reverse-rag")

Kind = Literal["join", "job", "refused", "unable", "ready", "calls", "replies", "pulse", "leaving"]
"""``join`` (a worker's first word), ``job`` (the answer) or ``refused``, ``ready`` or ``unable``; then ``calls`` and
``replies``; a ``pulse`` from the worker now and then, which the master gives back; ``leaving`` before it goes."""

_COOKIE = (
    "version",
    "name",
    "value",
    "port",
    "port_specified",
    "domain",
    "domain_specified",
    "domain_initial_dot",
    "path",
    "path_specified",
    "secure",
    "expires",
    "discard",
    "comment",
    "comment_url",
    "rfc2109",
)


def packed(value: Any) -> bytes:
    """Return a message's content as it travels; named tuples go as lists."""
    return orjson.dumps(value, default=tuple)


def unpacked(content: bytes) -> Any:
    """Return a message's content as it was sent."""
    return orjson.loads(content)


def call_row(number: int, call: Call) -> tuple[Any, ...]:
    """Return a numbered call as it travels."""
    return (number, *call._replace(carried=_carried_row(call.carried)))


def call_of(row: list[Any]) -> tuple[int, Call]:
    """Return a call, and its number."""
    number, *fields = row
    call = Call(*fields)
    return number, call._replace(history=tuple(call.history), carried=_carried_of(call.carried))


def reply_row(reply: Reply, offset_s: float) -> tuple[Any, ...]:
    """Return a reply as it travels, its moments by the master's clock.

    Args:
        reply: By the worker's clock.
        offset_s: What the master's clock shows more.
    """
    first = reply.first_token
    return reply._replace(
        sent=reply.sent + offset_s,
        ended=reply.ended + offset_s,
        first_token=None if first is None else first + offset_s,
        carried=_carried_row(reply.carried),
    )


def reply_of(fields: list[Any]) -> Reply:
    """Return a reply."""
    reply = Reply(*fields)
    timing: Any = reply.timing
    if timing is not None:
        timing = StreamTiming(*timing)
        timing = timing._replace(gaps=None if timing.gaps is None else Gaps(*timing.gaps))
    return reply._replace(timing=timing, carried=_carried_of(reply.carried))


def _carried_row(carried: object) -> tuple[Any, ...] | None:
    if not isinstance(carried, Carried):
        return None
    cookies = None if carried.jar is None else [[getattr(one, name) for name in _COOKIE] for one in carried.jar]
    return dict(carried.values), cookies


def _carried_of(row: Any) -> Carried | None:
    if row is None:
        return None
    values, cookies = row
    if cookies is None:
        return Carried(values, None)
    jar = CookieJar()
    for fields in cookies:
        jar.set_cookie(Cookie(**dict(zip(_COOKIE, fields, strict=True)), rest={}))
    return Carried(values, jar)
