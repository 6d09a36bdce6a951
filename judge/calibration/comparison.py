"""Two judges on the same labelled answers: which of them is right more often?"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.contracts import Estimate, Label, ReviewItem
from harness.errors import UsageError
from judge.calibration.agreement import effective_count
from judge.calibration.labelling import drawn_by_verdict, label_weights, settled
from judge.paired import exact_mcnemar, paired_difference


@dataclass(frozen=True, slots=True)
class _Pair:
    """One labelled answer with both judges' verdicts."""

    bad: bool
    failed: tuple[bool, bool]
    weight: float

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
    """Labels were drawn by a verdict of one of them: the differences are reweighted, and decide."""
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
    said = {review_id: value for (review_id, criterion), value in settled(labels).items() if criterion is None}
    pairs, weighted = _pairs(first, second, items, {(r, None): v for r, v in said.items()})
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


def _pairs(first: str, second: str, items: Sequence[ReviewItem], said: dict[Any, Any]) -> tuple[list[_Pair], bool]:
    judges = sorted({item.judge_id for item in items}, key=lambda judge: (judge not in (first, second), judge))
    verdicts: dict[str, dict[str, bool]] = {first: {}, second: {}}
    truths: dict[str, tuple[bool, float]] = {}
    weighted = False
    for judge_id in judges:
        own = [item for item in items if item.judge_id == judge_id and item.is_sample]
        by_verdict = drawn_by_verdict(own, said)
        weights = label_weights(own, said) if by_verdict else {}
        for item in own:
            if judge_id in verdicts and item.passed is not None:
                verdicts[judge_id][item.exchange_id] = not item.passed
            told = said.get((item.review_id, None))
            if told in ("good", "bad") and item.exchange_id not in truths:
                truths[item.exchange_id] = told == "bad", weights.get(item.review_id, 1.0)
                weighted = weighted or by_verdict
    shared = [e for e in truths if e in verdicts[first] and e in verdicts[second]]
    return [_Pair(truths[e][0], (verdicts[first][e], verdicts[second][e]), truths[e][1]) for e in shared], weighted


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
