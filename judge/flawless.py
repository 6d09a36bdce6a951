"""How many prompts it takes to certify a release that never fails."""

from judge.calibration.correction import Calibration
from judge.statistics import SequentialTest

_MOST_PROMPTS = 2**30


def flawless_prompts(threshold: float, confidence: float, calibration: Calibration | None = None) -> int | None:
    """Return how many prompts without a failure it takes to pass; None where the judge's error forbids any pass."""

    def passes(count: int) -> bool:
        return SequentialTest(threshold, confidence, calibration).update(0, count).decision == "pass"

    low, high = 0, 1
    while not passes(high):
        low, high = high, high * 2
        if high > _MOST_PROMPTS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if passes(middle):
            high = middle
        else:
            low = middle
    return high
