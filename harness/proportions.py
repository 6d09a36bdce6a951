"""Exact bounds of a share, for whole and for effective counts.

Sources: C. Clopper, E. Pearson, The use of confidence or fiducial limits
illustrated in the case of the binomial (1934); E. Korn, B. Graubard,
Confidence intervals for proportions with small expected number of positive
counts estimated from survey data (1998) put effective counts, which need not
be whole, into the same formula; W. Press et al., Numerical Recipes, §6.4, for
the continued fraction.
"""

import math

_HALVINGS = 60
_TERMS = 10_000
_PRECISE = 1e-15
_TINY = 1e-300
_NOTHING = 1e-9


def lower_bound(hits: float, total: float, error: float) -> float:
    """Return the share that the true one falls short of with probability ``error`` at most.

    Args:
        hits: How many of ``total``, 0 … ``total``.
        total: How many there were; nothing out of nothing can be any share.
        error: One-sided, 0 < error < 1.
    """
    if hits <= _NOTHING:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        reached = at_least(hits, total, middle) < error
        low, high = (middle, high) if reached else (low, middle)
    return low


def upper_bound(hits: float, total: float, error: float) -> float:
    """Return the share that the true one exceeds with probability ``error`` at most; as ``lower_bound``."""
    return 1.0 - lower_bound(total - hits, total, error)


def exact_interval(hits: float, total: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the ends of the exact two-sided interval of a share."""
    error = (1.0 - confidence) / 2.0
    return lower_bound(hits, total, error), upper_bound(hits, total, error)


def at_least(hits: float, total: float, share: float) -> float:
    """Return the chance of ``hits`` or more among ``total`` when each happens with probability ``share``.

    It is the regularised incomplete beta function with ``hits`` and ``total - hits + 1``.
    """
    if share <= 0.0 or share >= 1.0:
        return float(share >= 1.0)
    a, b = hits, total - hits + 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(share) + b * math.log1p(-share)
    front = math.exp(log_front)
    if share < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(a, b, share) / a
    return 1.0 - front * _fraction(b, a, 1.0 - share) / b


def _fraction(a: float, b: float, share: float) -> float:
    """Return the continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1.0 / _away(1.0 - (a + b) * share / (a + 1.0))
    value = d
    for m in range(1, _TERMS):
        even = m * (b - m) * share / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * share / ((a + 2 * m) * (a + 2 * m + 1.0))
        for term in (even, odd):
            d = 1.0 / _away(1.0 + term * d)
            c = _away(1.0 + term / c)
            value *= c * d
        if abs(c * d - 1.0) < _PRECISE:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
