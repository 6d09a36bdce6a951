"""What sanitizing costs: ordinary words lost from messages in which nothing is personal."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from extract.certifying.proportions import exact_interval
from extract.records.mapping import LoggedExchange
from extract.sanitizing import SessionSanitizer
from extract.sessions import RawSession
from extract.tracing.material import ordinary_lines
from harness.contracts import OverRedaction

_AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def over_redaction(sanitizer: SessionSanitizer, messages: Sequence[str] | None = None) -> OverRedaction:
    """Return how many words a sanitizer takes from messages without anything personal.

    Args:
        sanitizer: As it sanitizes the data, with all that is known of users.
        messages: Each of another user; None: those that come with the package, ordinary ones and tricky ones.
    """
    messages = ordinary_lines() if messages is None else messages
    done = sanitizer.sanitize_all(_session(number, message) for number, message in enumerate(messages))
    words = lost = 0
    for raw, result in done:
        before = Counter(raw.exchanges[0].prompt.split())
        after = Counter(result.session.turns[0].text.split()) if result.session else Counter[str]()
        words += before.total()
        lost += (before - after).total()
    lower, upper = exact_interval(lost, words)
    return OverRedaction(
        messages=len(messages),
        words=words,
        lost=lost,
        share=round(lost / words, 6) if words else 0.0,
        lower=round(lower, 6),
        upper=round(upper, 6),
    )


def _session(number: int, message: str) -> RawSession:
    exchange = LoggedExchange(
        user="", session="", at=_AT, prompt=message, response=None, feedback=None, kept={}, source="", line=0
    )
    return RawSession(f"{number:016x}", f"{number:016x}", (exchange,))
