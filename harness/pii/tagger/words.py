"""A text's words and what the network knows of each before it sees its neighbours."""

import re
import unicodedata
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

TABLE_ROWS = 1 << 15
"""Rows of the table of hashed features."""
LONGEST_WORD = 40
"""Characters of a word that are looked at; what is longer is no name."""
_TOKEN = re.compile(r"[^\W\d_]+|\d+|\n|[^\w\s]|_")
_YEARS = range(1900, 2040)
_MOST_GRAMS = 12
_MOST_PIECES = 6


def words_of(text: str) -> list[tuple[str, int, int]]:
    """Return the tokens of a text (runs of letters, runs of digits, single signs, line breaks), each with its place."""
    return [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


def plain(form: str) -> str:
    """Return a word in lower case without accents."""
    if form.isascii():
        return form.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", form.lower()) if not unicodedata.combining(c))


def hashed(text: str) -> int:
    """Return a stable 32-bit hash of a short text."""
    return zlib.crc32(text.encode("utf-8", "replace"))


class Lexicon:
    """Which words are listed as given names, surnames or places, and how frequent a word is; kept as hashes.

    Args:
        names: For each kind (``given``, ``surname``, ``place``) the sorted hashes of its words.
        words: Sorted hashes of ordinary words.
        frequencies: For each of ``words`` its frequency, 1 (rare) … 9.
    """

    def __init__(
        self, names: dict[str, NDArray[np.uint32]], words: NDArray[np.uint32], frequencies: NDArray[np.uint8]
    ) -> None:
        self._names = {kind: frozenset(hashes.tolist()) for kind, hashes in names.items()}
        self._frequencies = dict(zip(words.tolist(), frequencies.tolist(), strict=True))

    def names(self) -> dict[str, NDArray[np.uint32]]:
        """Return the sorted hashes of each kind of names."""
        return {kind: np.array(sorted(hashes), np.uint32) for kind, hashes in self._names.items()}

    def words(self) -> NDArray[np.uint32]:
        """Return the sorted hashes of the ordinary words."""
        return np.array(sorted(self._frequencies), np.uint32)

    def frequencies(self) -> NDArray[np.uint8]:
        """Return the frequency of each of ``words``."""
        return np.array([self._frequencies[key] for key in sorted(self._frequencies)], np.uint8)

    def frequency(self, word: str) -> int:
        """Return how frequent a plain word is: 0 (not listed), 1 (rare) … 9."""
        return int(self._frequencies.get(hashed(word), 0))

    def flags(self, word: str) -> list[str]:
        """Return what is known of a plain word."""
        key = hashed(word)
        found = [f"in:{kind}" for kind, hashes in self._names.items() if key in hashes]
        frequency = self._frequencies.get(key, 0)
        return [*found, f"freq:{frequency}", f"{'+'.join(found)}|{frequency}"]


class Pieces:
    """The vocabulary of word pieces whose vectors were learned from much text elsewhere (WordPiece, Wu et al. 2016)."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._ids = {piece: number for number, piece in enumerate(vocabulary)}

    def split(self, word: str) -> list[int]:
        """Return the ids of a plain word's pieces, longest first match; empty where it cannot be split."""
        start, found = 0, list[int]()
        while start < len(word) and len(found) < _MOST_PIECES:
            for end in range(len(word), start, -1):
                piece = self._ids.get(word[start:end] if start == 0 else "##" + word[start:end])
                if piece is not None:
                    found.append(piece)
                    start = end
                    break
            else:
                return []
        return found


def features_of(form: str, lexicon: Lexicon) -> tuple[list[int], list[int], list[int]]:
    """Return a word's hashed features in three groups: itself, what lists say of it, and how it is written."""
    word = plain(form[:LONGEST_WORD])
    if form.isdigit():
        length = min(len(form), 12)
        # "①⑨⑧④" are digits, but no number.
        year = len(form) == 4 and form.isdecimal() and int(form) in _YEARS
        return (
            [_row(f"n:{form}")] if len(form) < 3 else [],
            [],
            [_row(f"digits:{length}"), _row(f"year:{year}"), _row(f"zero:{form[0] == '0'}{length}")],
        )
    if not form[0].isalpha():
        return [], [], [_row(f"sign:{form}")]
    padded = f"^{word}$"
    grams = [padded[i : i + 3] for i in range(len(padded) - 2)][:_MOST_GRAMS]
    written = [f"shape:{_shape(form)}", f"length:{min(len(word), 14)}", f"ascii:{form.isascii()}"]
    written += [f"<{word[:n]}" for n in (1, 2, 3, 4) if len(word) > n]
    written += [f"{word[-n:]}>" for n in (1, 2, 3, 4, 5) if len(word) > n]
    written += [f"~{gram}" for gram in grams]
    return [_row(f"w:{word}")], [_row(flag) for flag in lexicon.flags(word)], [_row(feature) for feature in written]


def piece_inputs(form: str, pieces: Pieces, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean, first and last of the vectors of a word's pieces, [3 × width]; zeros where it has none."""
    found = pieces.split(plain(form[:LONGEST_WORD])) if form[0].isalpha() else []
    if not found:
        return np.zeros(3 * vectors.shape[1], np.float32)
    first, last = vectors[found[0]], vectors[found[-1]]
    # Most words have one or two pieces; `mean` costs more than the rest of this function.
    mean = first if len(found) == 1 else (first + last) / 2 if len(found) == 2 else vectors[found].mean(axis=0)
    return np.concatenate([mean, first, last], dtype=np.float32)


def _row(feature: str) -> int:
    return hashed(feature) % TABLE_ROWS


def _shape(form: str) -> str:
    if form.islower():
        return "x"
    if form.isupper():
        return "X" if len(form) > 1 else "X1"
    if form[0].isupper():
        return "Xx" if form[1:].islower() else "XxX"
    return "xX"
