"""Duplicates: prompts that say the same in the same words."""

import hashlib
import zlib
from array import array
from collections.abc import Sequence

import numpy as np

from personas.bands import Bands, Keys
from personas.lexicon import words

SHINGLE = 3
SIMILAR = 0.8
"""Jaccard similarity of word shingles from which two prompts are near-duplicates."""
_BANDS, _ROWS = 16, 4
_PRIME = np.uint64((1 << 31) - 1)
_KEY_BITS = np.uint64(32)


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
        self._exact: set[int] = set()
        self._bands = Bands(_BANDS)
        # One prompt's after another's: an array for each would be mostly its header.
        self._shingles = array("I")
        self._ends = array("Q")

    def reason(self, turns: Sequence[str]) -> str | None:
        """Return ``duplicate`` or ``near_duplicate``, or None and remember the prompt."""
        found = words(" ".join(turns))
        exact = fingerprint(" ".join(found))
        if exact in self._exact:
            return "duplicate"
        shingles = _shingles(found)
        keys = self._keys(np.fromiter(shingles, dtype=np.uint64, count=len(shingles)))
        if any(_jaccard(shingles, self._shingles_of(index)) >= SIMILAR for index in set(self._bands.sharing(keys))):
            return "near_duplicate"
        self._exact.add(exact)
        self._bands.add(keys)
        self._shingles.extend(shingles)
        self._ends.append(len(self._shingles))
        return None

    def _shingles_of(self, index: int) -> "array[int]":
        return self._shingles[self._ends[index - 1] if index else 0 : self._ends[index]]

    def _keys(self, values: Keys) -> Keys:
        """Return a number for each band of the signature; two bands that are alike by chance cost a comparison."""
        lowest = ((self._factor * values + self._offset) % _PRIME).min(axis=1).reshape(_BANDS, _ROWS)
        keys: Keys = (lowest * self._band).sum(axis=1, dtype=np.uint64) >> _KEY_BITS
        return keys


def fingerprint(text: str) -> int:
    """Return a number of 64 bits for a text; two of a million texts have the same with a probability of 3 in 10⁸."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _shingles(found: Sequence[str]) -> frozenset[int]:
    """Return the hashes of all runs of three words; of all words where there are fewer."""
    size = min(SHINGLE, max(1, len(found)))
    # Hashes of 31 bits, so that their products with the factors stay below 2⁶².
    return frozenset(
        zlib.crc32(" ".join(found[i : i + size]).encode()) >> 1 for i in range(max(1, len(found) - size + 1))
    )


def _jaccard(one: frozenset[int], other: "array[int]") -> float:
    shared = len(one.intersection(other))
    return shared / (len(one) + len(other) - shared)
