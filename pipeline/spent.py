"""What counts against a run's budget, kept with the run: it holds for all parts of a resumed run together.

Verdicts alone do not tell: a call that was cut off, or answered beside one that could not be paid any more, costs
money and makes no verdict.
"""

from collections.abc import Iterable
from pathlib import Path

from harness.contracts import Record, Verdict
from harness.models import Usage
from pipeline.artifacts import read_record, write_record

SPENT_FILE = "spent.json"


class Spent(Record):
    """``spent.json``: of all parts of a run up to now; what was cut off counts as its worst."""

    usd: float
    tokens: int


def spent_before(folder: Path, verdicts: Iterable[Verdict]) -> Usage:
    """Return what earlier parts of a run consumed: by its account, at least what its verdicts say.

    Raises:
        StorageError: If the account cannot be read.
    """
    usd, tokens = 0.0, 0
    for verdict in verdicts:
        usd, tokens = usd + verdict.cost_usd, tokens + verdict.tokens
    path = folder / SPENT_FILE
    if path.exists():
        kept = read_record(path, Spent)
        # A part that was killed kept no account.
        usd, tokens = max(usd, kept.usd), max(tokens, kept.tokens)
    return Usage(cost_usd=usd, tokens_in=tokens)


def keep_spent(folder: Path, spent: Usage) -> None:
    """Write a run's account, whole or not at all."""
    write_record(folder / SPENT_FILE, Spent(usd=spent.cost_usd, tokens=spent.tokens))
