"""Who fails at what: personas (or strategies) against criteria, as classes of heat."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from harness.contracts import GroupRate
from reports.conversations import Conversation
from reports.wording import severity

MAX_ROWS = 40
_STEPS = (0.0, 0.02, 0.05, 0.10, 0.25)
"""A share above the n-th step is of class n + 1; none at all is of class 0."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many of a row's conversations failed a criterion."""

    failed: int
    share: float
    heat: int
    """0 (none) … 5."""


@dataclass(frozen=True, slots=True)
class Row:
    """One persona or strategy."""

    key: str
    graded: int
    failed: Cell
    cells: list[Cell]
    """One for each criterion of the table."""
    rate: GroupRate | None
    """The row's failure rate with its interval; None where the test read none of its prompts."""


@dataclass(frozen=True, slots=True)
class HeatTable:
    """Rows with the most failures first."""

    criteria: list[str]
    rows: list[Row]
    left_out: int
    """Rows beyond the most that a page shows."""


def heat_table(
    conversations: Iterable[Conversation], by: Callable[[Conversation], str], rates: Iterable[GroupRate] = ()
) -> HeatTable:
    """Return the table of the graded prompts that the rate is read from, grouped by what ``by`` returns.

    Args:
        conversations: All of the run.
        by: Names a conversation's row.
        rates: The gate's, of these groups.
    """
    known = {rate.name: rate for rate in rates}
    graded: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    cells: Counter[tuple[str, str]] = Counter()
    for conversation in conversations:
        if conversation.in_rate and conversation.status in ("passed", "failed"):
            row = by(conversation)
            graded[row] += 1
            failed[row] += conversation.status == "failed"
            cells.update((row, criterion) for criterion in conversation.criteria)
    criteria = sorted({criterion for _, criterion in cells}, key=severity)
    order = sorted(graded, key=lambda row: (-failed[row], -failed[row] / graded[row], row))
    return HeatTable(
        criteria=criteria,
        rows=[
            Row(
                key=row,
                graded=graded[row],
                failed=_cell(failed[row], graded[row]),
                cells=[_cell(cells[row, criterion], graded[row]) for criterion in criteria],
                rate=known.get(row),
            )
            for row in order[:MAX_ROWS]
        ],
        left_out=max(0, len(order) - MAX_ROWS),
    )


def worst_groups(groups: Sequence[GroupRate], most: int) -> list[GroupRate]:
    """Return the personas and strategies that are hit most for sure: those whose interval begins highest."""
    hit = [group for group in groups if group.failed and group.by != "criterion"]
    return sorted(hit, key=lambda group: (-group.lower, -group.estimate, group.by, group.name))[:most]


def _cell(failed: int, graded: int) -> Cell:
    share = failed / graded
    return Cell(failed=failed, share=share, heat=sum(share > step for step in _STEPS))
