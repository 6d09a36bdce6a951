"""Earlier suites, as far as a later one needs them: what they hold, remember and went through."""

from pathlib import Path

from harness.contracts import Lineage, SegmentProfile
from harness.storage import Storage
from harness.suites import read_manifest, read_personas, read_prompts, read_suite_lines, require_whole
from personas.drift import Memory
from personas.evidence import gather
from personas.evolution import Earlier

SEGMENTS = "segments.jsonl"
"""A suite's memory of production's mix."""
LINEAGE = "lineage.jsonl"
"""Where the prompts that a suite took over come from."""


def earlier_suite(storage: Storage, reference: str, *, runs: int) -> Earlier:
    """Return a suite and what the newest runs on it, and on those it goes back to, found out.

    Args:
        storage: Where suites and runs are.
        reference: The suite's id, or ``latest``.
        runs: So many runs at most.

    Raises:
        UsageError: If there is no such suite.
        StorageError: If it was changed since it was published, or a run cannot be read.
    """
    suite_id = storage.resolve("suites", reference)
    folder = storage.fetch("suites", suite_id)
    require_whole(folder, suite_id)
    before = read_manifest(folder).details.get("evolution") or {}
    ancestors = tuple(dict.fromkeys([before["from_suite_id"], *before["ancestors"]])) if before else ()
    prompts = read_prompts(folder)
    return Earlier(
        suite_id=suite_id,
        ancestors=tuple(ancestor for ancestor in ancestors if ancestor != suite_id),
        prompts=prompts,
        personas=read_personas(folder),
        memory=read_memory(folder),
        lineage={line.prompt_id: line for line in read_lineage(folder)},
        evidence=gather(storage, {suite_id, *ancestors}, prompts, runs=runs),
    )


def read_memory(folder: Path) -> Memory | None:
    """Return what a suite remembers of production's mix; None for a suite of a version that remembered nothing.

    Raises:
        StorageError: If the file was changed since it was published.
    """
    if not (folder / SEGMENTS).exists():
        return None
    mix = read_manifest(folder).details["mix"]
    return Memory(
        list(read_suite_lines(folder, SEGMENTS, SegmentProfile)),
        fit_floor=float(mix["fit_floor"]),
        unfit_share=float(mix["unfit_share"]),
        users=int(mix["users"]),
        sessions=int(mix["sessions"]),
        # Suites of the first version do not know it; there each user counts once.
        effective=float(mix.get("effective_sessions", mix["users"])),
    )


def read_lineage(folder: Path) -> list[Lineage]:
    """Return where the prompts that a suite took over come from; none in a suite that took over nothing.

    Raises:
        StorageError: If the file was changed since it was published.
    """
    return list(read_suite_lines(folder, LINEAGE, Lineage)) if (folder / LINEAGE).exists() else []
