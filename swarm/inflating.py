"""Decompressing a reply block by block: gzip, and what servers mean by deflate."""

import zlib
from typing import Any

_GZIP = b"\x1f\x8b"
_DEFLATED = 8
"""The method in the first byte of a zlib stream (RFC 1950, 2.2); no compressor begins a bare one like that."""


class Inflater:
    """Undoes ``gzip``, members one after the other included (RFC 1952, 2.2), and ``deflate``.

    That is a zlib stream (RFC 9110, 8.4.1.2), but some servers send a bare one, and clients take both.
    """

    def __init__(self) -> None:
        self._stream: Any = None
        self._begun = b""
        """The first byte of what may be a further member."""
        self._over = False

    @property
    def whole(self) -> bool:
        """Whether the data has come to its end; true where there was none at all."""
        return self._stream is None or self._stream.eof

    def feed(self, block: bytes, at_most: int) -> bytes:
        """Return what a block holds; what follows the compressed data is passed over.

        Args:
            block: Not empty.
            at_most: So many bytes of it: one block can hold a thousand times its size.

        Raises:
            zlib.error: If it is no such data.
        """
        decoded = b""
        while block and not self._over and len(decoded) < at_most:
            if self.whole and not self._begin(block := self._begun + block):
                break
            decoded += self._stream.decompress(block, at_most - len(decoded))
            block = self._stream.unused_data
        return decoded

    def _begin(self, block: bytes) -> bool:
        """Make ready for the data, or a further member of it; return whether there is one."""
        gzip = block.startswith(_GZIP)
        if self._stream is not None and not gzip:
            self._begun = block if block == _GZIP[:1] else b""
            self._over = not self._begun
            return False
        self._begun = b""
        bare = not gzip and block[0] & 0xF != _DEFLATED and block[0] != _GZIP[0]
        # 32: the library tells gzip from zlib by their headers.
        self._stream = zlib.decompressobj(wbits=-zlib.MAX_WBITS if bare else 32 + zlib.MAX_WBITS)
        return True
