"""Exchanges grouped into sessions and sessions into users, one after the other, in bounded memory.

The canonical order, on which neither the order of files nor the number of
buckets or workers has any influence: by hashed user, then by hashed session,
then by time. So all sessions of a user stand together, buckets are ranges of
it, and what several workers make is joined by appending.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson

from extract.records.mapping import Feedback, LoggedExchange
from harness.identity import keyed_hash

MOST_EXCHANGES = 1000
"""A longer session is no conversation (a service's fixed session id): it is continued as a further session."""
MOST_CHARS = 2_000_000
MOST_SESSIONS = 500
"""Sessions of one user that are looked at together; nobody but a service has more."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_KEY = slice(0, 16)
_SESSION = slice(16, 32)
_TIME = slice(32, 48)
_LINE = slice(48, 58)
_REST = slice(58, None)

KeyedExchange = tuple[str, str, LoggedExchange]
"""Hashed user, hashed session, exchange."""


@dataclass(frozen=True, slots=True)
class RawSession:
    """One user's conversation as logged. Never written anywhere but into a private folder."""

    session_id: str
    """Keyed hash."""
    user_key: str
    """Keyed hash."""
    exchanges: tuple[LoggedExchange, ...]
    part: int = 0
    """Above 0 where an overlong session is continued."""
    taken: Mapping[str, int] = field(default_factory=dict)
    """Placeholder numbers in use already, where an earlier run sanitized the session's beginning."""

    @property
    def feedback(self) -> Feedback | None:
        """``down`` if any exchange was rated so, else ``up`` if any was."""
        ratings = {exchange.feedback for exchange in self.exchanges}
        return "down" if "down" in ratings else "up" if "up" in ratings else None

    @property
    def metadata(self) -> dict[str, str]:
        """The first value of each allow-listed field."""
        found: dict[str, str] = {}
        for exchange in self.exchanges:
            for name, value in exchange.kept.items():
                found.setdefault(name, value)
        return found

    @property
    def chars(self) -> int:
        """How much text there is."""
        return sum(map(_chars, self.exchanges))


def keys_of(key: bytes, user: str, session: str) -> tuple[str, str]:
    """Return the hashed user and the hashed session.

    Logs exist in which several users share a session id, and their texts must
    not end up in one conversation: so the session's hash is of both.
    """
    return keyed_hash(key, user), keyed_hash(key, f"{session}\x1f{user}")


def to_line(user_key: str, session_id: str, exchange: LoggedExchange) -> bytes:
    """Return an exchange as one line; lines sort as bytes in the canonical order."""
    at = (exchange.at - _EPOCH) // _MICROSECOND
    rest = [
        exchange.user,
        exchange.session,
        exchange.prompt,
        exchange.response,
        exchange.feedback,
        exchange.kept,
        exchange.source,
    ]
    return f"{user_key}{session_id}{at:016d}{exchange.line:010d}".encode() + _json(rest) + b"\n"


def from_line(line: bytes) -> KeyedExchange:
    """Return the exchange of a line."""
    user, session, prompt, response, feedback, kept, source = orjson.loads(line[_REST])
    exchange = LoggedExchange(
        user=user,
        session=session,
        at=_EPOCH + int(line[_TIME]) * _MICROSECOND,
        prompt=prompt,
        response=response,
        feedback=feedback,
        kept=kept,
        source=source,
        line=int(line[_LINE]),
    )
    return line[_KEY].decode(), line[_SESSION].decode(), exchange


def sessions_of(exchanges: Iterable[KeyedExchange]) -> Iterator[RawSession]:
    """Yield the sessions of exchanges that come in the canonical order.

    One with more than ``MOST_EXCHANGES`` exchanges or ``MOST_CHARS``
    characters is continued as a further session, its part, so that none has to
    fit into memory.
    """
    for (user_key, session_id), members in groupby(exchanges, key=itemgetter(0, 1)):
        for part, cut in enumerate(_cut(exchange for _, _, exchange in members)):
            # Two at the same moment: the order of their lines, then of their files, decides.
            cut.sort(key=lambda e: (e.at, e.line, e.source, e.prompt))
            yield RawSession(session_id, user_key, tuple(cut), part)


def part_id(session_id: str, part: int) -> str:
    """Return the id under which a session's part is published; it sorts right behind the part before."""
    return f"{session_id}-{part + 1:06d}" if part else session_id


def part_number(session_id: str) -> int:
    """Return the part that a published id stands for, from 0."""
    _, _, number = session_id.partition("-")
    return int(number) - 1 if number else 0


def user_chunks(sessions: Iterable[RawSession]) -> Iterator[list[RawSession]]:
    """Yield sessions, in the canonical order, in lists of those that are looked at together.

    All sessions of a user are one list; those of a user with more than
    ``MOST_SESSIONS`` sessions or ``MOST_CHARS`` characters are several.
    """
    for _, members in groupby(sessions, key=lambda session: session.user_key):
        chunk: list[RawSession] = []
        chars = 0
        for session in members:
            more = session.chars
            if chunk and (len(chunk) >= MOST_SESSIONS or chars + more > MOST_CHARS):
                yield chunk
                chunk, chars = [], 0
            chunk.append(session)
            chars += more
        yield chunk


def _cut(exchanges: Iterable[LoggedExchange]) -> Iterator[list[LoggedExchange]]:
    cut: list[LoggedExchange] = []
    chars = 0
    for exchange in exchanges:
        more = _chars(exchange)
        if cut and (len(cut) >= MOST_EXCHANGES or chars + more > MOST_CHARS):
            yield cut
            cut, chars = [], 0
        cut.append(exchange)
        chars += more
    yield cut


def _chars(exchange: LoggedExchange) -> int:
    return len(exchange.prompt) + len(exchange.response or "")


def _json(values: Any) -> bytes:
    try:
        return orjson.dumps(values)
    except orjson.JSONEncodeError:
        # Half a surrogate pair cannot be written as UTF-8; spelt out it stays one value.
        return orjson.dumps(_encodable(values))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {_encodable(name): _encodable(member) for name, member in value.items()}
    return [_encodable(member) for member in value] if isinstance(value, list) else value
