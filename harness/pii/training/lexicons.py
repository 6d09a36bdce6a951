"""The lists of names, places and ordinary words that the network is told of."""

import math
import re

import numpy as np

from harness.pii.tagger.words import Lexicon, hashed, plain
from harness.pii.training.pools import census, cities, countries, regions, states, word_frequencies

_WORD = re.compile(r"[^\W\d_]{2,}")
_COUNTS = 10.0
"""Counts below 10 to the third power are the rarest; a step is a factor of about six."""


def lexicon() -> Lexicon:
    """Return the lexicon made from the pools."""
    given = {word for region in (*regions(), census()) for name in region.first for word in _words(name)}
    surnames = {word for region in (*regions(), census()) for name in region.last for word in _words(name)}
    places = {
        word
        for name in (*cities(), *countries(), *(state for pair in states() for state in pair[:1]))
        for word in _words(name)
    }
    frequencies = {hashed(word): _step(count) for word, count in word_frequencies().items()}
    ordered = sorted(frequencies)
    return Lexicon(
        {"given": _hashes(given), "surname": _hashes(surnames), "place": _hashes(places)},
        np.array(ordered, np.uint32),
        np.array([frequencies[key] for key in ordered], np.uint8),
    )


def _words(name: str) -> list[str]:
    return [plain(word) for word in _WORD.findall(name)]


def _hashes(words: set[str]) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.array(sorted(hashed(word) for word in words), np.uint32)


def _step(count: int) -> int:
    return max(1, min(9, 1 + int((math.log10(max(count, 1)) - 4) * 1.3)))
