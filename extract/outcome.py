"""What the stage tells whoever called it."""

from dataclasses import dataclass, field
from pathlib import Path

from extract.learning import Learned
from extract.publishing.watermark import Earlier
from extract.reading import LogReader
from extract.records.quarantine import Quarantine
from harness.contracts import Certificate, ProfilesUsed


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractResult:
    """What was made."""

    dataset_id: str
    folder: Path
    records: int
    """Read by this run; each is in a session, in quarantine or skipped."""
    sessions: int
    users: int
    turns: int
    quarantined: dict[str, int] = field(default_factory=dict)
    """By reason."""
    skipped: dict[str, int] = field(default_factory=dict)
    """What is no exchange by its nature, or in the earlier dataset already, by reason."""
    suppressed: dict[str, int] = field(default_factory=dict)
    """Allow-listed values that fewer than k users share, by field."""
    personal: dict[str, int] = field(default_factory=dict)
    """Allow-listed values in which something personal was replaced, by field."""
    exchanges: int = 0
    """New ones that the records hold."""
    profiles: ProfilesUsed | None = None
    """How far profiles and logs are about the same users; None without profiles."""
    record_keys: tuple[str, ...] = ()
    """Allow-listed fields that hold ids of records, kept though nobody shares their values."""
    entities: dict[str, int] = field(default_factory=dict)
    """Replaced values by type."""
    certificate: Certificate
    empty_files: tuple[str, ...] = ()
    """Names of sources without a record."""
    earlier_id: str | None = None
    """The dataset whose sessions are carried over."""
    notes: tuple[str, ...] = ()
    """What whoever runs this every night should know."""
    is_new: bool = True
    """False: nothing new could be used, and this is the earlier dataset."""
    quarantine_file: str = ""
    """Where what could not be used is written down; empty where there is nothing."""
    window_dropped: int | None = None
    """Carried sessions that the window left out; None without a window."""
    absent: tuple[str, ...] = ()
    """What the configuration names and no record or profile has, in words."""
    unread_files: dict[str, int] = field(default_factory=dict)
    """Files of the source that are passed over, by suffix."""
    learned_ids: tuple[str, ...] = ()
    """Formats of ids that the log showed, such as ``HQ-9A-99999``."""
    learned_ordinary: tuple[str, ...] = ()
    """Words that the log showed to be ordinary ones."""


def unchanged(earlier: Earlier, log: LogReader, quarantine: Quarantine) -> ExtractResult:
    """Return the earlier dataset, which holds all there is."""
    counts = earlier.manifest.counts
    learned = Learned.of_details(earlier.manifest.details)
    return ExtractResult(
        dataset_id=earlier.dataset_id,
        folder=earlier.folder,
        records=log.records,
        sessions=counts["sessions"],
        users=counts["users"],
        turns=counts["turns"],
        quarantined=dict(sorted(quarantine.reasons.items())),
        skipped=log.skipped,
        entities=earlier.manifest.details["entities"],
        certificate=Certificate.from_json((earlier.folder / "certificate.json").read_bytes()),
        empty_files=tuple(log.empty_files),
        earlier_id=earlier.dataset_id,
        notes=("nothing new since the latest dataset",),
        is_new=False,
        learned_ids=learned.ids.shown,
        learned_ordinary=learned.ordinary,
    )
