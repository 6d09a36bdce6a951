"""Names of segments: what their users want and talk about, in words that set each apart from the others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personas.lexicon import FUNCTION_WORDS
from personas.phrases import Phrase
from personas.scene import is_subject

NAMELESS = "mixed requests"
MIN_LIFT = 0.5
"""What is so much rarer in a segment than elsewhere says nothing about it."""
MIN_SESSIONS = 2
_CANDIDATES = 40
"""Phrases of a segment, the most typical first, that may name it."""


@dataclass(frozen=True, slots=True)
class Typical:
    """A phrase of a segment."""

    score: float
    """Its support in the segment times the logarithm of its squared lift over all sessions, plus one."""
    phrase: Phrase


def typical_phrases(phrases: Sequence[Phrase], labels: NDArray[np.intp], count: int) -> list[tuple[Typical, ...]]:
    """Return the phrases that each group's sessions hold, those that set it apart first.

    Args:
        phrases: Of all sessions.
        labels: Each session's group; −1 for none.
        count: How many groups there are.
    """
    sizes = np.bincount(labels[labels >= 0], minlength=count)
    expected = sizes / len(labels)
    found: list[list[Typical]] = [[] for _ in range(count)]
    for phrase in phrases:
        homes = labels[np.array(phrase.sessions, dtype=np.intp)]
        for group, inside in enumerate(np.bincount(homes[homes >= 0], minlength=count).tolist()):
            if inside >= MIN_SESSIONS:
                lift = inside / len(phrase.sessions) / expected[group]
                if lift > MIN_LIFT:
                    found[group].append(Typical(inside * float(np.log1p(lift * lift)), phrase))
    return [tuple(sorted(group, key=lambda t: (-t.score, t.phrase.text))) for group in found]


def labels_of(typical: Sequence[Sequence[Typical]]) -> list[str]:
    """Return one label per segment, no two alike: a wish, then the thing it is about where the wish leaves that open.

    A phrase names the segment that it is most typical of, and no other one.
    """
    nothing: list[tuple[Phrase, ...]] = [()] * len(typical)
    wishes = _shared_out(typical, "do", nothing)
    things = _shared_out(typical, "thing", wishes)
    issues = _shared_out(typical, "issue", nothing)
    labels: list[str] = []
    for number, phrases in enumerate(typical):
        named = wishes[number] + things[number] or issues[number] or tuple(t.phrase for t in phrases[:2])
        labels.append(_distinct(", ".join(phrase.bare for phrase in named) or NAMELESS, labels))
    return labels


def _shared_out(
    typical: Sequence[Sequence[Typical]], kind: str, taken: Sequence[tuple[Phrase, ...]]
) -> list[tuple[Phrase, ...]]:
    """Return for each segment a phrase of a kind that says more than what it has already; () where there is none."""
    offers = sorted(
        (-each.score, number, each.phrase.text, each.phrase)
        for number, phrases in enumerate(typical)
        for each in [t for t in phrases if t.phrase.kind == kind and is_subject(t.phrase)][:_CANDIDATES]
    )
    given: dict[int, Phrase] = {}
    gone = {phrase.bare for phrases in taken for phrase in phrases}
    for _, number, _, phrase in offers:
        known = {word for other in taken[number] for word in _content(other)}
        if number not in given and phrase.bare not in gone and not known & _content(phrase):
            given[number] = phrase
            gone.add(phrase.bare)
    return [(given[number],) if number in given else () for number in range(len(typical))]


def _content(phrase: Phrase) -> set[str]:
    # Singular and plural, "transfer" and "transferring" say the same.
    return {word[:5] for word in phrase.bare.lower().split() if word not in FUNCTION_WORDS}


def _distinct(label: str, labels: Sequence[str]) -> str:
    if label not in labels:
        return label
    return next(text for n in range(2, len(labels) + 3) if (text := f"{label} {n}") not in labels)
