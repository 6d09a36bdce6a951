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
from personas.corpus import Corpus, texts_of
from personas.divergence import divergence, divergence_by_chance, effective_sessions, rise_by_chance
from personas.lexicon import FUNCTION_WORDS, PLACEHOLDER, words
from personas.segments import Segment

MAX_CHARS = 400
"""Of a session's text that is looked at: what a user wants is said early."""
TERMS = 400
"""Words remembered of each segment, those of most sessions first."""
UNFIT = 0.05
"""Share of a suite's own sessions that count as fitting no segment: what fits worse than these is new traffic."""
MARGIN = 0.02
"""Of the similarity at that share: logs of a few wordings pile up exactly there, and none of them is new traffic."""
FOLDS = 5
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
    """What its rise stays below with 99 % probability where nothing has moved."""
    divergence: float
    """Jensen-Shannon divergence of both mixes in bits, 0 … 1; traffic that fits nowhere is one part of each mix."""
    by_chance: float
    """What it stays below with 99 % probability where nothing has moved."""
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

    How well the words alone tell the segments apart is measured across users:
    each fifth's sessions are assigned by what the others wrote, so that later
    traffic, which nobody has seen either, compares with them fairly.
    """
    texts = [content_words(session) for session in corpus.sessions]
    profiles = [_profile(segment, corpus, texts, segment.members, corpus.min_users) for segment in segments]
    folds = {user: place % FOLDS for place, user in enumerate(sorted({s.user_key for s in corpus.sessions}))}
    labels = np.full(len(texts), NONE, dtype=np.intp)
    similar = np.zeros(len(texts))
    members = [i for segment in segments for i in segment.members]
    floor = max(1, round(corpus.min_users * (FOLDS - 1) / FOLDS))
    for fold in range(FOLDS):
        own = [i for i in members if folds[corpus.sessions[i].user_key] == fold]
        # These counts are never kept, so that k need not apply; but the words that a profile of fewer users lacks
        # have to be as rare as those that the kept one lacks, or later sessions would all seem to fit worse.
        others = [
            _profile(s, corpus, texts, [i for i in s.members if folds[corpus.sessions[i].user_key] != fold], floor)
            for s in segments
        ]
        labels[own], similar[own] = Assigner(others).nearest(texts[i] for i in own)
    fit_floor = (1 - MARGIN) * float(np.quantile(similar[members], UNFIT)) if members else 0.0
    fits = similar[members] >= fit_floor
    kinds = np.where(fits, labels[members], len(segments))
    shares = np.bincount(labels[members][fits], minlength=len(segments)) / max(1, len(members))
    return Memory(
        [p.model_copy(update={"assigned_share": float(share)}) for p, share in zip(profiles, shares, strict=True)],
        fit_floor=fit_floor,
        unfit_share=float(1 - fits.mean()) if members else 0.0,
        users=corpus.users,
        sessions=len(members),
        effective=effective_sessions(kinds, [corpus.sessions[i].user_key for i in members]),
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
        by_chance=divergence_by_chance(len(memory.profiles) + 1, memory.effective, effective),
        users=len(set(users)),
        sessions=len(spoken),
    )


def content_words(session: SanitizedSession) -> frozenset[str]:
    """Return the words of a session that say what it is about."""
    text = PLACEHOLDER.sub(" ", " \n ".join(texts_of(session))[:MAX_CHARS])
    return frozenset(words(text)) - FUNCTION_WORDS


def _profile(
    segment: Segment, corpus: Corpus, texts: Sequence[frozenset[str]], members: Sequence[int], min_users: int
) -> SegmentProfile:
    writers: dict[str, set[str]] = defaultdict(set)
    held: Counter[str] = Counter()
    for index in members:
        held.update(texts[index])
        for word in texts[index]:
            known = writers[word]
            if len(known) < min_users:
                known.add(corpus.sessions[index].user_key)
    common = [word for word in held if len(writers[word]) >= min_users]
    return SegmentProfile(
        segment_id=segment.segment_id,
        label=segment.label,
        share=segment.share,
        sessions=len(members),
        users=segment.users,
        phrases=[phrase.text for phrase in segment.phrases[:12]],
        terms={word: held[word] for word in sorted(common, key=lambda word: (-held[word], word))[:TERMS]},
    )
