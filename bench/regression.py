"""Simulates comparisons with a baseline: how many prompts a regression takes, and how often there is none.

Usage: python -m bench.regression [--runs 2000] [--cap 10000] [--confidence 0.95] [--threshold 0.02] [--seed 7]

Releases are described by shares of prompts: what both fail, and what only one
of them fails. Some prompts flip by themselves: asked twice of the same release
they come out differently (A/A), once in either direction. A new release adds
failures that come every time.

First table: prompts until the regression test of ``judge/regression.py``, looked
at after every prompt, calls the release worse. Second table: releases that are
no worse. There the baseline is first run through the gate, since only a run
that passed becomes one: a baseline that passed by luck shows fewer failures
than its release has, and the next run, no worse, seems to have more.
"""

import argparse
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from judge.boundary import Boundary
from judge.regression import FAIR, WORSE
from judge.statistics import SequentialTest, log_evidence

REGRESSIONS = ((0.005, 0.015), (0.01, 0.02), (0.01, 0.03), (0.0, 0.02))
"""Failure rates before and after."""
FLIPS = (0.0, 0.005, 0.01)
"""Shares of prompts whose outcome differs between two runs of the same release."""
UNCHANGED = ((0.005, 0.005), (0.01, 0.01), (0.01, 0.02), (0.015, 0.01), (0.015, 0.03), (0.018, 0.02), (0.018, 0.036))
"""Failure rates of releases that are no worse, and their flips; with flips of twice the rate all failures are chance."""
_MOST_CHANGES = 100_000


@dataclass(frozen=True, slots=True)
class Shares:
    """What becomes of a prompt in the two runs, as probabilities."""

    both: float
    fixed: float
    new: float

    @classmethod
    def of(cls, before: float, after: float, flips: float) -> "Shares":
        """Return the shares behind two failure rates, with ``flips`` of the prompts changing by chance."""
        chance = flips / 2
        return cls(both=before - chance, fixed=chance, new=chance + after - before)


def events(shares: Shares, chance: random.Random) -> Iterator[tuple[int, str]]:
    """Yield the prompts at which anything fails, with what does: ``both``, ``fixed`` or ``new``."""
    total = shares.both + shares.fixed + shares.new
    place = 0
    while total:
        place += 1 + int(math.log(1.0 - chance.random()) / math.log1p(-total))
        drawn = chance.random() * total
        yield place, "both" if drawn < shares.both else "fixed" if drawn < shares.both + shares.fixed else "new"


@cache
def is_enough(new: int, fixed: int, confidence: float) -> bool:
    """Return whether so many changes are a regression."""
    return log_evidence(WORSE, FAIR, new, fixed) >= -math.log1p(-confidence)


def detected_at(shares: Shares, cap: int, confidence: float, chance: random.Random) -> int | None:
    """Return after how many prompts the release is called worse; None if it never is."""
    new = fixed = 0
    for place, what in events(shares, chance):
        if place > cap:
            return None
        new, fixed = new + (what == "new"), fixed + (what == "fixed")
        if what == "new" and is_enough(new, fixed, confidence):
            return place
    return None


def passed_at(seen: list[tuple[int, str]], boundary: Boundary, cap: int, *, stops: bool) -> int | None:
    """Return how many prompts a baseline read before it passed the gate; None if it did not pass.

    Args:
        seen: What failed where.
        boundary: The gate's.
        cap: Prompts of its tier.
        stops: It ends with its decision; otherwise it reads its whole tier (``run_all``).
    """
    failed = 0
    for place, what in [*seen, (_MOST_CHANGES * cap, "both")]:
        if boundary.passes_at(failed) <= min(place - 1, cap):
            # Passing can only happen between failures.
            return max(boundary.passes_at(failed), 1) if stops else cap
        if place > cap:
            return None
        failed += what != "new"
        if place <= boundary.fails_at(failed):
            return None
    return None


def is_false_alarm(shares: Shares, boundary: Boundary, args: argparse.Namespace, chance: random.Random) -> list[bool]:
    """Return whether a run on a passed baseline is called worse, without and with ``run_all``; nothing where none passed."""
    seen = []
    for place, what in events(shares, chance):
        if place > args.cap:
            break
        seen.append((place, what))
    alarms = []
    for stops in (True, False):
        read = passed_at(seen, boundary, args.cap, stops=stops)
        if read is None:
            return []
        alarms.append(_is_called_worse([one for one in seen if one[0] <= read], args.confidence))
    return alarms


def _is_called_worse(seen: list[tuple[int, str]], confidence: float) -> bool:
    new = fixed = 0
    for _, what in seen:
        new, fixed = new + (what == "new"), fixed + (what == "fixed")
        if what == "new" and is_enough(new, fixed, confidence):
            return True
    return False


def _regressions(args: argparse.Namespace) -> None:
    print(f"prompts until a regression is found, {args.runs:,} runs each of {args.cap:,} prompts at most")
    print("before   after   flips   found   median    90 %  within 1,000")
    for before, after in REGRESSIONS:
        for flips in FLIPS:
            if flips / 2 > before:
                continue
            chance = random.Random(f"{args.seed}:{before}:{after}:{flips}")
            shares = Shares.of(before, after, flips)
            found = [detected_at(shares, args.cap, args.confidence, chance) for _ in range(args.runs)]
            known = sorted(place for place in found if place is not None)
            share = len(known) / args.runs
            quantiles = [_quantile(known, args.runs, level) for level in (0.5, 0.9)]
            within = sum(place <= 1000 for place in known) / args.runs
            print(
                f"{before:6.1%}  {after:6.1%}  {flips:6.1%}  {share:6.1%}  {quantiles[0]:>7}  {quantiles[1]:>6}  {within:12.1%}"
            )


def _quantile(known: list[int], runs: int, level: float) -> str:
    place = math.ceil(level * runs) - 1
    return f"{known[place]:,}" if place < len(known) else "never"


def _unchanged(args: argparse.Namespace) -> None:
    boundary = Boundary.of(SequentialTest(args.threshold))
    print()
    print(f"false alarms of releases that are no worse, against baselines that passed {args.threshold:.0%}")
    print("  rate   flips  any baseline  passed, stopped  passed, run_all  passed")
    for rate, flips in UNCHANGED:
        chance = random.Random(f"{args.seed}:{rate}:{flips}")
        shares = Shares.of(rate, rate, flips)
        free = sum(detected_at(shares, args.cap, args.confidence, chance) is not None for _ in range(args.runs))
        alarms = [one for _ in range(args.runs) if (one := is_false_alarm(shares, boundary, args, chance))]
        stopped, whole = (sum(one[kind] for one in alarms) / max(len(alarms), 1) for kind in (0, 1))
        print(
            f"{rate:6.1%}  {flips:6.1%}  {free / args.runs:12.1%}  {stopped:15.1%}  {whole:15.1%}  {len(alarms) / args.runs:6.1%}"
        )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--cap", type=int, default=10_000)
    parser.add_argument("--confidence", type=float, default=0.95)
    parser.add_argument("--threshold", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    _regressions(args)
    _unchanged(args)


if __name__ == "__main__":
    main()
