"""What a file holds, whatever its name says; and decompression that notices a cut-off file."""

import gzip
import io
from typing import IO, Any, Literal, cast

from harness.errors import InputError

Compression = Literal["none", "gzip", "zstd", "any"]
"""``any``: what the content says, also twice over: log deliveries compress what is compressed already."""

HEAD_BYTES = 4096
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (b"PAR1", "a Parquet file"),
    (b"PK\x03\x04", "a ZIP archive (or an office document)"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"\x89PNG", "an image"),
)
_BINARY_SHARE = 0.1
_TEXT_CONTROLS = frozenset(b"\t\n\r\x0b\x0c")


def looks_like(head: bytes) -> str:
    """Return in words what the first bytes of a file look like: ``text``, ``gzip data``, …, ``binary data``."""
    for magic, description in _MAGIC:
        if head.startswith(magic):
            return description
    # NUL bytes alone are a torn write, not a format.
    controls = sum(1 for byte in head if byte < 32 and byte not in _TEXT_CONTROLS and byte != 0)
    if controls > _BINARY_SHARE * max(1, len(head)):
        return "binary data"
    return "text"


def decompressed(file: IO[bytes], compression: Compression, name: str) -> IO[bytes]:
    """Return a stream of the file's decompressed bytes.

    Raises:
        InputError: If the file is not compressed as its suffix says.
    """
    head = file.read(HEAD_BYTES)
    file.seek(0)
    seen = looks_like(head)
    if compression == "none" or not head:
        return file
    if compression == "any":
        once = _gunzipped(file) if seen == "gzip data" else file
        return _gunzipped(once) if looks_like(cast("Any", once).peek(HEAD_BYTES)) == "gzip data" else once
    expected = {"gzip": "gzip data", "zstd": "Zstandard data"}[compression]
    if seen != expected:
        raise InputError(
            f"{name}: its suffix promises {expected}, but it looks like {seen}",
            hint="name it as what it is, or compress it",
        )
    if compression == "gzip":
        return _gunzipped(file)
    return cast("IO[bytes]", io.BufferedReader(_ZstdStream(file), buffer_size=1 << 18))


def _gunzipped(file: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", io.BufferedReader(cast("Any", gzip.GzipFile(fileobj=file, mode="rb"))))


class _ZstdStream(io.RawIOBase):
    """Decompresses Zstandard frames; the library's own stream reader takes a cut-off file for a whole one."""

    def __init__(self, file: IO[bytes]) -> None:
        import zstandard

        self._file = file
        self._library = zstandard
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._begun = False
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            chunk = self._file.read(1 << 16)
            if not chunk:
                if self._begun and not self._frame.eof:
                    raise EOFError("compressed data ended before the end-of-stream marker")
                return 0
            self._feed(chunk)
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _feed(self, chunk: bytes) -> None:
        pieces = []
        while chunk:
            if self._frame.eof:
                self._frame = self._library.ZstdDecompressor().decompressobj()
            self._begun = True
            try:
                pieces.append(self._frame.decompress(chunk))
            except self._library.ZstdError as error:
                raise EOFError("compressed data is damaged") from error
            chunk = self._frame.unused_data if self._frame.eof else b""
        self._ready = b"".join(pieces)
