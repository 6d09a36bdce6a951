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
    judged_usd: float | None = None
    """Of it, what the verdicts of the time say: what later ones say comes on top. None in accounts of earlier versions."""
    judged_tokens: int | None = None


def spent_before(folder: Path, verdicts: Iterable[Verdict]) -> Usage:
    """Return what earlier parts of a run consumed: its account, and what verdicts say that are not in it.

    A part that was killed kept no account: what its judgements under way cost, ``[judge] concurrency`` answers at
    most, is known to nobody but the provider.

    Raises:
        StorageError: If the account cannot be read.
    """
    judged = _judged(verdicts)
    path = folder / SPENT_FILE
    if not path.exists():
        return judged
    kept = read_record(path, Spent)
    if kept.judged_usd is None or kept.judged_tokens is None:
        return Usage(cost_usd=max(judged.cost_usd, kept.usd), tokens_in=max(judged.tokens, kept.tokens))
    since_usd, since_tokens = judged.cost_usd - kept.judged_usd, judged.tokens - kept.judged_tokens
    return Usage(cost_usd=kept.usd + max(0.0, since_usd), tokens_in=kept.tokens + max(0, since_tokens))


def keep_spent(folder: Path, spent: Usage, verdicts: Iterable[Verdict]) -> None:
    """Write a run's account, whole or not at all.

    Args:
        folder: The run's.
        spent: By all parts of it.
        verdicts: All that were written.
    """
    judged = _judged(verdicts)
    account = Spent(usd=spent.cost_usd, tokens=spent.tokens, judged_usd=judged.cost_usd, judged_tokens=judged.tokens)
    write_record(folder / SPENT_FILE, account)


def _judged(verdicts: Iterable[Verdict]) -> Usage:
    usd, tokens = 0.0, 0
    for verdict in verdicts:
        usd, tokens = usd + verdict.cost_usd, tokens + verdict.tokens
    return Usage(cost_usd=usd, tokens_in=tokens)
