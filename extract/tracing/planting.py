"""Tracers among the logs: planted in copies of real exchanges, sanitized with all the rest, and taken out again.

A copy is a record like any other: it goes through the same files, the same
workers and the same sanitizer as the real ones. It belongs to a user of its
own, so nothing that the sanitizer remembers of a user can help to find the
tracer, nor can a tracer's name touch a real session. What comes out of it is
measured and dropped.
"""

import datetime as dt
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from extract.records.mapping import LoggedExchange
from extract.sanitizing import SessionSanitizer
from extract.sessions import KeyedExchange, RawSession, keys_of
from extract.tracing.tracers import Tracer, make_tracers, telling_parts
from harness.contracts import SanitizedSession
from harness.identity import keyed_hash

SEED = 7
"""Where no key is known."""
TRACERS = 1000
"""A thousand found without a miss put the lower end of recall at 99.6 %."""
_MOST_CHARS = 4_000
"""Of a message around a tracer; a thousand copies have to fit into memory."""
_REPLY_AFTER = dt.timedelta(minutes=1)
_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*_\d+>")

Outcome = tuple[str, str, str, bool]
"""A tracer's kind, its form, its style, and whether a part of it came through."""


class TracerSample:
    """Keeps a seeded sample of exchanges to plant tracers in (reservoir sampling, so that one pass is enough).

    Args:
        size: How many tracers.
        seed: Of the sample and the tracers.
    """

    def __init__(self, size: int = TRACERS, *, seed: int = SEED) -> None:
        self.size = size
        self.seed = seed
        self._dice = random.Random(seed)
        self._seen = 0
        self._kept: list[LoggedExchange] = []

    @property
    def exchanges(self) -> list[LoggedExchange]:
        """The sampled exchanges."""
        return self._kept

    def offer(self, exchange: LoggedExchange) -> None:
        """Consider one exchange."""
        self._seen += 1
        if len(self._kept) < self.size:
            self._kept.append(_short(exchange))
        elif (place := self._dice.randrange(self._seen)) < self.size:
            self._kept[place] = _short(exchange)

    def planted(self, key: bytes) -> "Planted":
        """Return the tracers as records of the logs; small logs are used several times.

        Args:
            key: Of the hashes.
        """
        tracers = make_tracers(self.size, seed=self.seed) if self._kept else []
        exchanges: list[KeyedExchange] = []
        expected: dict[str, Residue] = {}
        for number, tracer in enumerate(tracers):
            real = self._kept[number % len(self._kept)]
            user = keyed_hash(key, f"tracer {number}")
            keys = keys_of(key, user, user)
            exchanges += [(*keys, copy) for copy in _copies(real, tracer, user)]
            expected[keys[0]] = _residue(real, tracer)
        return Planted(exchanges, TracerCheck(expected))


@dataclass(frozen=True, slots=True)
class Residue:
    """What must be gone from a copy."""

    entity: str
    form: str
    style: str
    parts: Mapping[str, int]
    """Telling parts of the tracer's value, and how often the copy holds them beside the value."""

    def outcome(self, session: SanitizedSession | None) -> Outcome:
        """Return what became of the tracer; a copy that could not be sanitized gives nothing away."""
        texts = [turn.text for turn in session.turns] if session else []
        left = _parts_of(_PLACEHOLDER.sub("\n", text) for text in texts)
        leaked = any(left[part] > count for part, count in self.parts.items())
        return self.entity, self.form, self.style, leaked


class TracerCheck:
    """Knows the copies among sanitized sessions; small enough to be sent to every worker."""

    def __init__(self, expected: Mapping[str, Residue] | None = None) -> None:
        self._expected = dict(expected or {})

    def __len__(self) -> int:
        return len(self._expected)

    def __contains__(self, user_key: str) -> bool:
        """Return whether a hashed user is a tracer's: the sessions must be counted nowhere and written nowhere."""
        return user_key in self._expected

    def users(self) -> list[str]:
        """Return the hashed users that tracers belong to."""
        return sorted(self._expected)

    def outcome(self, user_key: str, session: SanitizedSession | None) -> Outcome:
        """Return what became of a user's tracer."""
        return self._expected[user_key].outcome(session)


@dataclass(frozen=True, slots=True)
class Planted:
    """Tracers ready to be sanitized."""

    exchanges: list[KeyedExchange]
    """In no certain order."""
    check: TracerCheck

    def sanitized_by(self, sanitizer: SessionSanitizer) -> Counter[Outcome]:
        """Sanitize the copies by themselves; return what became of them.

        For where they cannot travel with the records. The sanitizer keeps
        nothing from user to user, so the outcome is the same.
        """
        done = sanitizer.sanitize_all(_sessions(self.exchanges))
        return Counter(self.check.outcome(raw.user_key, result.session) for raw, result in done)


def tracer_seed(key: bytes) -> int:
    """Return the seed that follows from the key of the hashes: always the same, and known to nobody without it."""
    return int(keyed_hash(key, "tracers"), 16)


def seed_fingerprint(key: bytes) -> str:
    """Return what is published of the seed: it tells two seeds apart, and nobody without the key can go back to one."""
    return keyed_hash(key, f"fingerprint of the tracers' seed {tracer_seed(key)}")


def _short(exchange: LoggedExchange) -> LoggedExchange:
    response = None if exchange.response is None else exchange.response[:_MOST_CHARS]
    return replace(exchange, prompt=exchange.prompt[:_MOST_CHARS], response=response, kept={})


def _copies(real: LoggedExchange, tracer: Tracer, user: str) -> Iterator[LoggedExchange]:
    for number, (prompt, response) in enumerate(tracer.planted(real.prompt, real.response)):
        at = real.at + number * _REPLY_AFTER
        yield replace(real, user=user, session=user, at=at, prompt=prompt, response=response, feedback=None)


def _residue(real: LoggedExchange, tracer: Tracer) -> Residue:
    around = _parts_of(
        text for turns in tracer.without_value().planted(real.prompt, real.response) for text in turns if text
    )
    parts = telling_parts(tracer.value) | telling_parts(tracer.read_back)
    return Residue(tracer.entity, tracer.form, tracer.style, {part: around[part] for part in parts})


def _parts_of(texts: Iterator[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        found.update(telling_parts(text))
    return found


def _sessions(exchanges: list[KeyedExchange]) -> Iterator[RawSession]:
    by_session: dict[tuple[str, str], list[LoggedExchange]] = {}
    for user_key, session_id, exchange in exchanges:
        by_session.setdefault((user_key, session_id), []).append(exchange)
    for (user_key, session_id), members in sorted(by_session.items()):
        yield RawSession(session_id, user_key, tuple(sorted(members, key=lambda e: e.at)))
