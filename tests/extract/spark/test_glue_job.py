"""The Glue job: its arguments, where it reads, and when its bookmark moves on.

AWS's own argument parser runs; its Java classes are only on AWS, so a context
and a job of our own stand in for them.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
from pyspark.sql import DataFrame, SparkSession

import extract.glue_job
from extract.extraction import ExtractResult
from extract.glue_job import main
from harness.config import Settings
from harness.errors import ConfigurationError, InputError
from tests.extract.conftest import record, write_jsonl

JOB = ["--JOB_NAME", "sanitize", "--JOB_ID", "j_1", "--JOB_RUN_ID", "jr_1"]
BOOKMARKS = ["--job-bookmark-option", "job-bookmark-enable"]
CATALOG = ["--READ", "catalog", "--DATABASE", "prod", "--TABLE", "chats"]
CONFIGURATION = """
[storage]
root = "out"
[extract]
source = "logs/*.jsonl"
certificate_floor = 0.0
certificate_structured_floor = 0.0
tracers = 3
"""


@dataclass
class Frames:
    """What a Glue context reads with; remembers what it was asked for."""

    table: DataFrame | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def from_catalog(self, **options: Any) -> "Frames":
        """Note what is asked for."""
        self.asked.append(options)
        return self

    from_options = from_catalog

    def toDF(self) -> DataFrame:  # noqa: N802 - Glue's name
        """Return the table."""
        assert self.table is not None
        return self.table


class FakeGlueContext:
    """Stands in for AWS's, which needs its Java classes."""

    create_dynamic_frame: ClassVar[Frames]

    def __init__(self, context: Any) -> None:
        self.spark_session = SparkSession(context)


class FakeJob:
    """Remembers which runs were begun and which ended well."""

    done: ClassVar[list[str]]

    def __init__(self, glue: FakeGlueContext) -> None:
        assert isinstance(glue, FakeGlueContext)

    def init(self, name: str, args: dict[str, Any]) -> None:
        """Begin a run."""
        assert args["JOB_NAME"] == name
        self.done.append("begun")

    def commit(self) -> None:
        """Move the bookmark on."""
        self.done.append("committed")


@pytest.fixture
def frames(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> Frames:
    """Glue's context and job, replaced; what the context reads with."""
    found = Frames()
    FakeGlueContext.create_dynamic_frame = found
    FakeJob.done = []
    context, job = ModuleType("awsglue.context"), ModuleType("awsglue.job")
    context.__dict__["GlueContext"], job.__dict__["Job"] = FakeGlueContext, FakeJob
    # AWS's parser takes the names of Glue's own arguments from the real job, so it is imported first.
    import awsglue.utils  # noqa: F401

    monkeypatch.setitem(sys.modules, "awsglue.context", context)
    monkeypatch.setitem(sys.modules, "awsglue.job", job)
    return found


@pytest.fixture
def config(tmp_path: Path) -> str:
    write_jsonl(tmp_path / "logs" / "a.jsonl", [record(n) for n in range(6)])
    path = tmp_path / "reverse-rag.toml"
    path.write_text(CONFIGURATION, encoding="utf-8")
    return str(path)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of every run, none of which is made: what is read is all that matters here."""
    found: list[Settings] = []

    def run(spark: SparkSession, settings: Settings, storage: Any, *, logs: Any) -> ExtractResult:
        from extract.executors.reading import ExchangeReader

        logs(spark, settings, ExchangeReader(settings.extract, b"k" * 16))
        found.append(settings)
        raise InputError("no more than this")

    monkeypatch.setattr(extract.glue_job, "extract_on_spark", run)
    return found


def test_a_job_reads_the_catalogs_table_publishes_the_dataset_and_then_moves_its_bookmark(
    frames: Frames, spark: SparkSession, config: str, tmp_path: Path
) -> None:
    columns = ("user_id", "session_id", "timestamp", "prompt", "response")
    rows = [tuple(record(n)[name] for name in columns) for n in range(6)]
    frames.table = spark.createDataFrame(rows, ", ".join(f"{name} string" for name in columns))
    result = main(["job.py", *JOB, *BOOKMARKS, "--CONFIG", config, *CATALOG, "--PREDICATE", "day > '2026'"])
    assert result is not None
    assert (result.records, result.turns) == (6, 12)
    assert result.folder.parent == tmp_path / "out" / "sanitized"
    assert frames.asked == [
        {
            "database": "prod",
            "table_name": "chats",
            "push_down_predicate": "day > '2026'",
            "transformation_ctx": "logs",
        }
    ]
    assert FakeJob.done == ["begun", "committed"]


def test_a_bookmark_that_lets_nothing_through_ends_well_and_publishes_nothing(
    frames: Frames, spark: SparkSession, config: str, tmp_path: Path
) -> None:
    frames.table = spark.createDataFrame([], "prompt string")
    assert main(["job.py", *JOB, *BOOKMARKS, "--CONFIG", config, *CATALOG]) is None
    assert FakeJob.done == ["begun", "committed"]
    assert list((tmp_path / "out" / "sanitized").iterdir()) == []


def test_a_run_that_fails_leaves_the_bookmark_where_it_was(frames: Frames, config: str, runs: list[Settings]) -> None:
    with pytest.raises(InputError):
        main(["job.py", *JOB, "--CONFIG", config])
    assert len(runs) == 1
    assert FakeJob.done == ["begun"]


def test_outside_glue_the_same_script_runs_on_any_spark(spark: SparkSession, config: str, runs: list[Settings]) -> None:
    for way in ("files", "lines"):
        with pytest.raises(InputError):
            main(["job.py", "--CONFIG", config, "--READ", way])
    assert [settings.extract.tracers for settings in runs] == [3, 3]


@pytest.mark.parametrize(
    ("source", "paths", "form"),
    [
        ("s3://bucket/logs/*.jsonl.gz", ["s3://bucket/logs/"], "json"),
        ("s3://bucket/day.parquet", ["s3://bucket/day.parquet"], "parquet"),
    ],
)
def test_objects_that_glue_reads_are_named_by_their_folder_and_their_kind_by_their_suffix(
    frames: Frames,
    spark: SparkSession,
    config: str,
    runs: list[Settings],
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    paths: list[str],
    form: str,
) -> None:
    monkeypatch.setenv("REVERSE_RAG_EXTRACT__SOURCE", source)
    frames.table = spark.createDataFrame([("hello",)], "prompt string")
    with pytest.raises(InputError):
        main(["job.py", *JOB, *BOOKMARKS, "--CONFIG", config, "--READ", "s3"])
    (asked,) = frames.asked
    assert (asked["connection_options"]["paths"], asked["format"]) == (paths, form)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--READ", "s3"], "needs AWS Glue"),
        ([*JOB, "--READ", "backwards"], "is unknown"),
        ([*JOB, *BOOKMARKS], "no influence"),
        ([*JOB, "--READ", "catalog", "--TABLE", "chats"], "needs --DATABASE"),
    ],
)
def test_arguments_that_do_not_go_together_are_refused(
    frames: Frames, config: str, arguments: list[str], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        main(["job.py", "--CONFIG", config, *arguments])
    assert "committed" not in FakeJob.done


def test_a_configuration_in_s3_has_to_name_everything_by_uri(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(uri: str, *, limit: int) -> bytes:
        assert uri == "s3://bucket/reverse-rag.toml"
        return CONFIGURATION.encode()[:limit]

    monkeypatch.setattr(extract.glue_job, "read_object", read)
    with pytest.raises(ConfigurationError, match=r"'storage\.root' = out"):
        main(["job.py", "--CONFIG", "s3://bucket/reverse-rag.toml"])
