"""A detector for tests: what it finds is in the test."""

import re
from collections.abc import Collection

from harness.pii import PiiSpan


class Listed:
    """A detector that finds listed values where they are written exactly so, and known ones.

    Args:
        values: By type, values with ``|`` between them.
    """

    def __init__(self, **values: str) -> None:
        self._values = {value: entity for entity, listed in values.items() for value in listed.split("|")}

    prepared: int = 0
    """How many texts it was shown."""

    def find(self, text: str, *, known: tuple[str, ...] = ()) -> list[PiiSpan]:
        """Return where the values are."""
        wanted = {**dict.fromkeys(known, "ID"), **self._values}
        if not wanted:
            return []
        pattern = "|".join(re.escape(value) for value in sorted(wanted, key=len, reverse=True))
        return [
            PiiSpan(start=m.start(), end=m.end(), entity=wanted[m[0]], score=0.9) for m in re.finditer(pattern, text)
        ]

    def prepare(self, texts: Collection[str]) -> None:
        """Count the texts."""
        self.prepared += len(texts)
