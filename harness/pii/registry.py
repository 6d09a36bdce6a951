"""All users' known values at once: what identifies one customer is removed from everybody's text."""

import re
from collections.abc import Collection, Iterable, Iterator

from harness.pii.interface import PiiDetector, PiiSpan
from harness.pii.known import entity_of, fold

_TOKEN = re.compile(r"[^\W_]+")
_FEWEST_CHARS = 6


def is_telling(value: str) -> bool:
    """Return whether a value identifies its owner even in another user's text.

    A single ordinary word does not (a first name, a town); a full name, an
    address, a number or a code does.
    """
    compact = sum(c.isalnum() for c in value)
    if compact < _FEWEST_CHARS:
        return False
    digits = sum(c.isdigit() for c in value)
    return (
        "@" in value or len(_TOKEN.findall(value)) > 1 or digits >= _FEWEST_CHARS or (digits > 1 and digits < compact)
    )


class KnownRegistry:
    """An index of telling values by their first word; searching takes one look-up a word of the text."""

    def __init__(self, values: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for value in values:
            tokens = tuple(_TOKEN.findall(fold(value)))
            if tokens and is_telling(value):
                self._by_first.setdefault(tokens[0], []).append((tokens, entity_of(value)))

    def find(self, text: str) -> Iterator[PiiSpan]:
        """Yield where the values occur; spans may overlap."""
        found = list(_TOKEN.finditer(fold(text))) if self._by_first else []
        words = [match[0] for match in found]
        for place, word in enumerate(words):
            for tokens, entity in self._by_first.get(word, ()):
                if tuple(words[place : place + len(tokens)]) == tokens:
                    end = found[place + len(tokens) - 1].end()
                    yield PiiSpan(start=found[place].start(), end=end, entity=entity, score=1.0)


class RegistryDetector:
    """A detector that also finds the values of a registry."""

    def __init__(self, detector: PiiDetector, registry: KnownRegistry) -> None:
        self._detector = detector
        self._registry = registry

    def find(self, text: str, *, known: tuple[str, ...] = ()) -> list[PiiSpan]:
        """Return the spans in ``text``, ordered and without overlaps."""
        from harness.pii.detector import merge

        spans = self._detector.find(text, known=known)
        more = list(self._registry.find(text))
        return merge([*spans, *more]) if more else spans

    def prepare(self, texts: Collection[str]) -> None:
        """Look at many texts at once."""
        self._detector.prepare(texts)
