"""What the benches measure on: the logs and labelled sets of a data folder, or generated ones where there is none.

DATA holds ``banking_queries/`` and ``assistant_logs/`` (each with ``logs.jsonl``) and ``pii/*.jsonl``. It is no part
of the project; without it the example bank's generated logs stand in, and the bench says so.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.config import Settings, load_settings
from harness.jsonlines import read_lines

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
REAL_LOGS = ("banking_queries", "assistant_logs")
KEY = "a-bench-key-for-logs-on-this-machine"
SESSIONS = 3000
CONFIGURATION = """
[storage]
root = "{root}"
[extract]
source = "{log.records}"
{profiles}
hmac_key = "${{REVERSE_RAG_HMAC_KEY}}"
[extract.fields]
user = "user_id"
session = "session_id"
timestamp = "timestamp"
prompt = "prompt"
response = "response"
[personas]
min_users = 5
seed = 7
"""


@dataclass(frozen=True, slots=True)
class Log:
    """A production log."""

    name: str
    records: Path
    profiles: Path | None = None
    """What is known of its users."""


@dataclass(slots=True)
class Spent:
    """Seconds that something took; set once it is over."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    """Of this process and the children that it waited for."""


def data_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--data``."""
    parser.add_argument("--data", type=Path, default=DATA, help=f"data folder (default {os.path.relpath(DATA)})")


def real_logs(data: Path) -> list[Log]:
    """Return the real logs that are there, and say which are not."""
    logs = [Log(name, data / name / "logs.jsonl") for name in REAL_LOGS]
    for log in logs:
        if not log.records.exists():
            say(f"{log.records} is not there: {log.name} is not measured (see --data)")
    return [log for log in logs if log.records.exists()]


def generated_log(folder: Path, *, sessions: int = SESSIONS, seed: int = 7) -> Log:
    """Write the example bank's log below a folder."""
    from larkfield.logs import write_logs

    write_logs(folder / "larkfield", sessions=sessions, seed=seed)
    return Log("larkfield", folder / "larkfield" / "logs.jsonl", folder / "larkfield" / "profiles.jsonl")


def logs_or_generated(data: Path, work: Path) -> list[Log]:
    """Return the real logs; the generated one where there is none."""
    if logs := real_logs(data):
        return logs
    say("using a generated log instead: its figures say little about real traffic")
    return [generated_log(work)]


def configured(log: Log, root: Path, more: str = "") -> Path:
    """Write a configuration for a log, with further sections, and return its path."""
    os.environ["REVERSE_RAG_HMAC_KEY"] = KEY
    profiles = f'profiles = "{log.profiles}"' if log.profiles else ""
    root.mkdir(parents=True, exist_ok=True)
    path = root / "reverse-rag.toml"
    path.write_text(CONFIGURATION.format(root=root, log=log, profiles=profiles) + more, encoding="utf-8")
    return path


def settings_for(log: Log, root: Path) -> Settings:
    """Return the settings for a log."""
    return load_settings(configured(log, root))


def rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of JSON lines."""
    return list(read_lines(path))


@contextmanager
def timed() -> Iterator[Spent]:
    """Measure what runs inside."""
    spent, wall, cpu = Spent(), time.perf_counter(), _cpu_s()
    try:
        yield spent
    finally:
        spent.wall_s, spent.cpu_s = time.perf_counter() - wall, _cpu_s() - cpu


def peak_mb() -> float:
    """Return the most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(text: str) -> None:
    """Talk on stderr; figures go to stdout."""
    print(text, file=sys.stderr, flush=True)


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
