"""Windows of words as numbers: equal windows have equal hashes, and so have two that are one edit apart."""

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

# Odd multiplier of Knuth's 64-bit congruential generator; unsigned arithmetic wraps on purpose.
_FACTOR = 6364136223846793005
_OPEN = 1 << 62
"""Stands in a hash for a word that is left open; no word has this number."""


class Windows:
    """Hashes windows of a number of words.

    A hash is the sum of the words' scrambled numbers, each times the factor of
    its place: a polynomial in 64 bits, from which that of an edited window
    follows with an addition or two. All take an array [windows, words] and
    return the hashes, [windows] or [windows, places].

    Args:
        size: Words in a window, at least 4.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        powers = [pow(_FACTOR, size - 1 - place, 1 << 64) for place in range(size)]
        self._factors: Hashes = np.array(powers, dtype=np.uint64)
        self._open: Hashes = self._factors[1:-1] * scrambled(np.array([_OPEN], dtype=np.uint64))

    def whole(self, words: Hashes) -> Hashes:
        """Return the hash of each window of ``size`` words."""
        return _summed(words * self._factors)

    def opened(self, words: Hashes) -> Hashes:
        """Return the hashes of windows of ``size`` words with each inner place in turn left open."""
        parts = words * self._factors
        return _summed(parts)[:, None] - parts[:, 1:-1] + self._open

    def with_one_more(self, words: Hashes) -> Hashes:
        """Return the hashes of windows of one word less, with a place opened between each two of its words in turn."""
        before = np.cumsum(words * self._factors[:-1], axis=1, dtype=np.uint64)
        moved = words * self._factors[1:]
        after = _summed(moved)[:, None] - np.cumsum(moved, axis=1, dtype=np.uint64)
        return before[:, :-1] + after[:, :-1] + self._open

    def with_one_less(self, words: Hashes) -> Hashes:
        """Return the hashes of windows of one word more, without each inner word in turn."""
        before = np.cumsum(words[:, :-1] * self._factors, axis=1, dtype=np.uint64)
        moved = words[:, 1:] * self._factors
        after = _summed(moved)[:, None] - np.cumsum(moved, axis=1, dtype=np.uint64)
        return before[:, :-1] + after[:, :-1]

    def swapped(self, words: Hashes) -> Hashes:
        """Return the hashes of windows of ``size`` words with each two neighbours in turn swapped."""
        apart = self._factors[:-1] - self._factors[1:]
        return _summed(words * self._factors)[:, None] + (words[:, 1:] - words[:, :-1]) * apart


def windows_of(words: Hashes, size: int) -> Hashes:
    """Return every run of ``size`` words of a text, [runs, size]; none where the text is shorter."""
    return runs_at(words, np.arange(max(0, len(words) - size + 1)), size)


def runs_at(words: Hashes, starts: NDArray[np.intp], size: int) -> Hashes:
    """Return the runs of ``size`` words that start at some places of a text, [places, size]."""
    runs: Hashes = words[starts[:, None] + np.arange(size)]
    return runs


def scrambled(numbers: Hashes) -> Hashes:
    """Return numbers spread over 64 bits (the finalizer of SplitMix64, Steele et al. 2014)."""
    mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _summed(parts: Hashes) -> Hashes:
    return np.asarray(parts.sum(axis=1, dtype=np.uint64))
