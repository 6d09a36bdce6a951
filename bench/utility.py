"""Measures what sanitizing costs and finds: recall on tracers, ordinary words lost, and how segments change.

Usage: python -m bench.utility [--data DIR] [--rows N] [--tracers N] [--personas 10 77] [--seed 7]

Segments are made by ``personas`` from the same sessions as they were logged and as ``extract`` leaves them. V-measure
between the two (1: the same segments) is held against that between two seeds on the raw text: what clustering by
itself changes. With outside labels (intents.jsonl), both are held against these, too.
"""

import argparse
import datetime as dt
import itertools
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.personas import outside_labels
from bench.sources import KEY, Log, data_option, logs_or_generated, rows
from extract.certifying.proportions import exact_interval
from extract.certifying.utility import over_redaction
from extract.profiles import Profiles
from extract.records.mapping import LoggedExchange, parse_time
from extract.sanitizing import SessionSanitizer
from extract.sessions import RawSession, keys_of
from extract.tracing.planting import TracerSample
from harness.contracts import SanitizedSession, Turn
from harness.pii.detector import detector
from personas.corpus import Corpus
from personas.phrases import mine
from personas.segments import segment

MIN_USERS = 5
Labels = Mapping[str, int]
"""The segment of each session."""


def exchanges_of(log: Log, most: int) -> list[LoggedExchange]:
    """Return the first exchanges of a log."""
    return [
        LoggedExchange(
            user=str(row["user_id"]),
            session=str(row["session_id"]),
            at=parse_time(row["timestamp"]) or dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
            prompt=row["prompt"],
            response=row.get("response"),
            feedback=None,
            kept={},
            source=log.name,
            line=line,
        )
        for line, row in enumerate(itertools.islice(rows(log.records), most), start=1)
    ]


def sessions_of(exchanges: Sequence[LoggedExchange]) -> list[RawSession]:
    """Return exchanges as sessions, users one after the other."""
    grouped: dict[tuple[str, str], list[LoggedExchange]] = {}
    for exchange in exchanges:
        user_key, session_id = keys_of(KEY.encode(), exchange.user, exchange.session)
        grouped.setdefault((user_key, session_id), []).append(exchange)
    return [RawSession(session, user, tuple(members)) for (user, session), members in sorted(grouped.items())]


def as_logged(raw: RawSession) -> SanitizedSession:
    """Return a session with its text as it was logged: the measure of what sanitizing changes."""
    turns = [
        Turn(role=role, text=text)
        for exchange in raw.exchanges
        for role, text in (("user", exchange.prompt), ("assistant", exchange.response))
        if text is not None
    ]
    return SanitizedSession(
        session_id=raw.session_id, user_key=raw.user_key, started_on=raw.exchanges[0].at.date(), turns=turns
    )


def segments_of(sessions: Sequence[SanitizedSession], *, wanted: int, seed: int) -> Labels:
    """Return the segment of each session."""
    corpus = Corpus(sessions, min_users=MIN_USERS)
    found = segment(corpus, mine(corpus), wanted=wanted, seed=seed)
    return {corpus.sessions[i].session_id: number for number, s in enumerate(found.segments) for i in s.members}


def v_measure(one: Mapping[str, object], other: Mapping[str, object]) -> float:
    """Return the V-measure (Rosenberg & Hirschberg 2007) of two groupings of the sessions that both hold."""
    from sklearn.metrics import v_measure_score

    both = sorted(one.keys() & other.keys())
    numbers = {label: number for number, label in enumerate({*map(one.get, both)})}
    others = {label: number for number, label in enumerate({*map(other.get, both)})}
    return float(v_measure_score([numbers[one[s]] for s in both], [others[other[s]] for s in both]))


def print_tracers(exchanges: Sequence[LoggedExchange], sanitizer: SessionSanitizer, count: int, seed: int) -> None:
    """Print recall on tracers, by type and by place and writing."""
    sample = TracerSample(count, seed=seed)
    for exchange in exchanges:
        sample.offer(exchange)
    planted = sample.planted(KEY.encode())
    started = time.process_time()
    outcomes = planted.sanitized_by(sanitizer)
    spent_s = time.process_time() - started
    leaked = sum(n for outcome, n in outcomes.items() if outcome[3])
    lower, upper = exact_interval(count - leaked, count)
    print(f"tracers: {count - leaked} of {count} removed, {lower:.2%} … {upper:.2%} ({spent_s:.1f} CPU s)")
    for facet in range(3):
        all_of: Counter[str] = Counter()
        missed: Counter[str] = Counter()
        for outcome, n in outcomes.items():
            name = (outcome[0], outcome[1], outcome[2])[facet]
            all_of[name] += n
            missed[name] += n * outcome[3]
        print("  " + ", ".join(f"{name} {n - missed[name]}/{n}" for name, n in all_of.most_common()))


def print_segments(log: Log, exchanges: Sequence[LoggedExchange], wanted: int, seed: int) -> None:
    """Print how much the segments of a log change."""
    raw = sessions_of(exchanges)
    logged = [as_logged(session) for session in raw]
    sanitizer = SessionSanitizer(detector("strict"), Profiles())
    clean = [done.session for _, done in sanitizer.sanitize_all(raw) if done.session is not None]
    before = segments_of(logged, wanted=wanted, seed=seed)
    after = segments_of(clean, wanted=wanted, seed=seed)
    again = segments_of(logged, wanted=wanted, seed=seed + 1)
    print(
        f"{log.name}, {len(raw):,} sessions, {len(set(before.values()))} → {len(set(after.values()))} segments: V-measure raw/sanitized "
        f"{v_measure(before, after):.3f}, raw/raw with another seed {v_measure(before, again):.3f}"
    )
    if labels := outside_labels(log, rows(log.records)):
        print(
            f"  against {len(set(labels.values()))} labels: raw {v_measure(before, labels):.3f}, sanitized {v_measure(after, labels):.3f}"
        )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_option(parser)
    parser.add_argument("--rows", type=int, default=2_000, help="exchanges of each log")
    parser.add_argument("--tracers", type=int, default=1_000)
    parser.add_argument("--personas", type=int, nargs="+", default=[10, 77])
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    sanitizer = SessionSanitizer(detector("strict"), Profiles())
    with tempfile.TemporaryDirectory() as folder:
        for number, log in enumerate(logs_or_generated(options.data, Path(folder))):
            exchanges = exchanges_of(log, options.rows)
            if number == 0:
                lost = over_redaction(sanitizer)
                print(f"ordinary words lost: {lost.lost} of {lost.words}, {lost.lower:.2%} … {lost.upper:.2%}")
                print_tracers(exchanges, sanitizer, options.tracers, options.seed)
            for wanted in options.personas:
                print_segments(log, exchanges, wanted, options.seed)


if __name__ == "__main__":
    main()
