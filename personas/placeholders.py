"""Datasets with invented values, read as if placeholders stood in them: no invented name is production's content."""

from collections.abc import Iterable, Iterator
from itertools import islice

from harness.contracts import SanitizedSession
from harness.pii import PiiDetector
from harness.pii.redaction import SessionRedactor, numbers_in, outside_placeholders

_SESSIONS_AT_ONCE = 256


def with_placeholders(sessions: Iterable[SanitizedSession], finder: PiiDetector) -> Iterator[SanitizedSession]:
    """Yield sessions in which placeholders stand for what the detector finds.

    Invented values look like real ones. Left where they are, they would become
    segments, phrases and examples for a model, and every prompt that repeats
    one would be turned away as personal.

    Args:
        sessions: Of a dataset with invented values.
        finder: The strict detector, as it finds values to be replaced.
    """
    rest = iter(sessions)
    while some := list(islice(rest, _SESSIONS_AT_ONCE)):
        finder.prepare(list(dict.fromkeys(turn.text for session in some for turn in session.turns)))
        yield from (_replaced(session, finder) for session in some)


def _replaced(session: SanitizedSession, finder: PiiDetector) -> SanitizedSession:
    texts = [turn.text for turn in session.turns]
    redactor = SessionRedactor(finder, taken=numbers_in(texts))
    found = [list(outside_placeholders(text, spans)) for text, spans in zip(texts, redactor.look(texts), strict=True)]
    redacted = redactor.redact_found(texts, found)
    turns = [turn.model_copy(update={"text": text}) for turn, text in zip(session.turns, redacted, strict=True)]
    return session.model_copy(update={"turns": turns})
