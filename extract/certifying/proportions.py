"""The exact interval of a share."""

import math

CONFIDENCE = 0.95
_HALVINGS = 60


def exact_interval(hits: int, total: int) -> tuple[float, float]:
    """Return the ends of the exact two-sided 95 % interval of a share (Clopper and Pearson, 1934).

    Args:
        hits: How many of ``total``; nothing out of nothing can be any share.
        total: How many there were.
    """
    return _lower(hits, total), 1 - _lower(total - hits, total)


def fewest_for(share: float, *, misses: int = 0) -> int:
    """Return how many there have to be for the interval's lower end to reach a share.

    Args:
        share: Less than 1.
        misses: So many of them are none.
    """
    few, enough = misses, misses + 1
    while _lower(enough - misses, enough) < share:
        few, enough = enough, 2 * enough
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (few, middle) if _lower(middle - misses, middle) >= share else (middle, enough)
    return enough


def _lower(hits: int, total: int) -> float:
    if hits == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_least(hits, total, middle) < (1 - CONFIDENCE) / 2 else (low, middle)
    return low


def _at_least(hits: int, total: int, share: float) -> float:
    """Return the chance of ``hits`` or more among ``total`` when each happens with probability ``share``."""
    if share <= 0 or share >= 1:
        return float(share >= 1)
    whole = math.lgamma(total + 1)
    return sum(
        math.exp(
            whole
            - math.lgamma(k + 1)
            - math.lgamma(total - k + 1)
            + k * math.log(share)
            + (total - k) * math.log1p(-share)
        )
        for k in range(hits, total + 1)
    )
