"""Two judges on the same labelled answers: which of them is right more often?"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.contracts import Estimate, Label, ReviewItem
from harness.errors import UsageError
from judge.calibration.agreement import effective_count
from judge.calibration.labelling import Said, drawn_by_verdict, label_weights, settled
from judge.paired import exact_mcnemar, paired_difference


@dataclass(frozen=True, slots=True)
class _Pair:
    """One labelled answer with both judges' verdicts."""

    bad: bool
    failed: tuple[bool, bool]
    weight: float
    """How many of both judges' answers it stands for."""
    audited: bool
    """Whether it is here by chance and not only because a verdict brought it."""

    @property
    def right(self) -> tuple[bool, bool]:
        return self.failed[0] == self.bad, self.failed[1] == self.bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the labels say about two judges; differences are of the second minus the first."""

    judges: tuple[str, str]
    answers: int
    both_right: int
    only_first_right: int
    only_second_right: int
    both_wrong: int
    p_value: float
    """Exact, two-sided McNemar on who was right, each label counted once."""
    accuracy: Estimate
    sensitivity: Estimate
    specificity: Estimate
    weighted: bool
    """Verdicts had a say in what is in the store or labelled: the differences are reweighted, and decide."""
    better: str | None
    """The judge that is right more often beyond chance; None where that cannot be told."""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-compatible values."""
        values = asdict(self)
        figures = {name: getattr(self, name).model_dump() for name in ("accuracy", "sensitivity", "specificity")}
        return {**values, "judges": list(self.judges), **figures}


def compare(
    first: str, second: str, items: Sequence[ReviewItem], labels: Sequence[Label], *, confidence: float = 0.95
) -> Comparison:
    """Compare two judges on the answers that both judged and people labelled.

    Args:
        first: A judge id.
        second: Another.
        items: The review store's.
        labels: All labels; one given under either judge, or a third, counts for both.
        confidence: Of the intervals of the differences.

    Raises:
        UsageError: If no labelled answer was judged by both.
    """
    pairs = _pairs(first, second, items, settled(labels))
    weighted = len({pair.weight for pair in pairs}) > 1
    if not pairs:
        raise UsageError(
            f"no labelled answer was judged by both {first} and {second}",
            hint="judge the labelled answers with both, then compare",
        )
    only_first = sum(pair.right == (True, False) for pair in pairs)
    only_second = sum(pair.right == (False, True) for pair in pairs)
    accuracy = _difference(pairs, lambda pair: pair.right, confidence)
    p_value = exact_mcnemar(only_first, only_second)
    beyond_chance = not accuracy.lower <= 0.0 <= accuracy.upper if weighted else p_value <= 1.0 - confidence
    # Where one judge fails and the other passes, only the audit shows the answer: without it nothing was compared.
    beyond_chance = beyond_chance and any(pair.audited for pair in pairs)
    better = (second if (accuracy.estimate or 0.0) > 0.0 else first) if beyond_chance else None
    return Comparison(
        judges=(first, second),
        answers=len(pairs),
        both_right=sum(pair.right == (True, True) for pair in pairs),
        only_first_right=only_first,
        only_second_right=only_second,
        both_wrong=sum(pair.right == (False, False) for pair in pairs),
        p_value=p_value,
        accuracy=accuracy,
        sensitivity=_difference([p for p in pairs if p.bad], lambda pair: pair.right, confidence),
        specificity=_difference([p for p in pairs if not p.bad], lambda pair: pair.right, confidence),
        weighted=weighted,
        better=better,
    )


def _pairs(first: str, second: str, items: Sequence[ReviewItem], said: Said) -> list[_Pair]:
    """Return the answers that both judges have in the store and people labelled, each with what it stands for.

    An answer is there only if both judges' verdicts brought it there. The audit draws by the answer and not by the
    judge, so that has the probability of the rarer of both. Labels under several judges are one sample only where none
    of these judges' verdicts had a say in them; otherwise the judge with the most labels is taken.
    """
    graded: dict[str, dict[str, ReviewItem]] = defaultdict(dict)
    for item in items:
        if item.is_sample and item.passed is not None:
            graded[item.judge_id][item.exchange_id] = item
    shared = sorted(graded[first].keys() & graded[second].keys())
    free: dict[str, _Told] = {}
    sources = [free]
    for judge_id in sorted(graded, key=lambda judge: (judge not in (first, second), judge)):
        told, chosen = _told(list(graded[judge_id].values()), said)
        if chosen:
            sources.append(told)
        else:
            free.update({exchange_id: one for exchange_id, one in told.items() if exchange_id not in free})
    best = max(sources, key=lambda told: len(told.keys() & shared))
    pairs = []
    for exchange_id in filter(best.__contains__, shared):
        verdicts = graded[first][exchange_id], graded[second][exchange_id]
        label = best[exchange_id]
        rate = min(label.rate, *(one.sampling_rate for one in verdicts))
        failed = verdicts[0].passed is False, verdicts[1].passed is False
        audited = any(one.sampled == "audit" for one in verdicts)
        pairs.append(_Pair(label.bad, failed, label.factor / rate, audited))
    return pairs


@dataclass(frozen=True, slots=True)
class _Told:
    """What people say of one answer."""

    bad: bool
    factor: float
    """How many answers in the store with the same verdict it stands for."""
    rate: float
    """With which probability it got there."""


def _told(own: Sequence[ReviewItem], said: Said) -> tuple[dict[str, _Told], bool]:
    """Return what is said of one judge's answers, by exchange, and whether its verdicts had a say in that."""
    by_verdict = drawn_by_verdict(own, said)
    weights = label_weights(own, lambda item: said.get((item.review_id, None))) if by_verdict else {}
    told = {}
    for item in own:
        truth = said.get((item.review_id, None))
        if truth in ("good", "bad"):
            factor = weights[item.review_id] * item.sampling_rate if by_verdict else 1.0
            told[item.exchange_id] = _Told(truth == "bad", factor, item.sampling_rate)
    return told, by_verdict


def _difference(pairs: Sequence[_Pair], right: Callable[[_Pair], tuple[bool, bool]], confidence: float) -> Estimate:
    """Return the difference of two paired shares, with the effective number of pairs where weights differ."""
    weights = [pair.weight for pair in pairs]
    total = sum(weights)
    if not total:
        return Estimate(estimate=None, lower=-1.0, upper=1.0)
    count = effective_count(weights)
    gained = count * sum(p.weight for p in pairs if right(p) == (False, True)) / total
    lost = count * sum(p.weight for p in pairs if right(p) == (True, False)) / total
    return paired_difference(gained, lost, count, confidence=confidence)
