"""Segments: groups of sessions whose users want the same and behave alike, none of fewer than k users."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import SafetyError, UsageError
from harness.identity import content_id
from harness.pii import PiiDetector
from personas.clustering import clustered
from personas.corpus import Corpus
from personas.embedding import Embedder, Matrix, embed
from personas.keyphrases import mine_key_phrases
from personas.naming import Typical, labels_of, typical_phrases
from personas.phrases import Phrase
from personas.retrieval import Example, retrieve
from personas.traits import Manner, SessionManner, languages_of, manner_of, mean_manner

NEAR = 0.35
"""A segment that is too small is merged into another whose centre is at least this similar (cosine), else dropped."""
USERS_PER_SEGMENT = 3
"""Times k: the users that a segment has to have on average for so many segments to be tried."""
SESSIONS_PER_SEGMENT = 15
EXAMPLE_TOKENS = 600
_WEEK = 7
"""Days that a log has to span before days of the week say something."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Sessions of one kind."""

    segment_id: str
    label: str
    """What its users want, in words that at least k users wrote; no two segments have the same."""
    label_share: float
    """Of its sessions that hold the words of the label's first phrase; 0 where its requests are mixed."""
    members: tuple[int, ...]
    """Indexes of its sessions."""
    users: int
    """Distinct users."""
    share: float
    """Of the sessions of all segments kept."""
    manner: Manner
    languages: Counter[str]
    weekend: float | None
    """Share of its sessions that began on a Saturday or Sunday; None where the log spans less than a week."""
    phrases: tuple[Phrase, ...]
    """What its users talk about, the most typical first."""
    examples: tuple[Example, ...]
    """The sessions that a model is shown; the most typical one first."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of groups with fewer than k users."""

    groups: int = 0
    sessions: int = 0
    users: int = 0
    """Distinct users of these sessions; some may have others, too."""
    share: float = 0.0
    """Of all sessions."""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-compatible values."""
        return {
            "groups": self.groups,
            "sessions": self.sessions,
            "users": self.users,
            "traffic_share": round(self.share, 6),
        }


@dataclass(frozen=True, slots=True)
class Segmentation:
    """All segments, the largest first, and what became of those below k."""

    segments: tuple[Segment, ...]
    below_k_merged: Fate
    """Joined the nearest similar segment."""
    below_k_dropped: Fate
    """Like no segment, and left out."""
    dropped_users: int
    """Distinct users that stand in no segment kept."""
    silhouettes: dict[int, float]
    """How well apart the groups were, by the count of them that was tried; empty where only one is possible."""
    ceiling: int
    """The largest count that could be tried: asked for, and of enough users and sessions."""

    @property
    def merged(self) -> int:
        """Groups below k that were merged."""
        return self.below_k_merged.groups

    @property
    def dropped(self) -> int:
        """Groups below k that were dropped."""
        return self.below_k_dropped.groups

    def to_dict(self) -> dict[str, Any]:
        """Return how the segments came about, as JSON-compatible values."""
        return {
            "segments": len(self.segments),
            "ceiling": self.ceiling,
            "silhouettes": {str(count): round(value, 4) for count, value in self.silhouettes.items()},
            "merged_below_k": self.below_k_merged.to_dict(),
            "dropped_below_k": self.below_k_dropped.to_dict(),
            "dropped_users": self.dropped_users,
        }


def segment(
    corpus: Corpus,
    phrases: Sequence[Phrase],
    *,
    wanted: int,
    seed: int,
    example_tokens: int = EXAMPLE_TOKENS,
    embedder: Embedder | None = None,
    personal: PiiDetector | None = None,
) -> Segmentation:
    """Group a corpus's sessions; how many groups there are is read from the sessions.

    Args:
        corpus: The users' side of the dataset.
        phrases: Mined from it.
        wanted: Segments at most.
        seed: Makes the grouping reproducible.
        example_tokens: What a model is shown of a segment, at most.
        embedder: A model that says what sessions are about; None: the embedded way, which needs none.
        personal: What it finds something in becomes no phrase of a segment that does not write English; ``phrases`` are
            taken as they are.

    Raises:
        UsageError: If the dataset holds no message of a user.
        SafetyError: If it has fewer than k distinct users.
        ModelError: If the embedder fails.
    """
    _require_users(corpus)
    manners = [manner_of(session) for session in corpus.sessions]
    points = embed(corpus, manners, seed=seed, embedder=embedder)
    enough = min(corpus.users // (USERS_PER_SEGMENT * corpus.min_users), len(points) // SESSIONS_PER_SEGMENT)
    ceiling = max(1, min(wanted, enough))
    found = clustered(points, ceiling=ceiling, seed=seed)
    groups, merged, dropped = floored(_groups(found.labels.tolist()), points, corpus)
    left = {corpus.sessions[i].user_key for group in groups for i in group}
    return Segmentation(
        segments=_described(groups, points, corpus, manners, phrases, example_tokens, personal),
        below_k_merged=_fate(merged, corpus),
        below_k_dropped=_fate(dropped, corpus),
        dropped_users=corpus.users - len(left),
        silhouettes=found.silhouettes,
        ceiling=ceiling,
    )


def _require_users(corpus: Corpus) -> None:
    if not corpus.sessions:
        raise UsageError(
            "the dataset holds no session in which a user said anything",
            hint="check [extract.fields] prompt, then extract again",
        )
    if corpus.users < corpus.min_users:
        raise SafetyError(
            f"the dataset has {corpus.users} distinct users in {len(corpus.sessions)} sessions; a persona needs at least {corpus.min_users}"
            " ([personas] min_users), because a persona of fewer could be told from them",
            hint="extract logs of more users",
        )


def _groups(labels: Sequence[int]) -> list[list[int]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        groups[label].append(index)
    return _ordered(groups.values())


def _ordered(groups: Iterable[list[int]]) -> list[list[int]]:
    return sorted((sorted(group) for group in groups), key=lambda group: (-len(group), group))


def floored(
    groups: Sequence[list[int]], points: Matrix, corpus: Corpus
) -> tuple[list[list[int]], list[list[int]], list[list[int]]]:
    """Return the groups of at least k users, the smaller ones that joined the nearest similar group, and those dropped.

    Where every group is too small, they become one.

    Args:
        groups: Indexes of sessions; of at least k users together.
        points: One row per session.
        corpus: Knows their users, and k.
    """
    kept = [list(group) for group in groups if _users(group, corpus) >= corpus.min_users]
    small = [group for group in groups if _users(group, corpus) < corpus.min_users]
    if not kept:
        return _ordered([[i for group in groups for i in group]]), small, []
    centres = np.array([_centre(points[group]) for group in kept])
    merged, dropped = [], []
    for group in small:
        similar = centres @ _centre(points[group])
        if similar.max() >= NEAR:
            kept[int(similar.argmax())].extend(group)
            merged.append(group)
        else:
            dropped.append(group)
    return _ordered(kept), merged, dropped


def _fate(groups: Sequence[Sequence[int]], corpus: Corpus) -> Fate:
    sessions = [i for group in groups for i in group]
    return Fate(len(groups), len(sessions), _users(sessions, corpus), len(sessions) / len(corpus.sessions))


def _centre(rows: Matrix) -> Matrix:
    mean = rows.mean(axis=0)
    return np.asarray(mean / (np.linalg.norm(mean) or 1.0))


def _users(group: Sequence[int], corpus: Corpus) -> int:
    return len({corpus.sessions[i].user_key for i in group})


def _described(
    groups: Sequence[list[int]],
    points: Matrix,
    corpus: Corpus,
    manners: Sequence[SessionManner],
    phrases: Sequence[Phrase],
    example_tokens: int,
    personal: PiiDetector | None,
) -> tuple[Segment, ...]:
    homes = np.full(len(points), -1, dtype=np.intp)
    for number, group in enumerate(groups):
        homes[group] = number
    languages = [languages_of([manners[i] for i in group]) for group in groups]
    spoken = [found.most_common(1)[0][0] for found in languages]
    typical = _typical(phrases, homes, groups, spoken, corpus, personal)
    kept = sum(len(group) for group in groups)
    days = {session.started_on for session in corpus.sessions}
    spans_weeks = (max(days) - min(days)).days + 1 >= _WEEK
    segments = []
    labels = labels_of(typical, spoken, groups, corpus)
    for group, own, label, said in zip(groups, typical, labels, languages, strict=True):
        segment_id = content_id("segment", (corpus.sessions[i].session_id.encode() for i in group))
        segments.append(
            Segment(
                segment_id=segment_id,
                label=label.text,
                label_share=label.share,
                members=tuple(group),
                users=_users(group, corpus),
                share=len(group) / kept,
                manner=mean_manner(manners[i].manner for i in group),
                languages=said,
                weekend=sum(manners[i].weekend for i in group) / len(group) if spans_weeks else None,
                phrases=tuple(each.phrase for each in own),
                examples=retrieve(corpus, segment_id, group, points[group], budget_tokens=example_tokens),
            )
        )
    return tuple(segments)


def _typical(
    phrases: Sequence[Phrase],
    homes: NDArray[np.intp],
    groups: Sequence[list[int]],
    spoken: Sequence[str],
    corpus: Corpus,
    personal: PiiDetector | None,
) -> list[tuple[Typical, ...]]:
    """Return each group's typical phrases: in its own language, which the given phrases are only where that is English."""
    typical = typical_phrases(phrases, homes, len(groups))
    for language in sorted(set(spoken) - {"en"}):
        places = [place for place, own in enumerate(spoken) if own == language]
        sessions = frozenset(index for place in places for index in groups[place])
        found = typical_phrases(mine_key_phrases(corpus, sessions, language, personal), homes, len(groups))
        for place in places:
            typical[place] = found[place]
    return typical
