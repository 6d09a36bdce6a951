"""How many verdicts a run did not pay for, because the same judge had judged the same answer before."""

from harness.jsonlines import read_parts
from harness.wording import counted
from reports.figures import count
from reports.loading import Run


def sentence(run: Run) -> str:
    """Return in one line how many verdicts came from the cache; empty where none did."""
    asked = known = 0
    for record in read_parts(run.folder / "verdicts"):
        if any(criterion.get("judged_by", "check") != "check" for criterion in record.get("criteria") or ()):
            asked += 1
            known += bool(record.get("cached"))
    if not known:
        return ""
    return (
        f"{count(known)} of {counted(asked, 'verdict')} that a model gave {'was' if known == 1 else 'were'} known from an "
        "earlier call: the same judge, the same answer, word for word. They cost nothing this time."
    )
