"""Bands of signatures: which of many prompts share a number with another one, in few bytes each."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
"""Numbers below 2³², one for each band of a prompt's signature."""

_RECENT = 512
"""Prompts that are looked through one by one before they are sorted in among the others."""
_HALF = np.uint64(32)
_OWNER = np.uint64((1 << 32) - 1)


class Bands:
    """Remembers the keys of prompts, which are numbered as they come.

    A key and the number of its prompt share 64 bits of one sorted array, so
    that a prompt of 16 bands takes 128 bytes; in a dictionary it takes 2 KB.

    Args:
        count: Bands of a signature.
    """

    def __init__(self, count: int) -> None:
        self._sorted: Keys = np.empty(0, dtype=np.uint64)
        self._recent: Keys = np.empty((_RECENT, count), dtype=np.uint64)
        self._waiting = 0
        self._settled = 0

    def add(self, keys: Keys) -> None:
        """Remember the next prompt's keys."""
        self._recent[self._waiting] = keys
        self._waiting += 1
        if self._waiting == _RECENT:
            self._settle()

    def sharing(self, keys: Keys) -> Iterator[int]:
        """Yield the numbers of the prompts that share a key, some of them more than once."""
        yield from (self._settled + np.nonzero(self._recent[: self._waiting] == keys)[0]).tolist()
        entries = keys << _HALF
        begins = np.searchsorted(self._sorted, entries)
        ends = np.searchsorted(self._sorted, entries | _OWNER, side="right")
        for place in np.flatnonzero(ends > begins):
            yield from (self._sorted[begins[place] : ends[place]] & _OWNER).tolist()

    def _settle(self) -> None:
        owners = np.arange(self._settled, self._settled + self._waiting, dtype=np.uint64)[:, None]
        entries = (self._recent[: self._waiting] << _HALF) | owners
        self._sorted = np.concatenate([self._sorted, entries.ravel()])
        # Most of it is in order already, which a merge sort makes use of.
        self._sorted.sort(kind="stable")
        self._settled += self._waiting
        self._waiting = 0
