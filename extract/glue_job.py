"""The stage as a job of AWS Glue 5 (Spark 3.5, Python 3.11); without Glue's own arguments, of any Spark.

Arguments: ``--CONFIG`` (path or ``s3://`` URI of a ``reverse-rag.toml``), and optionally

* ``--READ``: ``files`` (default: every format, each file read whole by one task), ``lines`` (JSON lines that Spark
  splits: for few, very large files), ``s3`` or ``catalog`` (read by Glue, so that its job bookmarks let only new
  records through);
* ``--DATABASE`` and ``--TABLE`` for ``catalog``, and ``--PREDICATE`` on its partitions.
"""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyspark import SparkContext
from pyspark.sql import SparkSession

from extract import transform
from extract.distributed import LogsOf, configured_files, extract_on_spark
from extract.executors.reading import ExchangeReader
from extract.extraction import ExtractResult
from harness.aws import read_object
from harness.config import Settings, load_settings
from harness.errors import ConfigurationError
from harness.storage import Storage

_OPTIONAL = ("JOB_NAME", "READ", "DATABASE", "TABLE", "PREDICATE")
_CONFIG_BYTES = 1 << 20
_BOOKMARK = "logs"
"""Under this name Glue remembers how far the logs have been read."""
_FORMATS = {".jsonl": "json", ".ndjson": "json", ".json": "json", ".parquet": "parquet"}
_NO_BOOKMARKS = "job-bookmark-disable"
_BY_GLUE = {"s3", "catalog"}
_logger = logging.getLogger(__name__)


def main(argv: Sequence[str]) -> ExtractResult | None:
    """Run the job.

    Args:
        argv: The script's name and its arguments, as Glue passes them.

    Returns:
        What was made; None where the bookmark let nothing through.

    Raises:
        ReverseRagError: As ``extract_on_spark``; the run's bookmark stays where it was.
    """
    from awsglue.utils import getResolvedOptions

    # Glue's own parser knows no optional arguments.
    given = [name for name in _OPTIONAL if f"--{name}" in argv]
    options: dict[str, Any] = getResolvedOptions(list(argv), ["CONFIG", *given])
    settings = _settings(options["CONFIG"])
    context = SparkContext.getOrCreate()
    if "JOB_NAME" not in options:
        return _run(SparkSession(context), settings, _reading(options, None))
    return _glue_job(context, settings, options)


def _glue_job(context: SparkContext, settings: Settings, options: dict[str, Any]) -> ExtractResult | None:
    from awsglue.context import GlueContext
    from awsglue.job import Job

    glue = GlueContext(context)
    job = Job(glue)
    job.init(options["JOB_NAME"], options)
    result = _run(glue.spark_session, settings, _reading(options, glue))
    # Only now: a run that failed reads the same records again, and makes the same dataset of them.
    job.commit()
    return result


def _run(spark: SparkSession, settings: Settings, logs: LogsOf) -> ExtractResult | None:
    try:
        result = extract_on_spark(spark, settings, Storage(settings.path(settings.storage.root)), logs=logs)
    except _NothingNewError:
        _logger.info("nothing new since the last run")
        return None
    _logger.info(
        "%s: %d records, %d sessions, %d in quarantine",
        result.dataset_id,
        result.records,
        result.sessions,
        sum(result.quarantined.values()),
    )
    return result


class _NothingNewError(Exception):
    """The bookmark let no record through."""


def _reading(options: dict[str, Any], glue: Any) -> LogsOf:
    """Return how the logs are read.

    Raises:
        ConfigurationError: If the arguments do not go together.
    """
    way = options.get("READ", "files")
    bookmarks = options.get("job_bookmark_option", _NO_BOOKMARKS) != _NO_BOOKMARKS
    if way in _BY_GLUE and glue is None:
        raise ConfigurationError(f"--READ {way} needs AWS Glue", hint="elsewhere use --READ files or lines")
    if way not in _BY_GLUE and bookmarks:
        raise ConfigurationError(
            f"job bookmarks have no influence on --READ {way}: every run would read everything",
            hint="use --READ s3 or catalog, or disable the job's bookmarks",
        )
    if way == "files":
        return configured_files
    if way == "lines":
        return _lines
    if way not in _BY_GLUE:
        raise ConfigurationError(f"--READ {way} is unknown", hint="it takes files, lines, s3 or catalog")

    def by_glue(_: SparkSession, settings: Settings, reader: ExchangeReader) -> transform.Logs:
        frame, name = _from_catalog(glue, options) if way == "catalog" else _from_s3(glue, settings)
        table = frame.toDF()
        # An empty frame of Glue has no columns.
        if not table.columns or table.isEmpty():
            raise _NothingNewError
        return transform.rows_read(table, reader, name)

    return by_glue


def _lines(spark: SparkSession, settings: Settings, reader: ExchangeReader) -> transform.Logs:
    return transform.lines_read(spark, reader, settings.path(settings.extract.source))


def _from_catalog(glue: Any, options: dict[str, Any]) -> tuple[Any, str]:
    missing = [f"--{name}" for name in ("DATABASE", "TABLE") if name not in options]
    if missing:
        raise ConfigurationError(f"--READ catalog needs {' and '.join(missing)}")
    frame = glue.create_dynamic_frame.from_catalog(
        database=options["DATABASE"],
        table_name=options["TABLE"],
        push_down_predicate=options.get("PREDICATE", ""),
        transformation_ctx=_BOOKMARK,
    )
    return frame, f"{options['DATABASE']}.{options['TABLE']}"


def _from_s3(glue: Any, settings: Settings) -> tuple[Any, str]:
    source = settings.path(settings.extract.source)
    suffixes = [suffix.lower() for suffix in Path(source).suffixes]
    found = [_FORMATS[suffix] for suffix in suffixes if suffix in _FORMATS]
    if not found:
        raise ConfigurationError(
            f"'extract.source' = {source}: Glue has to know what is there",
            hint=f"let it end in one of {', '.join(_FORMATS)}, or use --READ catalog",
        )
    folder, _, pattern = source.rpartition("/")
    frame = glue.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [folder + "/" if "*" in pattern else source], "recurse": True},
        format=found[0],
        transformation_ctx=_BOOKMARK,
    )
    return frame, source


def _settings(location: str) -> Settings:
    """Return the configuration at a path or in S3.

    Raises:
        ConfigurationError: If it cannot be used; one in S3 has nothing beside it that a relative path could mean.
    """
    if not location.startswith("s3://"):
        return load_settings(Path(location))
    with TemporaryDirectory() as folder:
        file = Path(folder) / Path(location).name
        file.write_bytes(read_object(location, limit=_CONFIG_BYTES))
        settings = load_settings(file)
    extract = settings.extract
    for key, value in (
        ("storage.root", settings.storage.root),
        ("extract.source", extract.source),
        ("extract.profiles", extract.profiles),
    ):
        if value is not None and "://" not in value:
            raise ConfigurationError(
                f"'{key}' = {value}: a configuration in S3 needs s3:// URIs", hint="relative paths mean nothing there"
            )
    return settings


if __name__ == "__main__":
    main(sys.argv)
