"""Measures known values: what of a profile survives in its user's text, what is lost by strangers' profiles, and speed.

Usage: python -m bench.known [--data DIR] [--users 200000] [--rows 2000]

Only known values are searched here, no pattern and no tagger. DIR/pii/*.jsonl holds the rows of ``bench.pii``. The
registry is measured on invented users with five values each.
"""

import argparse
import random
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.leakage import Score
from bench.sources import data_option, rows, say
from harness.pii.known import KnownValues
from harness.pii.known.registry import KnownRegistry
from harness.pii.lexicon import words

Row = dict[str, Any]
KEY = b"a-bench-key-for-values-on-this-machine"
STRANGERS = 5
"""Strangers' profiles tried on each row."""
BATCH = 20_000


def own_text(labelled: Sequence[Row]) -> None:
    """Print what is left of the values of the profile that a row carries."""
    finders = {tuple(row["profile"].values()): KnownValues(tuple(row["profile"].values())) for row in labelled}
    score = Score()
    for row in labelled:
        held = " | ".join(map(_words, row["profile"].values()))
        run_together = {_words(value).replace(" ", "") for value in row["profile"].values()}
        own = [span for span in row["spans"] if _is_held(row["text"][span["start"] : span["end"]], held, run_together)]
        score.add({**row, "spans": own, "ignore": row["spans"]}, _stripped(finders, row))
    leak, loss = score.leaks["all"], score.losses["all"]
    low, high = leak.interval()
    print(
        f"own text: {leak.of:,} values that stand in the profile, {leak.hits} left, {leak.rate:.2%} "
        f"({low:.2%} … {high:.2%}); {loss.rate:.3%} of {loss.of:,} other words lost"
    )


def _is_held(value: str, held: str, run_together: set[str]) -> bool:
    return f" {_words(value)} " in f" {held} " or _words(value).replace(" ", "") in run_together


def _words(value: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", value.casefold()))


def _stripped(finders: dict[tuple[str, ...], KnownValues], row: Row) -> str:
    chars = list(row["text"])
    for span in finders[tuple(row["profile"].values())].find(row["text"]):
        chars[span.start : span.end] = " " * (span.end - span.start)
    return "".join(chars)


def strangers(labelled: Sequence[Row], rng: random.Random) -> None:
    """Print how many words other people's profiles take out of texts, and what a word costs."""
    finders = [KnownValues(tuple(values)) for values in _users(500, rng)]
    lost = total = 0
    spent_s = 0.0
    for row in labelled:
        for finder in rng.sample(finders, STRANGERS):
            started = time.process_time()
            spans = list(finder.find(row["text"]))
            spent_s += time.process_time() - started
            outside = [s for s in spans if not any(s.start < g["end"] and s.end > g["start"] for g in row["spans"])]
            lost += sum(len(row["text"][s.start : s.end].split()) for s in outside)
            total += len(row["text"].split())
    print(
        f"strangers' profiles: {lost} of {total:,} words lost ({lost / total:.4%}); {spent_s / total * 1e6:.1f} µs a word"
    )


def indexes(rng: random.Random) -> None:
    """Print what making one user's variants costs."""
    users = [tuple(values) for values in _users(500, rng)]
    started = time.process_time()
    for values in users:
        KnownValues(values)
    print(f"one user's variants: {(time.process_time() - started) / len(users) * 1e6:.0f} µs")


def registry(users: int, labelled: Sequence[Row], rng: random.Random) -> None:
    """Print building time, size and look-up time of a registry, in memory and mapped."""
    started = time.process_time()
    built = KnownRegistry((value for values in _users(users, rng) for value in values), key=KEY)
    spent_s = time.process_time() - started
    started = time.process_time()
    for _ in _users(min(users, BATCH), rng):
        pass
    making_s = (time.process_time() - started) * users / min(users, BATCH)
    print(
        f"registry of {users:,} users x 5 values: {spent_s - making_s:.1f} CPU s (making the values not counted),"
        f" {len(built):,} variants, {built.size_bytes / len(built):.1f} bytes each, {built.size_bytes / 1e6:.0f} MB"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.bin"
        built.save(path)
        for name, known in (("in memory", built), ("mapped", KnownRegistry.load(path, key=KEY))):
            started = time.process_time()
            found = sum(1 for row in labelled for _ in known.find(row["text"]))
            spent_s = time.process_time() - started
            count = sum(len(row["text"].split()) for row in labelled)
            print(
                f"  {name}: {spent_s / len(labelled) * 1e6:.1f} µs a text, {spent_s / count * 1e6:.2f} µs a word,"
                f" {found} found in {len(labelled):,} texts of strangers"
            )


def _users(count: int, rng: random.Random) -> Iterator[list[str]]:
    """Yield invented profiles of a name, a mail address, a phone, an address and an id."""
    given, surnames = sorted(words("given_names") | words("word_names")), sorted(words("surnames"))
    for number in range(count):
        first, last = (
            rng.choice(given).title(),
            rng.choice(surnames).title() + rng.choice(("", "", "son", "ová", "er", "mann")),
        )
        yield [
            f"{first} {last}",
            f"{first}.{last}{number}@mail.example".lower(),
            f"+1 {rng.randint(200, 999)} {rng.randint(200, 999)} {rng.randint(0, 9999):04}",
            f"{rng.randint(1, 9999)} {rng.choice(surnames).title()} Street, {last}ville, {rng.randint(10000, 99999)}",
            f"AC-{rng.getrandbits(40):010X}",
        ]


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_option(parser)
    parser.add_argument("--users", type=int, default=200_000, help="of the registry")
    parser.add_argument("--rows", type=int, default=2000, help="at most, drawn by chance")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    labelled = [row for path in sorted((options.data / "pii").glob("*.jsonl")) for row in rows(path)]
    if not labelled:
        say(f"{options.data / 'pii'} holds no labelled set: only building is measured")
    else:
        own_text([row for row in labelled if row.get("profile")])
        labelled = rng.sample(labelled, min(options.rows, len(labelled)))
        strangers(labelled, rng)
    indexes(rng)
    registry(options.users, labelled or [{"text": "where is my order, it was due on monday"}], rng)


if __name__ == "__main__":
    main()
