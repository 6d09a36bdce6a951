"""Simulates gates: how often the sequential test decides wrongly, and after how many prompts it decides.

Usage: python -m bench.gate [--runs 2000] [--cap 10000] [--threshold 0.02] [--confidence 0.95] [--turns 1] [--seed 7]

The test is looked at after every verdict. What it decides depends on the counts
only, passing can only happen between failures and failing only at one; so a
run is a walk from failure to failure past two boundaries, each found once by
asking the product's own e-processes.

Three tables: a judge without error, beside Wald's test of 1 % against 4 %
(half and twice the threshold, 5 % each) and a fixed number of prompts; the same
releases seen by a judge that is wrong (.95/.99), read as if it were not; and
with a judge card, measured anew on 200 + 200 labels in every run. The judge is
wrong about single answers; with ``--turns`` each prompt gets so many of them, of
which one is bad in a bad conversation.
"""

import argparse
import math
import random
import time
from functools import cache

from judge.boundary import NEVER, Boundary
from judge.calibration.correction import CALIBRATION_SHARE, Calibration, Correction, Line

RATES = (0.0, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.018, 0.02, 0.022, 0.025, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1)
SEEN_RATES = (0.0, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1)
"""True rates behind a judge that is wrong."""
SENSITIVITY, SPECIFICITY, LABELS = 0.95, 0.99, 200


def gaps(rate: float, rng: random.Random) -> int:
    """Return how many verdicts pass before the next failure."""
    return NEVER if rate <= 0.0 else int(math.log(1.0 - rng.random()) / math.log1p(-rate))


def walk(rate: float, cap: int, gate: Boundary, cover: Boundary | None, rng: random.Random) -> tuple[str, int, bool]:
    """Return the decision of one gate, the prompts it took, and whether its interval held the truth at every look.

    Args:
        rate: The apparent one.
        cap: Prompts at most.
        gate: Of the threshold.
        cover: Of the truth: its evidence says that the truth is outside the interval. None: not asked.
        rng: Chance.
    """
    failed = judged = 0
    held = True
    while True:
        before = min(cap, judged + gaps(rate, rng))
        passed_at = gate.passes_at(failed)
        looked_at = min(before, max(passed_at, judged))
        held = held and (cover is None or cover.passes_at(failed) > looked_at)
        if passed_at <= before:
            return "pass", looked_at, held
        if before >= cap:
            return "undecided", cap, held
        failed, judged = failed + 1, before + 1
        held = held and (cover is None or cover.fails_at(failed) < judged)
        if judged <= gate.fails_at(failed):
            return "fail", judged, held


def sprt(rate: float, cap: int, good: float, bad: float, error: float, rng: random.Random) -> tuple[str, int]:
    """Return the decision of Wald's sequential probability ratio test of a good rate against a bad one."""
    up, down = math.log((1 - good) / (1 - bad)), math.log(good / bad)
    level, evidence, judged = math.log((1 - error) / error), 0.0, 0
    while judged < cap:
        gap = min(cap - judged, gaps(rate, rng))
        if evidence + gap * up >= level:
            return "pass", judged + math.ceil((level - evidence) / up)
        judged, evidence = judged + gap + 1, evidence + gap * up + down
        if evidence <= -level:
            return "fail", judged
    return "undecided", cap


@cache
def card(tp: int, tn: int, turns: float, threshold: float, error: float) -> Correction:
    """Return what labels with these counts make of the threshold."""
    calibration = Calibration(tp=tp, fn=LABELS - tp, tn=tn, fp=LABELS - tn, turns=turns)
    return calibration.against(threshold, CALIBRATION_SHARE * error)


@cache
def boundary(low: float, high: float, level: float) -> Boundary:
    """Return the boundary of a band; the same band has the same one in every run."""
    return Boundary(low, high, level)


def _share(ends: list[str], decision: str) -> float:
    return ends.count(decision) / len(ends)


def without_error(options: argparse.Namespace, rng: random.Random) -> None:
    """Print the test beside Wald's and a fixed number of prompts."""
    level, good, bad = -math.log1p(-options.confidence), options.threshold / 2, options.threshold * 2
    gate = boundary(options.threshold, options.threshold, level)
    print(f"A judge without error; Wald's test is of {good:.1%} against {bad:.1%}, 5 % each")
    print(
        "true rate    pass    fail  undecided   wrong  prompts  median  of a fixed number   Wald: pass    fail  prompts"
    )
    for rate in RATES:
        runs = [walk(rate, options.cap, gate, None, rng) for _ in range(options.runs)]
        walds = [sprt(rate, options.cap, good, bad, 0.05, rng) for _ in range(options.runs)]
        ends, counts = [run[0] for run in runs], sorted(run[1] for run in runs)
        mean, wald = sum(counts) / len(counts), sum(count for _, count in walds) / len(walds)
        said = [end for end, _ in walds]
        print(
            f"{rate:9.2%}  {_share(ends, 'pass'):6.1%}  {_share(ends, 'fail'):6.1%}  {_share(ends, 'undecided'):9.1%}"
            f"  {_wrong(ends, rate, options.threshold):6.1%}  {mean:7.0f}  {counts[len(counts) // 2]:6d}"
            f"  {mean / options.cap:17.1%}  {_share(said, 'pass'):11.1%}  {_share(said, 'fail'):6.1%}  {wald:7.0f}"
        )


def with_error(options: argparse.Namespace, rng: random.Random, *, corrected: bool) -> None:
    """Print the test behind a judge that is wrong, with or without a card."""
    error = 1.0 - options.confidence
    print(f"\nA judge with sensitivity {SENSITIVITY}, specificity {SPECIFICITY}, ", end="")
    print(f"measured on {LABELS} + {LABELS} labels in each run" if corrected else "read as if it had no error")
    if corrected:
        expected = round(SENSITIVITY * LABELS), round(SPECIFICITY * LABELS)
        band = card(*expected, options.turns, options.threshold, error).undecidable
        assert band is not None
        print(f"No number of prompts decides true rates from {band[0]:.2%} to {band[1]:.2%} with the expected labels")
    print("true rate    pass    fail  undecided   wrong  prompts" + ("  interval holds the truth" if corrected else ""))
    coverages = []
    for rate in SEEN_RATES:
        runs = [_one(rate, options, error, rng, corrected=corrected) for _ in range(options.runs)]
        ends, mean = [run[0] for run in runs], sum(run[1] for run in runs) / len(runs)
        coverages.append(sum(run[2] for run in runs) / len(runs))
        print(
            f"{rate:9.2%}  {_share(ends, 'pass'):6.1%}  {_share(ends, 'fail'):6.1%}  {_share(ends, 'undecided'):9.1%}"
            f"  {_wrong(ends, rate, options.threshold):6.1%}  {mean:7.0f}"
            + (f"  {coverages[-1]:24.1%}" if corrected else "")
        )
    if corrected:
        print(f"the corrected interval holds the truth at every look in {min(coverages):.1%} of the runs or more")


def _one(
    rate: float, options: argparse.Namespace, error: float, rng: random.Random, *, corrected: bool
) -> tuple[str, int, bool]:
    apparent = Line(SENSITIVITY, 1.0 - SPECIFICITY).of_prompts(options.turns).apparent(rate)
    if not corrected:
        gate = boundary(options.threshold, options.threshold, -math.log(error))
        return walk(apparent, options.cap, gate, None, rng)
    tp = sum(rng.random() < SENSITIVITY for _ in range(LABELS))
    tn = sum(rng.random() < SPECIFICITY for _ in range(LABELS))
    correction, level = (
        card(tp, tn, options.turns, options.threshold, error),
        -math.log((1.0 - CALIBRATION_SHARE) * error),
    )
    low, high = correction.low.apparent(rate), correction.high.apparent(rate)
    return walk(apparent, options.cap, boundary(*correction.band, level), boundary(low, high, level), rng)


def _wrong(ends: list[str], rate: float, threshold: float) -> float:
    """Return the share of wrong decisions; at the threshold itself that of the commoner one, each being wrong."""
    passed, failed = _share(ends, "pass"), _share(ends, "fail")
    if math.isclose(rate, threshold):
        return max(passed, failed)
    return failed if rate < threshold else passed


def main() -> None:
    """Print one line per true rate and table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--cap", type=int, default=10_000)
    parser.add_argument("--threshold", type=float, default=0.02)
    parser.add_argument("--confidence", type=float, default=0.95)
    parser.add_argument("--turns", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng, started = random.Random(options.seed), time.process_time()
    print(
        f"threshold {options.threshold:.2%}, confidence {options.confidence:.0%}, {options.runs} runs a rate, "
        f"at most {options.cap} prompts, looked at after every verdict\n"
    )
    without_error(options, rng)
    with_error(options, rng, corrected=False)
    with_error(options, rng, corrected=True)
    print(f"\n{time.process_time() - started:.0f} s of processor time")


if __name__ == "__main__":
    main()
