"""Duplicates: prompts that say the same in the same words."""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from personas.lexicon import words

SHINGLE = 3
SIMILAR = 0.8
"""Jaccard similarity of word shingles from which two prompts are near-duplicates."""
_BANDS, _ROWS = 16, 4
_PRIME = np.uint64((1 << 31) - 1)
_Shingles = NDArray[np.uint32]


class Duplicates:
    """Remembers the prompts of a suite and finds those that come again.

    MinHash (Broder 1997) with 16 bands of 4 rows finds a pair of similarity
    0.8 with probability 1 − (1 − 0.8⁴)¹⁶ > 0.999; found pairs are compared
    exactly.
    """

    def __init__(self) -> None:
        rng = np.random.default_rng(0x5EED)
        count = _BANDS * _ROWS
        self._factor = rng.integers(1, int(_PRIME), count, dtype=np.uint64)[:, None]
        self._offset = rng.integers(0, int(_PRIME), count, dtype=np.uint64)[:, None]
        self._band = rng.integers(1, 1 << 63, (_BANDS, _ROWS), dtype=np.uint64) | np.uint64(1)
        self._exact: set[str] = set()
        self._shingles: list[_Shingles] = []
        # Most bands are one prompt's only: a list for each would be most of the memory.
        self._first: dict[int, int] = {}
        self._others: dict[int, list[int]] = {}

    def reason(self, turns: Sequence[str]) -> str | None:
        """Return ``duplicate`` or ``near_duplicate``, or None and remember the prompt."""
        found = words(" ".join(turns))
        exact = " ".join(found)
        if exact in self._exact:
            return "duplicate"
        shingles = _shingles(found)
        values = np.fromiter(shingles, dtype=np.uint64, count=len(shingles))
        keys = self._keys(values)
        if any(_jaccard(shingles, self._shingles[index]) >= SIMILAR for index in self._candidates(keys)):
            return "near_duplicate"
        self._remember(keys)
        self._shingles.append(values.astype(np.uint32))
        self._exact.add(exact)
        return None

    def _candidates(self, keys: Sequence[int]) -> set[int]:
        """Return the prompts that share a band."""
        known = [key for key in keys if key in self._first]
        return {self._first[key] for key in known}.union(*(self._others.get(key, ()) for key in known))

    def _remember(self, keys: Sequence[int]) -> None:
        index = len(self._shingles)
        for key in keys:
            if self._first.setdefault(key, index) != index:
                self._others.setdefault(key, []).append(index)

    def _keys(self, values: NDArray[np.uint64]) -> list[int]:
        """Return a number for each band of the signature; two bands that are alike by chance cost a comparison."""
        lowest = ((self._factor * values + self._offset) % _PRIME).min(axis=1).reshape(_BANDS, _ROWS)
        keys: list[int] = (lowest * self._band).sum(axis=1, dtype=np.uint64).tolist()
        return keys


def _shingles(found: Sequence[str]) -> frozenset[int]:
    """Return the hashes of all runs of three words; of all words where there are fewer."""
    size = min(SHINGLE, max(1, len(found)))
    # Hashes of 31 bits, so that their products with the factors stay below 2⁶².
    return frozenset(
        zlib.crc32(" ".join(found[i : i + size]).encode()) >> 1 for i in range(max(1, len(found) - size + 1))
    )


def _jaccard(one: frozenset[int], other: _Shingles) -> float:
    shared = len(one.intersection(other.tolist()))
    return shared / (len(one) + len(other) - shared)
