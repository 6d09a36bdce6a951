"""Two outcomes of the same things, compared: is one of them better, and by how much?"""

import math
from statistics import NormalDist

from harness.contracts import Estimate


def exact_mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p-value that one of a pair is right more often (Q. McNemar, 1947; exact binomial)."""
    total, fewer = only_first + only_second, min(only_first, only_second)
    if not total:
        return 1.0
    log_half = total * math.log(0.5)
    tail = math.fsum(
        math.exp(math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1) + log_half)
        for k in range(fewer + 1)
    )
    return min(1.0, 2.0 * tail)


def paired_difference(gained: float, lost: float, count: float, *, confidence: float = 0.95) -> Estimate:
    """Return by how much the second of two paired shares is larger than the first.

    The interval is Bonett's and Price's adjusted Wald interval (Adjusted Wald confidence interval for a difference of
    binomial proportions based on paired data, 2012), for a number of pairs that was fixed beforehand.

    Args:
        gained: Pairs of which only the second holds; an effective number where weights differ.
        lost: Pairs of which only the first does.
        count: All pairs.
        confidence: Of the interval.
    """
    if not count:
        return Estimate(estimate=None, lower=-1.0, upper=1.0)
    up, down = (gained + 1.0) / (count + 2.0), (lost + 1.0) / (count + 2.0)
    z = NormalDist().inv_cdf((1.0 + confidence) / 2.0)
    spread = z * math.sqrt((up + down - (up - down) ** 2) / (count + 2.0))
    estimate = (gained - lost) / count
    return Estimate(
        estimate=estimate,
        lower=max(-1.0, min(estimate, up - down - spread)),
        upper=min(1.0, max(estimate, up - down + spread)),
    )
