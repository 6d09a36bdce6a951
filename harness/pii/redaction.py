"""Placeholders in place of personal values, numbered so that the same value keeps its number within a session."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from harness.pii.detector import detector, merge
from harness.pii.interface import PiiDetector, PiiSpan
from harness.pii.known import fold
from harness.pii.lexicon import words
from harness.pii.names import ASKS_FOR_NAME, find_answered_name

_TOKEN = re.compile(r"[^\W_]+")
_SURE_NAME = 0.8
"""From this score on a name is remembered for the rest of its session."""
_SHORTEST_REMEMBERED = 3


def redact(text: str, spans: Iterable[PiiSpan]) -> tuple[str, dict[str, int]]:
    """Return one text with its spans replaced by placeholders, and how many values of each type were replaced."""
    session = SessionRedactor()
    return session.replace(text, spans), session.counts


class SessionRedactor:
    """Redacts the texts of one session.

    A value keeps its placeholder through all of them, a part of a known name
    gets the whole name's, and a name that was once found with certainty is
    found in every text.

    Args:
        detector: Finds the values; None takes the strict one.
        known: Values known to be personal for this session's user.
    """

    def __init__(self, finder: PiiDetector | None = None, *, known: tuple[str, ...] = ()) -> None:
        self._finder = finder or detector("strict")
        self._known = known
        self._names: set[str] = set()
        self._numbers: dict[str, dict[str, int]] = {}
        self._counts: Counter[str] = Counter()

    @property
    def counts(self) -> dict[str, int]:
        """How many values of each type were replaced so far."""
        return dict(sorted(self._counts.items()))

    def redact(self, text: str, *, after: str = "") -> str:
        """Return one text redacted; remembers its names for the texts that follow.

        Args:
            text: The text.
            after: What was said right before it: a question for a name makes a short answer a name.
        """
        return self.replace(text, self._spans(text, self._first_look(text, after)))

    def redact_all(self, texts: Sequence[str]) -> list[str]:
        """Return the texts of a whole session redacted; a name found in one is removed from those before it too."""
        found = [self._first_look(text, before) for text, before in zip(texts, ["", *texts], strict=False)]
        return [self.replace(text, self._spans(text, spans)) for text, spans in zip(texts, found, strict=True)]

    def replace(self, text: str, spans: Iterable[PiiSpan]) -> str:
        """Return ``text`` with ordered, disjoint ``spans`` replaced by placeholders."""
        pieces: list[str] = []
        reached = 0
        for span in spans:
            pieces += (text[reached : span.start], self._placeholder(span.entity, text[span.start : span.end]))
            reached = span.end
        return "".join((*pieces, text[reached:])) if pieces else text

    def _first_look(self, text: str, before: str) -> list[PiiSpan]:
        spans = self._finder.find(text, known=self._known)
        if before and ASKS_FOR_NAME.search(before) and (answer := find_answered_name(text)):
            spans = merge([*spans, answer])
        for span in spans:
            if span.entity == "PERSON" and span.score >= _SURE_NAME:
                self._remember(text[span.start : span.end])
        return spans

    def _spans(self, text: str, spans: list[PiiSpan]) -> list[PiiSpan]:
        if not self._names:
            return spans
        again = [
            PiiSpan(start=match.start(), end=match.end(), entity="PERSON", score=_SURE_NAME)
            for match in _TOKEN.finditer(text)
            if fold(match[0]) in self._names
        ]
        return merge([*spans, *again]) if again else spans

    def _remember(self, name: str) -> None:
        plain = words("common_words") | words("word_names")
        self._names.update(t for t in _TOKEN.findall(fold(name)) if len(t) >= _SHORTEST_REMEMBERED and t not in plain)

    def _placeholder(self, entity: str, value: str) -> str:
        self._counts[entity] += 1
        numbers = self._numbers.setdefault(entity, {})
        key = _key(entity, value)
        if key not in numbers:
            numbers[key] = _number_of_whole(numbers, key) if entity == "PERSON" else len(set(numbers.values())) + 1
        return f"<{entity}_{numbers[key]}>"


def _key(entity: str, value: str) -> str:
    folded = fold(value)
    return (
        " ".join(_TOKEN.findall(folded)) if entity == "PERSON" else "".join(c for c in folded if c.isalnum()) or folded
    )


def _number_of_whole(numbers: Mapping[str, int], key: str) -> int:
    """Return the number of a name that shares all words with this one, else the next free one."""
    parts = set(key.split())
    for other, number in numbers.items():
        others = set(other.split())
        if parts and (parts <= others or others <= parts):
            return number
    return len(set(numbers.values())) + 1
