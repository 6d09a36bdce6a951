"""Even samples of bounded size, the same in any order and however a log is cut: the smallest hashes are kept."""

import hashlib
import heapq
from collections.abc import Iterator


class SmallestHashes:
    """The smallest of the hashes that were added; of equally probable ones they are an even sample.

    What was once left out or removed never comes back, since the largest kept
    one only ever gets smaller: so whoever keeps something beside each hash has
    seen everything that belongs to those that are left.

    Args:
        size: How many are kept.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: list[int] = []
        self._items: set[int] = set()

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, hashed: int) -> bool:
        return hashed in self._items

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(self._items))

    def takes(self, hashed: int) -> bool:
        """Return whether a hash is in, or is small enough to come in."""
        return len(self._items) < self._size or hashed <= -self._kept[0]

    def add(self, hashed: int) -> int | None:
        """Take a hash in if it is small enough; return the one that had to go for it, None if none had to."""
        if hashed in self._items or not self.takes(hashed):
            return None
        self._items.add(hashed)
        if len(self._items) <= self._size:
            heapq.heappush(self._kept, -hashed)
            return None
        gone = -heapq.heapreplace(self._kept, -hashed)
        self._items.remove(gone)
        return gone


def hash_of(value: str) -> int:
    """Return 64 bits of a BLAKE2b hash; half a surrogate pair is a value like any other."""
    return int.from_bytes(hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
