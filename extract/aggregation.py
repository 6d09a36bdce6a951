"""What is added up of the rows that executors returned; never from anything that a task run twice counts twice."""

import datetime as dt
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812 - as everywhere

from extract.executors.reading import EXCHANGE, HELD, READ, SKIPPED
from extract.executors.sanitizing import ENTITY, LEAK, PERSONAL, TRACER, outcome_of
from extract.partitions import PartResult
from extract.publishing.arrivals import MINUTES, ArrivalCounts
from extract.publishing.rarity import ID_LIKE, KEYED, LONGEST_ID, MOST_VALUES, RECORD_KEY, is_record_key
from extract.publishing.watermark import SourceMark

_BEFORE_1970 = 3 * 24 * 60
"""Minutes from Monday to the Thursday with which 1970 began."""


@dataclass(slots=True, kw_only=True)
class SparkReadLog:
    """What executors have read."""

    records: int
    exchanges: int
    arrivals: ArrivalCounts
    skipped: dict[str, int]
    empty_files: list[str]
    held: dict[str, int] = field(default_factory=dict)
    """How many exchanges have each of ``RecordMapping.optional``."""
    unchanged_files: int = 0
    rewritten_files: list[str] = field(default_factory=list)
    marks: list[SourceMark] = field(default_factory=list)
    newest: dt.date | None = None
    index: None = None


def read_log(read: DataFrame, min_users: int) -> SparkReadLog:
    """Return what was read: rows of ``extract.executors.reading.SCHEMA``."""
    source = F.when(F.col("kind") == READ, F.col("source")).alias("source")
    reason = F.when(F.col("kind").isin(SKIPPED, HELD), F.col("reason")).alias("reason")
    counts = read.groupBy("kind", source, reason).agg(F.count("*").alias("rows"), F.sum("count").alias("sum")).collect()
    files = sorted((row.source, row["sum"]) for row in counts if row.kind == READ)
    return SparkReadLog(
        records=sum(records for _, records in files),
        exchanges=sum(row.rows for row in counts if row.kind == EXCHANGE),
        arrivals=_arrivals(read.where(F.col("kind") == EXCHANGE), min_users),
        skipped=dict(sorted((row.reason, row["sum"]) for row in counts if row.kind == SKIPPED)),
        empty_files=[name for name, records in files if not records],
        held={row.reason: row["sum"] for row in counts if row.kind == HELD},
    )


def part_result(done: DataFrame) -> PartResult:
    """Return the counts of sanitized rows (``extract.executors.sanitizing.SCHEMA``)."""
    kept = F.col("session").isNotNull()
    row = done.agg(
        F.sum("exchanges"),
        F.sum(F.size("failed")),
        F.count_if(kept),
        F.count_distinct(F.when(kept, F.col("user_key"))),
        F.sum("turns"),
        F.sum("audited_values"),
    ).first()
    counts = [0] * 6 if row is None else [value or 0 for value in row]
    exchanges, failed, sessions, users, turns, values = counts
    tallies = _tallies(done)
    return PartResult(
        exchanges=exchanges,
        failed=failed,
        new_sessions=sessions,
        sessions=sessions,
        users=users,
        turns=turns,
        entities=tallies[ENTITY],
        personal=tallies[PERSONAL],
        audited_values=values,
        audited_leaks=tallies[LEAK].total(),
        audited_types=tallies[LEAK],
        tracers=Counter({outcome_of(name): count for name, count in tallies[TRACER].items()}),
    )


def shared_values(done: DataFrame, min_users: int) -> frozenset[tuple[str, str]]:
    """Return field and value of what at least ``min_users`` users share, and so survives."""
    shareable = done.select("user_key", F.explode("shareable").alias("found")).select("user_key", "found.*")
    holders = shareable.groupBy("field", "value").agg(
        F.count_distinct("user_key").alias("users"), F.count("*").alias("sessions")
    )
    id_like = (F.length("value") <= LONGEST_ID) & F.col("value").rlike(ID_LIKE)
    fields = holders.groupBy("field").agg(
        F.count("*").alias("values"), F.sum("sessions").alias("sessions"), F.sum(id_like.cast("int")).alias("id_like")
    )
    counts = {row["field"]: row for row in fields.collect()}
    keys = {
        name
        for name, row in counts.items()
        if name.startswith(KEYED) and is_record_key(row["values"], row["sessions"], row["id_like"], min_users)
    }
    shared = (
        (row["field"], row["value"])
        for row in holders.where(F.col("users") >= min_users).toLocalIterator()
        if counts[row["field"]]["values"] <= MOST_VALUES
    )
    return frozenset([*shared, *((name, RECORD_KEY) for name in keys)])


def shared_pairs(profiles: DataFrame, min_users: int) -> "array[int]":
    """Return the hashes, sorted, of the pairs of field and value that ``min_users`` profiles hold."""
    pairs = profiles.select("user_key", F.explode("pairs").alias("pair"))
    holders = pairs.groupBy("pair").agg(F.count_distinct("user_key").alias("users"))
    shared = holders.where(F.col("users") >= min_users).select("pair")
    return array("q", sorted(row.pair for row in shared.toLocalIterator()))


def _arrivals(found: DataFrame, min_users: int) -> ArrivalCounts:
    """Return requests by minute of the week, and of each minute's users as many as a cell needs."""
    cell = F.pmod(F.col("minute") + _BEFORE_1970, F.lit(MINUTES)).alias("cell")
    columns = F.count("*").alias("requests"), F.min("minute").alias("first"), F.max("minute").alias("last")
    cells = found.groupBy(cell).agg(*columns).collect()
    if not cells:
        return ArrivalCounts(min_users)
    number = F.row_number().over(Window.partitionBy("cell").orderBy("user_key"))
    few = found.select(cell, "user_key").distinct().withColumn("number", number).where(F.col("number") <= min_users)
    users: dict[int, set[str]] = defaultdict(set)
    for row in few.collect():
        users[row.cell].add(row.user_key)
    span = min(row["first"] for row in cells), max(row["last"] for row in cells)
    return ArrivalCounts.of({row.cell: row.requests for row in cells}, users, span)


def _tallies(done: DataFrame) -> dict[str, Counter[str]]:
    found = done.select(F.explode("tallies").alias("found")).select("found.*").groupBy("kind", "name")
    tallies: dict[str, Counter[str]] = defaultdict(Counter)
    for row in found.agg(F.sum("count").alias("sum")).collect():
        tallies[row.kind][row.name] = row["sum"]
    return tallies
