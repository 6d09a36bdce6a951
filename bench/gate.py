"""Simulates gates: how often the sequential test decides wrongly, and after how many prompts it decides.

Usage: python -m bench.gate [--runs 2000] [--cap 10000] [--threshold 0.02] [--confidence 0.95] [--seed 7]

The test is looked at after every verdict. Between two failures only passing can
happen, and only failing at a failure, so it is enough to look there and to
find the exact verdict that passed by bisection.
"""

import argparse
import math
import random
import time

from judge.statistics import BELOW, SequentialTest, log_evidence

MULTIPLES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.5, 5.0)


def run(true_rate: float, cap: int, threshold: float, confidence: float, rng: random.Random) -> tuple[str, int]:
    """Return the decision of one gate and the number of prompts it took."""
    test = SequentialTest(threshold, confidence)
    while test.state.judged < cap:
        before = test.state
        left = cap - before.judged
        gap = left if true_rate <= 0 else min(left, int(math.log(1 - rng.random()) / math.log(1 - true_rate)))
        if gap and test.update(0, gap).decision == "pass":
            return "pass", _crossing(before.failed, before.judged, gap, threshold, confidence)
        if test.state.judged < cap and test.update(1, 1).decision == "fail":
            return "fail", test.state.judged
    return "undecided", cap


def _crossing(failed: int, judged: int, gap: int, threshold: float, confidence: float) -> int:
    low, high = 0, gap
    while high - low > 1:
        middle = (low + high) // 2
        reached = log_evidence(BELOW, threshold, failed, judged + middle - failed) >= -math.log1p(-confidence)
        low, high = (low, middle) if reached else (middle, high)
    return judged + high


def main() -> None:
    """Print one line per true rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--cap", type=int, default=10_000)
    parser.add_argument("--threshold", type=float, default=0.02)
    parser.add_argument("--confidence", type=float, default=0.95)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng, started = random.Random(options.seed), time.monotonic()
    print(
        f"threshold {options.threshold:.2%}, confidence {options.confidence:.0%}, {options.runs} runs a rate, ", end=""
    )
    print(f"at most {options.cap} prompts, looked at after every verdict\n")
    print("true rate    pass    fail  undecided  mean prompts  median   saved against the cap")
    for rate in (multiple * options.threshold for multiple in MULTIPLES):
        runs = 1 if rate == 0 else options.runs
        ends = [run(rate, options.cap, options.threshold, options.confidence, rng) for _ in range(runs)]
        share = {d: sum(end[0] == d for end in ends) / runs for d in ("pass", "fail", "undecided")}
        counts = sorted(end[1] for end in ends)
        mean = sum(counts) / runs
        print(
            f"{rate:9.2%}  {share['pass']:6.1%}  {share['fail']:6.1%}  {share['undecided']:9.1%}  {mean:12.0f}"
            f"  {counts[runs // 2]:6d}   {1 - mean / options.cap:6.1%}"
        )
    print(f"\n{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
