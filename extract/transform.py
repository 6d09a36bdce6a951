"""The stage as steps from DataFrame to DataFrame, for Spark: the sanitizer is the one that a single machine runs.

Everything here only plans; rows flow when they are asked for. Raw text is in
the frames of ``*_read`` and between the steps, never in a plan or a message.
The key of the hashes travels inside the pickled functions, which no plan,
configuration or log of Spark shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everywhere
from pyspark.sql.pandas.types import from_arrow_schema

from extract.executors import parts as part_rows
from extract.executors import profiles as profile_rows
from extract.executors import reading as read_rows
from extract.executors import sanitizing as session_rows
from extract.executors.batches import Batches, Task, in_batches, without_text
from extract.executors.parts import PartWriter
from extract.executors.profiles import ProfileRules, telling_ids
from extract.executors.reading import EXCHANGE, LEARNED, ExchangeReader
from extract.executors.sanitizing import Units, UserSanitizer, cuts
from harness.sessions import SCHEMA as SESSION_SCHEMA

BATCH_ROWS = 64
"""Rows that Spark hands to Python at a time: Spark 3.5 has no limit in bytes, and a message may be megabytes long."""
HEAVY_EXCHANGES = 5_000
"""A user with more, or with more text than below, may be shared out among executors."""
HEAVY_BYTES = 16_000_000
_GROUPS_PER_CORE = 16
_STATES_TOGETHER = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """Logs that Spark is to read."""

    frame: DataFrame
    """Rows of ``extract.executors.reading.SCHEMA``."""
    names: Sequence[str] = ()
    """What they come from."""
    numbered: bool = True
    """Whether every record's line is known."""


def set_up(spark: SparkSession) -> None:
    """Set what the steps need of a session."""
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(BATCH_ROWS))


def files_read(spark: SparkSession, reader: ExchangeReader, locations: Sequence[str], names: Sequence[str]) -> Logs:
    """Return what files hold, each read whole by one task: all formats, compressions and line numbers.

    Args:
        spark: The session.
        reader: Maps records.
        locations: Paths that all executors see, or ``s3://`` URIs.
        names: The files' names.
    """
    groups = _groups(spark, locations)
    return Logs(
        frame=_mapped(_numbers(spark, groups), partial(reader.files, groups=groups), read_rows.SCHEMA), names=names
    )


def lines_read(spark: SparkSession, reader: ExchangeReader, location: str) -> Logs:
    """Return what JSON lines hold that Spark itself reads and splits: for few, very large, uncompressed files.

    Lines are known in the first split of a file only; elsewhere quarantine names the file.

    Args:
        spark: The session.
        reader: Maps records.
        location: What ``spark.read.text`` takes.
    """
    place = F.col("_metadata.file_path").alias("path"), F.col("_metadata.file_block_start").alias("start")
    lines = spark.read.text(location).select(F.col("value").cast("binary"), *place)
    return Logs(frame=_mapped(lines, reader.lines, read_rows.SCHEMA), names=[location], numbered=False)


def rows_read(records: DataFrame, reader: ExchangeReader, name: str) -> Logs:
    """Return what a table's rows hold, each a record: a catalog's table, Parquet, what job bookmarks let through.

    Args:
        records: The table.
        reader: Maps records.
        name: What quarantine calls it.
    """
    return Logs(
        frame=_mapped(records, partial(reader.rows, source=name), read_rows.SCHEMA), names=[name], numbered=False
    )


def profiles_read(spark: SparkSession, rules: ProfileRules, locations: Sequence[str]) -> DataFrame:
    """Return all profiles as lines that sort before their users' exchanges."""
    groups = _groups(spark, list(enumerate(locations)))
    return _mapped(_numbers(spark, groups), partial(rules.files, groups=groups), profile_rows.SCHEMA)


def exchanges(read: DataFrame) -> DataFrame:
    """Return the exchanges among all that was read."""
    return read.where(F.col("kind") == EXCHANGE)


def learner_states(read: DataFrame, reader: ExchangeReader) -> DataFrame:
    """Return what reading tasks have learned, that of some tasks put together: column ``line``."""
    states = read.where(F.col("kind") == LEARNED).select("line")
    few = max(1, read.rdd.getNumPartitions() // _STATES_TOGETHER)
    return _mapped(states.coalesce(few), reader.learned, read_rows.LEARNED_SCHEMA)


def telling_values(found: DataFrame, profiles: DataFrame | None, rules: ProfileRules, *, min_users: int) -> DataFrame:
    """Return all raw ids and profile values that identify their owner even in another user's text, each once.

    Args:
        found: Exchanges.
        profiles: Their users' profiles.
        rules: How these are read.
        min_users: An id-like value of another field that so many users share is nobody's.
    """
    columns = found.select("user_key", F.explode("ids").alias("value"))
    holders = columns.groupBy("value").agg(F.countDistinct("user_key").alias("users"))
    rare = holders.where(F.col("users") < min_users).select("value")
    ids = found.select(F.col("user").alias("value")).union(found.select("session")).union(rare).distinct()
    telling = _mapped(ids, telling_ids, profile_rows.VALUE_SCHEMA)
    if profiles is not None:
        known = _mapped(profiles.select("line"), rules.telling, profile_rows.VALUE_SCHEMA)
        telling = telling.union(known)
    return telling.distinct()


def sanitized(found: DataFrame, profiles: DataFrame | None, sanitizer: UserSanitizer, *, partitions: int) -> DataFrame:
    """Return sanitized sessions, with what is counted of each; rows of ``extract.executors.sanitizing.SCHEMA``.

    A user's profile and exchanges come to one task by a shuffle and are sorted
    there, on disk where need be. A user with very many sessions is cut where
    one machine would also begin anew, and becomes several units.

    Args:
        found: Columns ``user_key`` and ``line`` of all exchanges, tracers among them.
        profiles: Their users' profiles.
        sanitizer: What executors do.
        partitions: How many the shuffle makes.
    """
    plain = found.select("user_key", F.lit("").alias("unit"), "line")
    known = None if profiles is None else profiles.select("user_key", F.lit("").alias("unit"), "line")
    heavy = _heavy(found, partitions)
    if heavy.starts:
        plain = _cut(plain, heavy, heavy.of_exchanges)
        known = None if known is None else _cut(known, heavy, heavy.of_profiles)
    lines = plain if known is None else plain.union(known)
    whole = F.when(F.col("unit") == "", F.col("user_key")).otherwise(F.col("unit"))
    sorted_lines = lines.repartition(partitions, whole).sortWithinPartitions("unit", "line").select("unit", "line")
    return _mapped(sorted_lines, sanitizer.sanitize, session_rows.SCHEMA)


def dataset_parts(done: DataFrame, writer: PartWriter, *, partitions: int) -> DataFrame:
    """Return the dataset's files in their order; rows of ``extract.executors.parts.SCHEMA``."""
    kept = done.where(F.col("session").isNotNull()).select("user_key", "session_id", "session")
    ordered = kept.repartitionByRange(partitions, "user_key").sortWithinPartitions("user_key", "session_id")
    return _mapped(ordered.select("session"), writer.parts, part_rows.SCHEMA)


def as_sessions(done: DataFrame) -> DataFrame:
    """Return sanitized sessions with a dataset's columns, for further work in Spark.

    Values that too few users share are still in them, and no certificate says what they are worth.
    """
    columns = from_arrow_schema(SESSION_SCHEMA)
    session = F.from_json(F.col("session").cast("string"), columns).alias("session")
    return done.where(F.col("session").isNotNull()).select(session).select("session.*")


def _heavy(found: DataFrame, partitions: int) -> Units:
    """Return where the users are to be cut who have very many exchanges, or very long ones."""
    sizes = found.groupBy("user_key").agg(F.count("*").alias("exchanges"), F.sum(F.length("line")).alias("bytes"))
    too_large = (F.col("exchanges") > HEAVY_EXCHANGES) | (F.col("bytes") > HEAVY_BYTES)
    users = [row.user_key for row in sizes.where(too_large).select("user_key").collect()]
    if not users:
        return Units({})
    theirs = found.where(F.col("user_key").isin(users)).select("user_key", "line")
    ordered = theirs.repartition(partitions, "user_key").sortWithinPartitions("line").select("line")
    starts: dict[str, list[str]] = {}
    for row in _mapped(ordered, cuts, session_rows.CUT_SCHEMA).collect():
        starts.setdefault(row.user_key, []).append(row.session_id)
    return Units({user: sorted(sessions) for user, sessions in starts.items()})


def _cut(lines: DataFrame, heavy: Units, task: Task) -> DataFrame:
    is_heavy = F.col("user_key").isin(list(heavy.starts))
    cut = _mapped(lines.where(is_heavy).select("user_key", "line"), task, session_rows.UNIT_SCHEMA)
    return lines.where(~is_heavy).union(cut)


def _groups(spark: SparkSession, members: Sequence[Any]) -> list[list[Any]]:
    """Return members shared out among tasks: many, so that no large file holds up the others of its task for long."""
    count = min(len(members), _GROUPS_PER_CORE * spark.sparkContext.defaultParallelism)
    return [list(members[place::count]) for place in range(count)]


def _numbers(spark: SparkSession, groups: Sequence[Any]) -> DataFrame:
    return spark.range(0, len(groups), 1, len(groups))


def _mapped(frame: DataFrame, task: Task, schema: pa.Schema) -> DataFrame:
    """Return what a task makes of a frame's partitions."""
    careful = without_text(task)

    def run(batches: Batches) -> Any:
        return in_batches(careful(batches), schema)

    return frame.mapInArrow(run, from_arrow_schema(schema))
