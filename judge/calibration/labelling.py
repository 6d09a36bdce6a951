"""What people said of a judge's verdicts, and how those verdicts came to be looked at."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.contracts import Label, LabelValue, ReviewItem

Said = Mapping[tuple[str, str | None], LabelValue]
"""What people said in the end, by review id and criterion (None: the answer as a whole)."""
Truth = Callable[[ReviewItem], LabelValue | None]
"""What people say of an answer; None where nobody said anything that bears on it."""


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """One answer that a person could judge, and what the judge said of it."""

    exchange_id: str
    bad: bool
    failed: bool
    weight: float = 1.0
    """How many of the judge's verdicts it stands for."""

    @property
    def right(self) -> bool:
        """Whether judge and person agree."""
        return self.bad == self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One judge's answers with labels, and the verdicts that they were drawn from."""

    answers: list[LabelledAnswer]
    verdicts: list[tuple[bool, float]]
    """All verdicts in the store: whether it failed, and how many it stands for; empty where no pass was drawn into it."""
    by_verdict: bool
    """Whether the verdict had a say in what was labelled: then counts have to be reweighted."""
    said: Counter[LabelValue] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    """Labels that are in no figure, by why."""


def settled(labels: Iterable[Label]) -> dict[tuple[str, str | None], LabelValue]:
    """Return one say for each answer and criterion: the latest of each person, then the majority; a tie is unsure."""
    votes: dict[tuple[str, str | None], Counter[LabelValue]] = defaultdict(Counter)
    for label in latest(labels):
        votes[label.review_id, label.criterion][label.label] += 1
    return {key: majority(count) for key, count in votes.items()}


def latest(labels: Iterable[Label]) -> list[Label]:
    """Return each person's last label on each answer and criterion."""
    last: dict[tuple[str, str | None, str], Label] = {}
    for label in sorted(labels, key=lambda one: one.labelled_at):
        last[label.review_id, label.criterion, label.labelled_by] = label
    return list(last.values())


def majority(votes: Counter[LabelValue]) -> LabelValue:
    """Return what counts of several people's labels; a tie is unsure."""
    if votes["good"] == votes["bad"]:
        return "unsure"
    return "good" if votes["good"] > votes["bad"] else "bad"


def gather(judge_id: str, items: Sequence[ReviewItem], said: Said, *, criterion: str | None = None) -> Labelled:
    """Return what is labelled of a judge's verdicts.

    A label is about the answer, so it also tells about another judge's verdict
    on the same answer; it is carried over where that other judge's verdict had
    no say in its being labelled. Which answers the judge's own verdicts brought
    into the store still counts. Planted controls and hand-written prompts are no
    sample of anything and left out.

    Args:
        judge_id: The judge.
        items: The store's, of all judges.
        said: What ``settled`` returned.
        criterion: Only this criterion's verdicts; a good answer is good by every criterion. None: whole answers.
    """
    left_out: Counter[str] = Counter()
    own = [item for item in items if item.judge_id == judge_id]
    usable = []
    for item in own:
        if not item.is_sample:
            left_out["controls"] += (item.review_id, None) in said
        elif verdict_of(item, criterion) is None:
            left_out["ungraded"] += truth_of(item.review_id, said, criterion) is not None
        else:
            usable.append(item)
    by_verdict = drawn_by_verdict(own, said, criterion)
    carried = {} if by_verdict else carried_over(judge_id, items, said, criterion)

    def truth_about(item: ReviewItem) -> LabelValue | None:
        return truth_of(item.review_id, said, criterion) or carried.get(item.exchange_id)

    by_verdict = by_verdict or (any(map(truth_about, usable)) and stored_by_verdict(usable))
    weights = label_weights(own, truth_about) if by_verdict else {}
    answers, counts = [], Counter[LabelValue]()
    for item in usable:
        truth = truth_about(item)
        if truth is None:
            continue
        counts[truth] += 1
        if truth != "unsure":
            weight = weights.get(item.review_id, 1.0)
            answers.append(
                LabelledAnswer(item.exchange_id, truth == "bad", verdict_of(item, criterion) is False, weight)
            )
    verdicts = [(verdict_of(item, criterion) is False, 1.0 / item.sampling_rate) for item in usable]
    if by_verdict and not has_audit(usable):
        verdicts = []
    return Labelled(answers=answers, verdicts=verdicts, by_verdict=by_verdict, said=counts, left_out=left_out)


def verdict_of(item: ReviewItem, criterion: str | None) -> bool | None:
    """Return whether the judge passed an answer, as a whole or by a criterion; None where it did not say."""
    if criterion is None:
        return item.passed
    return next((result.passed for result in item.criteria if result.name == criterion), None)


def truth_of(review_id: str, said: Said, criterion: str | None) -> LabelValue | None:
    """Return what people say of an answer; None where nobody said anything that bears on it."""
    told = said.get((review_id, criterion))
    if told is None and criterion is not None and said.get((review_id, None)) == "good":
        return "good"
    return told


def drawn_by_verdict(own: Iterable[ReviewItem], said: Said, criterion: str | None = None) -> bool:
    """Return whether verdicts may have had a say in what was labelled of one judge's items.

    They had none where every verdict got into the store at one rate and everything there is labelled.
    """
    graded = [item for item in own if item.is_sample and item.passed is not None]
    labelled = [item for item in graded if truth_of(item.review_id, said, criterion) is not None]
    return bool(labelled) and (len(labelled) < len(graded) or stored_by_verdict(graded))


def stored_by_verdict(graded: Sequence[ReviewItem]) -> bool:
    """Return whether failed and passed verdicts got into the store at different rates, as far as can be told."""
    return len({item.sampling_rate for item in graded}) > 1 or not has_audit(graded)


def has_audit(graded: Iterable[ReviewItem]) -> bool:
    """Return whether undisputed passes were drawn into the store; without any nothing tells how many there were."""
    return any(item.sampled == "audit" for item in graded)


def carried_over(
    judge_id: str, items: Iterable[ReviewItem], said: Said, criterion: str | None
) -> dict[str, LabelValue]:
    """Return labels given under other judges whose verdicts had no say in them, by exchange."""
    others: dict[str, list[ReviewItem]] = defaultdict(list)
    for item in items:
        if item.judge_id != judge_id and item.is_sample:
            others[item.judge_id].append(item)
    told: dict[str, LabelValue] = {}
    for theirs in others.values():
        if not drawn_by_verdict(theirs, said, criterion):
            for item in theirs:
                truth = truth_of(item.review_id, said, criterion)
                if truth is not None:
                    told[item.exchange_id] = truth
    return told


def label_weights(own: Iterable[ReviewItem], truth: Truth) -> dict[str, float]:
    """Return how many verdicts each labelled item stands for: all of its verdict's, shared out by sampling rate.

    An unsure label stands for nothing; the sure ones of the same verdict stand for it.
    """
    everything: dict[bool, float] = defaultdict(float)
    labelled: dict[bool, dict[str, float]] = defaultdict(dict)
    for item in own:
        if not item.is_sample or item.passed is None:
            continue
        everything[item.passed] += 1.0 / item.sampling_rate
        if truth(item) in ("good", "bad"):
            labelled[item.passed][item.review_id] = 1.0 / item.sampling_rate
    return {
        review_id: weight * everything[passed] / sum(weights.values())
        for passed, weights in labelled.items()
        for review_id, weight in weights.items()
    }
