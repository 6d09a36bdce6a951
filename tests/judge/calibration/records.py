"""Judged answers and labels, as the review store holds them."""

from datetime import UTC, datetime
from typing import Literal

from harness.contracts import CriterionResult, Label, LabelValue, ReviewItem

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
JUDGE = "judge-1"


def item(
    number: int,
    *,
    passed: bool | None,
    judge_id: str = JUDGE,
    rate: float = 1.0,
    sampled: Literal["flagged", "audit", "disputed", "control"] = "audit",
    criteria: dict[str, bool] | None = None,
) -> ReviewItem:
    """Return one judged answer."""
    return ReviewItem(
        review_id=f"{judge_id}-{number}",
        run_id="run-1",
        exchange_id=f"e-{number}",
        prompt_id=f"p-{number}",
        prompt="May I?",
        answer="You may.",
        passed=passed,
        criteria=[CriterionResult(name=name, passed=said) for name, said in (criteria or {}).items()],
        judge_id=judge_id,
        sampled=sampled,
        sampling_rate=rate,
        created_at="2026-05-01T00:00:00Z",
    )


def drawn(*, failed: bool) -> Literal["flagged", "audit"]:
    """Return why a verdict is in the store of a run whose passes are audited by chance."""
    return "flagged" if failed else "audit"


def label(
    of: ReviewItem,
    value: LabelValue,
    *,
    by: str = "ada",
    at: str = "2026-05-02T00:00:00Z",
    criterion: str | None = None,
) -> Label:
    """Return what a person said of an answer."""
    return Label(
        review_id=of.review_id, judge_id=of.judge_id, label=value, criterion=criterion, labelled_by=by, labelled_at=at
    )


def store(
    tp: int, fn: int, tn: int, fp: int, *, judge_id: str = JUDGE, first: int = 0
) -> tuple[list[ReviewItem], list[Label]]:
    """Return answers with labels: bad ones the judge failed and passed, good ones it passed and failed."""
    kinds = [(True, False)] * tp + [(True, True)] * fn + [(False, True)] * tn + [(False, False)] * fp
    items = [item(first + n, passed=passed, judge_id=judge_id) for n, (_, passed) in enumerate(kinds)]
    labels = [label(one, "bad" if bad else "good") for one, (bad, _) in zip(items, kinds, strict=True)]
    return items, labels
