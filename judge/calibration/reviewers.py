"""Several people's labels on the same answers: how far they agree, and where they do not."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from harness.contracts import Label, LabelValue
from judge.calibration.agreement import kappa_of
from judge.calibration.labelling import latest, majority


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two people on the answers that both called good or bad."""

    first: str
    second: str
    answers: int
    agreed: int
    kappa: float | None
    """Cohen's; None where chance alone explains everything, as where both always say the same word."""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-compatible values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """An answer that one person calls good and another bad."""

    review_id: str
    criterion: str | None
    said: dict[str, LabelValue]
    """By person."""
    settled: LabelValue
    """What counts: the majority, or ``unsure``."""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-compatible values."""
        return asdict(self)


def pairs(labels: Iterable[Label]) -> list[Pair]:
    """Return how any two people agree who labelled the same answers, criteria included."""
    cells: dict[tuple[str, str], Counter[tuple[LabelValue, LabelValue]]] = defaultdict(Counter)
    for said in _by_answer(labels).values():
        sure = sorted((person, label) for person, label in said.items() if label != "unsure")
        for (first, one), (second, other) in itertools.combinations(sure, 2):
            cells[first, second][one, other] += 1
    return [_pair(first, second, count) for (first, second), count in sorted(cells.items())]


def conflicts(labels: Iterable[Label]) -> list[Conflict]:
    """Return the answers on which people contradict each other."""
    found = []
    for (review_id, criterion), said in _by_answer(labels).items():
        votes = Counter(said.values())
        if votes["good"] and votes["bad"]:
            found.append(Conflict(review_id=review_id, criterion=criterion, said=said, settled=majority(votes)))
    return sorted(found, key=lambda one: (one.review_id, one.criterion or ""))


def _pair(first: str, second: str, count: Counter[tuple[LabelValue, LabelValue]]) -> Pair:
    both_bad, both_good = count["bad", "bad"], count["good", "good"]
    kappa = kappa_of((both_bad, count["bad", "good"], both_good, count["good", "bad"]))
    return Pair(first=first, second=second, answers=count.total(), agreed=both_bad + both_good, kappa=kappa)


def _by_answer(labels: Iterable[Label]) -> dict[tuple[str, str | None], dict[str, LabelValue]]:
    said: dict[tuple[str, str | None], dict[str, LabelValue]] = defaultdict(dict)
    for label in latest(labels):
        said[label.review_id, label.criterion][label.labelled_by] = label.label
    return said
