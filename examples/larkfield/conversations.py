"""Made-up conversations of customers with the assistant, message by message."""

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from larkfield.grammar import Piece, expand, phrasebook
from larkfield.people import Customer
from larkfield.voices import Voice

_ZIPF = 0.8
"""Exponent of the intents' shares: the first is about ten times as frequent as the twentieth."""
_PREFERRED = 6.0
_ODD_SESSION = 0.012
_LEAD, _TAIL = 0.25, 0.3
_DETAIL, _SWITCH, _THANKS = 0.14, 0.2, 0.3


@dataclass(frozen=True, slots=True)
class Intent:
    """Something that customers want to know."""

    name: str
    passages: frozenset[str]
    """Ids of the passages that a good answer rests on."""
    ask: tuple[str, ...]
    follow: tuple[str, ...]
    foreign: dict[str, tuple[str, ...]]
    """Phrases in other languages, by language code."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a customer, before it is typed."""

    pieces: list[Piece]
    intent: Intent | None
    """None where the message has no topic of the bank's."""


@lru_cache(maxsize=1)
def intents() -> tuple[Intent, ...]:
    """Return every intent, most frequent first."""
    content = tomllib.loads(files("larkfield").joinpath("intents.toml").read_text(encoding="utf-8"))
    return tuple(
        Intent(
            name=entry["name"],
            passages=frozenset(entry["passages"]),
            ask=tuple(entry["ask"]),
            follow=tuple(entry["follow"]),
            foreign={code: tuple(entry[code]) for code in ("es", "de", "fr", "pt") if code in entry},
        )
        for entry in content["intent"]
    )


def conversation(customer: Customer, voice: Voice, chance: random.Random) -> Iterator[Message]:
    """Yield the messages of one conversation, as this customer would write them."""
    if chance.random() < _ODD_SESSION:
        yield _odd(chance)
        return
    intent = _drawn(voice, chance)
    length = _length(voice, chance)
    yield _opening(intent, customer, voice, chance)
    for _ in range(length - 1):
        draw = chance.random()
        if draw < _DETAIL:
            yield Message(expand(chance.choice(phrasebook()["talk"]["details"]), customer, chance), intent)
        elif draw < _DETAIL + _SWITCH:
            intent = _drawn(voice, chance)
            yield _switch(intent, customer, voice, chance)
        else:
            yield Message(_follow_up(intent, customer, voice, chance), intent)
    if chance.random() < _THANKS:
        yield Message(expand(chance.choice(phrasebook()["talk"]["thanks"]), customer, chance), None)


def _opening(intent: Intent, customer: Customer, voice: Voice, chance: random.Random) -> Message:
    pieces: list[Piece] = []
    if voice.greetings and chance.random() < voice.greet:
        pieces += expand(chance.choice(voice.greetings), customer, chance)
    if voice.language == "en" and chance.random() < _LEAD:
        pieces += expand(chance.choice(phrasebook()["talk"]["lead"]), customer, chance)
    pieces += _continued(pieces, _asked(intent, customer, voice, chance))
    if voice.language == "en" and chance.random() < _TAIL:
        pieces += expand(chance.choice(phrasebook()["talk"]["tail"]), customer, chance)
    if voice.closings and chance.random() < voice.greet:
        pieces += expand(chance.choice(voice.closings), customer, chance)
    return Message(pieces, intent)


def _follow_up(intent: Intent, customer: Customer, voice: Voice, chance: random.Random) -> list[Piece]:
    talk = phrasebook()["talk"]
    phrase = chance.choice(intent.follow if chance.random() < 0.7 else talk["follow"])
    if voice.language == "en":
        phrase = f"{chance.choice(talk['before_follow'])}{phrase}{chance.choice(talk['after_follow'])}"
    return expand(phrase, customer, chance)


def _switch(intent: Intent, customer: Customer, voice: Voice, chance: random.Random) -> Message:
    lead = expand(chance.choice(phrasebook()["talk"]["also"]), customer, chance) if voice.language == "en" else []
    return Message(lead + _continued(lead, _asked(intent, customer, voice, chance)), intent)


def _continued(lead: list[Piece], pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with a capital at their start, unless the sentence has begun before them."""
    first = pieces[0]
    if first.kind or (lead and not lead[-1].text.rstrip().endswith((".", "!", "?"))):
        return pieces
    return [Piece(first.text[0].upper() + first.text[1:]), *pieces[1:]]


def _asked(intent: Intent, customer: Customer, voice: Voice, chance: random.Random) -> list[Piece]:
    phrases = intent.foreign.get(voice.language) or intent.ask
    pieces = expand(chance.choice(phrases), customer, chance)
    if pieces[-1].text.rstrip()[-1:] not in {"?", ".", "!"} and chance.random() < 0.7:
        pieces.append(Piece("."))
    return pieces


def _odd(chance: random.Random) -> Message:
    # Not expanded: brackets and braces of odd messages are meant as they are.
    return Message([Piece(chance.choice(phrasebook()["talk"]["odd"]))], None)


def _drawn(voice: Voice, chance: random.Random) -> Intent:
    return chance.choices(intents(), cum_weights=_cumulated(voice))[0]


@lru_cache(maxsize=64)
def _cumulated(voice: Voice) -> list[float]:
    total, cumulated = 0.0, []
    for rank, intent in enumerate(intents(), start=1):
        # Who writes in another language mostly asks what the phrase book has in it.
        known = 1.0 if voice.language == "en" or voice.language in intent.foreign else 0.02
        total += known * (_PREFERRED if intent.name in voice.prefers else 1.0) / rank**_ZIPF
        cumulated.append(total)
    return cumulated


def _length(voice: Voice, chance: random.Random) -> int:
    """Return the number of messages: geometric with the voice's mean, at most 8."""
    length = 1
    while length < 8 and chance.random() < 1 - 1 / voice.turns:
        length += 1
    return length
