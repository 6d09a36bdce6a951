"""What stands beside a dataset's sessions: certificate, arrivals, the index for later runs, and the manifest."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import orjson

from extract.arrivals import ArrivalCounts, combined, joined_hours
from extract.certificate import detector_facts
from extract.dataset import Written
from extract.learning import Learned
from extract.partitions import PartResult
from extract.planting import tracer_seed
from extract.quarantine import Quarantine
from extract.statement import statement
from extract.watermark import Earlier, ExchangeIndex, SourceMark, Watermark
from harness.config import Settings
from harness.contracts import Arrivals, Certificate, CertificateBasis, Manifest, Parents
from harness.identity import file_sha256, utc_now
from harness.pii.setup import DetectorSetup

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

    def notes(self, log: ReadLog) -> tuple[str, ...]:
        """Return in words how the run went on."""
        found: list[str] = []
        if self.why_not:
            found.append(f"everything was read anew: {self.why_not}")
        if self.earlier:
            found.append(
                f"went on from {self.earlier.dataset_id}: {log.exchanges:,} new exchanges, {log.unchanged_files:,} files unchanged"
            )
        if log.rewritten_files:
            names = ", ".join(log.rewritten_files[:_SHOWN_FILES])
            found.append(
                f"{len(log.rewritten_files):,} files are not what they were, and were read from their start: {names}"
            )
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
) -> None:
    """Write what stands beside the sessions, the manifest last.

    Raises:
        StorageError: If the folder cannot be written.
    """
    quarantine.close()
    (folder / "certificate.json").write_bytes(certificate.to_json())
    (folder / "certificate.md").write_text(statement(certificate), encoding="utf-8")
    (folder / "arrivals.json").write_bytes(_arrivals(log, basis, settings.personas.min_users).to_json())
    if log.index is not None:
        log.index.write(folder)
    files = {path.name: file_sha256(path) for path in sorted(folder.iterdir()) if path.is_file()}
    details: dict[str, Any] = {
        "sources": list(sources),
        "empty_sources": log.empty_files,
        "quarantined": dict(sorted(quarantine.reasons.items())),
        "skipped": log.skipped,
        "suppressed": written.suppressed,
        "record_keys": list(written.record_keys),
        "entities": dict(sorted(done.entities.items())),
        "replacement": settings.extract.pii.replacement,
        **learned.to_details(),
    }
    if basis.id and log.newest is not None:
        details["watermark"] = _watermark(log, basis).model_dump(mode="json")
        details["notes"] = list(basis.notes(log))
    manifest = Manifest(
        kind="dataset",
        artifact_id=written.dataset_id,
        tool_version=tool_version(),
        created_at=utc_now(),
        configuration_hash=settings.fingerprint(),
        seeds={"tracers": certificate.rests_on.seed} if certificate.rests_on else {},
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
) -> CertificateBasis:
    """Return what a certificate of this dataset rests on."""
    return CertificateBasis(
        dataset_id=written.dataset_id,
        created_at=utc_now(),
        tool_version=tool_version(),
        detector=detector_facts(setup),
        configuration_hash=settings.fingerprint(),
        seed=tracer_seed(key),
        records=log.records,
        sessions=done.sessions,
        turns=done.turns,
        users=done.users,
        quarantined=dict(sorted(quarantine.reasons.items())),
        earlier_id=basis.earlier.dataset_id if basis.earlier else None,
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
    old = Arrivals.from_json((basis.earlier.folder / "arrivals.json").read_bytes())
    return combined(old, basis.earlier.watermark.hours, new, log.arrivals.hours)


def _watermark(log: ReadLog, basis: Basis) -> Watermark:
    assert log.newest is not None  # noqa: S101 - the caller has checked
    earlier = basis.earlier.watermark if basis.earlier else None
    return Watermark(
        basis=basis.id,
        newest_on=max(log.newest, earlier.newest_on) if earlier else log.newest,
        hours=joined_hours(earlier.hours, log.arrivals.hours) if earlier else log.arrivals.hours,
        sources=log.marks,
    )
