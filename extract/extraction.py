"""The stage: production logs in, a published dataset of sanitized sessions out."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import orjson

from extract.arrivals import ArrivalCounts
from extract.audit import OutputAudit
from extract.certificate import SEED, TracerSample, certify
from extract.mapping import RecordMapping, Rejection
from extract.profiles import Profiles, read_profiles
from extract.quarantine import Quarantine
from extract.readers import BrokenRecord, RawRecord, Source, find_sources, read_source
from extract.sanitizing import SessionSanitizer
from extract.sessions import SessionGroups
from harness.config import Settings, resolve_secret
from harness.contracts import Certificate, Manifest, SanitizedSession
from harness.errors import ConfigurationError, InputError, SafetyError
from harness.identity import content_id, file_sha256, utc_now
from harness.pii.detector import detector
from harness.pii.registry import KnownRegistry, RegistryDetector
from harness.progress import Progress, SilentProgress
from harness.sessions import SessionWriter
from harness.storage import Storage

_SHORTEST_KEY = 16
_REPORT_EVERY = 500
_SHOWN_FIELDS = 12
_FAULTS = {
    "missing_field": "missing",
    "wrong_type": "of the wrong type",
    "bad_timestamp": "no readable time",
    "unmappable_field": "not to be found",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractResult:
    """What was made."""

    dataset_id: str
    folder: Path
    records: int
    """Read; each is either in a session or in quarantine."""
    sessions: int
    users: int
    turns: int
    quarantined: dict[str, int] = field(default_factory=dict)
    """By reason."""
    entities: dict[str, int] = field(default_factory=dict)
    """Replaced values by type."""
    certificate: Certificate
    empty_files: tuple[str, ...] = ()
    """Names of sources without a record."""


def extract_sessions(settings: Settings, storage: Storage, *, progress: Progress | None = None) -> ExtractResult:
    """Read, sanitize and publish the configured logs.

    Nothing is published unless the certificate passes.

    Raises:
        ConfigurationError: If an expression, the format or the key cannot be used.
        InputError: If the source cannot be read, or no record of it can be used.
        SafetyError: If recall is below ``certificate_floor``, or a known raw value is left in the output.
        StorageError: If the dataset cannot be written.
    """
    from shutil import rmtree

    key = _hmac_key(settings)
    mapping = RecordMapping(settings.extract)
    sources = find_sources(settings.path(settings.extract.source))
    folder = storage.staging("sanitized")
    try:
        with Quarantine(folder) as quarantine:
            run = _Extraction(settings, folder, mapping, quarantine, progress or SilentProgress())
            run.read(sources)
            profiles = run.profiles()
            dataset_id = run.sanitize(key, profiles)
        run.finish(dataset_id, [source.name for source in sources])
        published = storage.publish("sanitized", dataset_id, folder)
    except BaseException:
        rmtree(folder, ignore_errors=True)
        raise
    return run.result(dataset_id, published)


class _Extraction:
    """One run of the stage: what has been read and counted so far."""

    def __init__(
        self, settings: Settings, folder: Path, mapping: RecordMapping, quarantine: Quarantine, progress: Progress
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._mapping = mapping
        self._quarantine = quarantine
        self._progress = progress
        self._groups = SessionGroups()
        self._arrivals = ArrivalCounts()
        self._sample = TracerSample()
        self._seen_fields: Counter[str] = Counter()
        self._empty_files: list[str] = []
        self._records = 0
        self._sessions = 0
        self._turns = 0
        self._users: set[str] = set()
        self._entities: Counter[str] = Counter()
        self._certificate: Certificate | None = None

    def read(self, sources: Sequence[Source]) -> None:
        """Read all sources into sessions and quarantine."""
        for source in sources:
            before = self._records
            for record in read_source(source):
                self._records += 1
                self._take(record)
                if self._records % _REPORT_EVERY == 0:
                    self._progress.update("reading records", self._records)
            if self._records == before:
                self._empty_files.append(source.name)
        self._progress.update("reading records", self._records, self._records)
        self._refuse_nothing()

    def profiles(self) -> Profiles:
        """Read the profiles of the users that occur in the logs."""
        section = self._settings.extract
        if section.profiles is None:
            return Profiles()
        return read_profiles(
            self._settings.path(section.profiles),
            user_field=section.fields.user,
            traits=section.profile_traits,
            users=self._groups.users(),
            min_users=self._settings.personas.min_users,
        )

    def sanitize(self, key: bytes, profiles: Profiles) -> str:
        """Sanitize and write all sessions, certify the result, and return the dataset's id.

        Raises:
            SafetyError: If the certificate does not pass.
        """
        values = [value for known in profiles.values.values() for value in known]
        ids = [*self._groups.users(), *self._groups.session_ids()]
        finder = RegistryDetector(detector("strict"), KnownRegistry((*values, *ids)))
        sanitizer = SessionSanitizer(finder, profiles)
        audit = OutputAudit((*values, *ids))
        with SessionWriter(self._folder) as writer:
            dataset_id = content_id("data", self._written(key, sanitizer, audit, writer))
        self._refuse_nothing()
        self._progress.update("certifying", 0, 1)
        self._certificate = certify(self._sample, sanitizer, audit, floor=self._settings.extract.certificate_floor)
        self._progress.update("certifying", 1, 1)
        _refuse_leaks(self._certificate)
        return dataset_id

    def finish(self, dataset_id: str, sources: Sequence[str]) -> None:
        """Write what stands beside the sessions: certificate, arrivals and manifest."""
        certificate = self._certified()
        (self._folder / "certificate.json").write_bytes(certificate.to_json())
        arrivals = self._arrivals.arrivals(self._settings.personas.min_users)
        (self._folder / "arrivals.json").write_bytes(arrivals.to_json())
        files = {path.name: file_sha256(path) for path in sorted(self._folder.iterdir()) if path.is_file()}
        manifest = Manifest(
            kind="dataset",
            artifact_id=dataset_id,
            tool_version=_tool_version(),
            created_at=utc_now(),
            configuration_hash=self._settings.fingerprint(),
            seeds={"tracers": SEED},
            counts={
                "records": self._records,
                "sessions": self._sessions,
                "users": len(self._users),
                "turns": self._turns,
                "quarantined": self._quarantine.total,
            },
            files=files,
            details={
                "sources": list(sources),
                "empty_sources": self._empty_files,
                "quarantined": dict(sorted(self._quarantine.reasons.items())),
                "entities": dict(sorted(self._entities.items())),
            },
        )
        (self._folder / "manifest.json").write_bytes(orjson.dumps(manifest.to_dict(), option=orjson.OPT_INDENT_2))

    def result(self, dataset_id: str, folder: Path) -> ExtractResult:
        """Return what was made."""
        return ExtractResult(
            dataset_id=dataset_id,
            folder=folder,
            records=self._records,
            sessions=self._sessions,
            users=len(self._users),
            turns=self._turns,
            quarantined=dict(sorted(self._quarantine.reasons.items())),
            entities=dict(sorted(self._entities.items())),
            certificate=self._certified(),
            empty_files=tuple(self._empty_files),
        )

    def _take(self, record: RawRecord | BrokenRecord) -> None:
        if isinstance(record, BrokenRecord):
            self._quarantine.add(record.source, record.line, record.reason, detail=record.detail)
            return
        mapped = self._mapping.map(record)
        if isinstance(mapped, Rejection):
            self._seen_fields.update(record.values.keys())
            self._quarantine.add(record.source, record.line, mapped.reason, field=mapped.field, detail=mapped.detail)
            return
        self._groups.add(mapped)
        self._sample.offer(mapped)
        self._arrivals.add(mapped.at, mapped.user)

    def _written(
        self, key: bytes, sanitizer: SessionSanitizer, audit: OutputAudit, writer: SessionWriter
    ) -> Iterator[bytes]:
        """Write every session, and yield what of it goes into the dataset's id."""
        total = len(self._groups)
        for number, raw in enumerate(self._groups.take(key), start=1):
            done = sanitizer.sanitize(raw)
            for exchange, kind in done.failed:
                self._quarantine.add(exchange.source, exchange.line, "sanitizer_error", detail=kind)
            if done.session is not None:
                audit.look(done.session, sanitizer.known(raw.exchanges[0]))
                writer.add(done.session)
                self._count(done.session)
                yield done.session.to_json()
            if number % _REPORT_EVERY == 0 or number == total:
                self._progress.update("sanitizing sessions", number, total)

    def _count(self, session: SanitizedSession) -> None:
        self._sessions += 1
        self._turns += len(session.turns)
        self._users.add(session.user_key)
        self._entities.update(session.entities)

    def _certified(self) -> Certificate:
        if self._certificate is None:
            raise RuntimeError("the sessions are sanitized and certified before anything is written beside them")
        return self._certificate

    def _refuse_nothing(self) -> None:
        """Stop where there is nothing to go on with.

        Raises:
            InputError: If no record was read, or every one is in quarantine.
        """
        where = self._settings.extract.source
        if self._records == 0:
            raise InputError(
                f"'extract.source' = {where}: the files hold no record", hint="check the path, and that logging is on"
            )
        if self._quarantine.total < self._records:
            return
        reasons = ", ".join(f"{reason} {count}" for reason, count in self._quarantine.reasons.most_common(4))
        raise InputError(
            f"'extract.source' = {where}: none of {self._records} records can be used: {reasons}; "
            f"the first is in {self._quarantine.first}",
            hint=self._advice(),
        )

    def _advice(self) -> str:
        (reason, name), count = self._quarantine.fields.most_common(1)[0]
        if reason not in _FAULTS or count < self._records:
            return "look at one line of the source; [extract.fields] says where the values stand in it"
        # A key can be a value in badly made logs, so only names that look like names are shown.
        names = [
            name
            for name, _ in self._seen_fields.most_common(_SHOWN_FIELDS)
            if re.fullmatch(r"[A-Za-z_][\w.-]{0,40}", name)
        ]
        return f"'{name}' is {_FAULTS[reason]} in every record; set it in [extract.fields]. The records have: {', '.join(sorted(names))}"


def _hmac_key(settings: Settings) -> bytes:
    secret = resolve_secret(settings.extract.hmac_key, key="extract.hmac_key")
    if len(secret) < _SHORTEST_KEY:
        raise ConfigurationError(
            f"'extract.hmac_key' has {len(secret)} characters; at least {_SHORTEST_KEY} are needed",
            hint="make one with `openssl rand -hex 32`, and keep it: another key gives other ids",
        )
    return secret.encode()


def _refuse_leaks(certificate: Certificate) -> None:
    if certificate.audited_leaks:
        raise SafetyError(
            f"{certificate.audited_leaks} known raw values are left in the sanitized text; nothing was published",
            hint="this is a fault of the sanitizer: please report it; until then leave the profile fields or records concerned out",
        )
    if not certificate.passed:
        weakest = sorted(certificate.recall_by_type.items(), key=lambda item: item[1])[:3]
        raise SafetyError(
            f"recall on {certificate.tracers_planted} planted tracers is at least {certificate.recall_lower:.2%}, below certificate_floor"
            f" = {certificate.floor:.2%}; weakest: {', '.join(f'{kind} {recall:.1%}' for kind, recall in weakest)}; nothing was published",
            hint="lower [extract] certificate_floor if that is acceptable to your data-protection officer",
        )


def _tool_version() -> str:
    try:
        return version("reverse-rag")
    except PackageNotFoundError:
        return "0+unknown"
