"""Six plain terms whose fixed blend ranks answers by how well their contexts support them.

The form of the terms follows measurements against human labels; their weights
come from a non-negative logistic regression on public labelled dialogue
answers and are rounded. Nothing is clipped or rounded in between: ties cost
ranking power.
"""

import math
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from judge.groundedness.language import FIRST_PERSON, FUNCTION_WORDS, plain, sentences, stem, words

_INTERCEPT = -3.5
_WEIGHTS = (1.25, 0.1, 0.5, 3.6, 0.75, 4.0)
_MAX_FIRST_PERSON = 2
_GRAM_BYTES = 8
_BREAK = re.compile(r"[.!?]+\s+|\n+")
"""Ends of sentences as ``sentences`` sees them, found in a third of the time."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What comparing needs to know of one context."""

    stems: frozenset[str]
    grams: Set[int]
    sentences: tuple[frozenset[str], ...]


@lru_cache(maxsize=4096)
def passage(text: str) -> Passage:
    """Return a context taken apart; kept, because assistants return the same passages again and again."""
    by_sentence = [told for sentence in _BREAK.split(plain(text)) if (told := words(sentence))]
    stems = tuple(frozenset(map(stem, sentence)) for sentence in by_sentence)
    grams = _grams([word for sentence in by_sentence for word in sentence])
    return Passage(stems=frozenset().union(*stems), grams=grams, sentences=stems)


def terms(answer: str, contexts: Sequence[str]) -> tuple[float, ...]:
    """Return the six terms; each grows with what the contexts do not support.

    Unknown stems and unknown content stems over a root of the length, unseen
    character 4-grams over a root of their number, the content share that the
    best two neighbouring context sentences lack, unsupported first-person
    words, and the share of the words that stand in questions.
    """
    passages = [passage(context) for context in contexts]
    plain_words = words(plain(answer))
    stems = list(map(stem, plain_words))
    content = [s for word, s in zip(plain_words, stems, strict=True) if word not in FUNCTION_WORDS]
    grams = _grams(plain_words)
    unseen, unseen_grams = set(stems), grams
    for p in passages:
        unseen = unseen - p.stems
        unseen_grams = unseen_grams - p.grams
    unknown = len([s for s in stems if s in unseen])
    unknown_content = len([s for s in content if s in unseen])
    own = len([word for word in plain_words if word in FIRST_PERSON and stem(word) in unseen])
    return (
        unknown / math.sqrt(len(stems) + 4),
        unknown_content / math.sqrt(len(content) + 4),
        len(unseen_grams) / math.sqrt(len(grams) + 20),
        _missing_from_best_window(frozenset(content), passages),
        float(min(own, _MAX_FIRST_PERSON)),
        _question_share(answer, len(plain_words)),
    )


def support(answer: str, contexts: Sequence[str]) -> float:
    """Return how well the contexts support an answer: near 1 quoted from them, near 0 unrelated to them."""
    logit = _INTERCEPT + sum(w * t for w, t in zip(_WEIGHTS, terms(answer, contexts), strict=True))
    return 1.0 / (1.0 + math.exp(min(logit, 700.0)))


def _grams(plain_words: Sequence[str]) -> set[int]:
    """Return the character 4-grams, each as the number that its eight bytes make: slicing takes twice as long."""
    data = f" {' '.join(plain_words)} ".encode("utf-16-le", "surrogatepass")
    grams: set[int] = set()
    for offset in range(0, _GRAM_BYTES, 2):
        whole = (len(data) - offset) // _GRAM_BYTES * _GRAM_BYTES
        grams.update(memoryview(data)[offset : offset + whole].cast("Q"))
    return grams


def _missing_from_best_window(content: frozenset[str], passages: Sequence[Passage]) -> float:
    if not content:
        return 0.5
    best = 0
    for p in passages:
        before: frozenset[str] = frozenset()
        for sentence in p.sentences:
            found = content & sentence
            if len(found) + len(before) > best:
                best = max(best, len(found | before))
            before = found
    return 1 - (best + 0.5) / (len(content) + 0.5)


def _question_share(answer: str, count: int) -> float:
    if "?" not in answer or not count:
        return 0.0
    return sum(len(words(plain(s))) for s in sentences(answer) if s.endswith("?")) / count
