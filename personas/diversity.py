"""How varied a suite is, and how much of production it covers: so that 10,000 prompts are not 300 in disguise."""

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
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
_FEW = 250
"""Texts; in fewer, a word that many hold may still tell them apart."""
_BLOCK = 500
"""Texts that the sampled ones are compared with at once: what is held does not grow with the suite."""
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
    tally = _Tally()
    for prompt in prompts:
        tally.add(prompt)
    order = tally.order()
    sampled = sorted(order[:PROBED])
    nearest = _Space(_texts(prompts), len(prompts)).nearest(sampled, own=True)
    figures: dict[str, Any] = {
        **_distinct(_text(prompts[place]) for place in order),
        "words": len(tally.words),
        "nearest": {"mean": _rounded(nearest.mean()), "p5": _rounded(np.quantile(nearest, 0.05)), "of": len(sampled)},
        "near_duplicates": tally.near_duplicates,
        "multi_turn_share": _rounded(tally.multi_turn / max(1, len(prompts))),
        "strategies": {name: _rounded(count / len(prompts)) for name, count in tally.strategies.most_common()},
    }
    coverage = {**_segments_covered(tally.generated, personas), **_sessions_covered(prompts, sessions)}
    return {**figures, "coverage": coverage} if coverage else figures


@dataclass(slots=True)
class _Tally:
    """What one reading of all prompts tells, in few bytes a prompt."""

    strategies: Counter[str] = field(default_factory=Counter)
    generated: Counter[str] = field(default_factory=Counter)
    """Prompts in the rate, by persona."""
    words: set[str] = field(default_factory=set)
    multi_turn: int = 0
    near_duplicates: int = 0
    """Prompts that say what one before them says."""
    _seen: Duplicates = field(default_factory=Duplicates)
    _ranks: "array[int]" = field(default_factory=lambda: array("Q"))

    def add(self, prompt: Prompt) -> None:
        self.strategies[prompt.strategy] += 1
        self.generated[prompt.persona_id] += prompt.origin == "generated"
        self.words.update(words(_text(prompt)))
        self.multi_turn += len(prompt.turns) > 1
        self.near_duplicates += self._seen.reason(prompt.turns) is not None
        self._ranks.append(_rank(prompt.prompt_id))

    def order(self) -> list[int]:
        """Return the prompts' places in an order that only their ids decide."""
        return _by_rank(self._ranks)


def _text(prompt: Prompt) -> str:
    return " ".join(prompt.turns)


def _texts(prompts: Iterable[Prompt]) -> Iterator[str]:
    return map(_text, prompts)


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


def _segments_covered(counts: Counter[str], personas: Sequence[Persona]) -> dict[str, Any]:
    if not personas:
        return {}
    covered = sum(p.traffic_share for p in personas if counts[p.persona_id] >= WELL_COVERED)
    return {"traffic_in_covered_segments": _rounded(covered), "prompts_from_which_covered": WELL_COVERED}


def _sessions_covered(prompts: Sequence[Prompt], sessions: Sequence[SanitizedSession]) -> dict[str, Any]:
    if not sessions:
        return {}
    order = _by_rank([_rank(session.session_id) for session in sessions])
    sampled = [sessions[place] for place in sorted(order[:PROBED_SESSIONS])]
    # What users open with: whole conversations share less with anything.
    said = [PLACEHOLDER.sub(" ", next(iter(texts_of(session)), "")[:OPENING_CHARS]) for session in sampled]
    own = list(range(len(said)))
    space = _Space(chain(said, _texts(prompts)), len(said) + len(prompts))
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

    def __init__(self, texts: Iterable[str], count: int) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(
            tokenizer=words, token_pattern=None, sublinear_tf=True, dtype=np.float32,
            max_df=1.0 if count < _FEW else _MOST_SHARED,
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
        asking = np.asarray(rows, dtype=np.intp)
        end = self._rows.shape[0] if last is None else last
        best = np.empty((len(rows), 0), dtype=np.float32)
        for begin in range(first, end, _BLOCK):
            block = self._rows[begin : min(begin + _BLOCK, end)]
            similar = (self._rows[asking] @ block.T).toarray()
            if own:
                inside = np.flatnonzero((asking >= begin) & (asking < begin + block.shape[0]))
                similar[inside, asking[inside] - begin] = -1.0
            known = np.concatenate([best, similar], axis=1)
            place = max(0, known.shape[1] - rank)
            best = np.partition(known, place, axis=1)[:, place:]
        nearest = best.min(axis=1) if best.size else np.zeros(len(rows))
        return np.clip(1.0 - nearest.astype(np.float64), 0.0, 1.0)


def _rank(text_id: str) -> int:
    """Return a number that only an id decides."""
    return int.from_bytes(hashlib.sha256(text_id.encode()).digest()[:8], "big")


def _by_rank(ranks: Sequence[int]) -> list[int]:
    """Return places in the order of their ranks."""
    return sorted(range(len(ranks)), key=ranks.__getitem__)


def _rounded(value: Any) -> float:
    return round(float(value), 4)
