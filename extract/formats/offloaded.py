"""Bodies over 100 kB, which Amazon Bedrock puts beside its invocation logs as objects of their own."""

import zlib
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from extract.formats.interface import RecordError, Rejection
from harness.aws import read_object
from harness.errors import StorageError

MAX_BODY_BYTES = 64 * 1024 * 1024
"""A larger body is not read, so that none can fill the memory."""
_MISSING = "offloaded_body_missing"
_UNREADABLE = "offloaded_body_unreadable"
_GZIP_MAGIC = b"\x1f\x8b"
_ANY_HEADER = 32 + zlib.MAX_WBITS


class OffloadedBodies:
    """Fetches the bodies that records refer to.

    A record names the object itself, and whoever writes logs could name any. So an object is fetched only from
    the log file's own bucket, or from below the configured place; beside a local log file, only by its name.

    Args:
        allowed: ``[extract] large_bodies``: an ``s3://`` prefix, or None.
    """

    def __init__(self, allowed: str | None) -> None:
        self._allowed = None if allowed is None else allowed.rstrip("/") + "/"

    def fetch(self, uri: Any, location: str, field: str) -> Any:
        """Return the JSON of an offloaded body.

        Args:
            uri: What the record gives as the body's place.
            location: The log file's own path or URI.
            field: The record's field, for the reason.

        Raises:
            RecordError: If it cannot be had, or is not JSON (rejected).
        """
        if not isinstance(uri, str) or not uri.startswith("s3://"):
            raise RecordError(Rejection(reason=_MISSING, field=field, detail="no s3:// path"))
        content = _decompressed(self._content(uri, location, field), field)
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError:
            raise RecordError(
                Rejection(reason=_UNREADABLE, field=field, detail=f"{len(content)} bytes, not JSON")
            ) from None

    def _content(self, uri: str, location: str, field: str) -> bytes:
        beside = _beside(uri, location)
        if beside is None and not self._may_fetch(uri, location):
            raise RecordError(Rejection(reason=_MISSING, field=field, detail="not beside the log, nor in large_bodies"))
        try:
            if beside is None:
                return read_object(uri, limit=MAX_BODY_BYTES + 1)
            with beside.open("rb") as file:
                return file.read(MAX_BODY_BYTES + 1)
        except (OSError, StorageError) as error:
            why = str(error) if isinstance(error, StorageError) else type(error).__name__
            raise RecordError(Rejection(reason=_MISSING, field=field, detail=why)) from None

    def _may_fetch(self, uri: str, location: str) -> bool:
        if ".." in uri.split("/"):
            return False
        if location.startswith("s3://") and uri.split("/")[2] == location.split("/")[2]:
            return True
        return self._allowed is not None and uri.startswith(self._allowed)


def _beside(uri: str, location: str) -> Path | None:
    """Return the local copy of an object: in ``data/`` beside a local log file, as in the bucket, or right beside it."""
    name = PurePosixPath(uri).name
    if "://" in location or not location or name in ("", "..") or "\0" in name:
        return None
    folder = Path(location).parent
    return next((path for path in (folder / "data" / name, folder / name) if path.is_file()), None)


def _decompressed(content: bytes, field: str) -> bytes:
    """Return the body's bytes, decompressed if they are gzip data."""
    detail = "too large"
    if content.startswith(_GZIP_MAGIC):
        stream = zlib.decompressobj(_ANY_HEADER)
        try:
            content = stream.decompress(content, MAX_BODY_BYTES + 1)
        except zlib.error:
            raise RecordError(Rejection(reason=_UNREADABLE, field=field, detail="damaged gzip data")) from None
        if len(content) <= MAX_BODY_BYTES and not stream.eof:
            raise RecordError(Rejection(reason=_UNREADABLE, field=field, detail="cut off gzip data"))
    if len(content) > MAX_BODY_BYTES:
        raise RecordError(Rejection(reason=_UNREADABLE, field=field, detail=detail))
    return content
