"""Okapi BM25 over a handful of short texts, and the words it counts."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+")
_STOP_WORDS = frozenset(
    """
    a about after again all also am an and any anything are as ask at be because been before being but by can cannot cant come could
    did didnt do does doesnt doing dont either else ever every for from get gets getting give go goes going gonna good got had has have
    having he hello help her here hey hi him his how i id if ill im in into is isnt it its ive just kind know let like long fast look make makes
    many may maybe me might mine more most much must my need needs next nor not now of off ok okay old on one only or our out over own
    please possible question re really right said same say says see she should so some somehow someone something soon still such sure
    take takes taking tell than thank thanks that thats the their them then there these they thing things this those through til till to
    today too try trying u until up upon ur us use used using very want wants was way we well were what whats when where which while
    who why will wish with within without wont would yes yet you your youre yours larkfield bank customer customers regarding quick
    information info explain question questions wondering wonder understand thats theres tomorrow day days time times work works year years
    """.split()
)
# Endings of English inflection, longest first; crude on purpose: both sides are cut alike.
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "als", "al", "ers", "ed", "es", "er", "s", "y", "e")
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
    return [stem(word) for word in words(text) if word not in _STOP_WORDS]


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
