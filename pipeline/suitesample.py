"""``reverse-rag personas sample``: prompts of a suite for other tools."""

from collections import Counter
from pathlib import Path

from harness.config import Settings
from harness.jsonlines import write_lines
from harness.storage import Storage
from pipeline.commits import seed_of
from pipeline.console import shown
from pipeline.invocation import Invocation
from pipeline.streams import print_result
from pipeline.suites import open_suite


def draw_sample(
    invocation: Invocation,
    settings: Settings,
    storage: Storage,
    *,
    suite: str,
    count: int,
    commit: str | None,
    seed: int | None,
    to: Path | None,
) -> None:
    """Write a stratified sample of a suite: as JSON lines to a file or stdout, or as one document with ``--json``.

    Raises:
        UsageError: If there is no such suite, or the commit is no whole hash.
        StorageError: If the suite was changed, or the file cannot be written.
    """
    from personas.sampling import sample

    stored = open_suite(storage, suite)
    given = settings.personas.seed if seed is None else seed
    used = seed_of(commit, seed=given) if commit is not None else given
    chosen = sample(stored.prompts, count=count, seed=used)
    if len(chosen) < count:
        invocation.console().say(
            f"{stored.suite_id} holds {len(chosen):,} prompts of the rate, not {count:,}", "yellow"
        )
    if to is not None:
        write_lines(to, (prompt.to_dict() for prompt in chosen))
        invocation.console().say(f"sample     {len(chosen):,} prompts of {stored.suite_id} → {shown(to)}")
    elif not invocation.as_json:
        print_result("".join(f"{prompt.to_json().decode()}\n" for prompt in chosen))
    invocation.result(
        {
            "suite_id": stored.suite_id,
            "count": len(chosen),
            "seed": used,
            "commit": commit,
            "personas": dict(Counter(prompt.persona_id for prompt in chosen).most_common()),
            "strategies": dict(Counter(prompt.strategy for prompt in chosen).most_common()),
            "file": str(to) if to is not None else None,
            "prompts": [prompt.to_dict() for prompt in chosen] if to is None else None,
        }
    )
