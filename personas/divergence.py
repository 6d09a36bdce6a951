"""How far two mixes lie apart, and how far they would by chance alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SURE = 0.99
"""Confidence with which a difference has to be more than the chance of who happened to write."""

_Floats = NDArray[np.float64]


def divergence(one: Sequence[float] | _Floats, other: Sequence[float] | _Floats) -> float:
    """Return the Jensen-Shannon divergence of two distributions in bits, 0 (the same) … 1 (nothing in common).

    Lin (1991), Divergence measures based on the Shannon entropy. Shares that do not sum to 1 are scaled to.
    """
    p, q = (np.asarray(shares, dtype=np.float64) for shares in (one, other))
    if p.sum() <= 0 or q.sum() <= 0:
        return 0.0 if p.sum() == q.sum() else 1.0
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2
    return float(min(1.0, max(0.0, _entropy(middle) - (_entropy(p) + _entropy(q)) / 2)))


def divergence_by_chance(parts: int, one: float, other: float) -> float:
    """Return what the divergence of two samples of one distribution stays below with 99 % probability, in bits.

    To second order 8 · JSD · n·m / (n + m) in nats follows a χ² distribution with ``parts`` − 1 degrees of freedom
    (the likelihood-ratio test of homogeneity: Grosse et al. 2002).

    Args:
        parts: Of the distribution.
        one: Independent observations in one sample.
        other: In the other one.
    """
    from scipy.stats import chi2

    if parts < 2 or one < 1 or other < 1:
        return 1.0
    nats = chi2.ppf(SURE, parts - 1) * (one + other) / (8 * one * other)
    return float(min(1.0, nats / np.log(2)))


def effective_sessions(kinds: NDArray[np.intp], users: Sequence[str]) -> float:
    """Return how many independent sessions would tell as much about a mix as these, of which users have several.

    The number of sessions over the mean generalised design effect of Rao and Scott (1981), each share's variance being
    that of a ratio over users; never more than the sessions.

    Args:
        kinds: Which part of the mix each session belongs to.
        users: Whose it is.
    """
    everyone, owners = np.unique(np.asarray(users, dtype=object).astype(str), return_inverse=True)
    shares = np.bincount(kinds) / max(1, len(kinds))
    parts = np.flatnonzero(shares)
    if len(everyone) < 2 or len(parts) < 2:
        return float(len(everyone))
    sizes = np.bincount(owners).astype(np.float64)
    pairs, counts = np.unique(owners * len(shares) + kinds, return_counts=True)
    part, whose = pairs % len(shares), pairs // len(shares)
    # Σ (count − size · share)² over users, by part; most users have no session of most parts.
    squares = (
        np.bincount(part, counts.astype(np.float64) ** 2, len(shares))
        - 2 * shares * np.bincount(part, counts * sizes[whose], len(shares))
        + shares**2 * (sizes**2).sum()
    )
    spread = len(everyone) / (len(everyone) - 1) * squares[parts] / shares[parts] / len(kinds)
    return float(len(kinds) / max(1.0, spread.sum() / (len(parts) - 1)))


def rise_by_chance(then: float, one: float, now: float, other: float) -> float:
    """Return what the rise of a share stays below with 99 % probability where it did not rise (normal approximation)."""
    from scipy.stats import norm

    if one < 1 or other < 1:
        return 1.0
    pooled = (then * one + now * other) / (one + other)
    return float(norm.ppf(SURE) * np.sqrt(pooled * (1 - pooled) * (1 / one + 1 / other)))


def _entropy(shares: _Floats) -> float:
    positive = shares[shares > 0]
    return float(-(positive * np.log2(positive)).sum())
