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


def misspelt(text: str, rng: random.Random, rate: float, *, least: int = 0) -> str:
    """Return a text in which a share of the words has letters swapped, doubled, dropped or mistaken, or is abbreviated.

    Args:
        text: As it was meant.
        rng: Says which words, and how.
        rate: Share of the words.
        least: Words whose letters are wrong, at least, as far as there are words that can be misspelt.
    """
    meant = text.split(" ")
    written = [_slip(word, rng) if rng.random() < rate else word for word in meant]
    right = [place for place, word in enumerate(meant) if written[place] == word and _can_be_misspelt(word)]
    wrong = sum(word != other and word not in _SHORT for word, other in zip(meant, written, strict=True))
    for place in rng.sample(right, min(len(right), max(0, least - wrong))):
        written[place] = _misspelt(meant[place], rng)
    return " ".join(written)


def _slip(word: str, rng: random.Random) -> str:
    if word in _SHORT and rng.random() < 0.5:
        return _SHORT[word]
    return _misspelt(word, rng) if _can_be_misspelt(word) else word


def _can_be_misspelt(word: str) -> bool:
    # Names and abbreviations stay as they are: checks and records refer to them.
    return len(word) >= 4 and word.isalpha() and word.islower()


def _misspelt(word: str, rng: random.Random) -> str:
    """Return a word with one letter wrong."""
    i = rng.randrange(1, len(word) - 1)
    here, after = word[i], word[i + 1]
    wrong = [here * 2 + after, after, _beside(here, rng) + after]
    if here != after:
        wrong.append(after + here)
    return word[:i] + rng.choice(wrong) + word[i + 2 :]


def _beside(letter: str, rng: random.Random) -> str:
    return rng.choice(_NEIGHBOURS.get(letter.lower(), letter))
