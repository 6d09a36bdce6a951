"""How people type: without capitals, in capitals, with slips of the finger."""

import random
import re

_WORD = re.compile(r"[^\W\d_]{5,}")
_MISSPELT = 0.25
"""Of the longer words of a message that is typed in a hurry."""


def lowered(text: str) -> str:
    """Return text without capitals."""
    return text.lower()


def misspelt(text: str, dice: random.Random) -> str:
    """Return text in which some of the longer words have one slip: letters swapped, missing or doubled."""
    return _WORD.sub(lambda match: _slip(match[0], dice) if dice.random() < _MISSPELT else match[0], text)


def _slip(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word) - 1)
    kind = dice.randrange(3)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if kind == 1 else word[:at] + word[at] + word[at:]
