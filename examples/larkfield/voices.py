"""The manner in which a kind of customer writes: greetings, case, typing mistakes."""

import random
import re
from dataclasses import dataclass
from functools import lru_cache

from larkfield.grammar import Piece, phrasebook

_WORD = re.compile(r"[A-Za-z]{4,}")
_ARTICLES = re.compile(r"\b(the|a|an) ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Voice:
    """A kind of customer and how they write."""

    name: str
    share: float
    """Part of the customers who write so, in parts of the sum over all voices."""
    lower: float
    """Chance that a message is all lower case."""
    typos: float
    """Chance of a typing mistake in a word."""
    turns: float
    """Mean number of messages in a conversation."""
    greet: float
    """Chance of a greeting at the start and of a closing phrase."""
    channel: tuple[str, ...]
    prefers: frozenset[str] = frozenset()
    """Intents that these customers have more often."""
    greetings: tuple[str, ...] = ()
    closings: tuple[str, ...] = ()
    shout: float = 0.0
    """Chance that a message is all capitals."""
    drop_articles: float = 0.0
    language: str = "en"

    def write(self, pieces: list[Piece], chance: random.Random) -> list[Piece]:
        """Return the pieces as this voice types them; personal values keep their letters but not their case."""
        if pieces and chance.random() < self.drop_articles:
            pieces = [piece if piece.kind else Piece(_ARTICLES.sub("", piece.text)) for piece in pieces]
        pieces = [piece if piece.kind else Piece(self._mistyped(piece.text, chance)) for piece in pieces]
        if chance.random() < self.shout:
            return [piece if piece.kind else Piece(piece.text.upper()) for piece in pieces]
        if chance.random() < self.lower:
            return [Piece(_lowered(piece), piece.kind) for piece in pieces]
        return pieces

    def _mistyped(self, text: str, chance: random.Random) -> str:
        return _WORD.sub(lambda found: _mistake(found[0], chance) if chance.random() < self.typos else found[0], text)


@lru_cache(maxsize=1)
def voices() -> tuple[Voice, ...]:
    """Return every voice of the phrase book."""
    return tuple(
        Voice(
            **{
                **entry,
                "channel": tuple(entry["channel"]),
                "prefers": frozenset(entry.get("prefers", ())),
                "greetings": tuple(entry.get("greetings", ())),
                "closings": tuple(entry.get("closings", ())),
            }
        )
        for entry in phrasebook()["voice"]
    )


def _lowered(piece: Piece) -> str:
    return piece.text if piece.kind in {"IBAN_CODE", "ID"} else piece.text.lower()


def _mistake(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    match chance.randrange(3):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case _:
            return word[:at] + word[at] + word[at:]
