"""Measures the offline suite on real logs: speed, memory, what is short, copies, duplicates, diversity, k.

Usage: python -m bench.personas [--data DIR] [--prompts 600 10000] [--personas 12] [--seed 7] [--firewall LINES]

Each suite is made in a process of its own from sanitized sessions, as ``reverse-rag personas`` does; copies are
searched in the raw log. What the segments agree with is ``bench.segments``'s. ``--firewall`` measures the copy
firewall alone, on so many invented lines.
"""

import argparse
import itertools
import multiprocessing
import random
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.sources import KEY, Log, data_option, logs_or_generated, peak_mb, rows, settings_for, timed
from extract.extraction import extract_sessions
from harness.config import PersonasSection
from harness.contracts import SanitizedSession
from harness.identity import keyed_hash
from harness.sessions import read_sessions
from harness.storage import Storage
from personas.composition import Suite, compose
from personas.copying import CopyFirewall
from personas.diversity import diversity

RUN = 8
"""Words in a row that count as a copy."""
PROBES = 2_000
"""Prompts that the firewall is asked about."""
_WORD = re.compile(r"[\w']+")
_INVENTED_WORDS = 20_000
_LINE_WORDS = (4, 22)


class Segmented:
    """Progress that remembers how much CPU time had passed when the first prompts came."""

    def __init__(self) -> None:
        self._begun = time.process_time()
        self.cpu_s = 0.0

    def update(self, step: str, *_: object, **__: object) -> None:
        """Take the time of the last report before prompts."""
        if step == "segments":
            self.cpu_s = time.process_time() - self._begun


def dataset(log: Log, root: Path) -> Path:
    """Return the folder of a log's sessions as ``extract`` leaves them."""
    storage = Storage(str(root))
    return storage.fetch("sanitized", extract_sessions(settings_for(log, root), storage).dataset_id)


def sanitized(log: Log, root: Path) -> list[SanitizedSession]:
    """Return a log's sessions as ``extract`` leaves them."""
    return list(read_sessions(dataset(log, root)))


def outside_labels(log: Log, records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return a label for each session id, where the log has labels."""
    intents_file = log.records.with_name("intents.jsonl")
    intents = {row["request_id"]: row["intent"] for row in rows(intents_file)} if intents_file.exists() else {}
    labels: dict[str, str] = {}
    for record in records:
        label = intents.get(record["request_id"]) or "+".join(
            sorted(s.split("_")[0] for s in record.get("services", ()))
        )
        if label:
            key = keyed_hash(KEY.encode(), f"{record['session_id']}\x1f{record['user_id']}")
            labels.setdefault(key, label)
    return labels


def words(text: str) -> list[str]:
    """Return a text's words in lower case."""
    return _WORD.findall(text.lower())


def runs(found: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield every run of eight words."""
    return (tuple(found[i : i + RUN]) for i in range(len(found) - RUN + 1))


def logged_runs(records: Sequence[Mapping[str, Any]]) -> set[tuple[str, ...]]:
    """Return the runs of eight words of a raw log, of users and assistant alike."""
    texts = (record[name] for record in records for name in ("prompt", "response") if record.get(name))
    return {run for text in texts for run in runs(words(text))}


def measure(folder: Path, log: Log, wanted: int, section: PersonasSection) -> None:
    """Make one suite and print what it came to; runs in a process of its own."""
    sessions = list(read_sessions(folder))
    segmented = Segmented()
    with timed() as spent:
        suite = compose(sessions, section, progress=segmented)
        found = diversity(suite.prompts, suite.personas, suite.corpus.sessions)
    memory_mb = peak_mb()
    texts = [words(" ".join(prompt.turns)) for prompt in suite.prompts]
    logged = logged_runs(rows(log.records))
    copied = sum(any(run in logged for run in runs(text)) for text in texts)
    print(
        f"{wanted:7,} prompts: {len(texts):,} made, {sum(suite.missing.values())} short, {len(suite.personas)} personas, "
        f"{_below_k(suite, section.min_users)} below k\n"
        f"    {spent.cpu_s:.1f} CPU s, {spent.wall_s:.1f} s wall, {segmented.cpu_s:.1f} CPU s until segments stand; "
        f"{len(texts) / spent.cpu_s:,.0f} prompts per CPU second; peak {memory_mb:.0f} MB\n"
        f"    {len(texts) - len(set(map(tuple, texts)))} duplicates, {found['near_duplicates']} near-duplicates, "
        f"{copied} copies of {RUN} words of the raw log; turned away: {_listed(suite.rejected)}\n"
        f"    distinct-2 {found['distinct_2']:.3f} of {found['distinct_words']:,} words; nearest neighbour "
        f"{found['nearest']['mean']:.3f} on average, {found['nearest']['p5']:.3f} at the 5th percentile\n"
        f"    {len(suite.frames):,} frames ({len(texts) / max(1, len(suite.frames)):.2f} prompts each), "
        f"the commonest {max(suite.frames.values()) / len(texts):.2%}\n"
        f"    strategies: {_listed({name: f'{share:.1%}' for name, share in found['strategies'].items()})}",
        flush=True,
    )


def _below_k(suite: Suite, min_users: int) -> int:
    """Return how many segments and personas are of fewer than k users, counted anew."""
    members = [{suite.corpus.sessions[i].user_key for i in part.members} for part in suite.segmentation.segments]
    return sum(len(users) < min_users for users in members) + sum(p.users < min_users for p in suite.personas)


def _listed(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def firewall(lines: int, seed: int) -> None:
    """Print what the copy firewall takes for so many lines; runs in a process of its own."""
    rng = random.Random(seed)
    known = ["".join(rng.choices("aeioubcdfglmnprst", k=rng.randint(3, 9))) for _ in range(_INVENTED_WORDS)]
    common = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(known))))

    def line() -> str:
        return " ".join(rng.choices(known, cum_weights=common, k=rng.randint(*_LINE_WORDS)))

    logged, probes = [line() for _ in range(lines)], [[line()] for _ in range(PROBES)]
    before = peak_mb()
    with timed() as built:
        wall = CopyFirewall(logged)
    with timed() as first:
        wall.reason(["a word nobody wrote"])
    with timed() as asked:
        found = sum(wall.reason(probe) is not None for probe in probes)
    print(
        f"firewall of {lines:,} lines: built in {built.cpu_s:.1f} CPU s, the first prompt {first.cpu_s:.1f} s, then "
        f"{asked.cpu_s / PROBES * 1e6:.0f} µs each; peak {peak_mb():.0f} MB, {before:.0f} before; {found} turned away",
        flush=True,
    )


def _alone(what: Any, *arguments: object) -> None:
    process = multiprocessing.get_context("spawn").Process(target=what, args=arguments)
    process.start()
    process.join()


def main() -> None:
    """Print the figures of each log and size, then the firewall's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_option(parser)
    parser.add_argument("--prompts", type=int, nargs="*", default=[600, 10_000])
    parser.add_argument("--personas", type=int, default=12)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--firewall", type=int, default=300_000, help="lines; 0 leaves it out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for log in logs_or_generated(options.data, Path(folder)) if options.prompts else ():
            sessions = dataset(log, Path(folder) / log.name / "out")
            print(f"{log.name}", flush=True)
            for wanted in options.prompts:
                each = max(1, wanted // options.personas)
                section = PersonasSection(personas=options.personas, prompts_per_persona=each, seed=options.seed)
                _alone(measure, sessions, log, wanted, section)
    if options.firewall:
        _alone(firewall, options.firewall, options.seed)


if __name__ == "__main__":
    main()
