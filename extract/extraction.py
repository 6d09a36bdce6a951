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
from dataclasses import replace
from itertools import chain
from pathlib import Path

from extract.advice import Advisor, absent_traits
from extract.buckets import bucket_of
from extract.certifying.audit import AuditResult, OutputAudit
from extract.certifying.certificate import certify, detector_facts, refuse_failed
from extract.certifying.utility import over_redaction
from extract.keys import configured_surrogates, hmac_key
from extract.learning import Learned, LogLearner
from extract.outcome import ExtractResult, unchanged
from extract.partitions import Carried, Material, Part, PartResult, Sizes, parts_of
from extract.profiles import ProfileFiles, Profiles
from extract.publishing.dataset import Written, write_dataset
from extract.publishing.naming import SourceNames
from extract.publishing.publication import Basis, certificate_basis, publish_beside, tool_version
from extract.publishing.watermark import Earlier, ExchangeIndex, basis_of, find_earlier
from extract.readers import look_for
from extract.reading import LogReader
from extract.records.mapping import RecordMapping
from extract.records.quarantine import FILE_NAME, Quarantine, place_in
from extract.records.times import latest_time
from extract.sanitizing import SessionSanitizer
from extract.sessions import to_line
from extract.tracing.planting import TracerCheck
from extract.workers import cpu_count, sanitize_parts
from extract.workspace import workspace
from harness.config import Settings
from harness.contracts import Certificate, ProfilesUsed
from harness.errors import InputError, ReverseRagError
from harness.identity import utc_now
from harness.pii.known.registry import KnownRegistry, RegistryDetector
from harness.pii.setup import DetectorSetup, configured_detector
from harness.progress import Progress, SilentProgress
from harness.storage import Storage
from harness.wording import counted

__all__ = ["ExtractResult", "extract_sessions"]


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
    until = latest_time()
    mapping = RecordMapping(settings.extract, until=until)
    found = look_for(settings.path(settings.extract.source))
    sources = found.readable
    basis = _basis(settings, storage, key, until.date())
    names = SourceNames(configured_detector(settings), key, [source.name for source in sources])
    folder = storage.staging("sanitized")
    try:
        with ExitStack() as stack:
            working = stack.enter_context(workspace(folder.parent))
            quarantine = stack.enter_context(Quarantine(folder, names.shown))
            learner = LogLearner(settings.extract)
            log = LogReader(
                working,
                key=key,
                mapping=mapping,
                advisor=Advisor(settings.extract, mapping, until=until),
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
                kept = _set_aside(storage, folder, quarantine)
                shutil.rmtree(folder)
                return replace(
                    unchanged(basis.earlier, log, quarantine), quarantine_file=kept, unread_files=dict(found.unread)
                )
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
            absent = (*log.absent, *absent_traits(settings))
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
                shown=names.shown,
                absent=absent,
                unread=found.unread,
            )
        published = storage.publish("sanitized", run.written.dataset_id, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return replace(
        run.result(published, quarantine),
        absent=absent,
        unread_files=dict(found.unread),
        quarantine_file=place_in(storage, run.written.dataset_id, quarantine.total),
    )


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
        self._used: ProfilesUsed | None = None

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
            personal=dict(sorted(self.done.personal.items())),
            exchanges=self._log.exchanges,
            profiles=self._used,
            record_keys=self.written.record_keys,
            entities=dict(sorted(self.done.entities.items())),
            certificate=self.certificate,
            empty_files=tuple(self._log.empty_files),
            earlier_id=earlier.dataset_id if earlier else None,
            notes=self._basis.notes(self._log),
            window_dropped=self._basis.dropped(self._log),
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
        self._used = ProfilesUsed(users=self._log.users, matched=profiles.matched, strangers=profiles.strangers)
        self._progress.update("reading profiles", 1, 1)
        return profiles

    def _everybodys(self, profiles: ProfileFiles | None) -> Iterator[str]:
        """Yield all known values and raw ids."""
        return chain(profiles.values() if profiles else (), self._log.ids())

    def _carried(self) -> Carried | None:
        earlier = self._basis.earlier
        if earlier is None:
            return None
        return Carried(
            folder=earlier.folder,
            oldest=self._basis.oldest(self._log),
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
                f"'extract.source' = {self._settings.extract.source}: none of {counted(self._log.records, 'record')} could be sanitized",
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
                profiles=self._used,
            ),
        )
        self._progress.update("certifying", 1, 1)
        refuse_failed(self._certificate)


def _basis(settings: Settings, storage: Storage, key: bytes, today: dt.date) -> Basis:
    if not settings.extract.incremental:
        return Basis()
    basis = basis_of(settings, key, f"{tool_version()} {detector_facts(DetectorSetup.of(settings))}")
    earlier, why_not = find_earlier(storage, basis)
    return Basis(id=basis, earlier=earlier, why_not=why_not, today=today, window_days=settings.extract.window_days)


def _known_earlier(earlier: Earlier | None) -> Learned | None:
    return Learned.of_details(earlier.manifest.details) if earlier else None


def _set_aside(storage: Storage, folder: Path, quarantine: Quarantine) -> str:
    """Keep what could not be used where no dataset is made for it to lie in; return where, or nothing."""
    quarantine.close()
    if not quarantine.total:
        return ""
    return storage.set_aside("quarantine", f"{utc_now().replace(':', '-')}.jsonl", folder / FILE_NAME)
