"""Which answers a person is asked about, in which order, and how many more labels it takes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.config import GateSection
from harness.contracts import Label, ReviewItem
from harness.errors import UsageError
from harness.identity import uniform
from harness.storage import LATEST, beginning_with
from judge.calibration.advice import needs
from judge.calibration.card import make_card
from judge.calibration.correction import Calibration
from judge.calibration.labelling import settled, verdict_of
from judge.phrases import percent

_SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which answers of the store are meant."""

    judge: str | None = None
    """A judge id or the beginning of one; None: the judge of the newest answer."""
    run: str | None = None
    """A run's id, the beginning of one, or ``latest``; None: all."""
    criterion: str | None = None
    """Only what the judge said by this criterion; None: whole answers."""
    reviewer: str | None = None
    """Also what others have labelled and this person has not; None: only what nobody has labelled."""
    labelled: bool = False
    """Also what is labelled."""
    blind: bool = True
    """In an order that does not tell the judge's verdict."""


def selected(items: Sequence[ReviewItem], labels: Sequence[Label], selection: Selection) -> list[ReviewItem]:
    """Return the answers to look at, in their order.

    Among answers with the same verdict the order is chance, which calibration relies on. Failed ones come first, or,
    blind, every other time by chance. What tells nothing about how often the judge errs comes last: ungraded answers,
    controls, answers to hand-written prompts.

    Raises:
        UsageError: If the store has no such judge, run or criterion.
    """
    judge_id = chosen_judge(items, selection.judge)
    own = [item for item in items if item.judge_id == judge_id]
    if selection.run is not None:
        run_id = _one(_runs(own), selection.run, "run-", "runs")
        own = [item for item in own if item.run_id == run_id]
    criterion = selection.criterion
    if criterion is not None:
        known = {result.name for item in own for result in item.criteria}
        if criterion not in known:
            raise UsageError(
                f"no answer was judged by a criterion '{criterion}'", hint=f"criteria: {', '.join(sorted(known))}"
            )
        own = [item for item in own if any(result.name == criterion for result in item.criteria)]
    if not selection.labelled:
        done = _labelled(labels, selection.reviewer)
        own = [item for item in own if (item.review_id, criterion) not in done]
    return _ordered(own, criterion, blind=selection.blind)


def chosen_judge(items: Sequence[ReviewItem], wanted: str | None) -> str:
    """Return the one judge that is meant.

    Raises:
        UsageError: If there are no answers, or none or several judges begin so.
    """
    if not items:
        raise UsageError("there are no judged answers to review", hint="`reverse-rag gate` keeps some")
    if wanted is None:
        return max(items, key=lambda item: item.created_at).judge_id
    return _one(sorted({item.judge_id for item in items}), wanted, "judge-", "judges")


def advice(judge_id: str, items: Sequence[ReviewItem], labels: Sequence[Label], gate: GateSection) -> str:
    """Return how many more labels make the judge's error small enough to decide, in a few words; empty if unknown."""
    try:
        card = make_card(judge_id, items, labels, now=datetime.now(UTC))
    except UsageError:
        return ""
    asked = [need for need in needs(Calibration.of(card), gate.threshold, gate.confidence) if need.reachable]
    words = []
    for need in asked:
        goal = f"{need.decision} at {percent(need.true_rate)}"
        more = sum(need.more.values())
        words.append(f"about {more:,} more labels to {goal}" if more else f"enough labels to {goal}")
    return "; ".join(words)


def _labelled(labels: Sequence[Label], reviewer: str | None) -> Collection[tuple[str, str | None]]:
    if reviewer is None:
        return settled(labels).keys()
    return {(label.review_id, label.criterion) for label in labels if label.labelled_by == reviewer}


def _ordered(items: Sequence[ReviewItem], criterion: str | None, *, blind: bool) -> list[ReviewItem]:
    by_chance = sorted(items, key=lambda item: uniform(_SEED, "order", item.review_id))
    counts = [item for item in by_chance if item.is_sample and verdict_of(item, criterion) is not None]
    failed = [item for item in counts if not verdict_of(item, criterion)]
    passed = [item for item in counts if verdict_of(item, criterion)]
    counted = {item.review_id for item in counts}
    rest = [item for item in by_chance if item.review_id not in counted]
    first = _mixed(failed, passed) if blind else [*failed, *passed]
    return [*first, *rest]


def _mixed(failed: Sequence[ReviewItem], passed: Sequence[ReviewItem]) -> list[ReviewItem]:
    """Return both in their order, the next always from one or the other by the toss of a coin."""
    left, right = list(reversed(failed)), list(reversed(passed))
    mixed = []
    while left and right:
        heads = uniform(_SEED, "turn", left[-1].review_id, right[-1].review_id) < 0.5
        mixed.append(left.pop() if heads else right.pop())
    return [*mixed, *reversed(left), *reversed(right)]


def _runs(items: Sequence[ReviewItem]) -> list[str]:
    """Return runs, the newest last."""
    newest: dict[str, str] = {}
    for item in items:
        newest[item.run_id] = max(newest.get(item.run_id, ""), item.created_at)
    return sorted(newest, key=lambda run: (newest[run], run))


def _one(ids: Sequence[str], wanted: str, prefix: str, kind: str) -> str:
    if wanted == LATEST and ids:
        return ids[-1]
    found = beginning_with(ids, wanted, prefix)
    if len(found) != 1:
        known = ", ".join([ids[place] for place in found] or ids[-5:]) or "none"
        raise UsageError(
            f"{len(found) or 'no'} {kind} of the review store begin with '{wanted}'", hint=f"known: {known}"
        )
    return ids[found[0]]
