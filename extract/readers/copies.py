"""Files that hold what another file of the same source holds: a backup beside a log, a log and its compressed copy."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from extract.readers.content import decompressed
from harness.errors import InputError

if TYPE_CHECKING:
    from extract.readers.sources import Source

_PIECE_BYTES = 1 << 20


def copies_among(sources: "Iterable[Source]") -> "list[Source]":
    """Return the files whose content, decompressed, an earlier one has, too.

    Only files that are equally long, or that differ in a compression's suffix,
    are opened. Objects in a bucket are not: asking for each one's size would
    take longer than reading most of them.
    """
    local = [source for source in sources if isinstance(source.path, Path)]
    sizes = {source.path: _size(source.path) for source in local}
    same_size = Counter(sizes.values())
    same_name = Counter(_plain_name(source) for source in local)
    copies = []
    seen: set[tuple[type, bytes]] = set()
    for source in local:
        if not sizes[source.path] or max(same_size[sizes[source.path]], same_name[_plain_name(source)]) < 2:
            continue
        digest = _digest(source)
        if digest is None:
            continue
        content = type(source.reader), digest
        if content in seen:
            copies.append(source)
        seen.add(content)
    return copies


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _plain_name(source: "Source") -> str:
    path = str(source.path)
    return path.rpartition(".")[0] if source.compression in ("gzip", "zstd") else path


def _digest(source: "Source") -> bytes | None:
    """Return a hash of what a file holds; None where it cannot be read, which the reader says better."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        with source.path.open("rb") as file, closing(decompressed(file, source.compression, source.name)) as plain:
            while piece := plain.read(_PIECE_BYTES):
                digest.update(piece)
    except (OSError, EOFError, zlib.error, InputError):
        return None
    return digest.digest()
