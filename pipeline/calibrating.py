"""Judge cards: made from the review store's labels, and handed to the runs that rest on them."""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from harness.config import Settings
from harness.contracts import Agreement, CardUse, JudgeCard, Label, ReviewItem
from harness.errors import UsageError
from harness.reviews import CARDS, FOLDER, ReviewFolder, read_labels
from harness.storage import Storage
from harness.wording import counted
from judge.calibration.advice import needs, waiting
from judge.calibration.card import make_card, use_of
from judge.calibration.correction import CALIBRATION_SHARE, Calibration
from judge.calibration.labelling import settled
from judge.calibration.wording import estimate_words, limits
from judge.phrases import percent
from pipeline.artifacts import read_record, write_record
from pipeline.console import Console
from pipeline.reviewing import open_reviews

if TYPE_CHECKING:
    from judge.calibration.comparison import Comparison

CARD_FILE = "judge-card.json"
"""In a run's folder: the card its decision rests on."""
_KINDS = {
    "good": "good answers",
    "bad": "bad answers",
    "flagged": "failed verdicts",
    "passed": "passed verdicts",
}


def run_calibrate(
    settings: Settings, storage: Storage, console: Console, *, judge: str | None, labels: Path | None
) -> dict[str, Any]:
    """Make a judge's card from labels, keep it, and say what it means.

    Args:
        settings: The threshold, the confidence, and how long a card holds.
        storage: Where the review store is, and the card goes.
        console: Told what the card says.
        judge: A judge id or the beginning of one; None: the judge of the newest labelled answer.
        labels: A file of labels to read besides the store's.

    Raises:
        UsageError: If there is no such judge, or no label on its answers.
    """
    items, given = _read(settings, storage, labels)
    judge_id = _judge_of(items, given, judge)
    card = make_card(judge_id, items, given, now=datetime.now(UTC), days=settings.judge.card_days)
    place = _keep(storage, card)
    threshold, confidence = settings.gate.threshold, settings.gate.confidence
    calibration = Calibration.of(card)
    correction = calibration.against(threshold, CALIBRATION_SHARE * (1.0 - confidence))
    sentences = [*limits(correction), *_next(items, given, card, threshold, confidence), *_single(items, judge_id)]
    for line in _table(card):
        console.say(line)
    for sentence in [*card.notes, *sentences]:
        console.say(sentence)
    console.fact("card", place)
    band = correction.undecidable
    return {
        "card": card.to_dict(),
        "path": place,
        "threshold": threshold,
        "confidence": confidence,
        "undecidable": {"lower": band[0], "upper": band[1]} if band else None,
        "can_pass": correction.can_pass,
        "can_fail": correction.can_fail,
        "sentences": sentences,
    }


def run_compare(
    settings: Settings, storage: Storage, console: Console, *, first: str, second: str, labels: Path | None
) -> dict[str, Any]:
    """Compare two judges on the same labels and say which is right more often.

    Raises:
        UsageError: If one of them is not known, or no labelled answer was judged by both.
    """
    from judge.calibration.comparison import compare

    items, given = _read(settings, storage, labels)
    judges = _judge_of(items, given, first), _judge_of(items, given, second)
    found = compare(*judges, items, given)
    for line in _compared(found):
        console.say(line)
    return found.to_dict()


def kept_card(folder: Path) -> CardUse | None:
    """Return the card that a run rests on; None where it has not looked for one yet.

    Raises:
        StorageError: If what the run's folder holds is something else.
    """
    kept = folder / CARD_FILE
    return read_record(kept, CardUse) if kept.exists() else None


def take_card(folder: Path, storage: Storage, judge_id: str) -> CardUse:
    """Choose the newest card of a run's judge and keep it with the run, so that its decision can be made again.

    Raises:
        StorageError: If a card cannot be read, or the run's folder not be written.
    """
    use = use_of(ReviewFolder(storage.side(FOLDER)).cards(), judge_id, now=datetime.now(UTC))
    write_record(folder / CARD_FILE, use)
    return use


def calibration_of(use: CardUse | None, turns: Sequence[int]) -> Calibration | None:
    """Return what corrects a run's rate; None where no valid card does.

    Args:
        use: The run's card.
        turns: Number of turns of each prompt that the rate is read from.
    """
    if use is None or use.standing != "valid" or use.card is None:
        return None
    return Calibration.of(use.card, turns=fmean(turns) if turns else 1.0)


def _read(settings: Settings, storage: Storage, labels: Path | None) -> tuple[list[ReviewItem], list[Label]]:
    store = open_reviews(settings, storage)
    items = store.items()
    if not items:
        raise UsageError(
            f"there are no judged answers to label under {storage.root}",
            hint="`reverse-rag gate` keeps some for review",
        )
    return items, [*store.labels(), *(read_labels(labels) if labels is not None else [])]


def _judge_of(items: Sequence[ReviewItem], labels: Sequence[Label], wanted: str | None) -> str:
    known = sorted({item.judge_id for item in items})
    if wanted is None:
        labelled = {label.review_id for label in labels}
        newest = max(
            (item for item in items if item.review_id in labelled), key=lambda item: item.created_at, default=None
        )
        if newest is None:
            raise UsageError("no answer is labelled yet", hint="`reverse-rag review` asks for labels")
        return newest.judge_id
    found = [judge for judge in known if judge == wanted] or [judge for judge in known if judge.startswith(wanted)]
    if len(found) != 1:
        shown = ", ".join(found or known)
        raise UsageError(f"{len(found) or 'no'} judges are called '{wanted}'", hint=f"judges of the store: {shown}")
    return found[0]


def _keep(storage: Storage, card: JudgeCard) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{card.card_id}.json"
        path.write_bytes(card.to_json())
        return storage.set_aside(CARDS, path.name, path)


def _table(card: JudgeCard) -> Iterator[str]:
    counts = card.labels
    yield f"judge card {card.card_id} of {card.judge_id} ({card.model}), valid until {card.expires_at}"
    yield f"labels     {counts.bad:,} bad, {counts.good:,} good, {counts.unsure:,} unsure"
    yield f"  {'':<22}{'bad':>6}{'failed':>8}{'good':>8}{'passed':>8}  sensitivity, specificity, kappa"
    for name, figures in [("all criteria", card.overall), *card.by_criterion.items()]:
        yield _row(name, figures)


def _row(name: str, figures: Agreement) -> str:
    kappa = figures.kappa
    said = "unknown" if kappa.estimate is None else f"{kappa.estimate:.2f} ({kappa.lower:.2f} … {kappa.upper:.2f})"
    return (
        f"  {name.replace('_', ' '):<22}{figures.tp + figures.fn:>6}{figures.tp:>8}{figures.tn + figures.fp:>8}"
        f"{figures.tn:>8}  {estimate_words(figures.sensitivity)}, {estimate_words(figures.specificity)}, {said}"
    )


def _next(
    items: Sequence[ReviewItem], labels: Sequence[Label], card: JudgeCard, threshold: float, confidence: float
) -> Iterator[str]:
    """Yield what to label next: flagged first, then a random audit of passes, as many as it takes to decide."""
    left = waiting(card.judge_id, items, settled(labels))
    if left.flagged or left.passed:
        yield (
            f"Label next: the {counted(left.flagged, 'failed answer')} without a label, "
            f"then passed ones at random ({left.passed:,} wait)."
        )
    for need in needs(Calibration.of(card), threshold, confidence):
        goal = f"to {need.decision} releases of {percent(need.true_rate)}"
        more = " and ".join(f"{count:,} on {_KINDS[kind]}" for kind, count in need.more.items() if count)
        if not need.reachable:
            yield f"No number of labels seems enough {goal}."
        elif more:
            yield f"About so many more labels would let this judge's error be small enough {goal}: {more}."
        else:
            yield f"The labels are enough {goal}."


def _single(items: Sequence[ReviewItem], judge_id: str) -> Iterator[str]:
    if any(item.history for item in items if item.judge_id == judge_id):
        yield "These are figures of single answers; what they decide about prompts of several turns `reverse-rag plan` says."


def _compared(found: "Comparison") -> Iterator[str]:
    first, second = found.judges
    yield f"compared   {first} with {second} on {counted(found.answers, 'labelled answer')}"
    yield (
        f"  both right {found.both_right:,}, only {first} {found.only_first_right:,}, "
        f"only {second} {found.only_second_right:,}, both wrong {found.both_wrong:,} (exact McNemar p = {found.p_value:.3g})"
    )
    for name, figure in (("sensitivity", found.sensitivity), ("specificity", found.specificity)):
        yield f"  {name} changes by {estimate_words(figure)}"
    if found.weighted:
        yield "labels were drawn by verdict: the differences are reweighted, and decide"
    yield f"{found.better} is right more often." if found.better else "Which is right more often cannot be told yet."
