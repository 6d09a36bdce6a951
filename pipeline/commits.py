"""A commit's own chance: the same commit always draws the same prompts, the next one draws others."""

import hashlib
import re

from harness.errors import UsageError

_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def seed_of(commit: str, *, seed: int) -> int:
    """Return the seed that belongs to a commit.

    Args:
        commit: Its whole hash.
        seed: The configuration's, which goes into it.

    Raises:
        UsageError: If it is no whole hash.
    """
    text = f"{seed}\0{whole_hash(commit)}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def whole_hash(commit: str) -> str:
    """Return a commit's whole hash, 40 or 64 hex digits: a shortened one would be another seed for the same commit.

    Raises:
        UsageError: If it is no whole hash.
    """
    whole = commit.strip().lower()
    if not _HASH.fullmatch(whole):
        raise UsageError(
            f"a commit is its whole hash, 40 or 64 hex digits; observed {len(whole)} characters",
            hint="--commit $(git rev-parse HEAD)",
        )
    return whole
