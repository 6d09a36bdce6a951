"""Personas of two suites that stand for the same kind of traffic."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.contracts import Persona, SegmentProfile
from personas.lexicon import FUNCTION_WORDS, words

ALIKE = 0.3
"""Similarity (cosine) of two segments' words from which they are the same kind of traffic."""


def matched(
    old: Sequence[Persona],
    old_profiles: Sequence[SegmentProfile],
    new: Sequence[Persona],
    new_profiles: Sequence[SegmentProfile],
) -> dict[str, str]:
    """Return for each old persona's id the id of the new persona whose users want most nearly the same.

    Old personas whose traffic has no like are left out; several may go to one.

    Args:
        old: Personas of the older suite.
        old_profiles: What it remembers of its segments; a persona without a profile is known by its goals.
        new: Personas of the newer suite.
        new_profiles: What that one remembers.
    """  # fmt: skip
    if not old or not new:
        return {}
    same = {persona.segment_id: persona.persona_id for persona in new}
    alike = similarities(_profiles(old, old_profiles), _profiles(new, new_profiles))
    found: dict[str, str] = {}
    for persona, row in zip(old, alike, strict=True):
        if persona.segment_id in same:
            found[persona.persona_id] = same[persona.segment_id]
        elif row.max() >= ALIKE:
            found[persona.persona_id] = new[int(row.argmax())].persona_id
    return found


def similarities(old: Sequence[SegmentProfile], new: Sequence[SegmentProfile]) -> NDArray[np.float64]:
    """Return how alike segments are, 0 … 1: the cosine of their words, each weighed by how few segments hold it."""
    everything = [*old, *new]
    holders: Counter[str] = Counter()
    for profile in everything:
        holders.update(profile.terms.keys())
    columns = {term: column for column, term in enumerate(holders)}
    rows = np.zeros((len(everything), max(1, len(columns))))
    for row, profile in enumerate(everything):
        for term, count in profile.terms.items():
            weight = np.log((1 + len(everything)) / (1 + holders[term])) + 1
            rows[row, columns[term]] = count / max(1, profile.sessions) * weight
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(norms > 0, norms, 1.0)
    return np.asarray(rows[: len(old)] @ rows[len(old) :].T)


def _profiles(personas: Sequence[Persona], profiles: Sequence[SegmentProfile]) -> list[SegmentProfile]:
    """Return one profile for each persona, in their order."""
    known = {profile.segment_id: profile for profile in profiles}
    return [known.get(persona.segment_id) or _from_goals(persona) for persona in personas]


def _from_goals(persona: Persona) -> SegmentProfile:
    named = Counter(word for goal in persona.goals for word in words(goal) if word not in FUNCTION_WORDS)
    return SegmentProfile(
        segment_id=persona.segment_id,
        label=persona.name,
        share=persona.traffic_share,
        sessions=max(1, len(persona.goals)),
        users=persona.users,
        terms=dict(named),
    )
