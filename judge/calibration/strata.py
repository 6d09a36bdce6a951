"""Sensitivity and false alarms where labels were drawn by the judge's own verdict.

Flagged answers are looked at first and passes by a small audit, so labels
over-represent what the judge fails; counted plainly they would flatter its
sensitivity (verification bias). What such labels do tell without bias is the
share of bad answers among the failed (``a``) and among the passed verdicts
(``b``); with the share of failed verdicts (``q``) Bayes' rule gives

    sensitivity  = a q / (a q + b (1 - q))
    false alarms = (1 - a) q / ((1 - a) q + (1 - b) (1 - q)).

Both are monotone in each of the three, so exact bounds of the three, their
errors added up (Bonferroni), give valid bounds, with no failure at zero counts,
where a variance formula says that an audit without a find proves perfection.

Source: C. Begg, R. Greenes, Assessment of diagnostic tests when disease
verification is subject to selection bias (1983).
"""

from dataclasses import dataclass

from harness.contracts import VerdictStrata
from harness.proportions import lower_bound, upper_bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Probabilities of missing the truth, one-sided, by bound; 0 asks for no bound but the trivial one."""

    bad_in_flagged_low: float = 0.0
    bad_in_flagged_high: float = 0.0
    bad_in_passed_low: float = 0.0
    bad_in_passed_high: float = 0.0
    flagged_low: float = 0.0
    flagged_high: float = 0.0


def sensitivity_at(a: float, b: float, q: float) -> float | None:
    """Return the sensitivity that follows from the three shares; None where no answer is bad."""
    return _share(a * q, b * (1.0 - q))


def false_alarms_at(a: float, b: float, q: float) -> float | None:
    """Return the share of good answers that the judge fails; None where no answer is good."""
    return _share((1.0 - a) * q, (1.0 - b) * (1.0 - q))


def shares(strata: VerdictStrata) -> tuple[float | None, float | None, float | None]:
    """Return the observed ``a``, ``b`` and ``q``; None each where nothing was observed.

    Of verdicts that the judge never gave any share will do: it weighs nothing.
    """
    odds_factor = strata.flagged_weight / strata.passed_weight
    a, b = _share(strata.tp, strata.fp), _share(strata.fn, strata.tn)
    q = _share(strata.flagged * odds_factor, strata.passed)
    return 0.0 if q == 0.0 else a, 0.0 if q == 1.0 else b, q


class StrataBounds:
    """The extremes that sensitivity and false alarms can take within exact bounds of the three shares."""

    def __init__(self, strata: VerdictStrata, errors: Errors) -> None:
        in_flagged, in_passed = strata.tp + strata.fp, strata.fn + strata.tn
        verdicts = strata.flagged + strata.passed
        odds_factor = strata.flagged_weight / strata.passed_weight
        self._a = (
            _low(strata.tp, in_flagged, errors.bad_in_flagged_low),
            _high(strata.tp, in_flagged, errors.bad_in_flagged_high),
        )
        self._b = (
            _low(strata.fn, in_passed, errors.bad_in_passed_low),
            _high(strata.fn, in_passed, errors.bad_in_passed_high),
        )
        # The store holds failed and passed verdicts at different rates: the odds among them times the rates' ratio.
        self._q = (
            _reweighted(_low(strata.flagged, verdicts, errors.flagged_low), odds_factor),
            _reweighted(_high(strata.flagged, verdicts, errors.flagged_high), odds_factor),
        )

    @property
    def sensitivity_low(self) -> float:
        """The least sensitivity; 0 where nothing bounds it."""
        return sensitivity_at(self._a[0], self._b[1], self._q[0]) or 0.0

    @property
    def sensitivity_high(self) -> float:
        """The greatest sensitivity; 1 where nothing bounds it."""
        highest = sensitivity_at(self._a[1], self._b[0], self._q[1])
        return 1.0 if highest is None else highest

    @property
    def false_alarms_low(self) -> float:
        """The least share of good answers that the judge fails."""
        return false_alarms_at(self._a[1], self._b[0], self._q[0]) or 0.0

    @property
    def false_alarms_high(self) -> float:
        """The greatest share of good answers that the judge fails."""
        highest = false_alarms_at(self._a[0], self._b[1], self._q[1])
        return 1.0 if highest is None else highest


def _low(hits: float, total: float, error: float) -> float:
    return lower_bound(hits, total, error) if error > 0.0 else 0.0


def _high(hits: float, total: float, error: float) -> float:
    return upper_bound(hits, total, error) if error > 0.0 else 1.0


def _reweighted(share: float, odds_factor: float) -> float:
    return share * odds_factor / (share * odds_factor + 1.0 - share)


def _share(part: float, rest: float) -> float | None:
    return part / (part + rest) if part + rest > 0.0 else None
