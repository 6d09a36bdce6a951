"""Measures the extract stage's sanitizer on labelled texts: leaks, over-redaction, speed; beside Presidio.

Usage: python -m bench.pii [--data DIR] [--sources NAME ...] [--rows N] [--seed 7] [--model FILE] [--scorer PATH] [--no-presidio]

With ``--model`` another tagger than the shipped one is measured: one trained without a source says what a source never
seen would lose.

DIR/pii/*.jsonl holds rows with id, source, text, spans (start, end, type) and optionally dialog, turn, profile.
The sanitizer sees dialogs as sessions; then every row as a session of its own. Profiles are known values in both.
"""

import argparse
import datetime as dt
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.leakage import Score, lines
from bench.presidio import Analysis, patterns_only, with_model
from bench.sources import data_option, generated_log, rows, say
from extract.profiles import read_profiles
from extract.records.mapping import LoggedExchange
from extract.sanitizing import SessionSanitizer
from extract.sessions import RawSession
from harness.jsonlines import write_lines
from harness.pii.detector import Detector
from harness.pii.interface import PiiSpan
from harness.pii.known.registry import KnownRegistry, RegistryDetector
from harness.pii.redaction import redact
from harness.pii.tagger.model import read_model, shipped_model
from harness.pii.tagger.tagging import Tagger, Thresholds

Row = dict[str, Any]
Sanitizer = Callable[[Sequence[Row]], dict[str, str]]
MIN_USERS = 5
MODEL_ROWS = 500
"""With a model Presidio reads a hundred rows a second."""
WARM_UP = "Call Ann Example on +44 7700 900123, card 4111 1111 1111 1111, a@b.example"


def labelled_rows(data: Path, work: Path) -> list[Row]:
    """Return the labelled rows; those of the generated log, with its known truth, where there are none."""
    if files := sorted((data / "pii").glob("*.jsonl")):
        return [row for path in files for row in rows(path)]
    say(f"{data / 'pii'} holds no labelled set: using the generated log, which flatters (it is this project's own)")
    return list(_generated(work))


def _generated(work: Path) -> Iterator[Row]:
    log = generated_log(work, sessions=1000)
    assert log.profiles is not None
    profiles = {profile["user_id"]: profile for profile in rows(log.profiles)}
    truth = {row["request_id"]: row["spans"] for row in rows(log.records.with_name("truth.jsonl"))}
    for turn, record in enumerate(rows(log.records)):
        for part, name in enumerate(("prompt", "response")):
            if record[name] is not None:
                yield {
                    "id": f"{record['request_id']}-{name}",
                    "source": "larkfield",
                    "text": record[name],
                    "spans": [s for s in truth[record["request_id"]] if s["field"] == name],
                    "dialog": record["session_id"],
                    "turn": 2 * turn + part,
                    "profile": profiles[record["user_id"]],
                }


def as_sessions(labelled: Sequence[Row], *, dialogs: bool) -> list[list[Row]]:
    """Return rows grouped by dialog in the order of their turns, or each alone."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in labelled:
        groups[_user(row) if dialogs else row["id"]].append(row)
    return [sorted(group, key=lambda row: row.get("turn", 0)) for group in groups.values()]


def our_sanitizer(labelled: Sequence[Row], work: Path, *, dialogs: bool, tagger: Tagger) -> Sanitizer:
    """Return the stage's sanitizer as ``extract`` sets it up: strict, with every user's known values."""
    users = {_user(row): row["profile"] for row in labelled if row.get("profile")}
    path = work / "known.jsonl"
    write_lines(path, ({**profile, "user_id": user} for user, profile in users.items()))
    profiles = read_profiles(str(path), user_field="user_id", traits=(), users=set(users), min_users=MIN_USERS)
    known = KnownRegistry(value for values in profiles.values.values() for value in values)
    # A detector of its own, so that no run profits from another's memory of repeated texts.
    sanitizer = SessionSanitizer(RegistryDetector(Detector("strict", tagger), known), profiles)

    def run(chosen: Sequence[Row]) -> dict[str, str]:
        groups = {str(number): group for number, group in enumerate(as_sessions(chosen, dialogs=dialogs))}
        raw = (
            # Without dialogs every row is a user of its own, so that no session learns from another.
            RawSession(number, _user(group[0]) if dialogs else number, tuple(_exchange(row) for row in group))
            for number, group in groups.items()
        )
        redacted: dict[str, str] = {}
        for session, done in sanitizer.sanitize_all(raw):
            texts = [turn.text for turn in done.session.turns] if done.session else []
            redacted.update(zip((row["id"] for row in groups[session.session_id]), texts, strict=True))
        return redacted

    return run


def _user(row: Row) -> str:
    return str(row.get("dialog", row["id"]))


def _exchange(row: Row) -> LoggedExchange:
    return LoggedExchange(
        user=_user(row),
        session="",
        at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        prompt=row["text"],
        response=None,
        feedback=None,
        kept={},
        source="",
        line=0,
    )


def presidio_sanitizer(analyze: Analysis) -> Sanitizer:
    """Return a sanitizer that redacts what Presidio finds."""

    def run(chosen: Sequence[Row]) -> dict[str, str]:
        found = analyze([row["text"] for row in chosen])
        return {row["id"]: _redacted(row["text"], results) for row, results in zip(chosen, found, strict=True)}

    return run


def _redacted(text: str, results: Sequence[Any]) -> str:
    disjoint: list[PiiSpan] = []
    for result in sorted(results, key=lambda r: (r.start, -r.end)):
        if not disjoint or result.start >= disjoint[-1].end:
            disjoint.append(PiiSpan(start=result.start, end=result.end, entity=result.entity_type, score=result.score))
    return redact(text, disjoint)[0]


def measure(name: str, run: Sanitizer, labelled: Sequence[Row]) -> tuple[Score, dict[str, str], float]:
    """Sanitize, print one line, and return the score, the texts and the rows per CPU second."""
    run([{"id": "", "text": WARM_UP, "spans": []}])
    started = time.process_time()
    redacted = run(labelled)
    spent_s = time.process_time() - started
    score = Score()
    for row in labelled:
        score.add(row, redacted[row["id"]])
    leak, loss = score.leaks["all"], score.losses["all"]
    low, high = leak.interval()
    print(
        f"{name:28} leak {leak.rate:6.2%} ({low:.2%} … {high:.2%})  over-redaction {loss.rate:5.2%}  "
        f"{len(labelled) / spent_s:7,.0f} rows per CPU second",
        flush=True,
    )
    return score, redacted, len(labelled) / spent_s


def compare_speed(ours: float, labelled: Sequence[Row]) -> None:
    """Print how much quicker we are than Presidio with a model of its default one's size; random, so without a score."""
    texts = [row["text"] for row in labelled]
    for name, analyze in (("analyze()", with_model(batch=False)), ("batch engine", with_model(batch=True))):
        analyze([WARM_UP])
        started = time.process_time()
        analyze(texts)
        theirs = len(texts) / (time.process_time() - started)
        print(
            f"Presidio's {name} with a model: {theirs:6,.0f} rows per CPU second, ours is {ours / theirs:.1f} times as quick"
        )


def _tagger(model: Path | None) -> Tagger:
    found = shipped_model() if model is None else read_model(model.read_bytes())
    return Tagger(found, Thresholds(**found.facts["thresholds"]))


def externally_scored(scorer: Path, labelled: Sequence[Row], redacted: dict[str, str]) -> None:
    """Let another scorer read the same output: ``--gold FILES --redacted FILE``."""
    with tempfile.TemporaryDirectory() as folder:
        gold, output = Path(folder) / "gold.jsonl", Path(folder) / "redacted.jsonl"
        write_lines(gold, labelled)
        write_lines(output, ({"id": key, "redacted": text} for key, text in redacted.items()))
        print(f"\n{scorer.name} on the first of them", flush=True)
        subprocess.run([sys.executable, str(scorer), "--gold", str(gold), "--redacted", str(output)], check=True)


def main() -> None:
    """Print one line for each sanitizer, then ours by source and by type."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_option(parser)
    parser.add_argument("--sources", nargs="*", help="only these sources")
    parser.add_argument("--model", type=Path, help="a tagger's model instead of the shipped one")
    parser.add_argument("--rows", type=int, help="at most so many, drawn by chance")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--scorer", type=Path, help="another scorer, to read the same output")
    parser.add_argument("--presidio", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        labelled = labelled_rows(options.data, work)
        if options.sources:
            labelled = [row for row in labelled if row["source"] in options.sources]
        if options.rows and options.rows < len(labelled):
            labelled = random.Random(options.seed).sample(labelled, options.rows)
        print(f"{len(labelled):,} rows of {len({row['source'] for row in labelled})} sources")
        run = our_sanitizer(labelled, work, dialogs=True, tagger=_tagger(options.model))
        score, redacted, speed = measure("ours, dialogs as sessions", run, labelled)
        alone = our_sanitizer(labelled, work, dialogs=False, tagger=_tagger(options.model))
        measure("ours, each row a session", alone, labelled)
        if options.presidio:
            measure("Presidio, pattern recognizers", presidio_sanitizer(patterns_only()), labelled)
            compare_speed(speed, labelled[:: max(1, len(labelled) // MODEL_ROWS)])
    sources = sorted({row["source"] for row in labelled})
    print("\nours, dialogs as sessions, by source and by type")
    for line in lines(score, ["all", *sources, *sorted(score.leaks.keys() - {"all", *sources})]):
        print(line)
    if options.scorer:
        externally_scored(options.scorer, labelled, redacted)


if __name__ == "__main__":
    main()
