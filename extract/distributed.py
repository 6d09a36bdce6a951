"""The stage on Spark: the same dataset as one machine makes of the same logs, made by many.

What became of every record is decided in executors and kept on their disks;
this process adds up, certifies and writes. Sanitized text passes through it
file by file, raw text never, except for the exchanges in whose copies tracers are planted.
"""

import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from uuid import uuid4

from pyspark import Broadcast, StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everywhere

from extract import transform
from extract.advice import absent_on_spark
from extract.aggregation import SparkReadLog, part_result, read_log, shared_pairs, shared_values
from extract.certifying.audit import AuditResult, OutputAudit
from extract.certifying.certificate import certify, refuse_failed
from extract.certifying.utility import over_redaction
from extract.executors.parts import DIGEST_BYTES, PartWriter
from extract.executors.profiles import ProfileRules
from extract.executors.reading import REJECTED, ExchangeReader
from extract.executors.sanitizing import SharedRegistry, UserSanitizer
from extract.keys import configured_surrogates, hmac_key
from extract.learning import Learned, LogLearner
from extract.outcome import ExtractResult
from extract.partitions import PartResult
from extract.profiles import Profiles
from extract.publishing.dataset import Written
from extract.publishing.naming import SourceNames
from extract.publishing.publication import Basis, certificate_basis, publish_beside
from extract.publishing.rarity import SharedValues
from extract.readers import find_sources, look_for
from extract.records.quarantine import Quarantine, place_in
from extract.sanitizing import SessionSanitizer
from extract.sessions import from_line, to_line
from extract.tracing.planting import Planted, TracerCheck, TracerSample, tracer_seed
from harness.config import Settings
from harness.contracts import Certificate, ProfilesUsed
from harness.errors import ConfigurationError, InputError, ReverseRagError
from harness.identity import content_id
from harness.pii.known.registry import KnownRegistry, RegistryDetector
from harness.pii.setup import DetectorSetup, configured_detector
from harness.progress import Progress, SilentProgress
from harness.storage import Storage
from harness.wording import counted

LogsOf = Callable[[SparkSession, Settings, ExchangeReader], transform.Logs]
"""Returns the logs that are to be read."""
Anything = TypeVar("Anything")

_FEWEST_ROWS = 500
_MOST_ROWS = 50_000
_TASKS_PER_CORE = 4
_KEY_BYTES = 32


def configured_files(spark: SparkSession, settings: Settings, reader: ExchangeReader) -> transform.Logs:
    """Return the files of ``[extract] source``, each read by one task."""
    sources = look_for(settings.path(settings.extract.source)).readable
    return transform.files_read(spark, reader, [str(source.path) for source in sources], [s.name for s in sources])


def extract_on_spark(
    spark: SparkSession,
    settings: Settings,
    storage: Storage,
    *,
    logs: LogsOf = configured_files,
    progress: Progress | None = None,
) -> ExtractResult:
    """Read, sanitize and publish logs as ``extract_sessions`` does, with the executors of a Spark application.

    The same logs give the same dataset id. Only the certificate differs a
    little, since tracers are planted in copies of other exchanges.

    Args:
        spark: The session; this package has to be installed on all machines.
        settings: The configuration; ``workers`` and ``incremental`` are of one machine only.
        storage: Where the dataset goes.
        logs: Which logs.
        progress: Told which step begins.

    Raises:
        ConfigurationError: If an expression, the format or the key cannot be used, or the run is to be incremental.
        InputError: If there is no record, or none that can be used.
        SafetyError: If the certificate does not pass.
        StorageError: If the dataset cannot be written.
    """
    if settings.extract.incremental:
        raise ConfigurationError(
            "'extract.incremental' goes on from what one machine has read; it is not there on Spark",
            hint="leave it out; AWS Glue's job bookmarks let only new records through",
        )
    key = hmac_key(settings)
    transform.set_up(spark)
    folder = storage.staging("sanitized")
    try:
        with ExitStack() as stack:
            run = _Run(spark, settings, folder, key, stack)
            result = run.make(logs(spark, settings, run.reader), progress or SilentProgress())
        published = storage.publish("sanitized", result.dataset_id, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    kept = place_in(storage, result.dataset_id, sum(result.quarantined.values()))
    return replace(result, folder=published, quarantine_file=kept)


class _Run:
    """One run: frames that stay on executors' disks until it ends, and what becomes of them."""

    def __init__(self, spark: SparkSession, settings: Settings, folder: Path, key: bytes, stack: ExitStack) -> None:
        self._spark = spark
        self._settings = settings
        self._folder = folder
        self._key = key
        self._stack = stack
        self._min_users = settings.personas.min_users
        self._names = SourceNames(configured_detector(settings), key)
        self._quarantine = stack.enter_context(Quarantine(folder, lambda name: self._names.shown(name)))
        self._used: ProfilesUsed | None = None
        self._rules = ProfileRules(settings.extract.fields.user, frozenset(settings.extract.profile_traits), key)
        self._profiles: DataFrame | None = None
        self._learned = Learned()
        self._setup = DetectorSetup.of(settings)
        self.reader = ExchangeReader(settings.extract, key)
        """The same for all that is read: it says what lies in the future."""

    def make(self, logs: transform.Logs, progress: Progress) -> ExtractResult:
        """Make the dataset in its folder."""
        self._names = SourceNames(configured_detector(self._settings), self._key, logs.names)
        progress.update("reading records", 0, 1)
        read = self._kept(logs.frame)
        found = transform.exchanges(read)
        log = read_log(read, self._min_users)
        self._quarantine_rejected(read)
        self._refuse_nothing(log)
        self._learn(read)
        progress.update("reading profiles", 0, 1)
        self._read_profiles(found)
        planted = self._plant(found)
        registry, everybodys, sanitizer = self._known(found, planted.check)
        progress.update("sanitizing records", 0, log.exchanges)
        partitions = self._partitions(log.exchanges)
        lines = found.select("user_key", "line").union(self._lines(planted))
        done = self._kept(transform.sanitized(lines, self._profiles, sanitizer, partitions=partitions))
        totals = part_result(done)
        self._quarantine_failed(done, totals, log, numbered=logs.numbered)
        progress.update("writing sessions", 0, totals.sessions)
        written = self._write(done, totals.sessions)
        progress.update("certifying", 0, 1)
        certificate = self._certify(registry, everybodys, log, totals, written)
        return self._published_beside(logs, log, totals, written, certificate)

    def _quarantine_rejected(self, read: DataFrame) -> None:
        columns = ("source", "number", "reason", "field", "detail")
        rejected = read.where(F.col("kind") == REJECTED).select(*columns)
        for row in rejected.coalesce(1).sortWithinPartitions(*columns).toLocalIterator():
            self._quarantine.add(row.source, row.number, row.reason, field=row.field, detail=row.detail or "")

    def _refuse_nothing(self, log: SparkReadLog) -> None:
        """Stop where there is nothing to go on with.

        Raises:
            InputError: If no record was read, or none can be used.
        """
        if not log.records:
            raise InputError("the logs hold no record", hint="check the source, and that logging is on")
        if not log.exchanges:
            reasons = ", ".join(f"{reason} {count}" for reason, count in self._quarantine.reasons.most_common(4))
            raise InputError(
                f"none of {counted(log.records, 'record')} can be used: {reasons or log.skipped}",
                hint="run `reverse-rag extract` on one of the files: it says which fields the records have",
            )

    def _learn(self, read: DataFrame) -> None:
        """Put together what the tasks have learned."""
        learner = LogLearner(self._settings.extract)
        states = transform.learner_states(read, self.reader)
        learner.merge(bytes(row.line) for row in states.toLocalIterator())
        self._learned = learner.learned(self._min_users)
        self._setup = self._learned.setup(self._setup)

    def _read_profiles(self, found: DataFrame) -> None:
        """Read the profiles of the users that occur in the logs.

        Raises:
            InputError: If one cannot be read: its values could then not be removed from the text.
        """
        if self._settings.extract.profiles is None:
            return
        sources = find_sources(self._settings.path(self._settings.extract.profiles), key="extract.profiles")
        read = self._kept(transform.profiles_read(self._spark, self._rules, [str(s.path) for s in sources]))
        if problem := read.where(F.col("problem").isNotNull()).orderBy("problem").first():
            raise InputError(
                problem.problem, hint="its values could not be removed from the user's text; mend or remove the line"
            )
        users = found.select("user_key").distinct()
        self._profiles = self._kept(read.join(users, "user_key", "left_semi"))
        self._used = ProfilesUsed(
            users=users.count(),
            matched=self._profiles.select("user_key").distinct().count(),
            strangers=read.join(users, "user_key", "left_anti").count(),
        )
        self._rules = replace(self._rules, shared=shared_pairs(self._profiles, self._min_users))

    def _known(self, found: DataFrame, tracers: TracerCheck) -> tuple[KnownRegistry, int, UserSanitizer]:
        """Return what is known of all users, how many values the audit looks for, and both as executors get them."""
        telling = self._kept(transform.telling_values(found, self._profiles, self._rules, min_users=self._min_users))
        key = secrets.token_bytes(_KEY_BYTES)
        registry = KnownRegistry(_values(telling), key=key)
        audit = OutputAudit(_values(telling))
        with TemporaryDirectory() as folder:
            path = Path(folder) / "known"
            registry.save(path)
            shared = SharedRegistry(f"known-{uuid4().hex}", key, self._shared(path.read_bytes()))
        return (
            registry,
            audit.everybodys,
            UserSanitizer(
                self._setup,
                self._rules,
                shared,
                self._shared(audit),
                self._shared(tracers),
                configured_surrogates(self._settings, self._key),
            ),
        )

    def _quarantine_failed(self, done: DataFrame, totals: PartResult, log: SparkReadLog, *, numbered: bool) -> None:
        """Add what could not be sanitized to the quarantine, and make sure that nothing is missing.

        Raises:
            InputError: If nothing could be sanitized.
            ReverseRagError: If an exchange is neither in a session nor in quarantine.
        """
        failed = done.select(F.explode("failed").alias("failed")).select("failed.*").coalesce(1)
        for row in failed.sortWithinPartitions("source", "number", "kind").toLocalIterator():
            line = row.number if numbered else None
            self._quarantine.add(row.source, line, "sanitizer_error", detail=row.kind)
        if totals.exchanges + totals.failed != log.exchanges:
            raise ReverseRagError(
                f"{log.exchanges} exchanges were read, but {totals.exchanges} are in sessions and {totals.failed} in "
                "quarantine; nothing was published",
                hint="were files changed while they were read? If not, please report it",
            )
        if not totals.exchanges:
            raise InputError(
                f"none of {log.records} records could be sanitized",
                hint="this is a fault of the sanitizer: please report it",
            )

    def _plant(self, found: DataFrame) -> Planted:
        """Return tracers in copies of exchanges that a hash draws, so that the same logs give the same ones."""
        size = self._settings.extract.tracers
        sample = TracerSample(size, seed=tracer_seed(self._key))
        for row in found.orderBy(F.xxhash64("line")).select("line").limit(size).collect():
            sample.offer(from_line(bytes(row.line))[2])
        return sample.planted(self._key)

    def _lines(self, planted: Planted) -> DataFrame:
        rows = [(user, to_line(user, session, exchange)[:-1]) for user, session, exchange in planted.exchanges]
        return self._spark.createDataFrame(rows, "user_key string, line binary")

    def _certify(
        self, registry: KnownRegistry, everybodys: int, log: SparkReadLog, totals: PartResult, written: Written
    ) -> Certificate:
        """Say how well the sanitizer did.

        Raises:
            SafetyError: If the certificate does not pass.
        """
        sanitizer = SessionSanitizer(RegistryDetector(self._setup.detector(), registry), Profiles())
        certificate = certify(
            totals.tracers,
            AuditResult(everybodys + totals.audited_values, totals.audited_leaks, totals.audited_types),
            section=self._settings.extract,
            over_redaction=over_redaction(sanitizer),
            rests_on=certificate_basis(
                self._settings,
                written,
                setup=self._setup,
                log=log,
                done=totals,
                quarantine=self._quarantine,
                basis=Basis(),
                key=self._key,
                profiles=self._used,
            ),
        )
        refuse_failed(certificate)
        return certificate

    def _write(self, done: DataFrame, sessions: int) -> Written:
        shared = shared_values(done, self._min_users)
        writer = PartWriter(self._shared(shared))
        parts = self._kept(transform.dataset_parts(done, writer, partitions=self._partitions(sessions)))
        # All are made side by side; then they are fetched one after the other.
        parts.count()
        suppressed: Counter[str] = Counter()
        dataset_id = content_id("data", self._digests(parts, suppressed))
        return Written(dataset_id, dict(sorted(suppressed.items())), SharedValues(shared).record_keys)

    def _digests(self, parts: DataFrame, suppressed: Counter[str]) -> Iterator[bytes]:
        """Write the files, count what is left out of them, and yield the digest of each of their sessions."""
        for number, row in enumerate(parts.toLocalIterator()):
            (self._folder / f"part-{number:05d}.parquet").write_bytes(row.part)
            suppressed.update({each["field"]: each["count"] for each in row.suppressed})
            digests = bytes(row.digests)
            yield from (digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), DIGEST_BYTES))

    def _published_beside(
        self, logs: transform.Logs, log: SparkReadLog, totals: PartResult, written: Written, certificate: Certificate
    ) -> ExtractResult:
        absent = absent_on_spark(self._settings, log.held)
        publish_beside(
            self._folder,
            settings=self._settings,
            log=log,
            quarantine=self._quarantine,
            done=totals,
            written=written,
            certificate=certificate,
            basis=Basis(),
            learned=self._learned,
            sources=logs.names,
            shown=self._names.shown,
            absent=absent,
        )
        return ExtractResult(
            absent=absent,
            dataset_id=written.dataset_id,
            folder=self._folder,
            records=log.records,
            sessions=totals.sessions,
            users=totals.users,
            turns=totals.turns,
            quarantined=dict(sorted(self._quarantine.reasons.items())),
            skipped=log.skipped,
            suppressed=written.suppressed,
            personal=dict(sorted(totals.personal.items())),
            exchanges=log.exchanges,
            profiles=self._used,
            record_keys=written.record_keys,
            entities=dict(sorted(totals.entities.items())),
            certificate=certificate,
            empty_files=tuple(log.empty_files),
            learned_ids=self._learned.ids.shown,
            learned_ordinary=self._learned.ordinary,
        )

    def _kept(self, frame: DataFrame) -> DataFrame:
        """Return a frame whose rows are made once and stay on executors' disks; lost ones are made again."""
        kept = frame.persist(StorageLevel.DISK_ONLY)
        self._stack.callback(kept.unpersist)
        return kept

    def _shared(self, value: Anything) -> "Broadcast[Anything]":
        """Return a value for all executors."""
        shared = self._spark.sparkContext.broadcast(value)
        self._stack.callback(shared.destroy)
        return shared

    def _partitions(self, rows: int) -> int:
        """Return how many tasks rows are worth."""
        cores = self._spark.sparkContext.defaultParallelism
        return max(min(_TASKS_PER_CORE * cores, rows // _FEWEST_ROWS + 1), rows // _MOST_ROWS)


def _values(telling: DataFrame) -> Iterator[str]:
    for row in telling.toLocalIterator():
        yield row.value
