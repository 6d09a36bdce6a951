"""Judges exchanges that any tool recorded as JSON lines."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from harness.config import Settings
from harness.contracts import Exchange, QuarantinedRecord, Verdict
from harness.errors import BudgetSpentError, InputError, StorageError, UsageError
from harness.identity import file_sha256
from harness.jsonlines import PartWriter, parts, read_parts, write_lines
from harness.models import ModelClient, Usage
from harness.progress import Progress, SilentProgress
from judge.grading import UNJUDGED_IN_A_ROW, Judge, is_unjudged
from judge.panel import Panel, answers_at_once

QUARANTINE_FILE = "quarantine.jsonl"
VERDICTS_FOLDER = "verdicts"
SOURCE_FILE = "source.json"
"""Which file the verdicts beside it are about, and who gave them."""
_AHEAD = 400
"""Exchanges under judgement or waiting to be written in the file's order."""
_OTHER_FOLDER = "choose another folder with --out"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedResult:
    """What judging a file gave, earlier parts of the work included."""

    judged: int
    """Exchanges with a verdict, whatever it says."""
    failed: int
    ungraded: int
    """Verdicts of the judge's and the infrastructure's ledgers."""
    known: int
    """Of ``judged``, those that an earlier call had judged already."""
    quarantined: int
    reasons: dict[str, int]
    """Quarantined lines by reason."""
    judge_id: str
    cost_usd: float
    stopped_because: str
    """``budget`` or ``judge_failing`` where not all could be judged; empty where all were."""


class _QuarantinedError(Exception):
    """A line that is no exchange."""

    def __init__(self, reason: str, field: str | None = None, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field, self.detail = reason, field, detail


def judge_file(
    path: Path,
    out_folder: Path,
    settings: Settings,
    model: ModelClient | Panel | None = None,
    progress: Progress | None = None,
    run: Callable[..., None] = asyncio.run,
) -> RecordedResult:
    """Judge a file of exchanges; write ``verdicts/part-*.jsonl`` with every criterion's score.

    Only ``prompt`` and ``response_text`` are needed, and ``contexts`` for
    groundedness, which is always on here. Ids that are missing are made from
    the line number. Lines that are no exchanges go to ``quarantine.jsonl``.

    A folder with verdicts of the same judge on the same file is gone on with:
    only what has no verdict yet, or one without the model's judgement, is
    judged; of two verdicts on one exchange the later counts.

    Args:
        path: JSON lines, one exchange each; turns of one conversation share ``prompt_id`` and stand in order.
        out_folder: Created if it is missing.
        settings: What to check.
        model: The judge's language model or models, or none.
        progress: Told how many exchanges are judged.
        run: Runs the judging to its end, or to an interrupt.

    Raises:
        InputError: If the file cannot be read or no line of it is an exchange.
        UsageError: If the folder holds verdicts on another file, or of another judge.
        StorageError: If the folder cannot be written.
    """
    checks = settings.judge.checks.model_copy(update={"groundedness": True})
    judge_section = settings.judge.model_copy(update={"checks": checks})
    judge = Judge(settings.model_copy(update={"judge": judge_section}), model)
    known = _taken_up(path, out_folder, judge.judge_id)
    quarantined: list[QuarantinedRecord] = []
    work = _Work(judge, model, known, settings.judge.concurrency, progress or SilentProgress())
    run(work.judge_all(_exchanges(path, quarantined), out_folder))
    if quarantined:
        _make_folder(out_folder)
        write_lines(out_folder / QUARANTINE_FILE, (record.to_dict() for record in quarantined))
    if not work.judged and not work.stopped_because:
        raise InputError(
            f"{path}: none of {len(quarantined)} lines is an exchange",
            hint="each line has to be a JSON object with at least 'prompt' and 'response_text'",
        )
    return RecordedResult(
        judged=work.judged,
        failed=work.fates[False],
        ungraded=work.fates[None],
        known=work.known,
        quarantined=len(quarantined),
        reasons=dict(Counter(record.reason for record in quarantined)),
        judge_id=judge.judge_id,
        cost_usd=work.cost_usd,
        stopped_because=work.stopped_because,
    )


def _taken_up(path: Path, folder: Path, judge_id: str) -> dict[str, Verdict]:
    """Return the verdicts that a folder holds already, by exchange; write down what it is about if it is new.

    Raises:
        UsageError: If they are on another file, or another judge's.
        InputError: If the file cannot be read.
    """
    try:
        source = {"sha256": file_sha256(path), "judge_id": judge_id}
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    note = folder / SOURCE_FILE
    if note.exists():
        before: Any = orjson.loads(note.read_bytes())
        if before != source:
            what = "of another judge" if before["sha256"] == source["sha256"] else "on another file"
            raise UsageError(f"{folder} holds verdicts {what}", hint=_OTHER_FOLDER)
    elif parts(folder / VERDICTS_FOLDER):
        raise UsageError(f"{folder} holds verdicts already, and nothing says on what", hint=_OTHER_FOLDER)
    else:
        _make_folder(folder)
        note.write_bytes(orjson.dumps(source))
    verdicts = (Verdict.model_validate(row) for row in read_parts(folder / VERDICTS_FOLDER))
    return {verdict.exchange_id: verdict for verdict in verdicts}


class _Work:
    """Judges exchanges, several at once, and writes verdicts in their order."""

    def __init__(
        self,
        judge: Judge,
        model: ModelClient | Panel | None,
        known: dict[str, Verdict],
        concurrency: int,
        progress: Progress,
    ) -> None:
        self._judge = judge
        self._model = model
        self._known = known
        self._slots = asyncio.Semaphore(answers_at_once(concurrency))
        self._unjudged_in_a_row = 0
        self._given_up = max(UNJUDGED_IN_A_ROW, 2 * concurrency)
        self._progress = progress
        self._history: defaultdict[tuple[str, str, int], list[Exchange]] = defaultdict(list)
        self.judged = 0
        self.fates: Counter[bool | None] = Counter()
        self.known = 0
        self.cost_usd = sum(verdict.cost_usd for verdict in known.values())
        self.stopped_because = ""
        if isinstance(model, Panel):
            for verdict in known.values():
                model.paid_before(Usage(cost_usd=verdict.cost_usd, tokens_in=verdict.tokens))

    async def judge_all(self, exchanges: Iterator[Exchange], out_folder: Path) -> None:
        """Judge what has no verdict yet, until the end or until nothing more can be paid."""
        pending: deque[asyncio.Task[Verdict | None]] = deque()
        try:
            with PartWriter(out_folder / VERDICTS_FOLDER) as writer:
                try:
                    for exchange in exchanges:
                        pending.append(asyncio.create_task(self._verdict(exchange)))
                        while len(pending) >= _AHEAD or (pending and pending[0].done()):
                            self._take(await pending.popleft(), writer)
                        # Judging without a model never waits: reading must not run ahead of it.
                        await asyncio.sleep(0)
                    while pending:
                        self._take(await pending.popleft(), writer)
                finally:
                    # What waited for one before it, when an interrupt or an error ended this, is paid for all the same.
                    for task in pending:
                        if task.done() and not task.cancelled() and task.exception() is None:
                            self._take(task.result(), writer)
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            if self._model is not None:
                await self._model.close()

    async def _verdict(self, exchange: Exchange) -> Verdict | None:
        """Return the verdict on an exchange; None where it cannot be had any more."""
        conversation = self._history[exchange.prompt_id, exchange.arm, exchange.attempt]
        earlier = list(conversation)
        conversation.append(exchange)
        known = self._known.get(exchange.exchange_id)
        if known is not None and (self._model is None or not is_unjudged(known)):
            self.known += 1
            return known
        async with self._slots:
            if self._judge.is_failing or self._unjudged_in_a_row >= self._given_up:
                self.stopped_because = "judge_failing"
            if self.stopped_because:
                return None
            try:
                verdict = await self._judge.grade(exchange, None, earlier)
            except BudgetSpentError:
                self.stopped_because = "budget"
                return None
            self._unjudged_in_a_row = self._unjudged_in_a_row + 1 if is_unjudged(verdict) else 0
            return verdict

    def _take(self, verdict: Verdict | None, writer: PartWriter) -> None:
        if verdict is None:
            return
        if self._known.get(verdict.exchange_id) is not verdict:
            writer.append(verdict.to_dict())
            self.cost_usd += verdict.cost_usd
        self.judged += 1
        self.fates[verdict.passed] += 1
        self._progress.update("judging", self.judged)


def read_exchanges(path: Path) -> Iterator[Exchange]:
    """Yield a file's exchanges with the ids under which they are judged; lines that are none are passed over.

    Raises:
        InputError: If the file cannot be read.
    """
    return _exchanges(path, [])


def _exchanges(path: Path, quarantined: list[QuarantinedRecord]) -> Iterator[Exchange]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    yield _exchange(line, number)
                except _QuarantinedError as broken:
                    quarantined.append(
                        QuarantinedRecord(
                            source=path.name,
                            line=number,
                            reason=broken.reason,
                            field=broken.field,
                            detail=broken.detail,
                        )
                    )
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _exchange(line: bytes, number: int) -> Exchange:
    try:
        row: Any = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise _QuarantinedError("not_json", detail=f"{len(line)} bytes") from None
    if not isinstance(row, dict):
        raise _QuarantinedError("not_an_object", detail=type(row).__name__)
    for field in ("prompt", "response_text"):
        if row.get(field) is None and (field == "prompt" or row.get("outcome", "answered") == "answered"):
            raise _QuarantinedError("missing_field", field)
    if isinstance(row.get("contexts"), str):
        row["contexts"] = [row["contexts"]]
    made_up = f"line-{number}"
    values = {key: value for key, value in row.items() if value is not None}
    values.setdefault("exchange_id", made_up)
    values.setdefault("prompt_id", values["exchange_id"])
    try:
        return Exchange.model_validate(values)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in problem["loc"])
        raise _QuarantinedError("wrong_type", field, problem["type"]) from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder}: cannot be created: {error.strerror}") from None
