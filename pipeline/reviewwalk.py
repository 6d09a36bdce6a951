"""Walks a person through answers, one key a label."""

import os
import sys
import termios
import tty
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO, Protocol, cast

from rich.console import Console as RichConsole
from rich.console import Group, RenderableType
from rich.text import Text

from harness.contracts import Label, LabelValue, ReviewItem
from harness.errors import UsageError
from harness.identity import utc_now
from harness.reviews import ReviewStore
from pipeline import reviewview as view
from pipeline.streams import Talk

LABELS: dict[str, LabelValue] = {"g": "good", "b": "bad", "u": "unsure"}
_MOVES = {"s": "skip", "p": "previous", "q": "quit"}
_SHOWS = {"m": "more of the answer", "c": "contexts", "v": "verdict", "n": "note"}
HELP = " · ".join(f"{key} {word}" for key, word in {**LABELS, **_SHOWS, **_MOVES}.items())
ADVICE_EVERY = 5
"""Labels after which it is worked out anew how many more it takes."""
_MOST_NOTE = 2000


class Keyboard(Protocol):
    """What a person types."""

    def key(self) -> str:
        """Return the next key; empty when nobody types any more."""
        ...

    def line(self) -> str:
        """Return a line of text."""
        ...


class TerminalKeyboard:
    """Single keys from the terminal on standard input."""

    def __init__(self) -> None:
        self._fd = sys.stdin.fileno()

    def key(self) -> str:
        """Return the next key; what is no single character, such as an arrow key or pasted text, is a question mark."""
        before = termios.tcgetattr(self._fd)
        try:
            tty.setcbreak(self._fd, termios.TCSADRAIN)
            typed = os.read(self._fd, 64).decode(errors="replace")
        finally:
            termios.tcsetattr(self._fd, termios.TCSADRAIN, before)
        return typed.lower() if len(typed) <= 1 else "?"

    def line(self) -> str:
        """Return a line of text as the terminal lets one edit it."""
        return os.read(self._fd, 4096).decode(errors="replace").strip()


@dataclass(slots=True)
class Walk:
    """One sitting of a person.

    Args:
        store: Where labels go.
        queue: What to look at, in this order.
        reviewer: Whose labels they are.
        criterion: What they are about; None: the answer as a whole.
        blind: Show the judge's verdict only after the label, or when asked for.
        advise: Says in a few words how many more labels it takes, given those of this sitting.
        keyboard: What the person types.
        screen: Where answers are shown.
    """

    store: ReviewStore
    queue: Sequence[ReviewItem]
    reviewer: str
    criterion: str | None
    blind: bool
    advise: Callable[[Sequence[Label]], str]
    keyboard: Keyboard
    screen: RichConsole
    given: list[Label] = field(default_factory=list)
    """Labels of this sitting; each is kept when it stands here."""
    _advice: str = ""

    def run(self) -> int:
        """Walk from answer to answer until the last or until the person quits; return how many were labelled."""
        self._advice = self.advise(())
        place = 0
        while 0 <= place < len(self.queue):
            move = self._ask(place)
            if move == "q":
                break
            place = max(place - 1, 0) if move == "p" else place + 1
        return len({label.review_id for label in self.given})

    def _ask(self, place: int) -> str:
        """Show one answer until it is labelled or left; return the key that did it."""
        item = self.queue[place]
        looked = _Looked(item, not self.blind)
        self._show(place, looked)
        while True:
            key = self.keyboard.key() or "q"
            if key in _MOVES:
                return key
            if key in LABELS:
                self._label(item, LABELS[key], looked)
                return key
            if key == "n":
                self.screen.print(Text("note: "), end="")
                looked.note = self.keyboard.line()[:_MOST_NOTE]
                self.screen.print(Text(f"{HELP}\n"), style="dim")
            elif key in _SHOWS:
                self.screen.print(looked.more(key))
            else:
                self.screen.print(Text(HELP), style="dim")

    def _show(self, place: int, looked: "_Looked") -> None:
        about = f" · is it bad by {self.criterion}?" if self.criterion else ""
        progress = f"{place + 1:,} of {len(self.queue):,}"
        self.screen.rule(Text(" · ".join(filter(None, [f"{progress}{about}", self._advice]))), align="left")
        self.screen.print(looked.whole())
        self.screen.print(Text(HELP), style="dim")

    def _label(self, item: ReviewItem, said: LabelValue, looked: "_Looked") -> None:
        label = Label(
            review_id=item.review_id,
            judge_id=item.judge_id,
            label=said,
            criterion=self.criterion,
            note=looked.note,
            labelled_by=self.reviewer,
            labelled_at=utc_now(),
        )
        self.store.add_labels([label])
        self.given.append(label)
        self.screen.print(Text(f"{said}, kept"), style="bold")
        if not looked.verdict_seen:
            self.screen.print(looked.more("v"))
        if len(self.given) % ADVICE_EVERY == 0:
            self._advice = self.advise(self.given)


@dataclass(slots=True)
class _Looked:
    """What of an answer has been looked at."""

    item: ReviewItem
    verdict_seen: bool
    note: str = ""
    start: int = 0

    def whole(self) -> RenderableType:
        """Return what a person judges by, and the verdict if it may be seen."""
        parts = [
            view.question(self.item),
            view.answer(self.item, 0, marked=self.verdict_seen),
            view.contexts(self.item, unfolded=False),
        ]
        return Group(*parts, *([view.verdict(self.item)] if self.verdict_seen else []))

    def more(self, key: str) -> RenderableType:
        """Return what a key asks for."""
        if key == "c":
            return view.contexts(self.item, unfolded=True)
        if key == "m":
            self.start = view.next_page(self.item.answer, self.start)
            return view.answer(self.item, self.start, marked=self.verdict_seen)
        self.verdict_seen = True
        if any(result.evidence for result in self.item.criteria if result.passed is False):
            return Group(view.verdict(self.item), view.answer(self.item, self.start, marked=True))
        return view.verdict(self.item)


def terminal() -> tuple[Keyboard, RichConsole]:
    """Return the keyboard and the screen of the terminal that the command runs in.

    Raises:
        UsageError: If a person cannot sit there.
    """
    if sys.stdin is None or not sys.stdin.isatty() or sys.stderr is None or not sys.stderr.isatty():
        raise UsageError(
            "there is no terminal to review in",
            hint="`reverse-rag review export FILE` writes the answers, `reverse-rag review import FILE` takes the labels",
        )
    return TerminalKeyboard(), RichConsole(file=cast("IO[str]", Talk(sys.stderr)), highlight=False)
