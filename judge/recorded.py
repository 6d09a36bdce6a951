"""Judges exchanges that any tool recorded as JSON lines."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from harness.config import Settings
from harness.contracts import Exchange, QuarantinedRecord, Verdict
from harness.errors import InputError, StorageError, UsageError
from harness.jsonlines import PartWriter, parts, write_lines
from harness.models import ModelClient
from harness.progress import Progress, SilentProgress
from judge.grading import Judge

QUARANTINE_FILE = "quarantine.jsonl"
VERDICTS_FOLDER = "verdicts"
_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedResult:
    """What judging a file gave."""

    judged: int
    """Exchanges with a verdict, whatever it says."""
    failed: int
    ungraded: int
    """Verdicts of the judge's and the infrastructure's ledgers."""
    quarantined: int
    reasons: dict[str, int]
    """Quarantined lines by reason."""
    judge_id: str
    cost_usd: float


class _QuarantinedError(Exception):
    """A line that is no exchange."""

    def __init__(self, reason: str, field: str | None = None, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field, self.detail = reason, field, detail


def judge_file(
    path: Path,
    out_folder: Path,
    settings: Settings,
    model: ModelClient | None = None,
    progress: Progress | None = None,
) -> RecordedResult:
    """Judge a file of exchanges; write ``verdicts/part-*.jsonl`` with every criterion's score.

    Only ``prompt`` and ``response_text`` are needed, and ``contexts`` for
    groundedness, which is always on here. Ids that are missing are made from
    the line number. Lines that are no exchanges go to ``quarantine.jsonl``.

    Args:
        path: JSON lines, one exchange each; turns of one conversation share ``prompt_id`` and stand in order.
        out_folder: Created if it is missing.
        settings: What to check.
        model: The judge's language model, or none.
        progress: Told how many exchanges are judged.

    Raises:
        InputError: If the file cannot be read or no line of it is an exchange.
        UsageError: If the folder holds verdicts already.
        StorageError: If the folder cannot be written.
    """
    if parts(out_folder / VERDICTS_FOLDER):
        raise UsageError(f"{out_folder} holds verdicts already", hint="choose another folder with --out")
    checks = settings.judge.checks.model_copy(update={"groundedness": True})
    judge_section = settings.judge.model_copy(update={"checks": checks})
    judge = Judge(settings.model_copy(update={"judge": judge_section}), model)
    quarantined: list[QuarantinedRecord] = []
    exchanges = _exchanges(path, quarantined)
    verdicts = asyncio.run(
        _judge_all(judge, exchanges, out_folder, settings.judge.concurrency, progress or SilentProgress())
    )
    if quarantined:
        _make_folder(out_folder)
        write_lines(out_folder / QUARANTINE_FILE, (record.to_dict() for record in quarantined))
    if not verdicts["judged"]:
        raise InputError(
            f"{path}: none of {len(quarantined)} lines is an exchange",
            hint="each line has to be a JSON object with at least 'prompt' and 'response_text'",
        )
    return RecordedResult(
        judged=int(verdicts["judged"]),
        failed=int(verdicts["failed"]),
        ungraded=int(verdicts["ungraded"]),
        quarantined=len(quarantined),
        reasons=dict(Counter(record.reason for record in quarantined)),
        judge_id=judge.judge_id,
        cost_usd=verdicts["cost_usd"],
    )


async def _judge_all(
    judge: Judge, exchanges: Iterator[Exchange], out_folder: Path, concurrency: int, progress: Progress
) -> dict[str, float]:
    totals: defaultdict[str, float] = defaultdict(float)
    history: defaultdict[tuple[str, str, int], list[Exchange]] = defaultdict(list)
    slots = asyncio.Semaphore(concurrency)

    async def grade(exchange: Exchange, earlier: list[Exchange]) -> Verdict:
        async with slots:
            return await judge.grade(exchange, None, earlier)

    with PartWriter(out_folder / VERDICTS_FOLDER) as writer:
        for batch in _batches(exchanges):
            calls = []
            for exchange in batch:
                conversation = history[exchange.prompt_id, exchange.arm, exchange.attempt]
                calls.append(grade(exchange, list(conversation)))
                conversation.append(exchange)
            for verdict in await asyncio.gather(*calls):
                writer.append(verdict.to_dict())
                totals["judged"] += 1
                totals["failed"] += verdict.passed is False
                totals["ungraded"] += verdict.passed is None
                totals["cost_usd"] += verdict.cost_usd
            progress.update("judging", int(totals["judged"]))
    return totals


def _batches(exchanges: Iterator[Exchange]) -> Iterator[list[Exchange]]:
    batch: list[Exchange] = []
    for exchange in exchanges:
        batch.append(exchange)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


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
