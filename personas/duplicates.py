"""Duplicates: prompts that say the same in the same words."""

import zlib
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from personas.lexicon import words

SHINGLE = 3
SIMILAR = 0.8
"""Jaccard similarity of word shingles from which two prompts are near-duplicates."""
_BANDS, _ROWS = 16, 4
_PRIME = np.uint64((1 << 31) - 1)


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
        self._exact: set[str] = set()
        self._shingles: list[frozenset[int]] = []
        self._buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)

    def reason(self, turns: Sequence[str]) -> str | None:
        """Return ``duplicate`` or ``near_duplicate``, or None and remember the prompt."""
        found = words(" ".join(turns))
        exact = " ".join(found)
        if exact in self._exact:
            return "duplicate"
        shingles = _shingles(found)
        keys = self._keys(shingles)
        candidates = {index for key in keys for index in self._buckets[key]}
        if any(_jaccard(shingles, self._shingles[index]) >= SIMILAR for index in candidates):
            return "near_duplicate"
        for key in keys:
            self._buckets[key].append(len(self._shingles))
        self._shingles.append(shingles)
        self._exact.add(exact)
        return None

    def _keys(self, shingles: frozenset[int]) -> list[tuple[int, bytes]]:
        values = np.fromiter(shingles, dtype=np.uint64, count=len(shingles))
        lowest = ((self._factor * values + self._offset) % _PRIME).min(axis=1).astype(np.uint32)
        return [(band, lowest[band * _ROWS : (band + 1) * _ROWS].tobytes()) for band in range(_BANDS)]


def _shingles(found: Sequence[str]) -> frozenset[int]:
    """Return the hashes of all runs of three words; of all words where there are fewer."""
    size = min(SHINGLE, max(1, len(found)))
    # Hashes of 31 bits, so that their products with the factors stay below 2⁶².
    return frozenset(
        zlib.crc32(" ".join(found[i : i + size]).encode()) >> 1 for i in range(max(1, len(found) - size + 1))
    )


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other)
