"""Forgiving typing mistakes: a mistyped word counts as the known word one letter away."""

from collections.abc import Iterable

SHORTEST = 5
"""Shorter words have too many neighbours to guess."""


class Spelling:
    """Knows the words of a vocabulary and what they look like with one letter wrong.

    Neighbours are found by deleting letters on both sides, so that a lookup
    costs as many steps as the word has letters (Garbe's symmetric delete).
    """

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._known = frozenset(vocabulary)
        self._shortened: dict[str, str] = {}
        for word in sorted(self._known):
            if len(word) >= SHORTEST:
                for shorter in _shortened(word):
                    self._shortened.setdefault(shorter, word)

    def corrected(self, word: str) -> str:
        """Return the known word that was probably meant, or the word itself."""
        if word in self._known or len(word) < SHORTEST or not word.isalpha():
            return word
        neighbours = [self._shortened.get(word)]
        for shorter in _shortened(word):
            neighbours += [shorter if shorter in self._known else None, self._shortened.get(shorter)]
        # The first letter is seldom mistyped, and other words differ in it: round is no pound.
        meant = (near for near in neighbours if near and near[0] == word[0] and len(near) >= SHORTEST)
        return next(meant, word)


def _shortened(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]
