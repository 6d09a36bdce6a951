"""The judge card: made from labels, bound to its judge, and stale after a while."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import orjson

from harness.contracts import CardUse, JudgeCard, Label, LabelCounts, ReviewItem
from harness.errors import UsageError
from harness.identity import content_id
from harness.wording import counted
from judge.calibration.agreement import agreement, strata_of
from judge.calibration.labelling import Labelled, gather, settled

_NOTES = {
    "controls": "{} on planted controls or answers to hand-written prompts: they are no sample of the judge's verdicts",
    "ungraded": "{} on answers that the judge could not grade",
    "unsure": "{} that could not tell good from bad",
}


def make_card(
    judge_id: str,
    items: Sequence[ReviewItem],
    labels: Iterable[Label],
    *,
    now: datetime,
    days: int = 90,
    confidence: float = 0.95,
) -> JudgeCard:
    """Return what labels say about a judge.

    Args:
        judge_id: The judge.
        items: The review store's, of all judges.
        labels: All labels.
        now: Aware time of making.
        days: Until the card is stale.
        confidence: Of its intervals.

    Raises:
        UsageError: If no label tells anything about this judge.
    """
    said = settled(labels)
    whole = gather(judge_id, items, said)
    if not whole.answers:
        raise UsageError(
            f"no answer that {judge_id} judged is labelled good or bad", hint="`reverse-rag review` asks for labels"
        )
    own = [item for item in items if item.judge_id == judge_id]
    names = sorted({result.name for item in own for result in item.criteria})
    by_criterion = {
        name: agreement(found, confidence=confidence)
        for name in names
        if (found := gather(judge_id, items, said, criterion=name)).answers
    }
    card = JudgeCard(
        card_id="",
        judge_id=judge_id,
        model=_model(own),
        labels=LabelCounts(good=whole.said["good"], bad=whole.said["bad"], unsure=whole.said["unsure"]),
        overall=agreement(whole, confidence=confidence),
        by_criterion=by_criterion,
        confidence=confidence,
        weighted=whole.by_verdict,
        strata=strata_of(whole),
        notes=_notes(whole),
        made_at=_iso(now),
        expires_at=_iso(now + timedelta(days=days)),
    )
    return card.model_copy(update={"card_id": _identity(card)})


def use_of(cards: Iterable[JudgeCard], judge_id: str, *, now: datetime) -> CardUse:
    """Return which card a run of a judge may rest on, and what is wrong where none may.

    Args:
        cards: All that there are.
        judge_id: The run's judge.
        now: Aware time.
    """
    newest = sorted(cards, key=lambda card: (card.made_at, card.card_id))
    own = [card for card in newest if card.judge_id == judge_id]
    if not own:
        other = newest[-1] if newest else None
        return CardUse(standing="other_judge" if other else "missing", judge_id=judge_id, card=other)
    expired = datetime.fromisoformat(own[-1].expires_at) <= now
    return CardUse(standing="expired" if expired else "valid", judge_id=judge_id, card=own[-1])


def _model(own: Iterable[ReviewItem]) -> str:
    models = {result.judged_by for item in own for result in item.criteria} - {"check"}
    return ", ".join(sorted(models)) or "offline"


def _notes(whole: Labelled) -> list[str]:
    left_out = Counter(whole.left_out)
    left_out["unsure"] += whole.said["unsure"]
    notes = [f"left out: {_NOTES[why].format(counted(count, 'label'))}" for why, count in left_out.items() if count]
    if whole.by_verdict and not whole.verdicts:
        notes.append(
            "no undisputed pass was drawn for review ([judge] review_share), so how often the judge passes what is bad "
            "is not known"
        )
    elif whole.by_verdict:
        notes.append("labels were drawn by verdict, so rates are reweighted to all verdicts")
    return notes


def _identity(card: JudgeCard) -> str:
    said = card.model_dump(mode="json", exclude={"card_id", "made_at", "expires_at"})
    return content_id("card", [orjson.dumps(said, option=orjson.OPT_SORT_KEYS), card.made_at.encode()])


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
