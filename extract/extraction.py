"""The stage: production logs in, a published dataset of sanitized sessions out.

Three passes, each in bounded memory: every record is read into files by
ranges of hashed users (``reading``); each range is sorted, sanitized user by
user and written, on all processors (``partitions``, ``workers``); what too few
users share is left out and the dataset written (``dataset``).
"""

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from extract.audit import AuditResult, OutputAudit
from extract.buckets import bucket_of
from extract.certificate import certify, detector_facts, refuse_failed
from extract.dataset import Written, write_dataset
from extract.keys import configured_surrogates, hmac_key
from extract.learning import Learned, LogLearner
from extract.mapping import RecordMapping
from extract.partitions import Carried, Material, Part, PartResult, Sizes, parts_of
from extract.planting import TracerCheck
from extract.profiles import ProfileFiles, Profiles
from extract.publication import Basis, certificate_basis, publish_beside, tool_version
from extract.quarantine import Quarantine
from extract.readers import find_sources
from extract.reading import LogReader
from extract.sanitizing import SessionSanitizer
from extract.sessions import to_line
from extract.utility import over_redaction
from extract.watermark import Earlier, ExchangeIndex, basis_of, find_earlier
from extract.workers import cpu_count, sanitize_parts
from extract.workspace import workspace
from harness.config import Settings
from harness.contracts import Certificate
from harness.errors import InputError, ReverseRagError
from harness.pii.registry import KnownRegistry, RegistryDetector
from harness.pii.setup import DetectorSetup
from harness.progress import Progress, SilentProgress
from harness.storage import Storage


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
    learned_ids: tuple[str, ...] = ()
    """Formats of ids that the log showed, such as ``HQ-9A-99999``."""
    learned_ordinary: tuple[str, ...] = ()
    """Words that the log showed to be ordinary ones."""


def extract_sessions(
    settings: Settings, storage: Storage, *, progress: Progress | None = None, sizes: Sizes | None = None
) -> ExtractResult:
    """Read, sanitize and publish the configured logs.

    Nothing is published unless the certificate passes. The same logs give the
    same dataset, however the work is cut and shared out.

    Args:
        settings: The configuration; ``[extract]`` says what is read.
        storage: Where the dataset goes.
        progress: Told how far it is.
        sizes: How the work is cut.

    Raises:
        ConfigurationError: If an expression, the format or the key cannot be used.
        InputError: If the source cannot be read, or no record of it can be used.
        SafetyError: If recall is below ``certificate_floor``, or a known raw value is left in the output.
        DependencyError: If workers keep dying.
        StorageError: If the dataset cannot be written.
    """
    key = hmac_key(settings)
    mapping = RecordMapping(settings.extract)
    sources = find_sources(settings.path(settings.extract.source))
    basis = _basis(settings, storage, key)
    folder = storage.staging("sanitized")
    try:
        with ExitStack() as stack:
            working = stack.enter_context(workspace(folder.parent))
            quarantine = stack.enter_context(Quarantine(folder))
            learner = LogLearner(settings.extract)
            log = LogReader(
                working,
                key=key,
                mapping=mapping,
                quarantine=quarantine,
                buckets=(sizes or Sizes()).buckets,
                min_users=settings.personas.min_users,
                progress=progress or SilentProgress(),
                tracers=settings.extract.tracers,
                index=ExchangeIndex(working, key, basis.earlier) if settings.extract.incremental else None,
                earlier=basis.earlier,
                learner=learner,
            )
            log.read(sources)
            if basis.earlier is not None and log.exchanges == 0:
                shutil.rmtree(folder)
                return _unchanged(basis.earlier, log, quarantine)
            log.refuse_nothing(settings.extract.source)
            run = _Extraction(
                settings,
                folder,
                working,
                key,
                log,
                learner.learned(settings.personas.min_users, earlier=_known_earlier(basis.earlier)),
                basis,
                progress or SilentProgress(),
                sizes or Sizes(),
            )
            run.sanitize(quarantine)
            publish_beside(
                folder,
                settings=settings,
                log=log,
                quarantine=quarantine,
                done=run.done,
                written=run.written,
                certificate=run.certificate,
                basis=basis,
                learned=run.learned,
                sources=[source.name for source in sources],
            )
        published = storage.publish("sanitized", run.written.dataset_id, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return run.result(published, quarantine)


class _Extraction:
    """From what has been read to certified sessions."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        working: Path,
        key: bytes,
        log: LogReader,
        learned: Learned,
        basis: Basis,
        progress: Progress,
        sizes: Sizes,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._working = working
        self._key = key
        self._log = log
        self._setup = learned.setup(DetectorSetup.of(settings))
        self._basis = basis
        self._progress = progress
        self._sizes = sizes
        self.learned = learned
        self.done = PartResult()
        self.written = Written("", {})
        self._certificate: Certificate | None = None

    @property
    def certificate(self) -> Certificate:
        """What was measured of the sanitizer."""
        if self._certificate is None:
            raise RuntimeError("the sessions are sanitized and certified before anything is written beside them")
        return self._certificate

    def sanitize(self, quarantine: Quarantine) -> None:
        """Sanitize, write and certify all sessions.

        Raises:
            InputError: If not one exchange could be sanitized.
            SafetyError: If the certificate does not pass.
        """
        profiles = self._profiles()
        registry = KnownRegistry(self._everybodys(profiles))
        audit = OutputAudit(self._everybodys(profiles))
        tracers = self._plant()
        material = Material(
            folder=self._working,
            exchanges=self._log.files,
            profiles=profiles,
            registry=registry,
            audit=audit,
            sizes=self._sizes,
            tracers=tracers,
            carried=self._carried(),
            surrogates=configured_surrogates(self._settings, self._key),
            setup=self._setup,
        )
        workers = self._settings.extract.workers or cpu_count()
        parts = parts_of(self._log.files, self._sizes, workers=workers)
        self._sanitize(material, parts, workers)
        self._quarantine_failed(material, parts, quarantine)
        self.written = write_dataset(
            [material.sessions_path(part) for part in parts],
            self._folder,
            min_users=self._settings.personas.min_users,
            sessions=self.done.sessions,
            progress=self._progress,
        )
        self._certify(registry, audit.everybodys, quarantine)

    def result(self, folder: Path, quarantine: Quarantine) -> ExtractResult:
        """Return what was made."""
        earlier = self._basis.earlier
        return ExtractResult(
            dataset_id=self.written.dataset_id,
            folder=folder,
            records=self._log.records,
            sessions=self.done.sessions,
            users=self.done.users,
            turns=self.done.turns,
            quarantined=dict(sorted(quarantine.reasons.items())),
            skipped=self._log.skipped,
            suppressed=self.written.suppressed,
            record_keys=self.written.record_keys,
            entities=dict(sorted(self.done.entities.items())),
            certificate=self.certificate,
            empty_files=tuple(self._log.empty_files),
            earlier_id=earlier.dataset_id if earlier else None,
            notes=self._basis.notes(self._log),
            learned_ids=self.learned.ids.shown,
            learned_ordinary=self.learned.ordinary,
        )

    def _profiles(self) -> ProfileFiles | None:
        """Read the profiles of the users that occur in the logs."""
        section = self._settings.extract
        if section.profiles is None:
            return None
        self._progress.update("reading profiles", 0, 1)
        profiles = ProfileFiles(
            self._working, buckets=self._sizes.buckets, traits=section.profile_traits, key=self._key
        )
        profiles.read(
            self._settings.path(section.profiles),
            user_field=section.fields.user,
            user_key=self._log.user_key,
            min_users=self._settings.personas.min_users,
        )
        self._progress.update("reading profiles", 1, 1)
        return profiles

    def _everybodys(self, profiles: ProfileFiles | None) -> Iterator[str]:
        """Yield all known values and raw ids."""
        return chain(profiles.values() if profiles else (), self._log.ids())

    def _carried(self) -> Carried | None:
        earlier, days = self._basis.earlier, self._settings.extract.window_days
        if earlier is None:
            return None
        newest = max(self._log.newest or earlier.watermark.newest_on, earlier.watermark.newest_on)
        return Carried(
            folder=earlier.folder,
            oldest=newest - dt.timedelta(days=days) if days else None,
            new_ids=self.learned.ids - Learned.of_details(earlier.manifest.details).ids,
        )

    def _sanitize(self, material: Material, parts: list[Part], workers: int) -> None:
        told = 0
        self._progress.update("sanitizing records", 0, self._log.exchanges)

        def tell(more: int) -> None:
            nonlocal told
            told += more
            self._progress.update("sanitizing records", told, self._log.exchanges)

        for part, result in sanitize_parts(material, parts, workers=workers, tell=tell):
            self.done.add(result)
            for bucket in range(part.first, part.end):
                self._log.files.delete(bucket)

    def _quarantine_failed(self, material: Material, parts: list[Part], quarantine: Quarantine) -> None:
        """Add what could not be sanitized to the quarantine, and make sure that nothing is missing.

        Raises:
            InputError: If nothing could be sanitized.
            ReverseRagError: If an exchange is neither in a session nor in quarantine.
        """
        for part in parts:
            for source, line, kind in material.failures(part):
                quarantine.add(source, line, "sanitizer_error", detail=kind)
        found = self.done.exchanges + self.done.failed
        if found != self._log.exchanges or quarantine.reasons["sanitizer_error"] != self.done.failed:
            raise ReverseRagError(
                f"{self._log.exchanges} exchanges were read, but {self.done.exchanges} are in sessions and "
                f"{self.done.failed} in quarantine; nothing was published",
                hint="this is a fault of the stage: please report it",
            )
        if self.done.exchanges == 0:
            raise InputError(
                f"'extract.source' = {self._settings.extract.source}: none of {self._log.records} records could be sanitized",
                hint="this is a fault of the sanitizer: please report it",
            )

    def _plant(self) -> TracerCheck:
        """Add the tracers to the records that wait to be sanitized; return what knows them again."""
        planted = self._log.sample.planted(self._key)
        for user_key, session_id, exchange in planted.exchanges:
            self._log.files.add(bucket_of(user_key, self._sizes.buckets), to_line(user_key, session_id, exchange))
        self._log.files.flush()
        return planted.check

    def _certify(self, registry: KnownRegistry, everybodys: int, quarantine: Quarantine) -> None:
        """Say how well the sanitizer did.

        Raises:
            SafetyError: If the certificate does not pass.
        """
        self._progress.update("certifying", 0, 1)
        sanitizer = SessionSanitizer(RegistryDetector(self._setup.detector(), registry), Profiles())
        done = self.done
        self._certificate = certify(
            done.tracers,
            AuditResult(everybodys + done.audited_values, done.audited_leaks, done.audited_types),
            section=self._settings.extract,
            over_redaction=over_redaction(sanitizer),
            rests_on=certificate_basis(
                self._settings,
                self.written,
                setup=self._setup,
                log=self._log,
                done=done,
                quarantine=quarantine,
                basis=self._basis,
                key=self._key,
            ),
        )
        self._progress.update("certifying", 1, 1)
        refuse_failed(self._certificate)


def _basis(settings: Settings, storage: Storage, key: bytes) -> Basis:
    if not settings.extract.incremental:
        return Basis()
    basis = basis_of(settings, key, f"{tool_version()} {detector_facts(DetectorSetup.of(settings))}")
    earlier, why_not = find_earlier(storage, basis)
    return Basis(id=basis, earlier=earlier, why_not=why_not)


def _known_earlier(earlier: Earlier | None) -> Learned | None:
    return Learned.of_details(earlier.manifest.details) if earlier else None


def _unchanged(earlier: Earlier, log: LogReader, quarantine: Quarantine) -> ExtractResult:
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
        learned_ids=learned.ids.shown,
        learned_ordinary=learned.ordinary,
    )
