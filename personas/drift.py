"""Production's mix then and now: the segments of a suite against the sessions of a later dataset.

A suite remembers of each segment how many of its sessions hold which words,
and nothing that fewer than k users wrote. That is enough to say to which
segment a later session belongs, and how many belong to none.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contracts import SanitizedSession, SegmentProfile
from personas.corpus import Corpus, opening_of, texts_of
from personas.divergence import divergence, divergence_by_chance, effective_sessions, rise_by_chance
from personas.lexicon import FUNCTION_WORDS, PLACEHOLDER, words
from personas.segments import Segment

TERMS = 400
"""Words remembered of each segment, those of most sessions first."""
UNFIT = 0.05
"""Share of a suite's own sessions that count as fitting no segment: what fits worse than these is new traffic."""
MARGIN = 0.02
"""Of the similarity at that share: logs of a few wordings pile up exactly there, and none of them is new traffic."""
FOLDS = 40
"""Parts of the users that are assigned by what the others wrote."""
NONE = -1

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Memory:
    """What a suite remembers of production's mix."""

    profiles: list[SegmentProfile]
    fit_floor: float
    """The least similarity (cosine) with which a session counts as one of a segment's."""
    unfit_share: float
    """Share of the suite's own sessions below it."""
    users: int
    sessions: int
    effective: float
    """Sessions of users who come once that would say as much about the mix: a user's sessions are alike."""

    def to_dict(self) -> dict[str, Any]:
        """Return what is not in the profiles, as JSON-compatible values."""
        return {
            "fit_floor": round(self.fit_floor, 6),
            "unfit_share": round(self.unfit_share, 6),
            "users": self.users,
            "sessions": self.sessions,
            "effective_sessions": round(self.effective, 1),
        }


@dataclass(frozen=True, slots=True)
class Shift:
    """One segment then and now."""

    segment_id: str
    label: str
    then: float
    now: float


@dataclass(frozen=True, slots=True)
class Drift:
    """How production's mix has moved away from a suite."""

    segments: list[Shift]
    new_then: float
    """Share of the suite's own sessions that fit no segment, as far as its memory goes."""
    new_now: float
    new_by_chance: float
    """What its rise stays below with 99.9 % probability where nothing has moved."""
    divergence: float
    """Jensen-Shannon divergence of both mixes in bits, 0 … 1; traffic that fits nowhere is one part of each mix."""
    by_chance: float
    """What it stays below with 99.9 % probability where nothing has moved."""
    users: int
    sessions: int

    @property
    def is_real(self) -> bool:
        """Whether chance alone does not explain the divergence."""
        return self.divergence > self.by_chance

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-compatible values."""
        return {
            "divergence_bits": round(self.divergence, 6),
            "by_chance_bits": round(self.by_chance, 6),
            "is_real": self.is_real,
            "new_traffic": {
                "then": round(self.new_then, 6),
                "now": round(self.new_now, 6),
                "rise_by_chance": round(self.new_by_chance, 6),
            },
            "sessions": self.sessions,
            "users": self.users,
            "segments": [
                {"segment_id": s.segment_id, "label": s.label, "then": round(s.then, 6), "now": round(s.now, 6)}
                for s in self.segments
            ],
        }


class Assigner:
    """Says to which remembered segment a session belongs.

    A session is the set of its content words, each weighing its inverse
    document frequency; a segment is the mean of its sessions (Rocchio 1971),
    and the nearest by cosine wins. Words that the suite has never seen weigh
    like its rarest, so that new traffic is like nothing.

    Args:
        profiles: Of the suite.
    """

    def __init__(self, profiles: Sequence[SegmentProfile]) -> None:
        held: Counter[str] = Counter()
        for profile in profiles:
            held.update(profile.terms)
        sessions = sum(profile.sessions for profile in profiles)
        self._columns = {term: column for column, term in enumerate(sorted(held))}
        # Smoothed as scikit-learn's: ln((1 + n) / (1 + df)) + 1.
        counts = np.array([held[term] for term in self._columns], dtype=np.float64)
        self._weights: _Floats = np.log((1 + sessions) / (1 + counts)) + 1
        self._strange = float(np.log(1 + sessions) + 1)
        self._centres = np.zeros((len(profiles), len(self._columns)))
        for row, profile in enumerate(profiles):
            for term, count in profile.terms.items():
                column = self._columns[term]
                self._centres[row, column] = count * self._weights[column]
        norms = np.linalg.norm(self._centres, axis=1, keepdims=True)
        self._centres /= np.where(norms > 0, norms, 1.0)

    def nearest(self, texts: Iterable[frozenset[str]]) -> tuple[NDArray[np.intp], _Floats]:
        """Return for each set of words the nearest segment's index and the similarity, 0 … 1."""
        from scipy.sparse import csr_matrix

        columns: list[int] = []
        ends = [0]
        strangers: list[int] = []
        for found in texts:
            known = [self._columns[word] for word in found if word in self._columns]
            columns += known
            ends.append(len(columns))
            strangers.append(len(found) - len(known))
        shape = (len(strangers), max(1, len(self._columns)))
        rows = csr_matrix((self._weights[columns], columns, ends), shape=shape)
        if not self._columns or not strangers:
            return np.zeros(len(strangers), dtype=np.intp), np.zeros(len(strangers))
        squares = np.asarray(rows.multiply(rows).sum(axis=1)).ravel()
        norms = np.sqrt(squares + self._strange**2 * np.array(strangers, dtype=np.float64))
        similar = (rows @ self._centres.T) / np.where(norms > 0, norms, 1.0)[:, None]
        return similar.argmax(axis=1), similar.max(axis=1)


def remember(segments: Sequence[Segment], corpus: Corpus) -> Memory:
    """Return what a suite keeps of its segments.

    How well the words alone tell the segments apart is measured across users: each fold's sessions are assigned by
    what all others wrote, as later traffic will be by what is kept. A word counts there, too, if k others wrote it.
    Folds are small, because a word near k is in a profile of fewer users less often: with five folds and a lower k in
    their place, words of single users were known to them too often, and all later traffic looked a little new.
    """
    texts = [content_words(session) for session in corpus.sessions]
    users = sorted({session.user_key for session in corpus.sessions})
    places = {user: place % FOLDS for place, user in enumerate(users)}
    folds = [places[session.user_key] for session in corpus.sessions]
    tallies = [_tallied(segment, corpus, texts, folds) for segment in segments]
    everything = [_Tally.total(parts.values()) for parts in tallies]
    profiles = [_profile(*each, corpus.min_users) for each in zip(segments, everything, strict=True)]
    labels = np.full(len(texts), NONE, dtype=np.intp)
    similar = np.zeros(len(texts))
    for fold in sorted(set(folds)):
        own = [i for i, other in enumerate(folds) if other == fold]
        others = [
            _profile(segment, whole.without(parts.get(fold)), corpus.min_users)
            for segment, whole, parts in zip(segments, everything, tallies, strict=True)
        ]
        labels[own], similar[own] = Assigner(others).nearest(texts[i] for i in own)
    members = [i for segment in segments for i in segment.members]
    fit_floor = (1 - MARGIN) * float(np.quantile(similar[members], UNFIT)) if members else 0.0
    # Sessions of no segment are traffic as well: left out here, their like would look new tomorrow.
    fits = similar >= fit_floor
    shares = np.bincount(labels[fits], minlength=len(segments)) / max(1, len(texts))
    return Memory(
        [p.model_copy(update={"assigned_share": float(share)}) for p, share in zip(profiles, shares, strict=True)],
        fit_floor=fit_floor,
        unfit_share=float(1 - fits.mean()) if texts else 0.0,
        users=corpus.users,
        sessions=len(texts),
        effective=effective_sessions(
            np.where(fits, labels, len(segments)), [session.user_key for session in corpus.sessions]
        ),
    )


def measure(memory: Memory, sessions: Iterable[SanitizedSession]) -> Drift:
    """Return how a later dataset's mix differs from the one that a suite remembers."""
    spoken = [session for session in sessions if any(texts_of(session))]
    labels, similar = Assigner(memory.profiles).nearest(content_words(session) for session in spoken)
    fits = similar >= memory.fit_floor
    now = np.bincount(labels[fits], minlength=len(memory.profiles)) / max(1, len(spoken))
    then = np.array([profile.assigned_share for profile in memory.profiles])
    new = float(1 - fits.mean()) if spoken else 0.0
    users = [session.user_key for session in spoken]
    effective = effective_sessions(np.where(fits, labels, len(memory.profiles)), users)
    mixes = np.append(then, memory.unfit_share), np.append(now, new)
    return Drift(
        [
            Shift(p.segment_id, p.label, float(before), float(after))
            for p, before, after in zip(memory.profiles, then, now, strict=True)
        ],
        new_then=memory.unfit_share,
        new_now=new,
        new_by_chance=rise_by_chance(memory.unfit_share, memory.effective, new, effective),
        divergence=divergence(*mixes),
        by_chance=divergence_by_chance(_pooled(mixes, memory.effective, effective), memory.effective, effective),
        users=len(set(users)),
        sessions=len(spoken),
    )


def _pooled(mixes: tuple[_Floats, _Floats], one: float, other: float) -> _Floats:
    """Return both mixes together, each by what it says."""
    return np.asarray((mixes[0] * one + mixes[1] * other) / max(1.0, one + other))


def content_words(session: SanitizedSession) -> frozenset[str]:
    """Return the words of a session that say what it is about."""
    return frozenset(words(PLACEHOLDER.sub(" ", opening_of(session)))) - FUNCTION_WORDS


@dataclass(frozen=True, slots=True)
class _Tally:
    """How many sessions hold each word, and how many users wrote it."""

    sessions: int
    held: Counter[str]
    writers: Counter[str]

    @classmethod
    def total(cls, parts: Iterable["_Tally"]) -> "_Tally":
        """Return the sum of what no two parts have a user in common of."""
        whole = cls(0, Counter(), Counter())
        for part in parts:
            whole.held.update(part.held)
            whole.writers.update(part.writers)
            whole = cls(whole.sessions + part.sessions, whole.held, whole.writers)
        return whole

    def without(self, part: "_Tally | None") -> "_Tally":
        """Return what the others wrote."""
        if part is None:
            return self
        held, writers = self.held.copy(), self.writers.copy()
        held.subtract(part.held)
        writers.subtract(part.writers)
        return _Tally(self.sessions - part.sessions, held, writers)


def _tallied(
    segment: Segment, corpus: Corpus, texts: Sequence[frozenset[str]], folds: Sequence[int]
) -> dict[int, _Tally]:
    """Return the tally of a segment's sessions by fold."""
    held: dict[int, Counter[str]] = defaultdict(Counter)
    written: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    sessions = Counter(folds[index] for index in segment.members)
    for index in segment.members:
        held[folds[index]].update(texts[index])
        written[folds[index]][corpus.sessions[index].user_key].update(texts[index])
    return {
        fold: _Tally(count, held[fold], Counter(word for found in written[fold].values() for word in found))
        for fold, count in sessions.items()
    }


def _profile(segment: Segment, tally: _Tally, min_users: int) -> SegmentProfile:
    common = [word for word, writers in tally.writers.items() if writers >= min_users]
    kept = sorted(common, key=lambda word: (-tally.held[word], word))[:TERMS]
    return SegmentProfile(
        segment_id=segment.segment_id,
        label=segment.label,
        share=segment.share,
        sessions=tally.sessions,
        users=segment.users,
        phrases=[phrase.text for phrase in segment.phrases[:12]],
        terms={word: tally.held[word] for word in kept},
    )
