"""How often the bar on the worst segment and the limit on quality under load convict wrongly, and what a conviction takes.

Usage: python -m bench.groups [--runs 400] [--personas 12] [--prompts 150] [--bar 0.1] [--seed 7]

The bar is simulated, looked at after every verdict. The interval of a quality
drop is computed exactly, by going through all outcomes that the pairs can have.
"""

import argparse
import math
import random
import time

from judge.paired import paired_difference
from judge.statistics import SequentialTest

CONFIDENCE = 0.95
SPREAD = 8.0
"""Outcomes further from their mean than so many standard deviations are left out."""


def convicted_after(rate: float, bar: float, confidence: float, most: int, rng: random.Random) -> int | None:
    """Return after how many prompts a persona of this failure rate is above the bar for sure; None: not within ``most``."""
    test = SequentialTest(bar, confidence)
    for judged in range(1, most + 1):
        decision = test.update(int(rng.random() < rate), 1).decision
        if decision != "undecided":
            return judged if decision == "fail" else None
    return None


def bars(runs: int, personas: int, prompts: int, bar: float, rng: random.Random) -> None:
    """Print how often any persona at the bar is convicted, and how soon worse ones are."""
    each = 1.0 - (1.0 - CONFIDENCE) / personas
    wrong = sum(
        any(convicted_after(bar, bar, each, prompts, rng) is not None for _ in range(personas)) for _ in range(runs)
    )
    print(
        f"{personas} personas, all exactly at a bar of {bar:.0%}, {prompts} prompts each, a look after every verdict:"
    )
    print(
        f"  any of them convicted in {wrong} of {runs} runs ({wrong / runs:.1%}; promised: {1 - CONFIDENCE:.0%} at most)"
    )
    for times in (2, 3, 5):
        rate = min(1.0, bar * times)
        found = [convicted_after(rate, bar, each, 5000, rng) for _ in range(runs)]
        told = [judged for judged in found if judged is not None]
        mean = sum(told) / max(1, len(told))
        print(
            f"  one that fails {rate:.0%}: convicted in {len(told)} of {runs}, after {mean:.0f} of its prompts on average"
        )


def drops() -> None:
    """Print, for numbers of pairs, the most often that the interval's lower end is above the true drop, and its coverage."""
    print("quality drops of 0, 2, 5 and 15 points over 0.2, 1 and 5 % alone:")
    for pairs in (50, 200, 500):
        found = [errors(pairs, alone, drop) for alone in (0.002, 0.01, 0.05) for drop in (0.0, 0.02, 0.05, 0.15)]
        too_high, covered = max(high for high, _ in found), min(held for _, held in found)
        print(
            f"  {pairs} pairs: lower end above the truth in at most {too_high:.2%}, truth inside in at least {covered:.1%}"
        )


def errors(pairs: int, alone: float, drop: float) -> tuple[float, float]:
    """Return how probable it is that the lower end is above the true drop, and that the interval holds it."""
    loaded = alone + drop
    too_high = held = 0.0
    for only_load in range(_most(pairs, loaded) + 1):
        for only_control in range(min(pairs - only_load, _most(pairs, alone)) + 1):
            chance = _chance(pairs, only_load, only_control, loaded, alone)
            interval = paired_difference(only_load, only_control, pairs, confidence=CONFIDENCE)
            too_high += chance * (interval.lower > drop)
            held += chance * (interval.lower <= drop <= interval.upper)
    return too_high, held


def _most(count: int, share: float) -> int:
    return min(count, math.ceil(count * share + SPREAD * math.sqrt(count * share + 1.0)))


def _chance(count: int, first: int, second: int, share: float, other: float) -> float:
    """Return the probability of a trinomial outcome."""
    rest = count - first - second
    ways = math.lgamma(count + 1) - math.lgamma(first + 1) - math.lgamma(second + 1) - math.lgamma(rest + 1)
    return math.exp(ways + first * math.log(share) + second * math.log(other) + rest * math.log1p(-share - other))


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--personas", type=int, default=12)
    parser.add_argument("--prompts", type=int, default=150)
    parser.add_argument("--bar", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    began = time.process_time()
    bars(asked.runs, asked.personas, asked.prompts, asked.bar, random.Random(asked.seed))
    drops()
    print(f"{time.process_time() - began:.0f} CPU s")


if __name__ == "__main__":
    main()
