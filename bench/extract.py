"""Measures how the extract stage grows: memory, CPU seconds and wall seconds by rows and workers.

Usage: python -m bench.extract [--rows 10000 100000] [--workers 1 2] [--share 0.1] [--tagger none] [--no-profiles]

The log is made of the example bank's, over and over with other users and sessions, each text made unlike the others
(repeated texts would cost nothing). One user holds --share of all rows, a tenth of them in one session.
Every measurement is a process of its own; peak memory is that of its largest process.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

from bench.sources import Log, configured, generated_log, rows, say, timed
from harness.jsonlines import write_lines

_SEED_SESSIONS = 300
_MEGABYTE = 1024.0


def grown_log(work: Path, *, size: int, share: float) -> Log:
    """Write a log of ``size`` rows, and the profiles of its users."""
    seed = generated_log(work / "seed", sessions=_SEED_SESSIONS)
    assert seed.profiles is not None
    folder = work / f"rows-{size}"
    folder.mkdir()
    log = Log(f"{size:,} rows", folder / "logs.jsonl", folder / "profiles.jsonl")
    records = rows(seed.records)
    write_lines(log.records, islice(_records(records, share), size))
    copies = range(size // len(records) + 1)
    assert log.profiles is not None
    write_lines(
        log.profiles,
        (
            {**profile, "user_id": f"{profile['user_id']}-{copy:06d}"}
            for copy in copies
            for profile in rows(seed.profiles)
        ),
    )
    return log


def _records(records: list[dict[str, Any]], share: float) -> Iterator[dict[str, Any]]:
    every = round(1 / share) if share else 0
    for number in count():
        copy, place = divmod(number, len(records))
        record = dict(records[place])
        for name in ("user_id", "session_id"):
            record[name] = f"{record[name]}-{copy:06d}"
        if every and number % every == 0:
            record["user_id"] = "service-account-000001"
            record["session_id"] = f"service-{number % (every * 10) and number // every // 5:06d}"
        for name in ("prompt", "response"):
            if record[name] is not None:
                record[name] = f"{record[name]} [{number}]"
        yield record


def measure(configuration: Path) -> None:
    """Extract, and print what it took."""
    from extract.extraction import extract_sessions
    from harness.config import load_settings
    from harness.storage import Storage

    settings = load_settings(configuration)
    with timed() as spent:
        result = extract_sessions(settings, Storage(settings.path(settings.storage.root)))
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({
        "id": result.dataset_id, "records": result.records, "sessions": result.sessions,
        "quarantined": sum(result.quarantined.values()), "wall_s": spent.wall_s, "cpu_s": spent.cpu_s,
        "first_mb": peaks[0] / _MEGABYTE, "worker_mb": peaks[1] / _MEGABYTE,
    }))  # fmt: skip


def main() -> None:
    """Print one line for each size and number of workers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--share", type=float, default=0.1, help="of one user in all rows; 0: none")
    parser.add_argument("--profiles", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--tagger", default="shipped", help="none: only patterns, where growth is the question")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure)
        return
    print("rows        workers   CPU s  wall s  rows per CPU s  peak MB first / worker   dataset")
    with tempfile.TemporaryDirectory() as folder:
        for size in options.rows:
            log = grown_log(Path(folder), size=size, share=options.share)
            for workers in options.workers:
                chosen = log if options.profiles else Log(log.name, log.records)
                _print(chosen, Path(folder), workers, options.tagger)


def _print(log: Log, folder: Path, workers: int, tagger: str) -> None:
    say(f"{log.name}, {workers} workers")
    configuration = configured(log, folder / f"{log.name}-{workers}", f'[extract.pii]\ntagger = "{tagger}"\n')
    # What is found is not the question here.
    keys = f"workers = {workers}\ncertificate_floor = 0.0\ncertificate_structured_floor = 0.0"
    text = configuration.read_text(encoding="utf-8").replace("[extract]", f"[extract]\n{keys}", 1)
    configuration.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "bench.extract", "--measure", str(configuration)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout)
    print(
        f"{found['records']:<11,} {workers:<7} {found['cpu_s']:7.1f} {found['wall_s']:7.1f} {found['records'] / found['cpu_s']:12,.0f}"
        f" {found['first_mb']:18,.0f} / {found['worker_mb']:<6,.0f}  {found['id']}  ({found['quarantined']} in quarantine)",
        flush=True,
    )


if __name__ == "__main__":
    main()
