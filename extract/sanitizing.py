"""One raw session in, one sanitized session out; what cannot be sanitized is named, never passed on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extract.mapping import LoggedExchange
from extract.profiles import Profiles
from extract.sessions import RawSession
from harness.contracts import SanitizedSession, Turn
from harness.pii import PiiDetector
from harness.pii.redaction import SessionRedactor, redact

_SHORTEST_ID = 5
"""Shorter user and session ids are too likely to be ordinary text."""
_CERTAIN = 1.0
"""Score of what is personal beyond doubt: a known value, or one that a checksum or its form proves."""


@dataclass(frozen=True, slots=True)
class Sanitized:
    """What became of one session."""

    session: SanitizedSession | None
    """None where no exchange could be sanitized."""
    failed: tuple[tuple[LoggedExchange, str], ...] = ()
    """Exchanges that could not be sanitized, each with the kind of error."""


class SessionSanitizer:
    """Sanitizes sessions; holds no state between them, so that any number can work side by side.

    Args:
        detector: Finds personal values.
        profiles: What is known about users.
    """

    def __init__(self, detector: PiiDetector, profiles: Profiles) -> None:
        self._detector = detector
        self._profiles = profiles

    def sanitize(self, raw: RawSession) -> Sanitized:
        """Return the session without anything personal."""
        try:
            return Sanitized(self._session(raw, raw.exchanges))
        except Exception:  # noqa: BLE001 - fails closed: whatever goes wrong, the text does not leave
            return self._without_failing(raw)

    def known(self, exchange: LoggedExchange) -> tuple[str, ...]:
        """Return the values that are personal in an exchange: its user's profile and ids."""
        ids = (value for value in (exchange.user, exchange.session) if len(value) >= _SHORTEST_ID)
        return (*self._profiles.known(exchange.user), *ids)

    def _without_failing(self, raw: RawSession) -> Sanitized:
        failed: list[tuple[LoggedExchange, str]] = []
        usable: list[LoggedExchange] = []
        for exchange in raw.exchanges:
            try:
                self._redact((exchange,))
                usable.append(exchange)
            except Exception as error:  # noqa: BLE001 - see above
                failed.append((exchange, type(error).__name__))
        if not failed or not usable:
            return Sanitized(None, tuple(failed or ((exchange, "unknown") for exchange in usable)))
        return Sanitized(self._session(raw, usable), tuple(failed))

    def _session(self, raw: RawSession, exchanges: Sequence[LoggedExchange]) -> SanitizedSession:
        turns, entities = self._redact(exchanges)
        return SanitizedSession(
            session_id=raw.session_id,
            user_key=raw.user_key,
            started_on=exchanges[0].at.date(),
            turns=turns,
            entities=dict(entities),
            feedback=raw.feedback,
            traits=self._profiles.traits_of(exchanges[0].user),
            metadata=self._kept(raw.metadata, self.known(exchanges[0])),
        )

    def _kept(self, metadata: Mapping[str, str], known: tuple[str, ...]) -> dict[str, str]:
        """Return the allow-listed fields without what is surely personal; codes that only might be stay, they were asked for."""
        found = {name: self._detector.find(text, known=known) for name, text in metadata.items()}
        return {
            name: redact(text, [span for span in found[name] if span.score >= _CERTAIN])[0]
            for name, text in metadata.items()
        }

    def _redact(self, exchanges: Sequence[LoggedExchange]) -> tuple[list[Turn], Mapping[str, int]]:
        redactor = SessionRedactor(self._detector, known=self.known(exchanges[0]))
        turns = [turn for exchange in exchanges for turn in _turns(exchange)]
        texts = redactor.redact_all([turn.text for turn in turns])
        return [Turn(role=turn.role, text=text) for turn, text in zip(turns, texts, strict=True)], redactor.counts


def _turns(exchange: LoggedExchange) -> list[Turn]:
    asked = Turn(role="user", text=exchange.prompt)
    return [asked] if exchange.response is None else [asked, Turn(role="assistant", text=exchange.response)]
