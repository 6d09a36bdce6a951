"""One answer as a person reviews it in a terminal. What users, targets and models wrote stands in frames and hides nothing."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from harness.contracts import CriterionResult, ReviewItem
from harness.wording import counted
from reports.visible import visible

PAGE = 3000
"""Characters of one text that are shown at once."""
PAGE_LINES = 40
_EARLIER = 400
_QUOTE = 200
_MARK = "reverse"
_WORDS = {True: "passed", False: "failed", None: "not graded"}


def question(item: ReviewItem) -> RenderableType:
    """Return the conversation up to the answer, earlier turns cut short."""
    earlier = [_framed(Text(visible(cut(turn.text, 0, _EARLIER))), f"earlier, {turn.role}") for turn in item.history]
    return Group(*earlier, _paged(item.prompt, 0, "user", ()))


def answer(item: ReviewItem, start: int, *, marked: bool) -> RenderableType:
    """Return the answer from a character on, with the judge's evidence marked if that may be seen."""
    evidence = [passage for result in item.criteria if result.passed is False for passage in result.evidence]
    return _paged(item.answer, start, "answer", evidence if marked else ())


def contexts(item: ReviewItem, *, unfolded: bool) -> RenderableType:
    """Return what the assistant had retrieved; folded, only how much it was."""
    if item.contexts is None:
        return Text("no contexts: the target gives none", style="dim")
    if not unfolded:
        size = sum(map(len, item.contexts))
        return Text(
            f"{counted(len(item.contexts), 'context')} of {size:,} characters, folded: c shows them", style="dim"
        )
    return Group(*(_paged(text, 0, f"context {n}", ()) for n, text in enumerate(item.contexts, start=1)))


def verdict(item: ReviewItem) -> RenderableType:
    """Return what the judge said of an answer, and why."""
    lines = [Text(f"judge {_WORDS[item.passed]} this answer", style="bold")]
    if item.sampled == "disputed":
        lines.append(Text("its models did not agree"))
    for result in item.criteria:
        if result.passed is not True:
            lines += _said(result)
    return _framed(Text("\n").join(lines), item.judge_id)


def _said(result: CriterionResult) -> Iterable[Text]:
    yield Text(f"{result.name}: {_WORDS[result.passed]} ({result.judged_by})", style="bold")
    if result.reason:
        yield Text(f"  {visible(cut(result.reason, 0, PAGE))}")
    for passage in result.evidence:
        yield Text(f"  “{visible(cut(passage, 0, _QUOTE))}”")


def next_page(text: str, start: int) -> int:
    """Return where the page after the one at ``start`` begins; 0 after the last."""
    end = _end(text, start, PAGE)
    return end if end < len(text) else 0


def cut(text: str, start: int, most: int) -> str:
    """Return a piece of a text; a sentence says what is left out after it."""
    end = _end(text, start, most)
    left = len(text) - end
    return text[start:end] + (f" … {left:,} more characters" if left else "")


def _end(text: str, start: int, most: int) -> int:
    end = min(start + most, len(text))
    lines = text[start:end].split("\n")
    return start + len("\n".join(lines[:PAGE_LINES])) + 1 if len(lines) > PAGE_LINES else end


def _paged(text: str, start: int, title: str, evidence: Iterable[str]) -> RenderableType:
    end = _end(text, start, PAGE)
    shown = _marked(text, start, end, evidence)
    if start or end < len(text):
        title = f"{title}, characters {start + 1:,} to {end:,} of {len(text):,}"
    return _framed(shown, title)


def _marked(text: str, start: int, end: int, evidence: Iterable[str]) -> Text:
    """Return a piece of a text with passages marked, wherever they begin or end."""
    inside = [False] * (end - start)
    for passage in filter(None, evidence):
        at = text.find(passage)
        while at >= 0:
            for place in range(max(at, start), min(at + len(passage), end)):
                inside[place - start] = True
            at = text.find(passage, at + len(passage))
    shown, begin = Text(), start
    for place in range(start + 1, end + 1):
        if place == end or inside[place - start] != inside[begin - start]:
            shown.append(visible(text[begin:place]), style=_MARK if inside[begin - start] else None)
            begin = place
    return shown


def _framed(text: Text, title: str) -> Panel:
    return Panel(text, title=Text(title), title_align="left", expand=True)
