"""Choosing the sentences of an answer: few, and together about the whole question."""

from collections.abc import Callable
from dataclasses import dataclass

from larkfield.retrieval import Hit
from larkfield.situations import WISHES, Wish

_NEAR_BEST = 0.6
"""Passages that score below this share of the best one are evidence, but are not quoted."""
_WISH_BONUS = 2.5
_LEAD_BONUS = 0.8
_FLOOR = 0.5
_USUAL, _MOST = 2, 3
"""Sentences of an answer: usually, and where the question has still open parts."""
_OPEN_SHARE = 0.35
"""Share of the question's words that may stay open; a second passage must cover as much to be quoted."""
_SAID_BEFORE = 0.3


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit_number: int
    place: int
    text: str
    about: frozenset[str]
    share: float
    """The passage's score relative to the best one."""
    said: bool


def compose(
    message: str, query: frozenset[str], hits: tuple[Hit, ...], weight: Callable[[frozenset[str]], float], said: str
) -> str:
    """Return one to three whole sentences of the passages, in reading order.

    They are picked greedily: each next one is the sentence that covers most of
    what is still open, be it words of the question or a wish such as *how long*.

    Args:
        message: The question as written.
        query: Its search terms, with those of the topic that it points back to.
        hits: The passages found; at least one.
        weight: How much a set of terms says.
        said: The previous reply; what it said is repeated only if nothing else fits.
    """
    candidates = _candidates(hits, said)
    wishes = [wish for wish in WISHES if wish.asked.search(message)]
    still_open, whole = query, weight(query) or 1.0
    chosen: list[_Candidate] = []
    while len(chosen) < _MOST:
        fitting = [e for e in candidates if e.hit_number == 0 or weight(still_open & e.about) >= _OPEN_SHARE * whole]
        if not fitting:
            break
        best = max(fitting, key=lambda e: (_worth(e, still_open, wishes, weight), -e.hit_number, -e.place))
        candidates.remove(best)
        chosen.append(best)
        still_open -= best.about
        wishes = [wish for wish in wishes if not wish.said.search(best.text)]
        if len(chosen) >= _USUAL and not wishes and weight(still_open) / whole < _OPEN_SHARE:
            break
    chosen.sort(key=lambda entry: (entry.hit_number, entry.place))
    return " ".join(entry.text for entry in chosen)


def _candidates(hits: tuple[Hit, ...], said: str) -> list[_Candidate]:
    best = hits[0].score
    return [
        _Candidate(number, place, text, hit.sentence_terms[place], hit.score / best, text in said)
        for number, hit in enumerate(hits)
        if hit.score >= _NEAR_BEST * best
        for place, text in enumerate(hit.passage.sentences)
    ]


def _worth(
    entry: _Candidate, still_open: frozenset[str], wishes: list[Wish], weight: Callable[[frozenset[str]], float]
) -> float:
    granted = sum(_WISH_BONUS for wish in wishes if wish.said.search(entry.text))
    lead = _LEAD_BONUS if entry.place == 0 else 0.0
    fresh = _SAID_BEFORE if entry.said else 1.0
    return fresh * entry.share**2 * (weight(still_open & entry.about) + granted + lead + _FLOOR)
