"""What ``reverse-rag review`` and the commands below it do."""

import getpass
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.config import Settings
from harness.contracts import Label
from harness.errors import ConfigurationError, InputError, StorageError
from harness.storage import Storage
from harness.wording import counted
from judge.calibration.advice import waiting
from judge.calibration.labelling import latest, settled
from judge.calibration.reviewers import Conflict, Pair, conflicts, pairs
from pipeline.console import Console, shown
from pipeline.reviewfiles import Format, Imported, exported, read_import
from pipeline.reviewing import open_reviews
from pipeline.reviewqueue import Selection, advice, chosen_judge, selected
from pipeline.reviewwalk import Walk, terminal

_MOST_SHOWN = 10
_LABELS_AT_ONCE = 500


def run_review(
    settings: Settings, storage: Storage, console: Console, *, selection: Selection, limit: int | None
) -> dict[str, Any]:
    """Walk a person through answers; return what came of it.

    Raises:
        UsageError: If there is no terminal, or no such answer.
    """
    keyboard, screen = terminal()
    name, store = reviewer(settings), open_reviews(settings, storage)
    items, labels = store.items(), store.labels()
    judge_id = chosen_judge(items, selection.judge)
    queue = selected(items, labels, selection)
    if not queue:
        console.say("nothing waits for a label")
        return _result(judge_id, 0, 0)
    walk = Walk(
        store=store,
        queue=queue[:limit],
        reviewer=name,
        criterion=selection.criterion,
        blind=selection.blind,
        advise=lambda given: "" if selection.criterion else advice(judge_id, items, [*labels, *given], settings.gate),
        keyboard=keyboard,
        screen=screen,
    )
    count = walk.run()
    left = len(queue) - count
    console.say(f"labelled   {counted(count, 'answer')} as {name}; {left:,} wait")
    if count:
        console.fact("next", "reverse-rag calibrate")
    return _result(judge_id, count, left)


def _result(judge_id: str, labelled: int, left: int) -> dict[str, Any]:
    return {"judge_id": judge_id, "labelled": labelled, "waiting": left}


def run_export(settings: Settings, storage: Storage, *, selection: Selection, form: Format) -> tuple[str, int]:
    """Return answers as the text of a file, and how many there are.

    Raises:
        UsageError: If there is no such answer.
    """
    store = open_reviews(settings, storage)
    items, labels = store.items(), store.labels()
    chosen = selected(items, labels, selection)
    criterion = selection.criterion
    own = [label for label in labels if criterion in (None, label.criterion)] if selection.labelled else []
    return exported(chosen, own, form, blind=selection.blind, criterion=criterion), len(chosen)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read: what users and targets said stands in it.

    Raises:
        StorageError: If it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(descriptor, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from None


def run_import(settings: Settings, storage: Storage, console: Console, *, path: Path) -> dict[str, Any]:
    """Take the labels of a file; rows that give none are named, and the others taken.

    Raises:
        InputError: If no row of the file gives a label, and some should.
    """
    store = open_reviews(settings, storage)
    items, labels = store.items(), store.labels()
    found = read_import(path, items, labels, reviewer=lambda: reviewer(settings))
    for row in found.bad[:_MOST_SHOWN]:
        console.say(f"line {row.line}: {row.field or 'the row'} {row.problem}", "yellow")
    if len(found.bad) > _MOST_SHOWN:
        console.say(f"and {counted(len(found.bad) - _MOST_SHOWN, 'more row')}, with --json", "yellow")
    if found.bad and not (found.labels or found.known):
        raise InputError(f"{path}: none of its rows gives a label; {_why(found)}")
    for start in range(0, len(found.labels), _LABELS_AT_ONCE):
        store.add_labels(found.labels[start : start + _LABELS_AT_ONCE])
    console.say(f"imported   {counted(len(found.labels), 'label')} from {shown(path)}; {_why(found)}")
    now = [*labels, *found.labels]
    _say_agreement(console, now)
    return {
        "imported": len(found.labels),
        "known": found.known,
        "empty": found.empty,
        "bad_rows": [row.to_dict() for row in found.bad],
        **_agreement(now),
    }


def run_status(settings: Settings, storage: Storage, console: Console, *, judge: str | None = None) -> dict[str, Any]:
    """Say what waits, who labelled what, and where people contradict each other.

    Args:
        settings: The configuration.
        storage: Where the store is.
        console: Told.
        judge: A judge id or the beginning of one, of whose answers alone it is said; None: of all.

    Raises:
        UsageError: If the store has no such judge.
    """
    store = open_reviews(settings, storage)
    items, labels = store.items(), store.labels()
    if judge is not None:
        judge_id = chosen_judge(items, judge)
        items = [item for item in items if item.judge_id == judge_id]
        labels = [label for label in labels if label.judge_id == judge_id]
    said = settled(labels)
    judges = {}
    for judge_id in sorted({item.judge_id for item in items}):
        own = [item for item in items if item.judge_id == judge_id]
        left = waiting(judge_id, items, said)
        done = sum((item.review_id, None) in said for item in own)
        judges[judge_id] = {"answers": len(own), "labelled": done, "waiting": asdict(left)}
        console.say(f"{judge_id}  {counted(len(own), 'answer')}, {done:,} labelled")
        console.fact("waiting", f"{left.flagged:,} failed, {left.passed:,} passed")
    if not items:
        console.say("there are no judged answers to review")
    people = Counter(label.labelled_by for label in latest(labels))
    for name, count in people.most_common():
        console.fact("by", f"{name}: {counted(count, 'label')}")
    _say_agreement(console, labels)
    return {"judges": judges, "reviewers": dict(people), **_agreement(labels)}


def reviewer(settings: Settings) -> str:
    """Return whose labels are given.

    Raises:
        ConfigurationError: If nobody can be named.
    """
    try:
        return settings.reviews.reviewer or getpass.getuser()
    except (OSError, KeyError):
        raise ConfigurationError("nobody is named whose labels these are", hint="set [reviews] reviewer") from None


def _why(found: Imported) -> str:
    parts = {"known already": found.known, "without a label": found.empty, "not valid": len(found.bad)}
    return ", ".join(f"{counted(count, 'row')} {why}" for why, count in parts.items() if count) or "every row gave one"


def _agreement(labels: Sequence[Label]) -> dict[str, Any]:
    return {
        "agreement": [pair.to_dict() for pair in pairs(labels)],
        "conflicts": [conflict.to_dict() for conflict in conflicts(labels)],
    }


def _say_agreement(console: Console, labels: Sequence[Label]) -> None:
    for pair in pairs(labels):
        console.fact("agreement", _pair_words(pair))
    found = conflicts(labels)
    for conflict in found[:_MOST_SHOWN]:
        console.fact("conflict", _conflict_words(conflict), "yellow")
    if len(found) > _MOST_SHOWN:
        console.fact("", f"and {counted(len(found) - _MOST_SHOWN, 'more conflict')}, with --json")


def _pair_words(pair: Pair) -> str:
    kappa = "unknown" if pair.kappa is None else f"{pair.kappa:.2f}"
    return f"{pair.first}, {pair.second}: {pair.agreed:,} of {counted(pair.answers, 'answer')}, Cohen's kappa {kappa}"


def _conflict_words(conflict: Conflict) -> str:
    said = ", ".join(f"{person} {label}" for person, label in sorted(conflict.said.items()))
    about = f" ({conflict.criterion})" if conflict.criterion else ""
    return f"{conflict.review_id}{about}: {said}; counts as {conflict.settled}"
