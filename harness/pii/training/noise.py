"""How people type: all in lower case, shouting, without accents or stops, with slips."""

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

Span = tuple[int, int, str]
"""Start, end (exclusive), type."""
_KEYS = "qwertyuiopasdfghjklzxcvbnm"


@dataclass(frozen=True, slots=True)
class Style:
    """One way of typing."""

    casing: str
    """``as it is``, ``lower``, ``upper``, ``values lower``, ``rest lower`` or ``title``."""
    slips: float
    """Probability that a word has one."""
    accents: bool
    stops: bool

    @classmethod
    def draw(cls, dice: random.Random) -> Self:
        """Return a random style."""
        casing = dice.choices(
            ("as it is", "lower", "upper", "values lower", "rest lower", "title"), (44, 34, 4, 8, 8, 2)
        )[0]
        return cls(casing, dice.choice((0, 0, 0, 0.03, 0.08)), dice.random() < 0.7, dice.random() < 0.85)

    def apply(self, text: str, spans: Sequence[Span], dice: random.Random) -> tuple[str, tuple[Span, ...]]:
        """Return a text as somebody with this style would have typed it, with its spans moved along."""
        marks = ["O"] * len(text)
        for number, (start, end, _) in enumerate(spans):
            marks[start:end] = [str(number)] * (end - start)
        chars = [(self._cased(c, in_value=mark != "O"), mark) for c, mark in zip(text, marks, strict=True)]
        if self.casing == "title":
            chars = [(_capital(c) if i == 0 or text[i - 1] == " " else c, m) for i, (c, m) in enumerate(chars)]
        if not self.accents:
            chars = [(_plain(c), mark) for c, mark in chars]
        if not self.stops:
            chars = [(c, mark) for c, mark in chars if mark != "O" or c not in ".,!?'"]
        if self.slips:
            chars = _slipped(chars, self.slips, dice)
        return "".join(c for c, _ in chars), _moved(spans, chars)

    def _cased(self, char: str, *, in_value: bool) -> str:
        lower = (
            self.casing == "lower"
            or (self.casing == "values lower" and in_value)
            or (self.casing == "rest lower" and not in_value)
        )
        if lower:
            # "İ" in lower case is two characters, which would move all that follows.
            return changed if len(changed := char.lower()) == 1 else char
        return _capital(char) if self.casing == "upper" else char


def _capital(char: str) -> str:
    """Return a character in upper case; "ß" and the like, which would become two, stay."""
    return changed if len(changed := char.upper()) == 1 else char


def _plain(char: str) -> str:
    return unicodedata.normalize("NFKD", char)[0] if not char.isascii() else char


def _slipped(chars: list[tuple[str, str]], share: float, dice: random.Random) -> list[tuple[str, str]]:
    """Return characters with some neighbours swapped, letters dropped, doubled or hit beside the key."""
    typed: list[tuple[str, str]] = []
    place = 0
    while place < len(chars):
        char, mark = chars[place]
        # A slip a word of five letters; values are typed with more care.
        if not char.isalpha() or dice.random() >= share / (5 if mark == "O" else 15):
            typed.append((char, mark))
        elif (
            (kind := dice.random()) < 0.35
            and place + 1 < len(chars)
            and chars[place + 1][1] == mark
            and chars[place + 1][0].isalpha()
        ):
            typed += [chars[place + 1], (char, mark)]
            place += 1
        elif kind < 0.6:
            typed += [(char, mark)] * 2
        elif kind < 0.8:
            typed.append((dice.choice(_KEYS), mark))
        place += 1
    return typed


def _moved(spans: Sequence[Span], chars: Sequence[tuple[str, str]]) -> tuple[Span, ...]:
    """Return the spans at their new places; one whose last character is gone is no more."""
    places: dict[str, list[int]] = {}
    for place, (_, mark) in enumerate(chars):
        if mark != "O":
            places.setdefault(mark, []).append(place)
    return tuple((found[0], found[-1] + 1, spans[int(mark)][2]) for mark, found in places.items())
