"""The exact interval of a share."""

from harness.proportions import lower_bound

CONFIDENCE = 0.95


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
    return lower_bound(hits, total, (1 - CONFIDENCE) / 2)
