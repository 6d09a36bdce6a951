"""Fingerprints of many short texts in about ten bytes each: built from a stream, saved, shared as a mapped file."""

import hmac
import mmap
import os
import struct
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from zlib import crc32

from harness.errors import StorageError

PREFIX = 8
"""Characters by which a text is first looked up; shorter texts by all of theirs."""
MOST_KINDS = 16
_MAGIC = b"RRFP0001"
_HEADER = struct.Struct("<8s16sQIIIQ")
_BUCKET = 3
"""Binary logarithm of the least fingerprints in a bucket."""
_KIND_BITS = 4
_KIND_MASK = MOST_KINDS - 1
_FEWEST_SLOTS = 1024
_MASK_BITS = 8
_EMPTY_KEY_TEXT = b"fingerprints"


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the parts of the blob stand."""

    count: int
    bucket_bits: int
    slot_bits: int
    longest: int

    @property
    def directory(self) -> int:
        return _HEADER.size

    @property
    def hashes(self) -> int:
        return _aligned(self.directory + 4 * ((1 << self.bucket_bits) + 1))

    @property
    def slots(self) -> int:
        return self.hashes + 8 * self.count

    @property
    def end(self) -> int:
        return self.slots + (1 << self.slot_bits)


class Fingerprints:
    """A set of texts with a small number (their kind) each, of which only keyed hashes are kept.

    A text's first characters lead to a byte that says which lengths texts with
    this beginning have; only what passes is hashed (BLAKE2b, 60 bits kept) and
    looked up among the sorted hashes. One of 50 million texts is taken for
    another with a chance of 5e7 / 2**60, about 4e-11, a look-up.

    Args:
        blob: As ``build`` makes it.
        key: The key that it was made with.

    Raises:
        StorageError: If the blob is damaged or was made with another key.
    """

    def __init__(self, blob: bytes | mmap.mmap, key: bytes, *, path: Path | None = None) -> None:
        self._blob, self._key, self._path = blob, key, path
        where = path or "the fingerprints"
        view = memoryview(blob)
        if len(view) < _HEADER.size or bytes(view[:8]) != _MAGIC:
            raise StorageError(f"{where}: not a file of fingerprints of this version")
        _, check, count, bucket_bits, slot_bits, longest, end = _HEADER.unpack_from(view)
        layout = _Layout(count, bucket_bits, slot_bits, longest)
        if end != layout.end or len(view) != end:
            raise StorageError(f"{where}: {len(view)} bytes, {end} expected", hint="it was cut off: make it again")
        if not hmac.compare_digest(check, _key_check(key)):
            raise StorageError(f"{where}: made with another key", hint="use the key that it was made with")
        self.longest = longest
        """Characters of the longest text."""
        self._count: int = count
        self._shift: int = 64 - bucket_bits
        self._slot_mask: int = (1 << slot_bits) - 1
        self._directory: memoryview[int] = view[
            layout.directory : layout.directory + 4 * ((1 << bucket_bits) + 1)
        ].cast("I")
        self._hashes: memoryview[int] = view[layout.hashes : layout.slots].cast("Q")
        self._slots: memoryview[int] = view[layout.slots : layout.end]
        self._hash = blake2b(key=key, digest_size=8)

    def __len__(self) -> int:
        return self._count

    def __reduce__(self) -> tuple[object, ...]:
        # Another process maps the same file; what has none travels whole.
        if self._path is not None:
            return load, (self._path, self._key)
        return Fingerprints, (bytes(self._blob), self._key)

    @property
    def size_bytes(self) -> int:
        """Of the blob, in memory or on disk."""
        return len(self._blob)

    def lengths(self, beginning: bytes) -> int:
        """Return a mask: bit ``length % 8`` is set if texts of that length may begin so.

        Args:
            beginning: The first ``PREFIX`` characters (or all, of a shorter text) in UTF-8.
        """
        return self._slots[crc32(beginning) & self._slot_mask]

    def kind(self, text: bytes) -> int | None:
        """Return the kind of a text in UTF-8; None if it is not in the set."""
        hashed = self._hash.copy()
        hashed.update(text)
        number = int.from_bytes(hashed.digest(), "little") & ~_KIND_MASK
        bucket = number >> self._shift
        for found in self._hashes[self._directory[bucket] : self._directory[bucket + 1]]:
            if found & ~_KIND_MASK == number:
                return found & _KIND_MASK
        return None

    def save(self, path: Path) -> None:
        """Write the blob to a file, which other processes may ``load``.

        Raises:
            StorageError: If the file cannot be written.
        """
        temporary = path.with_name(f".{path.name}-{os.getpid()}")
        try:
            temporary.write_bytes(self._blob)
            temporary.replace(path)
        except OSError as error:
            raise StorageError(f"{path}: cannot be written: {error.strerror}") from None


def load(path: Path, key: bytes) -> Fingerprints:
    """Map a saved file; processes that map the same one share its memory.

    Raises:
        StorageError: If it cannot be read, is damaged, or was made with another key.
    """
    try:
        with path.open("rb") as file:
            blob = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise StorageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'it is empty'}") from None
    return Fingerprints(blob, key, path=path)


def build(texts: Iterable[tuple[str, int]], key: bytes) -> Fingerprints:
    """Return the fingerprints of a stream of texts, each with its kind (below ``MOST_KINDS``).

    Needs 13 bytes a text while it reads the stream, about 35 for a moment at the end; keeps none of the texts.
    """
    import numpy as np

    hashes, beginnings, bits, longest = _hashed(texts, blake2b(key=key, digest_size=8))
    count = len(hashes)
    slot_bits = max(_FEWEST_SLOTS, count).bit_length() - 1
    slots = np.zeros(1 << slot_bits, dtype=np.uint8)
    if count:
        places = np.frombuffer(beginnings, dtype=np.uint32) & np.uint32((1 << slot_bits) - 1)
        np.bitwise_or.at(slots, places, np.frombuffer(bits, dtype=np.uint8))
        del places
    del beginnings, bits
    ordered = np.frombuffer(hashes, dtype=np.uint64) if count else np.zeros(0, dtype=np.uint64)
    ordered.sort()
    if count:
        bare = ordered >> np.uint64(_KIND_BITS)
        ordered = ordered[np.concatenate(([True], bare[1:] != bare[:-1]))]
        del bare
    bucket_bits = max(1, len(ordered).bit_length() - _BUCKET)
    tops = np.arange((1 << bucket_bits) + 1, dtype=np.uint64)
    bounds = np.searchsorted(ordered >> np.uint64(64 - bucket_bits), tops).astype(np.uint32)
    layout = _Layout(len(ordered), bucket_bits, slot_bits, longest)
    header = _HEADER.pack(_MAGIC, _key_check(key), layout.count, bucket_bits, slot_bits, longest, layout.end)
    padding = bytes(layout.hashes - layout.directory - bounds.nbytes)
    return Fingerprints(b"".join((header, bounds.tobytes(), padding, ordered.tobytes(), slots.tobytes())), key)


def _hashed(texts: Iterable[tuple[str, int]], keyed: blake2b) -> "tuple[array[int], array[int], array[int], int]":
    """Return of each text its hash with its kind, the hash of its beginning, and the bit of its length."""
    hashes, beginnings, bits = array("Q"), array("I"), array("B")
    longest = 0
    for text, kind in texts:
        hashed = keyed.copy()
        hashed.update(text.encode())
        hashes.append(int.from_bytes(hashed.digest(), "little") & ~_KIND_MASK | kind)
        beginnings.append(crc32(text[:PREFIX].encode()))
        bits.append(1 << len(text) % _MASK_BITS)
        longest = max(longest, len(text))
    return hashes, beginnings, bits, longest


def _key_check(key: bytes) -> bytes:
    return blake2b(_EMPTY_KEY_TEXT, key=key, digest_size=16).digest()


def _aligned(place: int) -> int:
    return -(-place // 8) * 8
