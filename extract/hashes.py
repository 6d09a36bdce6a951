"""Large sets of short keyed hashes: eight bytes a member, sorted, and nothing that could be read back."""

import hashlib
import sys
from array import array
from bisect import bisect_left
from typing import Protocol

HASH_BYTES = 8
"""64 bits: among ten million members one false hit in some 10^12 questions."""


def short_hash(key: bytes, *parts: str) -> bytes:
    """Return eight bytes of a keyed BLAKE2b over some texts."""
    digest = hashlib.blake2b(digest_size=HASH_BYTES, key=key[: hashlib.blake2b.MAX_KEY_SIZE])
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()


def numbers(data: bytes) -> "array[int]":
    """Return hashes, one after the other, as numbers that sort as their bytes do."""
    found = array("Q")
    found.frombytes(data)
    if sys.byteorder == "little":
        found.byteswap()
    return found


class Numbers(Protocol):
    """A sorted sequence of numbers."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def __getitem__(self, place: int, /) -> int:
        """Return one of them."""
        ...


def is_in(members: Numbers, number: int) -> bool:
    """Return whether a number is in a sorted sequence."""
    place = bisect_left(members, number)
    return place < len(members) and members[place] == number
