"""Measures segments: agreement with outside labels, the count chosen, stability between seeds, time and memory at size.

Usage: python -m bench.segments [--data DIR] [--caps 12 200] [--sizes 10000 100000] [--seeds 7 8] [--verbose]

Labels (intents.jsonl of banking_queries, the services of assistant_logs) are an outside measure that nothing sees.
Sessions are ``extract``'s, made once per log. A label covers the sessions that hold its first phrase's words, in any
form of theirs; ``--verbose`` says so of each segment. The sizes are measured on sessions grown from the example bank's
generated log: each new session takes the turns of one of its sessions, swaps in a message of another one in a quarter
of the cases, drops one word in ten, and belongs to one of a third as many users. Each size runs in a process of its
own, so that its memory is its own.
"""

import argparse
import datetime as dt
import itertools
import multiprocessing
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.personas import outside_labels, sanitized
from bench.sources import data_option, generated_log, peak_mb, real_logs, rows, timed
from harness.contracts import SanitizedSession, Turn
from personas.corpus import Corpus
from personas.phrases import mine
from personas.segments import Segmentation, segment

SEED_SESSIONS = 3_000
USER_SHARE = 3
OTHER_MESSAGE = 0.25
DROPPED_WORDS = 0.1
MIN_USERS = 5


def spoken(records: Iterable[Mapping[str, str]]) -> list[SanitizedSession]:
    """Return a generated log's sessions; nothing here is about what was personal in them."""
    said: dict[tuple[str, str], list[Turn]] = defaultdict(list)
    for record in records:
        said[record["session_id"], record["user_id"]].append(Turn(role="user", text=record["prompt"]))
    return [
        SanitizedSession(session_id=session, user_key=user, started_on=dt.date(2026, 1, 5), turns=turns)
        for (session, user), turns in said.items()
    ]


def grown(seeds: Sequence[SanitizedSession], count: int, seed: int) -> list[SanitizedSession]:
    """Return ``count`` sessions recombined from a few."""
    rng = random.Random(seed)
    return [_varied(seeds, number, count // USER_SHARE, rng) for number in range(count)]


def _varied(seeds: Sequence[SanitizedSession], number: int, users: int, rng: random.Random) -> SanitizedSession:
    first = rng.choice(seeds)
    said = [turn.text for turn in first.turns if turn.role == "user"]
    if rng.random() < OTHER_MESSAGE:
        said.append(rng.choice([turn.text for turn in rng.choice(seeds).turns if turn.role == "user"]))
    texts = [" ".join(word for word in text.split() if rng.random() > DROPPED_WORDS) or text for text in said]
    return SanitizedSession(
        session_id=f"session-{number}",
        user_key=f"user-{rng.randrange(users)}",
        started_on=first.started_on,
        turns=[Turn(role="user", text=text) for text in texts],
    )


def homes(found: Segmentation, sessions: int) -> list[int]:
    """Return the segment of each session; −1 for none."""
    placed = {i: number for number, part in enumerate(found.segments) for i in part.members}
    return [placed.get(i, -1) for i in range(sessions)]


def measure(
    sessions: Sequence[SanitizedSession],
    labels: Mapping[str, str],
    cap: int,
    seeds: Sequence[int],
    *,
    verbose: bool = False,
) -> None:
    """Print one line: the first seed's figures, and how far the seeds agree; with ``verbose`` one per segment, too."""
    from sklearn.metrics import adjusted_rand_score, homogeneity_completeness_v_measure

    corpus = Corpus(sessions, min_users=MIN_USERS)
    phrases = mine(corpus)
    runs, spent_s = [], []
    for seed in seeds:
        with timed() as spent:
            runs.append(segment(corpus, phrases, wanted=cap, seed=seed))
        spent_s.append(spent.cpu_s)
    placed = [homes(found, len(corpus.sessions)) for found in runs]
    truth = [labels[session.session_id] for session in corpus.sessions]
    figures = " ".join(f"{value:6.3f}" for value in homogeneity_completeness_v_measure(truth, placed[0]))
    agreement = [adjusted_rand_score(a, b) for a, b in itertools.combinations(placed, 2)]
    below = sum(part.users < MIN_USERS for found in runs for part in found.segments)
    merged, dropped = runs[0].below_k_merged, runs[0].below_k_dropped
    print(
        f"{cap:5} {len(runs[0].segments):8} {figures} {statistics.mean(agreement) if agreement else 1.0:6.2f} "
        f"{spent_s[0]:6.1f} {merged.sessions:8} {dropped.sessions:8} {below:8}   {covered(runs[0])}",
        flush=True,
    )
    for part in runs[0].segments if verbose else ():
        print(f"      {part.share:6.1%} of traffic, label covers {part.label_share:4.0%}: {part.label}")


def covered(found: Segmentation) -> str:
    """Return how many of their segments' sessions the labels cover, and how many segments have none."""
    shares = [part.label_share for part in found.segments if part.label_share]
    mixed = [part for part in found.segments if not part.label_share]
    covers = f"{min(shares):.0%} least, {statistics.median(shares):.0%} median" if shares else "none"
    return f"{covers}; {len(mixed)} mixed ({sum(part.share for part in mixed):.1%} of traffic)"


def scaled(count: int, seed: int) -> None:
    """Print the seconds and the memory that one size takes; runs in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        log = generated_log(Path(folder), sessions=SEED_SESSIONS, seed=seed)
        sessions = grown(spoken(rows(log.records)), count, seed)
    before = peak_mb()
    began = time.perf_counter()
    with timed() as counted:
        corpus = Corpus(sessions, min_users=MIN_USERS)
        phrases = mine(corpus)
    with timed() as grouped:
        found = segment(corpus, phrases, wanted=12, seed=seed)
    print(
        f"{count:9,} {counted.cpu_s:10.1f} {grouped.cpu_s:10.1f} {time.perf_counter() - began:8.1f} "
        f"{before:12.0f} {peak_mb():9.0f} {len(found.segments):9}",
        flush=True,
    )


def main() -> None:
    """Print one line per log and cap, then one per size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_option(parser)
    parser.add_argument("--caps", type=int, nargs="*", default=[12, 200])
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8])
    parser.add_argument("--verbose", action="store_true", help="a line for each segment")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for log in real_logs(options.data) if options.caps else ():
            sessions = sanitized(log, Path(folder) / log.name)
            labels = outside_labels(log, rows(log.records))
            print(f"{log.name}: {len(sessions):,} sessions, {len(set(labels.values()))} labels", flush=True)
            print("  cap segments  homog compl      V    ARI  CPU s   merged  dropped  below k   labels cover")
            for cap in options.caps:
                measure(sessions, labels, cap, options.seeds, verbose=options.verbose)
    if options.sizes:
        print(" sessions  phrases s segments s   wall s  MB sessions   MB peak  segments")
    for size in options.sizes:
        process = multiprocessing.get_context("spawn").Process(target=scaled, args=(size, options.seeds[0]))
        process.start()
        process.join()


if __name__ == "__main__":
    main()
