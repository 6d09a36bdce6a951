"""Finding the passages that a question is about."""

from dataclasses import dataclass

from larkfield.expressions import said_topics, without_details
from larkfield.knowledge import Passage, passages
from larkfield.ranking import Ranking, stem, terms
from larkfield.spelling import Spelling

EVIDENCE = 3
"""The most passages that an answer rests on."""
_LEAST_SCORE = 2.0
"""A weaker best match means that the bank has no such topic."""
_TITLE_BONUS = 0.5
"""How much more a passage scores whose whole title is asked for."""
_NO_TOPIC = frozenset(
    stem(word)
    for word in (
        "account",
        "app",
        "call",
        "card",
        "cards",
        "charge",
        "charges",
        "cost",
        "costs",
        "fee",
        "free",
        "money",
        "pay",
        "price",
        "rate",
    )
)
"""Words that go with every topic and make none of their own."""
_COMMON_WEIGHT = 0.4
"""What they count of an ordinary word."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that matches a query."""

    passage: Passage
    score: float
    sentence_terms: tuple[frozenset[str], ...]
    """What each of the passage's sentences talks about."""


class Search:
    """A BM25 search over the knowledge base."""

    def __init__(self) -> None:
        # Passages without search words are the assistant's own phrases: no topic finds them.
        self._passages = tuple(entry for entry in passages() if entry.search_words)
        self._ranking = Ranking(
            [terms(f"{e.title} {e.title} {e.search_words} {e.search_words} {e.text}") for e in self._passages]
        )
        self._spelling = Spelling(self._ranking.vocabulary)
        self._titles = [frozenset(terms(entry.title)) for entry in self._passages]
        self._topics = [frozenset(terms(f"{entry.title} {entry.search_words}")) for entry in self._passages]
        self._sentences = [tuple(frozenset(terms(s)) for s in entry.sentences) for entry in self._passages]

    def query(self, text: str) -> frozenset[str]:
        """Return the search terms of an English text, with typing mistakes forgiven."""
        meant = (self._spelling.corrected(term) for term in terms(without_details(text)))
        return said_topics(text).union(meant)

    def find(self, query: frozenset[str]) -> tuple[Hit, ...]:
        """Return the passages about the query, best first; none if the bank has no such topic."""
        if query <= _NO_TOPIC:
            return ()
        scores = self._ranking.scores(query - _NO_TOPIC)
        for number, score in self._ranking.scores(query & _NO_TOPIC).items():
            scores[number] = scores.get(number, 0.0) + _COMMON_WEIGHT * score
        about = [
            (score * (1 + _TITLE_BONUS * len(query & self._titles[number]) / len(self._titles[number])), -number)
            for number, score in scores.items()
            if query & self._topics[number]
        ]
        best = sorted(about, reverse=True)[:EVIDENCE]
        if not best or best[0][0] < _LEAST_SCORE:
            return ()
        return tuple(Hit(self._passages[-place], score, self._sentences[-place]) for score, place in best)

    def is_plain(self, query: frozenset[str]) -> bool:
        """Return whether a query names its topic with two words or more."""
        return len(query - _NO_TOPIC) > 1

    def weight(self, query: frozenset[str]) -> float:
        """Return how much a set of terms says: the sum of their inverse document frequencies."""
        return sum(map(self._ranking.idf, query))
