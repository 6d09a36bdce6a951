"""Slips of the finger: what small keyboards make of words."""

import random

_NEIGHBOURS = {
    row[i]: row[max(0, i - 1) : i] + row[i + 1 : i + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for i in range(len(row))
}
_SHORT = {
    "please": "pls",
    "you": "u",
    "your": "ur",
    "are": "r",
    "because": "cuz",
    "tomorrow": "tmrw",
    "thanks": "thx",
    "with": "w/",
    "about": "abt",
    "don't": "dont",
    "can't": "cant",
    "I'm": "im",
    "what's": "whats",
    "won't": "wont",
    "I": "i",
    "people": "ppl",
    "to": "2",
    "for": "4",
}


def misspelt(text: str, rng: random.Random, rate: float) -> str:
    """Return a text in which a share of the words has letters swapped, doubled, dropped or mistaken, or is abbreviated."""
    return " ".join(_slip(word, rng) if rng.random() < rate else word for word in text.split(" "))


def _slip(word: str, rng: random.Random) -> str:
    if word in _SHORT and rng.random() < 0.5:
        return _SHORT[word]
    # Names and abbreviations stay as they are: checks and records refer to them.
    if len(word) < 4 or not word.isalpha() or not word.islower():
        return word
    i = rng.randrange(1, len(word) - 1)
    wrong = rng.choice(
        (word[i + 1] + word[i], word[i] * 2 + word[i + 1], word[i + 1], _beside(word[i], rng) + word[i + 1])
    )
    return word[:i] + wrong + word[i + 2 :]


def _beside(letter: str, rng: random.Random) -> str:
    return rng.choice(_NEIGHBOURS.get(letter.lower(), letter))
