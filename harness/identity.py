"""Ids: hashes of content where the same input has to give the same id, keyed hashes where nobody may go back."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

ID_LENGTH = 16
_UINT64 = float(2**64)


def content_id(prefix: str, chunks: Iterable[bytes]) -> str:
    """Return ``prefix-`` and 16 hex digits of the SHA-256 over the chunks (64 bits: collisions are no concern here)."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(len(chunk).to_bytes(8, "big"))
        digest.update(chunk)
    return f"{prefix}-{digest.hexdigest()[:ID_LENGTH]}"


def keyed_hash(key: bytes, value: str) -> str:
    """Return 16 hex digits of HMAC-SHA-256: the same value gives the same hash, and only the key's owner can guess."""
    # Half a surrogate pair, which JSON can spell, is a value like any other.
    return hmac.new(key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:ID_LENGTH]


def uniform(seed: int, *purpose: str) -> float:
    """Return a number in [0, 1) that only its arguments decide: chance that no order of work can change."""
    digest = hashlib.sha256("\0".join([str(seed), *purpose]).encode()).digest()
    return int.from_bytes(digest[:8], "big") / _UINT64


def run_id(now: datetime | None = None) -> str:
    """Return a new run's id: sorts by time, unique by chance."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    return f"run-{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def utc_now() -> str:
    """Return the present time as aware ISO 8601 UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
