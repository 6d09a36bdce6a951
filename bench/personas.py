"""Measures the offline suite on real logs: segments against outside labels, speed, copies, duplicates, diversity, k.

Usage: python -m bench.personas [--data DIR] [--prompts 600 1000 10000] [--personas 10] [--seed 7]

The labels (intents.jsonl of banking_queries, the services of assistant_logs) are an outside measure; nothing that
makes the suite sees them. Copies are searched in the raw log, not in the sanitized one.
"""

import argparse
import itertools
import random
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.sources import KEY, Log, data_option, logs_or_generated, rows, settings_for, timed
from extract.extraction import extract_sessions
from harness.config import PersonasSection
from harness.contracts import SanitizedSession
from harness.identity import keyed_hash
from harness.sessions import read_sessions
from harness.storage import Storage
from personas.composition import Suite, compose

RUN = 8
"""Words in a row that count as a copy."""
SAMPLE = 600
"""Prompts whose word pairs are compared, so that suites of any size do."""
_WORD = re.compile(r"[\w']+")


class Segmented:
    """Progress that remembers how much CPU time had passed when the segments stood."""

    def __init__(self) -> None:
        self._begun = time.process_time()
        self.cpu_s = 0.0

    def update(self, step: str, *_: object, **__: object) -> None:
        """Take the time of the last report on segments."""
        if step == "segments":
            self.cpu_s = time.process_time() - self._begun


def sanitized(log: Log, root: Path) -> list[SanitizedSession]:
    """Return a log's sessions as ``extract`` leaves them."""
    settings = settings_for(log, root)
    storage = Storage(str(root))
    result = extract_sessions(settings, storage)
    return list(read_sessions(storage.fetch("sanitized", result.dataset_id)))


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


def agreement(suite: Suite, labels: Mapping[str, str]) -> str:
    """Return homogeneity, completeness and V-measure (Rosenberg & Hirschberg 2007) of the segments."""
    if not labels:
        return "no outside labels"
    from sklearn.metrics import homogeneity_completeness_v_measure

    placed = [
        (number, suite.corpus.sessions[i]) for number, s in enumerate(suite.segmentation.segments) for i in s.members
    ]
    pairs = [(labels[session.session_id], number) for number, session in placed if session.session_id in labels]
    found = homogeneity_completeness_v_measure(*zip(*pairs, strict=True))
    return (
        "homogeneity {:.2f}, completeness {:.2f}, V-measure {:.2f}".format(*found)
        + f" ({len(set(labels.values()))} labels)"
    )


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


def distinct_pairs(texts: Sequence[list[str]], seed: int) -> float:
    """Return distinct-2 (Li et al. 2016) of a sample: distinct pairs of neighbouring words over all of them."""
    chosen = random.Random(seed).sample(texts, min(SAMPLE, len(texts)))
    pairs = [pair for found in chosen for pair in itertools.pairwise(found)]
    return len(set(pairs)) / max(1, len(pairs))


def measure(
    sessions: Sequence[SanitizedSession], logged: set[tuple[str, ...]], wanted: int, section: PersonasSection
) -> Suite:
    """Compose one suite and print its line."""
    segmented = Segmented()
    with timed() as spent:
        suite = compose(sessions, section, progress=segmented)
    texts = [words(" ".join(prompt.turns)) for prompt in suite.prompts]
    doubled = len(texts) - len({tuple(found) for found in texts})
    copied = sum(any(run in logged for run in runs(found)) for found in texts)
    members = [{suite.corpus.sessions[i].user_key for i in s.members} for s in suite.segmentation.segments]
    below = sum(len(users) < section.min_users for users in members)
    below += sum(persona.users < section.min_users for persona in suite.personas)
    print(
        f"{wanted:8,} {len(suite.prompts):8,} {sum(suite.missing.values()):6} {spent.cpu_s:7.1f} {spent.wall_s:7.1f} "
        f"{len(texts) / (spent.cpu_s - segmented.cpu_s):10,.0f} {doubled:8} {copied:7} "
        f"{distinct_pairs(texts, section.seed):11.3f} {len(suite.personas):9} {below:8}",
        flush=True,
    )
    return suite


def main() -> None:
    """Print one line per log and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_option(parser)
    parser.add_argument("--prompts", type=int, nargs="+", default=[600, 1000, 10_000])
    parser.add_argument("--personas", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for log in logs_or_generated(options.data, Path(folder)):
            sessions = sanitized(log, Path(folder) / log.name / "out")
            records = rows(log.records)
            print(f"{log.name}: {len(records):,} exchanges, {len(sessions):,} sessions")
            print(
                "  wanted     made  short   CPU s  wall s  per CPU s  doubled  copied  distinct-2  personas  below k",
            )
            logged = logged_runs(records)
            for wanted in options.prompts:
                each = max(1, wanted // options.personas)
                section = PersonasSection(personas=options.personas, prompts_per_persona=each, seed=options.seed)
                suite = measure(sessions, logged, wanted, section)
            print(f"{len(suite.segmentation.segments)} segments: {agreement(suite, outside_labels(log, records))}\n")


if __name__ == "__main__":
    main()
