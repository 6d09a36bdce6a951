"""How varied a suite is, and how much of production it covers: so that 10,000 prompts are not 300 in disguise."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contracts import Persona, Prompt, SanitizedSession
from personas.corpus import OPENING_CHARS, texts_of
from personas.duplicates import Duplicates
from personas.lexicon import PLACEHOLDER, words

WORDS = 5_000
"""Size of the sample of words that distinct-n is counted on: a longer text repeats itself more."""
PROBED = 1_000
"""Prompts whose nearest neighbours are looked for."""
PROBED_SESSIONS = 500
NEAR = 0.6
"""Distance up to which a session counts as having a prompt like it: some shared words that not everybody uses."""
WELL_COVERED = 10
"""Prompts from which a segment counts as covered."""
_CHUNK = 250
_NEIGHBOUR = 5
_MOST_SHARED = 0.2
"""Words that more texts than this hold tell none of them apart."""

_Floats = NDArray[np.float64]


def diversity(
    prompts: Sequence[Prompt], personas: Sequence[Persona] = (), sessions: Sequence[SanitizedSession] = ()
) -> dict[str, Any]:
    """Return how varied prompts are; with personas and sessions also what of production they cover.

    * ``distinct_1`` … ``_3``: different n-grams over all n-grams (Li et al. 2016), on the same number of words
      (``distinct_words``) whatever the suite's size, so that suites compare.
    * ``nearest``: distance of a prompt to the one most like it, 1 − cosine of TF-IDF vectors, 0 (the same words)
      … 1 (none in common); mean and 5th percentile over a sample.
    * ``near_duplicates``: prompts whose three-word shingles are 80 % those of another (MinHash, Broder 1997).
    * ``coverage``: share of production's traffic in segments with enough prompts; share of a sample of sessions
      whose first message has a prompt within a fixed distance, and one nearer than the fifth nearest session's
      (the coverage of Naeem et al. 2020).

    Args:
        prompts: Of the suite; at least one.
        personas: Of the suite; none leaves segments' coverage out.
        sessions: Of the dataset; none leaves sessions' coverage out.
    """
    texts = [" ".join(prompt.turns) for prompt in prompts]
    sampled = _sample([p.prompt_id for p in prompts])
    spread = _Space(texts)
    nearest = spread.nearest(sampled, own=True)
    strategies = Counter(prompt.strategy for prompt in prompts)
    figures: dict[str, Any] = {
        **_distinct([texts[i] for i in _order([p.prompt_id for p in prompts])]),
        "words": len({word for text in texts for word in words(text)}),
        "nearest": {"mean": _rounded(nearest.mean()), "p5": _rounded(np.quantile(nearest, 0.05)), "of": len(sampled)},
        "near_duplicates": near_duplicates(prompts),
        "multi_turn_share": _rounded(sum(len(p.turns) > 1 for p in prompts) / max(1, len(prompts))),
        "strategies": {name: _rounded(count / len(prompts)) for name, count in strategies.most_common()},
    }
    coverage = {**_segments_covered(prompts, personas), **_sessions_covered(texts, sessions)}
    return {**figures, "coverage": coverage} if coverage else figures


def near_duplicates(prompts: Iterable[Prompt]) -> int:
    """Return how many prompts say what one before them says."""
    seen = Duplicates()
    return sum(seen.reason(prompt.turns) is not None for prompt in prompts)


def _distinct(texts: Iterable[str]) -> dict[str, Any]:
    """Return distinct-1, -2 and -3 of the first words of texts, n-grams never crossing from one to the next."""
    sample: list[list[str]] = []
    left = WORDS
    for text in texts:
        found = words(text)[:left]
        sample.append(found)
        left -= len(found)
        if left <= 0:
            break
    figures: dict[str, Any] = {}
    for size in (1, 2, 3):
        grams = [gram for found in sample for gram in zip(*(found[i:] for i in range(size)), strict=False)]
        figures[f"distinct_{size}"] = _rounded(len(set(grams)) / max(1, len(grams)))
    return {**figures, "distinct_words": WORDS - max(0, left)}


def _segments_covered(prompts: Sequence[Prompt], personas: Sequence[Persona]) -> dict[str, Any]:
    if not personas:
        return {}
    counts = Counter(prompt.persona_id for prompt in prompts if prompt.origin == "generated")
    covered = sum(p.traffic_share for p in personas if counts[p.persona_id] >= WELL_COVERED)
    return {"traffic_in_covered_segments": _rounded(covered), "prompts_from_which_covered": WELL_COVERED}


def _sessions_covered(texts: Sequence[str], sessions: Sequence[SanitizedSession]) -> dict[str, Any]:
    if not sessions:
        return {}
    sampled = [sessions[i] for i in _sample([s.session_id for s in sessions], PROBED_SESSIONS)]
    # What users open with: whole conversations share less with anything.
    said = [PLACEHOLDER.sub(" ", next(iter(texts_of(session)), "")[:OPENING_CHARS]) for session in sampled]
    own = list(range(len(said)))
    space = _Space([*said, *texts])
    to_prompts = space.nearest(own, first=len(said))
    to_sessions = space.nearest(own, own=True, last=len(said), rank=_NEIGHBOUR)
    return {
        "sessions_within": _rounded((to_prompts <= NEAR).mean()),
        "distance": NEAR,
        "sessions_nearer_than_their_5th": _rounded((to_prompts <= to_sessions).mean()),
        "of_sessions": len(said),
    }


class _Space:
    """Texts as TF-IDF vectors of their words, on the unit sphere."""

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        few = len(texts) < _CHUNK
        vectorizer = TfidfVectorizer(
            tokenizer=words, token_pattern=None, sublinear_tf=True, dtype=np.float32,
            max_df=1.0 if few else _MOST_SHARED,
        )  # fmt: skip
        try:
            self._rows: Any = vectorizer.fit_transform(texts)
        except ValueError:  # not one word in all of them
            self._rows = None

    def nearest(
        self, rows: Sequence[int], *, own: bool = False, first: int = 0, last: int | None = None, rank: int = 1
    ) -> _Floats:
        """Return the distance of some rows to the nearest of the rows ``first`` … ``last``.

        Args:
            rows: Whose.
            own: They are among those, and are not their own neighbours.
            first: Of the rows searched.
            last: After the last of them; None searches all.
            rank: 1 for the nearest, 2 for the one after it, and so on; the farthest where there are fewer.
        """
        if self._rows is None:
            return np.ones(len(rows))
        others = self._rows[first:last].T.tocsc()
        found = []
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            similar = (self._rows[list(chunk)] @ others).toarray()
            if own:
                similar[np.arange(len(chunk)), np.array(chunk) - first] = -1.0
            place = max(0, similar.shape[1] - rank)
            found.append(np.partition(similar, place, axis=1)[:, place] if similar.shape[1] else np.zeros(len(chunk)))
        return np.clip(1.0 - np.concatenate(found).astype(np.float64), 0.0, 1.0) if found else np.ones(0)


def _order(ids: Sequence[str]) -> list[int]:
    """Return the places of ids in an order that only the ids decide."""
    return sorted(range(len(ids)), key=lambda i: hashlib.sha256(ids[i].encode()).digest())


def _sample(ids: Sequence[str], size: int = PROBED) -> list[int]:
    return sorted(_order(ids)[:size])


def _rounded(value: Any) -> float:
    return round(float(value), 4)
