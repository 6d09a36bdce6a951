"""Okapi BM25 over a handful of short texts, and the words it counts."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files

_WORD = re.compile(r"[a-z0-9]+")
# Endings of English inflection, longest first; crude on purpose: both sides are cut alike.
_ENDINGS = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ies",
    "als",
    "al",
    "ers",
    "ed",
    "es",
    "er",
    "s",
    "y",
    "e",
)
_SHORTEST_STEM = 3

K1 = 1.2
"""How soon a repeated word stops counting (Robertson and Zaragoza 2009, section 3.4)."""
B = 0.6
"""How much a long text is held back (same source)."""


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the word without its ending."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without accents and apostrophes."""
    plain = text.lower().replace("'", "").replace("’", "")
    if not plain.isascii():
        plain = "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
        plain = plain.replace("ß", "ss")
    return _WORD.findall(plain)


def terms(text: str) -> list[str]:
    """Return the stems of the words that carry meaning, in order."""
    return [stem(word) for word in words(text) if word not in _stop_words()]


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    return frozenset(files("larkfield").joinpath("stop_words.txt").read_text(encoding="utf-8").split())


class Ranking:
    """A BM25 index of a fixed list of texts.

    The formula is the one of Robertson and Zaragoza, "The Probabilistic
    Relevance Framework: BM25 and Beyond" (2009), with Lucene's
    never-negative inverse document frequency.
    """

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        average = sum(map(len, documents)) / max(1, len(documents))
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, document in enumerate(documents):
            held_back = K1 * (1 - B + B * len(document) / average)
            for term, count in Counter(document).items():
                postings[term].append((number, count * (K1 + 1) / (count + held_back)))
        self._postings = dict(postings)
        self._idf = {
            term: math.log(1 + (len(documents) - len(found) + 0.5) / (len(found) + 0.5))
            for term, found in postings.items()
        }

    def idf(self, term: str) -> float:
        """Return how rare a term is; 0.0 if no text has it."""
        return self._idf.get(term, 0.0)

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every term of the texts."""
        return frozenset(self._idf)

    def scores(self, query: Iterable[str]) -> dict[int, float]:
        """Return the score of each text that shares a term with the query, by its number."""
        found: dict[int, float] = defaultdict(float)
        for term in set(query):
            idf = self.idf(term)
            for number, weight in self._postings.get(term, ()):
                found[number] += idf * weight
        return dict(found)
