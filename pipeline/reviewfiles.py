"""Answers to review as CSV or JSON lines, and labels back from them, whoever filled them in with whatever program."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast

import orjson

from harness.contracts import Label, LabelValue, ReviewItem
from harness.errors import InputError
from harness.identity import utc_now
from judge.calibration.labelling import latest
from reports.visible import visible

Format = Literal["csv", "jsonl"]
LABEL_COLUMNS = ("review_id", "label", "criterion", "note", "labelled_by", "labelled_at")
"""What ``import`` reads; the others are for the person."""
_TEXTS = ("prompt", "history", "answer", "contexts")
_VERDICT = ("verdict", "sampled", "reasons")
_VALUES = frozenset({"good", "bad", "unsure"})
_FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]|'*[\t\r\n]")
"""What spreadsheet programs may take for a formula, and what looks as if it had been kept from that already."""
_MOST_NOTE = 2000
_FIELD_LIMIT = 64 * 1024 * 1024
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that gives no label, and why; never what stands in it."""

    line: int
    """Where it begins, from 1."""
    field: str
    problem: str

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-compatible values."""
        return asdict(self)


@dataclass(slots=True, kw_only=True)
class Imported:
    """What a file of labels holds."""

    labels: list[Label]
    bad: list[BadRow]
    empty: int = 0
    """Rows whose label nobody has filled in."""
    known: int = 0
    """Labels that the same person gave before."""


class _BadRowError(Exception):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field, self.problem = field, problem


def exported(
    items: Iterable[ReviewItem], labels: Iterable[Label], form: Format, *, blind: bool, criterion: str | None = None
) -> str:
    """Return answers as the text of a file, with a row for each label and one where there is none.

    Args:
        items: The answers, in their order.
        labels: What is said of them already.
        form: CSV for spreadsheets (texts with everything invisible spelled out, formulas neutralised), or JSON lines.
        blind: Leave out what the judge said.
        criterion: What labels that are still to be given are about; None: the answer as a whole.
    """
    given: dict[str, list[Label | None]] = {}
    for label in latest(labels):
        given.setdefault(label.review_id, []).append(label)
    rows = [
        _row(item, label, blind=blind, criterion=criterion)
        for item in items
        for label in given.get(item.review_id, [None])
    ]
    if form == "jsonl":
        return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows).decode()
    columns = [*LABEL_COLUMNS, *_TEXTS, *(() if blind else _VERDICT), "run_id", "prompt_id", "exchange_id", "judge_id"]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: guarded(_cell(name, row[name])) for name in columns})
    return text.getvalue()


def _row(item: ReviewItem, label: Label | None, *, blind: bool, criterion: str | None) -> dict[str, Any]:
    said = {name: getattr(label, name) or "" if label else "" for name in LABEL_COLUMNS}
    if label is None:
        said["criterion"] = criterion or ""
    verdict = {
        "verdict": {True: "passed", False: "failed", None: "not graded"}[item.passed],
        "sampled": item.sampled,
        "reasons": [
            {"criterion": result.name, "reason": result.reason, "evidence": result.evidence}
            for result in item.criteria
            if result.passed is False
        ],
    }
    return {
        **said,
        "review_id": item.review_id,
        "prompt": item.prompt,
        "history": [turn.model_dump() for turn in item.history],
        "answer": item.answer,
        "contexts": item.contexts or [],
        **({} if blind else verdict),
        "run_id": item.run_id,
        "prompt_id": item.prompt_id,
        "exchange_id": item.exchange_id,
        "judge_id": item.judge_id,
    }


def _cell(name: str, value: Any) -> str:
    if name == "history":
        value = [f"{turn['role']}: {turn['text']}" for turn in value]
    elif name == "reasons":
        value = [" ".join([f"{one['criterion']}: {one['reason']}", *one["evidence"]]) for one in value]
    text = "\n\n".join(value) if isinstance(value, list) else str(value)
    return text if name in LABEL_COLUMNS else visible(text)


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet program takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return what ``guarded`` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def read_import(
    path: Path, items: Sequence[ReviewItem], labels: Sequence[Label], *, reviewer: Callable[[], str]
) -> Imported:
    """Return the labels of a file, and the rows that give none.

    Args:
        path: CSV with a header (comma, semicolon or tab), or JSON lines where the name ends in .jsonl or .json.
        items: The store's answers.
        labels: The store's labels: what the same person said last is not taken again.
        reviewer: Says whose labels they are where a row does not; asked only then.

    Raises:
        InputError: If the file cannot be read, or is no table of labels.
    """
    rows = _json_rows(path) if path.suffix in {".jsonl", ".json"} else _csv_rows(path)
    by_id = {item.review_id: item for item in items}
    said = {(one.review_id, one.criterion, one.labelled_by): (one.label, one.note) for one in latest(labels)}
    found = Imported(labels=[], bad=[])
    for line, row in rows:
        try:
            label = _label(row, by_id, reviewer)
        except _BadRowError as error:
            found.bad.append(BadRow(line, error.field, error.problem))
            continue
        if label is None:
            found.empty += 1
            continue
        key = label.review_id, label.criterion, label.labelled_by
        if said.get(key) == (label.label, label.note):
            found.known += 1
            continue
        said[key] = label.label, label.note
        found.labels.append(label)
    return found


def _label(
    row: Mapping[str, Any] | _BadRowError, items: Mapping[str, ReviewItem], reviewer: Callable[[], str]
) -> Label | None:
    if isinstance(row, _BadRowError):
        raise row
    fields = {name: _text(row, name) for name in LABEL_COLUMNS}
    if not fields["label"]:
        return None
    item = items.get(fields["review_id"])
    if item is None:
        raise _BadRowError("review_id", "is not in the review store" if fields["review_id"] else "is missing")
    said = fields["label"].lower()
    if said not in _VALUES:
        raise _BadRowError("label", "is neither good nor bad nor unsure")
    criterion = fields["criterion"] or None
    if criterion is not None and all(criterion != result.name for result in item.criteria):
        raise _BadRowError("criterion", "did not judge this answer")
    if len(fields["note"]) > _MOST_NOTE:
        raise _BadRowError("note", f"has {len(fields['note']):,} characters, {_MOST_NOTE:,} are allowed")
    return Label(
        review_id=item.review_id,
        judge_id=item.judge_id,
        label=cast("LabelValue", said),
        criterion=criterion,
        note=fields["note"],
        labelled_by=fields["labelled_by"] or reviewer(),
        labelled_at=_time(fields["labelled_at"]),
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _BadRowError(name, f"is {type(value).__name__}, not text")
    return value.strip()


def _time(text: str) -> str:
    if not text:
        return utc_now()
    try:
        aware = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise _BadRowError("labelled_at", "is no ISO 8601 time with a time zone")
    return text


def _json_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | _BadRowError]]:
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            row = None
        yield number, row if isinstance(row, dict) else _BadRowError("", "is no JSON object")


def _csv_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | _BadRowError]]:
    text = _read(path)
    header = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=header.count)
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in ("review_id", "label") if name not in names]
        if missing:
            raise InputError(f"{path}: the first line names no column '{missing[0]}'", hint=_FORMS)
        begin = reader.line_num + 1
        for cells in reader:
            if any(cells):
                yield begin, {name: unguarded(cell) for name, cell in zip(names, cells, strict=False)}
            begin = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path}: line {reader.line_num} is no CSV: {error}", hint=_FORMS) from None


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not UTF-8", hint="save it as 'CSV UTF-8'") from None


_FORMS = "a CSV file begins with a line of column names, review_id and label among them; JSON lines end in .jsonl"
