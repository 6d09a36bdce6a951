"""What of a run is kept for people to review: all that failed or is disputed, missed controls, an audit of the passes."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from harness.config import Settings
from harness.contracts import Exchange, PlantedControl, ReviewItem, Turn, Verdict
from harness.errors import StorageError
from harness.identity import content_id, file_sha256, uniform, utc_now
from harness.jsonlines import read_parts
from harness.reviews import ReviewStore, StoredReviews
from harness.storage import Storage
from harness.wording import counted
from judge.controls import is_missed
from pipeline.artifacts import CONTROLS, read_records
from pipeline.console import Console

if TYPE_CHECKING:
    from harness.reviewtable import ReviewTable

Sampled = Literal["flagged", "audit", "disputed", "control", "golden"]
_DYNAMODB = "dynamodb:"
_SEED = 0
_RUN_EXCHANGE = re.compile(r"ex-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Pick:
    """A verdict that people are to look at, and why."""

    verdict: Verdict
    sampled: Sampled
    rate: float
    """With which probability such a verdict is picked."""


def open_reviews(settings: Settings, storage: Storage) -> ReviewStore:
    """Return the review store that ``[reviews] store`` names."""
    if not settings.reviews.store.startswith(_DYNAMODB):
        return StoredReviews(storage)
    return review_table(settings, storage)


def review_table(settings: Settings, storage: Storage) -> "ReviewTable":
    """Return the table that ``[reviews] store`` names.

    Raises:
        StorageError: If boto3 is not installed, or no region is known.
    """
    from harness.reviewtable import ReviewTable

    return ReviewTable(settings.reviews.store.removeprefix(_DYNAMODB), storage)


def keep_run(settings: Settings, storage: Storage, console: Console, folder: Path, run_id: str) -> None:
    """Keep a run's answers for review; a store that fails is said and ends nothing: the verdicts stand without it.

    Args:
        settings: The run's configuration.
        storage: Where the store is.
        console: Told what was kept.
        folder: The run's.
        run_id: Its id.
    """
    controls = {control.exchange.exchange_id: control for control in read_records(folder / CONTROLS, PlantedControl)}
    picks = picked(read_parts(folder / "verdicts"), settings.judge.review_share, controls)
    missed = [control for exchange_id, control in controls.items() if exchange_id in picks]
    prompts = _prompts(picks)
    # Whatever judged the run has held every row against its contract; most are not needed here.
    rows = read_parts(folder / "exchanges") if len(picks) > len(missed) else ()
    exchanges = (Exchange.model_validate(row) for row in rows if row["prompt_id"] in prompts)
    items = items_of(run_id, picks, exchanges)
    _keep(settings, storage, console, run_id, [*items, *_controls(run_id, picks, missed)])


def keep_file(settings: Settings, storage: Storage, console: Console, exchanges: Path, folder: Path) -> None:
    """Keep answers of a file of exchanges for review, as ``keep_run`` does for a run's.

    Args:
        settings: The configuration.
        storage: Where the store is.
        console: Told what was kept.
        exchanges: The file.
        folder: Where its verdicts are.
    """
    from judge.recorded import read_exchanges

    picks = picked(read_parts(folder / "verdicts"), settings.judge.review_share)
    source = f"file-{file_sha256(exchanges)[:16]}"
    _keep(settings, storage, console, source, items_of(source, picks, read_exchanges(exchanges)) if picks else ())


def picked(
    verdicts: Iterable[Mapping[str, Any]], share: float, controls: Mapping[str, PlantedControl] | None = None
) -> dict[str, Pick]:
    """Return the verdicts to look at by exchange; of several on one exchange the last counts.

    Chance is drawn from the exchange's id: judging again, by whichever judge, audits the same answers.

    Args:
        verdicts: All of them, as they are recorded.
        share: Of the undisputed passes.
        controls: Planted answers by exchange; those that the judge missed are picked.
    """
    picks: dict[str, Pick] = {}
    for row in verdicts:
        picks.pop(row["exchange_id"], None)
        if _is_ordinary(row, share):
            continue
        verdict = Verdict.model_validate(row)
        control = (controls or {}).get(verdict.exchange_id)
        found = _pick(verdict, share) if control is None else _missed(control, verdict)
        if found is not None:
            picks[verdict.exchange_id] = found
    return picks


def _is_ordinary(row: Mapping[str, Any], share: float) -> bool:
    """Return whether a verdict is an undisputed pass that chance does not pick, as nearly all are."""
    passed = row["passed"] is True and not row.get("opinions") and row.get("control") is None
    return passed and not _is_audited(row["exchange_id"], share)


def _is_audited(exchange_id: str, share: float) -> bool:
    return uniform(_SEED, "review", exchange_id) < share


def _pick(verdict: Verdict, share: float) -> Pick | None:
    if verdict.control is not None or verdict.attempt > 1:
        return None
    if verdict.passed is False:
        return Pick(verdict, "flagged", 1.0)
    if verdict.disputed:
        return Pick(verdict, "disputed", 1.0)
    if verdict.passed and _is_audited(verdict.exchange_id, share):
        return Pick(verdict, "audit", share)
    return None


def _missed(control: PlantedControl, verdict: Verdict) -> Pick | None:
    return Pick(verdict, "control", 1.0) if is_missed(control, verdict) else None


def _keep(settings: Settings, storage: Storage, console: Console, source: str, items: Iterable[ReviewItem]) -> None:
    kept: dict[str, list[ReviewItem]] = defaultdict(list)
    for item in items:
        kept[item.judge_id].append(item)
    if not kept:
        return
    try:
        store = open_reviews(settings, storage)
        for judge_id, own in kept.items():
            store.put_items(f"{source}-{judge_id}", own)
    except StorageError as error:
        console.say(f"not kept for review: {error}", "yellow")
        return
    console.fact("review", f"{counted(sum(map(len, kept.values())), 'answer')} kept: reverse-rag review")


def items_of(source: str, picks: Mapping[str, Pick], exchanges: Iterable[Exchange]) -> Iterator[ReviewItem]:
    """Yield what a person needs to judge the picked answers again.

    Replies without an answer (time-outs, errors) are left out: there is nothing to judge in them. So are repeats of
    a prompt, since they follow from its first answer, and passes of hand-written prompts.

    Args:
        source: The run's id, or what stands for it.
        picks: What ``picked`` returned.
        exchanges: The source's, the turns of each conversation in order.
    """
    prompts = _prompts(picks)
    history: dict[tuple[str, str, int], list[Turn]] = defaultdict(list)
    now = utc_now()
    for exchange in exchanges:
        if exchange.prompt_id not in prompts or exchange.attempt > 1:
            continue
        turns = history[exchange.prompt_id, exchange.arm, exchange.attempt]
        pick = picks.get(exchange.exchange_id)
        if pick is not None and exchange.arm == "golden":
            pick = None if pick.sampled == "audit" else replace(pick, sampled="golden")
        if pick is not None and exchange.outcome == "answered":
            yield _item(source, exchange, pick, list(turns), now)
        turns += _turns(exchange)


def _prompts(picks: Mapping[str, Pick]) -> set[str]:
    return {pick.verdict.prompt_id for pick in picks.values()}


def _controls(source: str, picks: Mapping[str, Pick], missed: Iterable[PlantedControl]) -> Iterator[ReviewItem]:
    for control in missed:
        history = [turn for exchange in control.history for turn in _turns(exchange)]
        yield _item(source, control.exchange, picks[control.exchange.exchange_id], history, utc_now())


def _turns(exchange: Exchange) -> list[Turn]:
    return [Turn(role="user", text=exchange.prompt), Turn(role="assistant", text=exchange.response_text or "")]


def _item(source: str, exchange: Exchange, pick: Pick, history: list[Turn], now: str) -> ReviewItem:
    verdict, exchange_id = pick.verdict, _unique(exchange)
    return ReviewItem(
        review_id=content_id("review", [verdict.judge_id.encode(), exchange_id.encode()]),
        run_id=source,
        exchange_id=exchange_id,
        prompt_id=exchange.prompt_id,
        prompt=exchange.prompt,
        history=history,
        answer=exchange.response_text or "",
        contexts=exchange.contexts,
        passed=verdict.passed,
        criteria=verdict.criteria,
        judge_id=verdict.judge_id,
        sampled=pick.sampled,
        sampling_rate=pick.rate,
        created_at=now,
    )


def _unique(exchange: Exchange) -> str:
    """Return an id that no other answer has: other tools count their exchanges, and files begin anew at 1."""
    if _RUN_EXCHANGE.fullmatch(exchange.exchange_id):
        return exchange.exchange_id
    texts = (exchange.exchange_id, exchange.prompt, exchange.response_text or "")
    return content_id("ex", [text.encode("utf-8", "surrogatepass") for text in texts])
