"""Words that the user says are never a person or a place: product names, the assistant's own name."""

from collections.abc import Iterable

from harness.pii.interface import PiiSpan
from harness.pii.known.folding import TOKEN, fold

_GUESSED = frozenset(("PERSON", "LOCATION"))
"""Only what is told by its looks can be mistaken for a product; a card number or an e-mail address cannot."""
_CERTAIN = 1.0
_POSSESSIVE = "s"


class KeptWords:
    """Lets names and places stand that consist of kept words and phrases and of nothing else.

    "Larkfield" lets "Larkfield" and "LARKFIELD's" stand, not "12 Larkfield
    Road" nor "Anna Larkfield": a name of which half was left would still name
    somebody. What is certain is never kept: a value that a checksum proves, or
    one of somebody's profile.

    Args:
        phrases: Words and phrases; case, accents and punctuation do not matter.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = frozenset(tuple(TOKEN.findall(fold(phrase))) for phrase in phrases) - {()}
        self._longest = max(map(len, self._phrases), default=0)

    def without(self, text: str, spans: Iterable[PiiSpan]) -> list[PiiSpan]:
        """Return the spans that are not kept."""
        return [span for span in spans if not self._keeps(text, span)]

    def _keeps(self, text: str, span: PiiSpan) -> bool:
        if span.entity not in _GUESSED or span.score >= _CERTAIN:
            return False
        tokens = TOKEN.findall(fold(text[span.start : span.end]))
        if len(tokens) > 1 and tokens[-1] == _POSSESSIVE:
            tokens.pop()
        return bool(tokens) and self._is_made_of_phrases(tokens)

    def _is_made_of_phrases(self, tokens: list[str]) -> bool:
        reached = {0}
        for end in range(1, len(tokens) + 1):
            starts = range(max(0, end - self._longest), end)
            if any(start in reached and tuple(tokens[start:end]) in self._phrases for start in starts):
                reached.add(end)
        return len(tokens) in reached
