"""How users write: length, care, mood, language, turns."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from harness.contracts import SanitizedSession
from harness.languages import NAMES, language_of
from personas.corpus import opening_of, texts_of

_SATURDAY = 5
_POLITE = re.compile(
    r"\b(please|thanks?|thank you|kindly|would you|could you|bitte|danke|gracias|por favor|merci)\b", re.IGNORECASE
)
_UPSET = re.compile(
    r"\b(urgent|urgently|asap|angry|unacceptable|ridiculous|terrible|horrible|awful|worst|furious|annoy\w+|frustrat\w+|fed up|worried|scam|stolen"
    r"|complain\w*)\b|!!",
    re.IGNORECASE,
)
_SLIPS = re.compile(
    r"\b(dont|cant|wont|didnt|doesnt|isnt|im|ive|thats|whats|wheres|u|ur|pls|plz|thx|recieve\w*|wich|teh|becuase)\b|[a-z] ,[a-z ]"
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody writes; every value 0 … 1 except the two counts."""

    words: float
    """Words per message."""
    turns: float
    """Messages per session."""
    lower_case: float
    """Share of messages that start in lower case."""
    no_full_stop: float
    """Share of messages without a mark at their end."""
    polite: float
    upset: float
    slips: float
    """Share of messages with a mistake that can be told without knowing the words."""


@dataclass(frozen=True, slots=True)
class SessionManner:
    """One session's manner and language."""

    manner: Manner
    language: str | None
    """None where its messages say too little to be sure: what the sessions around it are in is likelier than any guess."""
    weekend: bool = False
    """Whether it began on a Saturday or Sunday; sessions carry a date and no time."""


_DAYS = ((0.12, "weekdays"), (0.5, "any day of the week"), (math.inf, "mostly weekends"))
"""A weekend is 0.29 of a week."""


def manner_of(session: SanitizedSession) -> SessionManner:
    """Return how the user of a session writes."""
    texts = texts_of(session)
    count = len(texts)
    manner = Manner(
        words=sum(len(text.split()) for text in texts) / count,
        turns=count,
        lower_case=sum(text.lstrip()[:1].islower() for text in texts) / count,
        no_full_stop=sum(text.rstrip()[-1:] not in ".!?…" for text in texts) / count,
        polite=sum(bool(_POLITE.search(text)) for text in texts) / count,
        upset=sum(bool(_UPSET.search(text)) for text in texts) / count,
        slips=sum(bool(_SLIPS.search(text)) for text in texts) / count,
    )
    return SessionManner(manner, language_of(opening_of(session)), session.started_on.weekday() >= _SATURDAY)


def mean_manner(manners: Iterable[Manner]) -> Manner:
    """Return the mean of several manners."""
    rows = list(manners)
    return Manner(**{f.name: sum(getattr(row, f.name) for row in rows) / len(rows) for f in fields(Manner)})


def languages_of(sessions: Sequence[SessionManner]) -> Counter[str]:
    """Return how many sessions are in which language; those that do not say count as most of the others."""
    told = Counter(session.language for session in sessions if session.language is not None)
    usual = told.most_common(1)[0][0] if told else "en"
    told[usual] += len(sessions) - told.total()
    return told


def coordinates(session: SessionManner, usual_language: str) -> list[float]:
    """Return a session's manner as numbers of comparable size, for clustering.

    Args:
        session: Whose.
        usual_language: Taken for one that does not say its own.
    """
    manner = session.manner
    return [
        math.log1p(manner.words) / 2,
        math.log1p(manner.turns) / 2,
        manner.lower_case,
        manner.no_full_stop,
        manner.polite,
        2 * manner.upset,
        manner.slips,
        4.0 * ((session.language or usual_language) != "en"),
        0.5 * session.weekend,
    ]


def described(manner: Manner, languages: Counter[str], *, weekend: float | None = None) -> dict[str, str]:
    """Return a persona's traits in words.

    Args:
        manner: The mean of its sessions.
        languages: Sessions by language.
        weekend: Share of its sessions that began on a Saturday or Sunday; None where the log is too short to say.
    """
    language, hits = languages.most_common(1)[0]
    mixed = hits < 0.9 * languages.total()
    return {
        "language": NAMES.get(language, language) + (", sometimes another" if mixed else ""),
        "message_length": _grade(manner.words, ((8, "short"), (16, "medium"), (math.inf, "long")))
        + f", about {manner.words:.0f} words",
        "formality": _formality(manner),
        "mistakes": _grade(manner.slips, ((0.04, "hardly any"), (0.15, "some"), (math.inf, "many"))),
        "mood": _grade(manner.upset, ((0.03, "calm"), (0.12, "sometimes upset"), (math.inf, "often upset"))),
        "multi_turn": "single questions"
        if manner.turns < 1.5
        else f"conversations of about {manner.turns:.0f} messages",
        "days": "not available" if weekend is None else _grade(weekend, _DAYS),
    }


def _formality(manner: Manner) -> str:
    if manner.lower_case > 0.3 or manner.no_full_stop > 0.5:
        return "casual"
    return "polite" if manner.polite > 0.25 else "plain"


def _grade(value: float, grades: Iterable[tuple[float, str]]) -> str:
    return next(name for limit, name in grades if value < limit)
