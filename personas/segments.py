"""Segments: groups of sessions whose users want the same and behave alike, none of fewer than k users."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.errors import SafetyError, UsageError
from harness.identity import content_id
from personas.corpus import Corpus
from personas.embedding import Matrix, embed
from personas.phrases import Phrase
from personas.traits import Manner, SessionManner, manner_of, mean_manner

NEAR = 0.35
"""A segment that is too small is merged into another whose centre is at least this similar (cosine), else dropped."""
LARGE = 20_000
"""Sessions from which k-means runs on mini-batches."""
EXAMPLES = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """Sessions of one kind."""

    segment_id: str
    label: str
    members: tuple[int, ...]
    """Indexes of its sessions."""
    users: int
    """Distinct users."""
    share: float
    """Of the sessions of all segments kept."""
    manner: Manner
    languages: Counter[str]
    phrases: tuple[Phrase, ...]
    """What its users talk about, the most typical first."""
    examples: tuple[int, ...]
    """Indexes of sessions: the most typical one, then those most unlike the ones before."""


@dataclass(frozen=True, slots=True)
class Segmentation:
    """All segments, the largest first, and what became of those below k."""

    segments: tuple[Segment, ...]
    merged: int
    dropped: int
    dropped_users: int
    """Distinct users that stand in no segment kept."""


def segment(corpus: Corpus, phrases: Sequence[Phrase], *, wanted: int, seed: int) -> Segmentation:
    """Group a corpus's sessions.

    Args:
        corpus: The users' side of the dataset.
        phrases: Mined from it.
        wanted: Segments at most.
        seed: Makes the grouping reproducible.

    Raises:
        UsageError: If the dataset holds no message of a user.
        SafetyError: If it has fewer than k distinct users.
    """
    _require_users(corpus)
    manners = [manner_of(session) for session in corpus.sessions]
    points = embed(corpus, manners, seed=seed)
    labels = _clustered(points, max(1, min(wanted, corpus.users // (3 * corpus.min_users), len(points) // 15)), seed)
    groups = _groups(labels)
    groups, merged, dropped = _floored(groups, points, corpus)
    kept = sum(len(group) for group in groups)
    segments = [_described(group, points, corpus, manners, phrases, kept) for group in groups]
    left = {corpus.sessions[i].user_key for group in groups for i in group}
    return Segmentation(tuple(segments), merged, len(dropped), corpus.users - len(left))


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


def _clustered(points: Matrix, count: int, seed: int) -> list[int]:
    from sklearn.cluster import KMeans, MiniBatchKMeans

    count = min(count, len(np.unique(points.round(9), axis=0)))
    kind = MiniBatchKMeans if len(points) > LARGE else KMeans
    labels: list[int] = kind(count, random_state=seed, n_init=3).fit_predict(points).tolist()
    return labels


def _groups(labels: Sequence[int]) -> list[list[int]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        groups[label].append(index)
    return sorted(groups.values(), key=lambda group: (-len(group), group))


def _floored(groups: list[list[int]], points: Matrix, corpus: Corpus) -> tuple[list[list[int]], int, list[list[int]]]:
    """Merge groups of fewer than k users into the nearest similar one; return those kept, how many were merged, those dropped."""
    kept = [group for group in groups if _users(group, corpus) >= corpus.min_users]
    small = [group for group in groups if _users(group, corpus) < corpus.min_users]
    if not kept:
        return [sorted(i for group in groups for i in group)], len(groups) - 1, []
    centres = np.array([_centre(points[group]) for group in kept])
    dropped = []
    for group in small:
        similar = centres @ _centre(points[group])
        if similar.max() >= NEAR:
            kept[int(similar.argmax())].extend(group)
        else:
            dropped.append(group)
    ordered = sorted((sorted(group) for group in kept), key=lambda group: (-len(group), group))
    return ordered, len(small) - len(dropped), dropped


def _centre(rows: Matrix) -> Matrix:
    mean = rows.mean(axis=0)
    return np.asarray(mean / (np.linalg.norm(mean) or 1.0))


def _users(group: Sequence[int], corpus: Corpus) -> int:
    return len({corpus.sessions[i].user_key for i in group})


def _described(
    group: list[int],
    points: Matrix,
    corpus: Corpus,
    manners: Sequence[SessionManner],
    phrases: Sequence[Phrase],
    kept: int,
) -> Segment:
    typical = typical_phrases(phrases, group, len(corpus.sessions))
    return Segment(
        segment_id=content_id("segment", (corpus.sessions[i].session_id.encode() for i in group)),
        label=_label(typical),
        members=tuple(group),
        users=_users(group, corpus),
        share=len(group) / kept,
        manner=mean_manner(manners[i].manner for i in group),
        languages=Counter(manners[i].language for i in group),
        phrases=typical,
        examples=tuple(group[i] for i in spread_examples(points[group], EXAMPLES)),
    )


def typical_phrases(phrases: Sequence[Phrase], group: Sequence[int], sessions: int) -> tuple[Phrase, ...]:
    """Return the phrases that a group's sessions hold, those that set it apart first.

    The order is by support in the group times the logarithm of its lift over all sessions.
    """
    members = set(group)
    expected = len(group) / sessions
    scored = []
    for phrase in phrases:
        inside = sum(index in members for index in phrase.sessions)
        lift = inside / len(phrase.sessions) / expected
        # Fewer than two sessions say nothing about a group, nor does what is rarer in it than elsewhere.
        if inside >= 2 and lift > 0.5:
            scored.append((-inside * float(np.log1p(lift * lift)), phrase.text, phrase))
    return tuple(phrase for _, _, phrase in sorted(scored, key=lambda item: item[:2]))


def spread_examples(points: Matrix, count: int) -> list[int]:
    """Return rows that stand for all: the one nearest the centre, then greedily the farthest from those chosen (k-centre).

    Gonzalez (1985): no choice of as many centres leaves a row less than half as far away.
    """
    chosen = [int((points @ _centre(points)).argmax())]
    distance = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < min(count, len(points)) and distance.max() > 0:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return chosen


def _label(phrases: Sequence[Phrase]) -> str:
    parts: list[str] = []
    for phrase in (p for p in phrases if p.kind != "issue"):
        if not any(set(phrase.bare.split()) & set(part.split()) for part in parts):
            parts.append(phrase.bare)
        if len(parts) == 3:
            break
    return ", ".join(parts) or "mixed requests"
