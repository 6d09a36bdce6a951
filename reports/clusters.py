"""Failures grouped by cause: four hundred failures are about five causes.

First by the criterion that failed worst, then by how alike the judge's
reasons are, then (where one reason covers many) by recurring evidence.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reports.conversations import Conversation
from reports.masking import is_sensitive
from reports.wording import severity

ALIKE = 0.5
"""Jaccard similarity of two reasons' words from which they are one cause."""
MAX_CAUSES = 12
"""Per criterion; what is left over goes to the most alike."""
_SPLIT_FROM = 8
_NOISE = re.compile(r"[\"'“‘«‹][^\"'”’»›]{1,200}[\"'”’»›]|\[masked[^\]]*\]|\d+|[^\w\s]|_")
_STOPWORDS = frozenset(
    ("a", "an", "and", "are", "as", "at", "by", "for", "in", "is", "it", "of", "on", "or", "that", "the", "to")
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Failures that look like one cause."""

    cluster_id: str
    criterion: str
    reason: str
    """Of the most typical failure; masked."""
    members: list[Conversation]
    in_rate: int
    """How many of them the failure rate counts."""
    share: float | None
    """Estimated share of production's traffic that it hits; None where only set-aside or hand-written prompts failed."""
    personas: list[tuple[str, int]]
    """Persona ids with their failures, most first."""
    strategies: list[tuple[str, int]]
    example: Conversation


def cluster(conversations: Iterable[Conversation]) -> list[Cluster]:
    """Return the causes of first attempts' failures, the ones that hit most traffic first.

    The prompts that are read by the test are drawn in proportion to traffic
    (DESIGN §6), so each stands for the same share of it: a cause's share is
    its failures among them over all of them that were graded.
    """
    conversations = list(conversations)
    graded = sum(c.in_rate and c.status in ("failed", "passed") for c in conversations)
    by_criterion: dict[str, list[Conversation]] = {}
    for conversation in conversations:
        if conversation.status == "failed" and conversation.key.attempt == 1:
            by_criterion.setdefault(_criterion(conversation), []).append(conversation)
    found = [
        _cluster(criterion, number, members, graded)
        for criterion in sorted(by_criterion, key=severity)
        for number, members in enumerate(_causes(criterion, by_criterion[criterion]), start=1)
    ]
    return sorted(found, key=lambda c: (-c.in_rate, -len(c.members), severity(c.criterion)))


def _criterion(conversation: Conversation) -> str:
    return conversation.worst.criterion if conversation.worst else "unnamed"


def _cluster(criterion: str, number: int, members: list[Conversation], graded: int) -> Cluster:
    in_rate = sum(c.in_rate for c in members)
    example = _example(members)
    return Cluster(
        cluster_id=f"{_slug(criterion)}-{number}",
        criterion=criterion,
        reason=example.worst.reason if example.worst else "",
        members=members,
        in_rate=in_rate,
        share=in_rate / graded if graded and in_rate else None,
        personas=Counter(c.facts.persona_id for c in members).most_common(),
        strategies=Counter(c.facts.strategy for c in members).most_common(),
        example=example,
    )


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "unnamed"


def _example(members: list[Conversation]) -> Conversation:
    """Return the failure that shows the cause soonest: counted, with evidence, the shortest."""
    return min(members, key=lambda c: (not c.in_rate, not (c.worst and c.worst.excerpt), c.turns, c.size))


def _causes(criterion: str, members: list[Conversation]) -> list[list[Conversation]]:
    groups: list[list[Conversation]] = []
    for alike in _alike(members, [_words(c.worst.reason if c.worst else "") for c in members], limit=MAX_CAUSES):
        groups.extend([alike] if is_sensitive(criterion) else _recurring(alike))
    return sorted(groups, key=len, reverse=True)


def _recurring(members: list[Conversation]) -> Iterator[list[Conversation]]:
    """Split off evidence that many failures share, such as the same invented fact; the rest stays together."""
    if len(members) < _SPLIT_FROM:
        yield members
        return
    rest: list[Conversation] = []
    for group in _alike(members, [_words(c.worst.excerpt if c.worst else "") for c in members], limit=4 * MAX_CAUSES):
        if len(group) >= max(3, len(members) // 10):
            yield group
        else:
            rest.extend(group)
    if rest:
        yield rest


def _alike(members: list[Conversation], features: list[frozenset[str]], *, limit: int) -> list[list[Conversation]]:
    """Group by the first leader that is alike enough; beyond ``limit`` leaders, by the most alike."""
    leaders: list[frozenset[str]] = []
    groups: list[list[Conversation]] = []
    known: dict[frozenset[str], int] = {}
    for member, words in zip(members, features, strict=True):
        place = known.get(words)
        if place is None:
            place = _place(words, leaders, limit)
            if place == len(leaders):
                leaders.append(words)
                groups.append([])
            known[words] = place
        groups[place].append(member)
    return groups


def _place(words: frozenset[str], leaders: list[frozenset[str]], limit: int) -> int:
    alike = [_jaccard(words, leader) for leader in leaders]
    best = max(range(len(alike)), key=alike.__getitem__, default=0)
    return best if alike and (alike[best] >= ALIKE or len(leaders) >= limit) else len(leaders)


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return float(one == other)
    return len(one & other) / len(one | other)


def _words(text: str) -> frozenset[str]:
    return frozenset(_NOISE.sub(" ", text.lower()).split()) - _STOPWORDS
