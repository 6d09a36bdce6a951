"""Raw sessions in, sanitized sessions out; what cannot be sanitized is named, never passed on."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from extract.profiles import Profiles
from extract.records.allowed import AllowedValues
from extract.records.mapping import LoggedExchange
from extract.sessions import RawSession, part_id, user_chunks
from harness.contracts import SanitizedSession, Turn
from harness.pii import PiiDetector, PiiSpan
from harness.pii.memory import NameMemory
from harness.pii.redaction import SessionRedactor
from harness.pii.surrogates import Surrogates

_SHORTEST_ID = 5
"""Shorter user and session ids are too likely to be ordinary text."""
_PREPARED_SESSIONS = 256
_PREPARED_CHARS = 2_000_000


@dataclass(frozen=True, slots=True)
class Sanitized:
    """What became of one session."""

    session: SanitizedSession | None
    """None where no exchange could be sanitized."""
    failed: tuple[tuple[LoggedExchange, str], ...] = ()
    """Exchanges that could not be sanitized, each with the kind of error."""
    with_placeholders: SanitizedSession | None = None
    """The same session, where invented values stand in it."""
    personal: tuple[str, ...] = ()
    """Allow-listed fields, as ``metadata.NAME`` and ``traits.NAME``, in whose values something personal was replaced."""

    @property
    def searched(self) -> SanitizedSession | None:
        """What an audit has to look at: an invented value may by chance be somebody's, and is no leak."""
        return self.with_placeholders or self.session


@dataclass(slots=True)
class Unfinished:
    """The end of a list of a user's sessions: the next list may continue its last, overlong session."""

    session_id: str = ""
    redactor: SessionRedactor | None = None
    names: NameMemory = field(default_factory=NameMemory)


@dataclass(frozen=True, slots=True)
class _Looked:
    """A session and what is personal in it."""

    raw: RawSession
    redactor: SessionRedactor
    turns: list[Turn]
    found: list[list[PiiSpan]]


class SessionSanitizer:
    """Sanitizes sessions; holds no state between them, so that any number can work side by side.

    Args:
        detector: Finds personal values.
        profiles: What is known about users.
        surrogates: Makes invented values; None: placeholders stand for what is personal.
    """

    def __init__(self, detector: PiiDetector, profiles: Profiles, surrogates: Surrogates | None = None) -> None:
        self._detector = detector
        self._profiles = profiles
        self._surrogates = surrogates
        self._allowed = AllowedValues(detector)

    def sanitize(self, raw: RawSession) -> Sanitized:
        """Return one session without anything personal."""
        (done,) = self.sanitize_user((raw,))
        return done

    def sanitize_user(self, sessions: Sequence[RawSession], unfinished: Unfinished | None = None) -> list[Sanitized]:
        """Return one user's sessions without anything personal, in their order.

        A name that one of them gives away is removed from all of them.
        Placeholders are numbered within each session.

        Args:
            sessions: All of a user's sessions, or one of the lists of ``user_chunks``.
            unfinished: Shared by consecutive calls for lists of the same user, so that a session that goes on in the
                next list keeps its numbers.
        """
        state = Unfinished() if unfinished is None else unfinished
        before = replace(state)
        try:
            return self._user(sessions, state)
        except Exception:  # noqa: BLE001 - fails closed: whatever goes wrong, the text does not leave
            state.session_id, state.redactor, state.names = before.session_id, before.redactor, before.names
            return self._without_failing(sessions, state)

    def sanitize_all(self, sessions: Iterable[RawSession]) -> Iterator[tuple[RawSession, Sanitized]]:
        """Yield what becomes of sessions that come in the canonical order, each with the raw one; in bounded memory."""
        waiting: list[list[RawSession]] = []
        count = chars = 0
        unfinished = Unfinished()
        for chunk in user_chunks(sessions):
            waiting.append(chunk)
            count += len(chunk)
            chars += sum(session.chars for session in chunk)
            if count >= _PREPARED_SESSIONS or chars >= _PREPARED_CHARS:
                yield from self._sanitize_prepared(waiting, unfinished)
                waiting = []
                count = chars = 0
        yield from self._sanitize_prepared(waiting, unfinished)

    def known(self, exchange: LoggedExchange) -> tuple[str, ...]:
        """Return the values that are personal in an exchange: its user's profile and ids."""
        ids = (value for value in (exchange.user, exchange.session) if len(value) >= _SHORTEST_ID)
        return (*self._profiles.known(exchange.user), *ids)

    def _sanitize_prepared(
        self, chunks: Sequence[Sequence[RawSession]], unfinished: Unfinished
    ) -> Iterator[tuple[RawSession, Sanitized]]:
        with suppress(Exception):  # only a head start: what fails here fails in `find` again, and is quarantined
            self._detector.prepare(list(dict.fromkeys(_texts(chunks))))
        for chunk in chunks:
            yield from zip(chunk, self.sanitize_user(chunk, unfinished), strict=True)

    def _user(self, sessions: Sequence[RawSession], state: Unfinished) -> list[Sanitized]:
        # A session that goes on from the list before brings the names that it gave away there.
        continues = bool(sessions and sessions[0].part and sessions[0].session_id == state.session_id)
        names = state.names if continues else NameMemory()
        last = (state.session_id, state.redactor) if continues else ("", None)
        looked: list[_Looked] = []
        for raw in sessions:
            redactor = last[1] if raw.part and raw.session_id == last[0] else None
            if redactor is None:
                redactor = SessionRedactor(
                    self._detector,
                    known=self.known(raw.exchanges[0]),
                    names=names,
                    taken=raw.taken,
                    surrogates=self._surrogates,
                )
            looked.append(self._look(raw, redactor))
            last = (raw.session_id, redactor)
        done = [self._redacted(each) for each in looked]
        state.session_id, state.redactor, state.names = *last, names
        return done

    def _look(self, raw: RawSession, redactor: SessionRedactor) -> _Looked:
        turns = [turn for exchange in raw.exchanges for turn in _turns(exchange)]
        return _Looked(raw, redactor, turns, redactor.look([turn.text for turn in turns]))

    def _redacted(self, looked: _Looked) -> Sanitized:
        raw, redactor = looked.raw, looked.redactor
        before = redactor.counts
        said = [turn.text for turn in looked.turns]
        texts = redactor.redact_found(said, looked.found)
        counts = {entity: n for entity, count in redactor.counts.items() if (n := count - before.get(entity, 0))}
        first = raw.exchanges[0]
        known = self._profiles.known(first.user)
        metadata = self._allowed.clean(raw.metadata, known, first.at)
        traits = self._allowed.clean(self._profiles.traits_of(first.user), known, first.at)
        personal = (
            *(f"metadata.{name}" for name in metadata.personal),
            *(f"traits.{name}" for name in traits.personal),
        )
        session = SanitizedSession(
            session_id=part_id(raw.session_id, raw.part),
            user_key=raw.user_key,
            started_on=first.at.date(),
            turns=_with_texts(looked.turns, texts),
            entities=counts,
            feedback=raw.feedback,
            traits=traits.values,
            metadata=metadata.values,
        )
        if self._surrogates is None:
            return Sanitized(session, personal=personal)
        turns = _with_texts(looked.turns, redactor.with_placeholders(said, looked.found))
        return Sanitized(session, with_placeholders=session.model_copy(update={"turns": turns}), personal=personal)

    def _without_failing(self, sessions: Sequence[RawSession], state: Unfinished) -> list[Sanitized]:
        """Return what can be sanitized once the exchanges that fail by themselves are left out."""
        failed = [self._failing(raw) for raw in sessions]
        usable = [_without(raw, bad) for raw, bad in zip(sessions, failed, strict=True)]
        try:
            done = iter(self._user([raw for raw in usable if raw.exchanges], state))
        except Exception as error:  # noqa: BLE001 - see above
            return self._one_by_one(sessions, type(error).__name__)
        return [
            replace(next(done), failed=bad) if raw.exchanges else Sanitized(None, bad)
            for raw, bad in zip(usable, failed, strict=True)
        ]

    def _one_by_one(self, sessions: Sequence[RawSession], kind: str) -> list[Sanitized]:
        """Return each session sanitized by itself; none of an only one, which has failed already."""
        if len(sessions) == 1:
            return [Sanitized(None, tuple((exchange, kind) for exchange in sessions[0].exchanges))]
        return [done for raw in sessions for done in self.sanitize_user((raw,))]

    def _failing(self, raw: RawSession) -> tuple[tuple[LoggedExchange, str], ...]:
        failed: list[tuple[LoggedExchange, str]] = []
        for exchange in raw.exchanges:
            try:
                self._user([replace(raw, exchanges=(exchange,), part=0)], Unfinished())
            except Exception as error:  # noqa: BLE001 - see above
                failed.append((exchange, type(error).__name__))
        return tuple(failed)


def _turns(exchange: LoggedExchange) -> list[Turn]:
    asked = Turn(role="user", text=exchange.prompt)
    return [asked] if exchange.response is None else [asked, Turn(role="assistant", text=exchange.response)]


def _with_texts(turns: Sequence[Turn], texts: Sequence[str]) -> list[Turn]:
    return [Turn(role=turn.role, text=text) for turn, text in zip(turns, texts, strict=True)]


def _texts(chunks: Sequence[Sequence[RawSession]]) -> Iterator[str]:
    for chunk in chunks:
        for raw in chunk:
            for exchange in raw.exchanges:
                yield exchange.prompt
                if exchange.response is not None:
                    yield exchange.response
            yield from raw.metadata.values()


def _without(raw: RawSession, bad: Sequence[tuple[LoggedExchange, str]]) -> RawSession:
    left = {id(exchange) for exchange, _ in bad}
    return replace(raw, exchanges=tuple(e for e in raw.exchanges if id(e) not in left))
