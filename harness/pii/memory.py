"""The names that one user's texts gave away: found again in all of them, also where nothing introduces them."""

import re
from collections.abc import Iterator

from harness.pii.interface import PiiSpan
from harness.pii.known import fold
from harness.pii.lexicon import words

SURE_NAME = 0.8
"""From this score on a name is remembered."""
_TOKEN = re.compile(r"[^\W_]+")
_FIGURES = "0123456789"
_SHORTEST = 3
_SHORTEST_MISSPELT = 6
"""Shorter names have too many neighbours that are words."""
_MOST_MISSPELT = 500
"""Names whose misspellings are looked for: a person's friends, not everybody who ever wrote to a shared mailbox."""


class NameMemory:
    """Remembers the words of names.

    Only words that are no ordinary ones are remembered: "will" and "rose" stay
    where nothing says that they are names. A word that differs from a longer
    name by one letter (missing, added, wrong or swapped with its neighbour),
    begins like it and is no ordinary word either is taken for that name.
    """

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._shortened: dict[str, list[str]] = {}
        """Names by what is left of them without any one letter: near words leave the same."""
        self._spelled: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._names)

    def learn(self, name: str) -> None:
        """Remember the words of a name."""
        for word in map(without_figures, _TOKEN.findall(fold(name))):
            if len(word) >= _SHORTEST and word not in self._names and not _is_ordinary(word):
                self._add(word)

    def find(self, text: str) -> list[PiiSpan]:
        """Return where remembered names stand in a text, in order."""
        if not self._names:
            return []
        return [
            PiiSpan(start=match.start(), end=match.end(), entity="PERSON", score=SURE_NAME)
            for match in _TOKEN.finditer(text)
            if self._holds(fold(match[0]))
        ]

    def spelled(self, word: str) -> str:
        """Return the remembered name that a folded word is, or misspells; the word itself if there is none."""
        if word in self._names or not self._shortened or len(word) < _SHORTEST_MISSPELT - 1:
            return word
        known = self._spelled.get(word)
        if known is None:
            known = self._spelled[word] = self._nearest(word)
        return known

    def _holds(self, word: str) -> bool:
        return self.spelled(word) in self._names or without_figures(word) in self._names

    def _add(self, word: str) -> None:
        self._names.add(word)
        if len(word) >= _SHORTEST_MISSPELT and word.isalpha() and len(self._names) <= _MOST_MISSPELT:
            for short in (word, *_without_one(word)):
                self._shortened.setdefault(short, []).append(word)
            self._spelled.clear()

    def _nearest(self, word: str) -> str:
        if not word.isalpha() or _is_ordinary(word):
            return word
        for short in (word, *_without_one(word)):
            for name in self._shortened.get(short, ()):
                if name[0] == word[0] and _differs_by_one(name, word):
                    return name
        return word


def without_figures(word: str) -> str:
    """Return a name without the figures that are glued to its end: "lund3" is lund."""
    return word.rstrip(_FIGURES) or word if word[-1:] in _FIGURES else word


def _is_ordinary(word: str) -> bool:
    return word in words("common_words") or word in words("word_names")


def _without_one(word: str) -> Iterator[str]:
    return (word[:place] + word[place + 1 :] for place in range(len(word)))


def _differs_by_one(one: str, other: str) -> bool:
    """Return whether two unequal words are one edit apart: a letter added, left out, replaced, or two swapped."""
    short, long = sorted((one, other), key=len)
    at = next((place for place, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return swapped or short[at + 1 :] == long[at + 1 :]
