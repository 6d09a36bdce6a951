"""What stands beside a dataset's sessions: certificate, arrivals, the index for later runs, and the manifest."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import orjson

from extract.certifying.certificate import detector_facts
from extract.certifying.statement import statement
from extract.learning import Learned
from extract.partitions import PartResult
from extract.publishing.arrivals import ArrivalCounts, combined, joined_hours
from extract.publishing.carrying import sessions_before
from extract.publishing.dataset import Written
from extract.publishing.naming import Shown
from extract.publishing.watermark import Earlier, ExchangeIndex, SourceMark, Watermark
from extract.records.quarantine import Quarantine
from extract.tracing.planting import seed_fingerprint
from harness.arrivals import ARRIVALS, read_arrivals
from harness.config import Settings
from harness.contracts import Arrivals, Certificate, CertificateBasis, Manifest, Parents, ProfilesUsed
from harness.identity import file_sha256, utc_now
from harness.pii.setup import DetectorSetup
from harness.wording import counted

_SHOWN_FILES = 3


class ReadLog(Protocol):
    """What has been read, and how far; by this machine or by many."""

    records: int
    exchanges: int
    arrivals: ArrivalCounts
    empty_files: list[str]
    unchanged_files: int
    rewritten_files: list[str]
    marks: list[SourceMark]
    newest: dt.date | None

    @property
    def index(self) -> ExchangeIndex | None:
        """Remembers exchanges for later runs."""
        ...

    @property
    def skipped(self) -> dict[str, int]:
        """Parts of records that are no exchanges by their nature, by reason."""
        ...


@dataclass(frozen=True, slots=True)
class Basis:
    """What a run goes on from, and what later runs need to go on from it."""

    id: str = ""
    """Of the configuration; empty where no run will go on."""
    earlier: Earlier | None = None
    why_not: str = ""
    """Why there is nothing to go on from."""
    today: dt.date = dt.date.max
    """Of this run; no record is newer than the day after it."""
    window_days: int | None = None
    """How many days before the newest record a carried session may have begun."""

    def newest(self, log: ReadLog) -> dt.date | None:
        """Return the day of the newest record of all runs; never one in the future, as an earlier tool believed."""
        days = [day for day in (log.newest, self.earlier and self.earlier.watermark.newest_on) if day]
        return min(max(days), self.today) if days else None

    def oldest(self, log: ReadLog) -> dt.date | None:
        """Return the day before which carried sessions are left out; None where all of them stay."""
        newest = self.newest(log)
        if self.earlier is None or self.window_days is None or newest is None:
            return None
        return newest - dt.timedelta(days=self.window_days)

    def dropped(self, log: ReadLog) -> int | None:
        """Return how many of the earlier dataset's sessions the window leaves out; None where there is no window."""
        oldest = self.oldest(log)
        return None if self.earlier is None or oldest is None else sessions_before(self.earlier.folder, oldest)

    def notes(self, log: ReadLog, shown: Shown = str) -> tuple[str, ...]:
        """Return in words how the run went on.

        Args:
            log: What was read.
            shown: What files are called.
        """
        found: list[str] = []
        if self.why_not:
            found.append(f"everything was read anew: {self.why_not}")
        if self.earlier:
            found.append(
                f"went on from {self.earlier.dataset_id}: {counted(log.exchanges, 'new exchange')}, "
                f"{counted(log.unchanged_files, 'file')} unchanged"
            )
        if (dropped := self.dropped(log)) is not None:
            found.append(
                f"the window of {counted(self.window_days or 0, 'day')} left out {counted(dropped, 'session')} "
                f"that began before {self.oldest(log)}"
            )
        if log.rewritten_files:
            names = ", ".join(map(shown, log.rewritten_files[:_SHOWN_FILES]))
            changed = counted(len(log.rewritten_files), "file")
            found.append(f"read from the start, for what an earlier run read has changed: {changed} ({names})")
        return tuple(found)


def publish_beside(
    folder: Path,
    *,
    settings: Settings,
    log: ReadLog,
    quarantine: Quarantine,
    done: PartResult,
    written: Written,
    certificate: Certificate,
    basis: Basis,
    learned: Learned,
    sources: Sequence[str],
    absent: Sequence[str] = (),
    unread: Mapping[str, int] | None = None,
    shown: Shown = str,
) -> None:
    """Write what stands beside the sessions, the manifest last; files are called in it what ``shown`` says.

    Raises:
        StorageError: If the folder cannot be written.
    """
    quarantine.close()
    (folder / "certificate.json").write_bytes(certificate.to_json())
    (folder / "certificate.md").write_text(statement(certificate), encoding="utf-8")
    (folder / ARRIVALS).write_bytes(_arrivals(log, basis, settings.personas.min_users).to_json())
    if log.index is not None:
        log.index.write(folder)
    files = {path.name: file_sha256(path) for path in sorted(folder.iterdir()) if path.is_file()}
    details: dict[str, Any] = {
        "sources": list(map(shown, sources)),
        "empty_sources": list(map(shown, log.empty_files)),
        "unread_sources": dict(sorted((unread or {}).items())),
        "absent_fields": list(absent),
        "quarantined": dict(sorted(quarantine.reasons.items())),
        "skipped": log.skipped,
        "suppressed": written.suppressed,
        "personal": dict(sorted(done.personal.items())),
        "record_keys": list(written.record_keys),
        "entities": dict(sorted(done.entities.items())),
        "replacement": settings.extract.pii.replacement,
        **learned.to_details(),
    }
    if certificate.rests_on:
        details["tracer_seed_fingerprint"] = certificate.rests_on.seed_fingerprint
    if basis.id and log.newest is not None:
        details["watermark"] = _watermark(log, basis).model_dump(mode="json")
        details["notes"] = list(basis.notes(log, shown))
        if (dropped := basis.dropped(log)) is not None:
            details["window_dropped"] = dropped
    manifest = Manifest(
        kind="dataset",
        artifact_id=written.dataset_id,
        tool_version=tool_version(),
        created_at=utc_now(),
        configuration_hash=settings.fingerprint(),
        counts=_counts(log, quarantine, done, written),
        parents=Parents(dataset_id=basis.earlier.dataset_id if basis.earlier else None),
        files=files,
        details=details,
    )
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest.to_dict(), option=orjson.OPT_INDENT_2))


def certificate_basis(
    settings: Settings,
    written: Written,
    *,
    setup: DetectorSetup,
    log: ReadLog,
    done: PartResult,
    quarantine: Quarantine,
    basis: Basis,
    key: bytes,
    profiles: ProfilesUsed | None = None,
) -> CertificateBasis:
    """Return what a certificate of this dataset rests on."""
    return CertificateBasis(
        dataset_id=written.dataset_id,
        created_at=utc_now(),
        tool_version=tool_version(),
        detector=detector_facts(setup),
        configuration_hash=settings.fingerprint(),
        seed_fingerprint=seed_fingerprint(key),
        records=log.records,
        exchanges=log.exchanges,
        sessions=done.sessions,
        turns=done.turns,
        users=done.users,
        quarantined=dict(sorted(quarantine.reasons.items())),
        earlier_id=basis.earlier.dataset_id if basis.earlier else None,
        min_users=settings.personas.min_users,
        keep=list(settings.extract.fields.keep),
        profile_traits=list(settings.extract.profile_traits),
        record_keys=list(written.record_keys),
        suppressed=written.suppressed,
        personal=dict(sorted(done.personal.items())),
        profiles=profiles,
    )


def tool_version() -> str:
    """Return this tool's version."""
    try:
        return version("reverse-rag")
    except PackageNotFoundError:
        return "0+unknown"


def _counts(log: ReadLog, quarantine: Quarantine, done: PartResult, written: Written) -> dict[str, int]:
    return {
        "records": log.records,
        "exchanges": done.exchanges,
        "sessions": done.sessions,
        "users": done.users,
        "turns": done.turns,
        "quarantined": quarantine.total,
        "skipped": sum(log.skipped.values()),
        "suppressed": sum(written.suppressed.values()),
    }


def _arrivals(log: ReadLog, basis: Basis, min_users: int) -> Arrivals:
    new = log.arrivals.arrivals(min_users)
    if basis.earlier is None:
        return new
    old = read_arrivals(basis.earlier.folder)
    return combined(old, basis.earlier.watermark.hours, new, log.arrivals.hours)


def _watermark(log: ReadLog, basis: Basis) -> Watermark:
    newest = basis.newest(log)
    assert newest is not None  # noqa: S101 - the caller has checked
    earlier = basis.earlier.watermark if basis.earlier else None
    return Watermark(
        basis=basis.id,
        newest_on=newest,
        hours=joined_hours(earlier.hours, log.arrivals.hours) if earlier else log.arrivals.hours,
        sources=log.marks,
    )
