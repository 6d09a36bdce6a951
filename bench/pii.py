"""Measures the extract stage's sanitizer on labelled texts: leaks, over-redaction, speed; beside plain Presidio.

Usage: python -m bench.pii [--data DIR] [--rows N] [--seed 7] [--scorer PATH] [--no-presidio]

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
from bench.sources import data_option, generated_log, rows, say
from extract.mapping import LoggedExchange
from extract.profiles import read_profiles
from extract.sanitizing import SessionSanitizer
from extract.sessions import RawSession
from harness.jsonlines import write_lines
from harness.pii.detector import PatternDetector
from harness.pii.interface import PiiSpan
from harness.pii.redaction import redact
from harness.pii.registry import KnownRegistry, RegistryDetector

Row = dict[str, Any]
Sanitizer = Callable[[Sequence[Row]], dict[str, str]]
MIN_USERS = 5
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


def our_sanitizer(labelled: Sequence[Row], work: Path, *, dialogs: bool) -> Sanitizer:
    """Return the stage's sanitizer as ``extract`` sets it up: strict, with every user's known values."""
    users = {_user(row): row["profile"] for row in labelled if row.get("profile")}
    path = work / "known.jsonl"
    write_lines(path, ({**profile, "user_id": user} for user, profile in users.items()))
    profiles = read_profiles(str(path), user_field="user_id", traits=(), users=set(users), min_users=MIN_USERS)
    known = KnownRegistry(value for values in profiles.values.values() for value in values)
    # A detector of its own, so that no run profits from another's memory of repeated texts.
    sanitizer = SessionSanitizer(RegistryDetector(PatternDetector("strict"), known), profiles)

    def run(chosen: Sequence[Row]) -> dict[str, str]:
        redacted: dict[str, str] = {}
        for group in as_sessions(chosen, dialogs=dialogs):
            done = sanitizer.sanitize(RawSession("", "", tuple(_exchange(row) for row in group)))
            texts = [turn.text for turn in done.session.turns] if done.session else []
            redacted.update(zip((row["id"] for row in group), texts, strict=True))
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


def presidio_sanitizer() -> Sanitizer:
    """Return Presidio's analyzer with its predefined pattern recognizers and a blank model: no names, no network."""
    import spacy
    import tldextract.tldextract as suffixes
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    # Its e-mail recognizer would fetch the list of public suffixes; the bundled one is as good here.
    suffixes.TLD_EXTRACTOR = suffixes.TLDExtract(suffix_list_urls=(), cache_dir=None)
    nlp = SpacyNlpEngine()
    nlp.nlp = {"en": spacy.blank("en")}
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    engine = AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["en"])

    def run(chosen: Sequence[Row]) -> dict[str, str]:
        return {row["id"]: _redacted(row["text"], engine.analyze(row["text"], "en")) for row in chosen}

    return run


def _redacted(text: str, results: Sequence[Any]) -> str:
    disjoint: list[PiiSpan] = []
    for result in sorted(results, key=lambda r: (r.start, -r.end)):
        if not disjoint or result.start >= disjoint[-1].end:
            disjoint.append(PiiSpan(start=result.start, end=result.end, entity=result.entity_type, score=result.score))
    return redact(text, disjoint)[0]


def measure(name: str, run: Sanitizer, labelled: Sequence[Row]) -> tuple[Score, dict[str, str]]:
    """Sanitize, print one line, and return the score and the texts."""
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
    return score, redacted


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
    parser.add_argument("--rows", type=int, help="at most so many, drawn by chance")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--scorer", type=Path, help="another scorer, to read the same output")
    parser.add_argument("--presidio", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        labelled = labelled_rows(options.data, work)
        if options.rows and options.rows < len(labelled):
            labelled = random.Random(options.seed).sample(labelled, options.rows)
        print(f"{len(labelled):,} rows of {len({row['source'] for row in labelled})} sources")
        score, redacted = measure("ours, dialogs as sessions", our_sanitizer(labelled, work, dialogs=True), labelled)
        measure("ours, each row a session", our_sanitizer(labelled, work, dialogs=False), labelled)
        if options.presidio:
            measure("Presidio, pattern recognizers", presidio_sanitizer(), labelled)
    sources = sorted({row["source"] for row in labelled})
    print("\nours, dialogs as sessions, by source and by type")
    for line in lines(score, ["all", *sources, *sorted(score.leaks.keys() - {"all", *sources})]):
        print(line)
    if options.scorer:
        externally_scored(options.scorer, labelled, redacted)


if __name__ == "__main__":
    main()
