"""Invented sessions of an invented lending library, for the tests of this stage."""

import datetime as dt
import random

from harness.contracts import SanitizedSession, Turn

_WISHES = (
    "renew my loan",
    "reserve a book",
    "pay a late fee",
    "change my address",
    "find a reading group",
    "cancel my reservation",
    "book a study room",
    "print a document",
)
_THINGS = (
    "my library card",
    "the late fee",
    "a reading group",
    "the study room",
    "my reservation",
    "my loan",
    "the reading app",
    "an audio book",
)
_TROUBLES = ("my library card is not working", "my reservation was cancelled", "my loan is still open")
_OPENINGS = (
    "How do I {wish}?",
    "I want to {wish}.",
    "can I {wish} please",
    "Hello, I need to {wish} and {trouble}.",
    "{trouble}, what can I do about {thing}?",
    "I have a question about {thing}. Is it possible to {wish}?",
)  # fmt: skip
_REPLIES = (
    "You can do that in the app, under services, at any time of the day.",
    "Please ask at the desk on the ground floor of the main building.",
)


def library_sessions(count: int, *, users: int | None = None, seed: int = 3) -> list[SanitizedSession]:
    """Return sessions of one or two questions from a number of users (by default half as many as sessions)."""
    rng = random.Random(seed)
    people = users or max(1, count // 2)
    return [_session(number, f"user-{number % people}", rng) for number in range(count)]


def _session(number: int, user: str, rng: random.Random) -> SanitizedSession:
    turns: list[Turn] = []
    for _ in range(rng.choice((1, 1, 2))):
        text = rng.choice(_OPENINGS).format(
            wish=rng.choice(_WISHES), thing=rng.choice(_THINGS), trouble=rng.choice(_TROUBLES)
        )
        turns += [Turn(role="user", text=text), Turn(role="assistant", text=rng.choice(_REPLIES))]
    return SanitizedSession(session_id=f"session-{number}", user_key=user, started_on=dt.date(2026, 3, 2), turns=turns)


def session_of(*texts: str, user: str = "user-0", session_id: str = "session-x") -> SanitizedSession:
    """Return one session in which a user says some texts."""
    turns = [Turn(role="user", text=text) for text in texts]
    return SanitizedSession(session_id=session_id, user_key=user, started_on=dt.date(2026, 3, 2), turns=turns)


def said_by(text: str, users: int) -> list[SanitizedSession]:
    """Return one session of each of some users, all saying the same."""
    return [session_of(text, user=f"user-{i}", session_id=f"session-{text[:6]}-{i}") for i in range(users)]
