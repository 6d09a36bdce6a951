"""The second, independent look: known raw values searched in what was sanitized."""

import re
import unicodedata
from collections.abc import Iterable

from harness.contracts import SanitizedSession
from harness.pii.registry import is_telling

SHORTEST = 5
"""Characters; shorter values occur by chance."""
_TOKEN = re.compile(r"[^\W_]+")
_PLACEHOLDER = re.compile(r"<[A-Z_]+_\d+>")


class OutputAudit:
    """Searches sanitized sessions for raw values, one pass over each text.

    Two searches: a user's own values and ids in that user's texts, and every
    value that identifies its owner by itself in everybody's texts. It shares
    no search code with the sanitizer. Allow-listed metadata is not searched:
    the configuration asked for it.
    """

    def __init__(self, everybodys: Iterable[str]) -> None:
        self._phrases: set[str] = set()
        self._lengths: dict[str, set[int]] = {}
        for value in everybodys:
            tokens = _tokens(value)
            if tokens and is_telling(value):
                self._phrases.add(" ".join(tokens))
                self._lengths.setdefault(tokens[0], set()).add(len(tokens))
        self.own_values = 0
        self.leaks = 0

    @property
    def values(self) -> int:
        """How many values were searched for."""
        return len(self._phrases) + self.own_values

    def look(self, session: SanitizedSession, own: Iterable[str]) -> int:
        """Search one session; return how many values are found in it."""
        texts = [_tokens(_PLACEHOLDER.sub(" \n ", turn.text)) for turn in session.turns]
        joined = [f" {' '.join(tokens)} " for tokens in texts]
        phrases = {" ".join(_tokens(value)) for value in own if len(value) >= SHORTEST}
        self.own_values += len(phrases)
        found = {p for p in phrases if p and any(f" {p} " in text for text in joined)}
        for tokens in texts:
            found.update(self._in(tokens))
        self.leaks += len(found)
        return len(found)

    def _in(self, tokens: list[str]) -> Iterable[str]:
        for place, token in enumerate(tokens):
            for length in self._lengths.get(token, ()):
                phrase = " ".join(tokens[place : place + length])
                if phrase in self._phrases:
                    yield phrase


def _tokens(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _TOKEN.findall(plain.casefold())
