"""A person labels answers with single keys, in a terminal that the answers cannot take over."""

import io
import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console as RichConsole

from harness.contracts import CriterionResult, Label, ReviewItem, Turn
from harness.jsonlines import PartWriter
from harness.reviews import StoredReviews
from harness.storage import Storage
from pipeline.reviewview import PAGE
from pipeline.reviewwalk import Walk
from tests.judge.calibration.records import item

CLI = str(Path(sys.executable).with_name("reverse-rag"))
HOSTILE = "It opens \x1b]0;owned\x07\x1b[2J\x9b31m at nine.\u202e\nThe judge passed this answer."
ITEMS = [
    item(number, passed=False).model_copy(
        update={
            "answer": HOSTILE,
            "history": [Turn(role="user", text="Earlier\x1b[1m words")],
            "contexts": ["It opens at eight.", "\x1b[2J"],
            "criteria": [
                CriterionResult(name="groundedness", passed=False, reason="says nine", evidence=["at nine"]),
                CriterionResult(name="refusal", passed=True),
            ],
        }
    )
    for number in range(3)
]


class Typist:
    """A keyboard on which these keys are typed; a longer word is a line."""

    def __init__(self, typed: Iterable[str]) -> None:
        self._typed = iter(typed)

    def key(self) -> str:
        """Return the next key."""
        return next(self._typed, "")

    def line(self) -> str:
        """Return the next line."""
        return next(self._typed, "")


def walk(
    root: Path, *typed: str, items: Sequence[ReviewItem] = ITEMS, blind: bool = True, criterion: str | None = None
) -> tuple[str, list[Label]]:
    """Return what was shown, and the labels that the store then holds."""
    shown = io.StringIO()
    store = StoredReviews(Storage(str(root)))
    sitting = Walk(
        store=store,
        queue=items,
        reviewer="ada",
        criterion=criterion,
        blind=blind,
        advise=lambda given: f"{34 - len(given)} more labels",
        keyboard=Typist(typed),
        screen=RichConsole(file=shown, width=80, force_terminal=True, color_system="standard", no_color=True),
    )
    assert sitting.run() == len({one.review_id for one in sitting.given})
    return shown.getvalue(), StoredReviews(Storage(str(root))).labels()


def test_each_key_gives_its_label_at_once(tmp_path: Path) -> None:
    shown, labels = walk(tmp_path, "g", "b", "u")
    assert [one.label for one in sorted(labels, key=lambda one: one.review_id)] == ["good", "bad", "unsure"]
    assert {(one.labelled_by, one.judge_id, one.criterion) for one in labels} == {("ada", "judge-1", None)}
    assert "1 of 3 · 34 more labels" in shown


def test_skipping_and_quitting_label_nothing(tmp_path: Path) -> None:
    assert walk(tmp_path, "s", "q")[1] == []
    assert walk(tmp_path)[1] == [], "nobody types any more"


def test_a_label_is_corrected_by_going_back(tmp_path: Path) -> None:
    _, labels = walk(tmp_path, "g", "p", "b", "q")
    assert [one.label for one in labels] == ["good", "bad"]
    assert len({one.review_id for one in labels}) == 1


def test_a_note_goes_with_the_label_and_a_criterion_with_both(tmp_path: Path) -> None:
    _, (label,) = walk(tmp_path, "n", "it is nine on Sundays", "b", "q", criterion="groundedness")
    assert (label.note, label.criterion, label.label) == ("it is nine on Sundays", "groundedness", "bad")


def test_the_verdict_is_hidden_until_the_label_is_given_or_it_is_asked_for(tmp_path: Path) -> None:
    before, _ = walk(tmp_path / "a", "q")
    assert "says nine" not in before
    after, _ = walk(tmp_path / "b", "g", "q")
    assert after.index("good, kept") < after.index("says nine")
    asked, labels = walk(tmp_path / "c", "v", "q")
    assert "says nine" in asked
    assert labels == []
    open_eyed, _ = walk(tmp_path / "d", "q", blind=False)
    assert "judge failed this answer" in open_eyed


def test_the_evidence_is_marked_in_the_answer(tmp_path: Path) -> None:
    shown, _ = walk(tmp_path, "q", blind=False)
    assert "\x1b[7mat nine\x1b[0m" in shown


def test_an_answer_can_neither_command_the_terminal_nor_leave_its_frame(tmp_path: Path) -> None:
    shown, _ = walk(tmp_path, "c", "v", "q", blind=False)
    for dangerous in ("\x1b]0;", "\x1b[2J", "\x9b", "\x07", "\u202e", "\x1b[1m words"):
        assert dangerous not in shown
    assert "‹U+202E›" in shown
    (forged,) = {line for line in shown.splitlines() if "The judge passed this answer." in line}
    assert forged.startswith("│")


def test_a_long_answer_is_shown_piece_by_piece_and_says_so(tmp_path: Path) -> None:
    text = "".join(f"word{number} " for number in range(1000))
    long = ITEMS[0].model_copy(update={"answer": text})
    first, _ = walk(tmp_path, "q", items=[long])
    assert f"characters 1 to {PAGE:,} of {len(text):,}" in first
    assert "word999" not in first
    whole, _ = walk(tmp_path, "m", "m", "q", items=[long])
    assert "word999" in whole
    many_lines = ITEMS[0].model_copy(update={"answer": "\n" * 500 + "the end"})
    assert "the end" not in walk(tmp_path, "q", items=[many_lines])[0]


def test_contexts_are_folded_until_asked_for(tmp_path: Path) -> None:
    folded, _ = walk(tmp_path, "q")
    assert "opens at eight" not in folded
    assert "2 contexts" in folded
    assert "opens at eight" in walk(tmp_path, "c", "q")[0]


def test_any_other_key_shows_the_keys(tmp_path: Path) -> None:
    shown, labels = walk(tmp_path, "?", "x", "q")
    assert shown.count("g good · b bad") == 3
    assert labels == []


def test_without_a_terminal_the_command_names_the_way_with_files(tmp_path: Path) -> None:
    done = subprocess.run(
        [CLI, "review", "--out", str(tmp_path)], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 2
    assert f"`reverse-rag review --out {tmp_path} export FILE`" in done.stderr


def test_the_command_takes_single_keys_from_a_real_terminal_and_no_arrow_for_one(tmp_path: Path) -> None:
    """The down arrow's code ends in a B, and pasted text is no label."""
    with PartWriter(tmp_path / "reviews" / "items") as writer:
        writer.append(*(one.to_dict() for one in ITEMS))
    mine, theirs = pty.openpty()
    command = subprocess.Popen(
        [CLI, "review", "--out", str(tmp_path)],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "REVERSE_RAG_REVIEWS__REVIEWER": "ada", "TERM": "xterm"},
    )
    os.close(theirs)
    for shown, keys in (
        ("q quit", "\x1b[B"),
        ("q quit", "bad"),
        ("q quit", "g"),
        ("q quit", "n"),
        ("note: ", "on Sundays\n"),
        ("q quit", "b"),
        ("q quit", "q"),
    ):
        _until(mine, shown)
        os.write(mine, keys.encode())
    assert command.wait(60) == 0
    os.close(mine)
    labels = StoredReviews(Storage(str(tmp_path))).labels()
    assert [(one.label, one.note, one.labelled_by) for one in labels] == [
        ("good", "", "ada"),
        ("bad", "on Sundays", "ada"),
    ]


def _until(descriptor: int, words: str) -> str:
    """Return what a terminal shows until these words stand there."""
    shown = ""
    while words not in shown and select.select([descriptor], [], [], 60)[0]:
        shown += os.read(descriptor, 65536).decode(errors="replace")
    return shown
