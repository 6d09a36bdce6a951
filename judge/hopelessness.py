"""Notices during a run that an objective is missed, whatever is still to come."""

from harness.config import SloSection
from harness.contracts import Arm, Exchange
from judge.requests import ERRORS, TIMED
from judge.slo import affordable, least_of_percentile, least_of_share


class Hopelessness:
    """Counts requests that miss an objective, against what the whole run can afford.

    It is exact: an objective is named only if ``judge.slo.measure`` will call
    it missed even should every further request be fast and answered. Slow is
    counted from sending, because the generator's own lateness may be excused.

    Args:
        slo: The objectives.
        arm: The arm that they are measured in.
        most: How many requests the run can send at most.
    """

    def __init__(self, slo: SloSection, arm: Arm, most: int) -> None:
        self._arm = arm
        self._error_limit = slo.error_rate
        self._percentiles = {
            metric: (share, limit)
            for metric, share, limit in (
                ("p50_ms", 0.5, slo.p50_ms),
                ("p95_ms", 0.95, slo.p95_ms),
                ("p99_ms", 0.99, slo.p99_ms),
            )
            if limit is not None
        }
        self._most = most
        self._errors = 0
        self._slow = dict.fromkeys(self._percentiles, 0)

    def add(self, exchange: Exchange) -> None:
        """Take in one exchange."""
        if exchange.arm != self._arm:
            return
        self._errors += exchange.outcome in ERRORS
        if exchange.outcome not in TIMED or exchange.service_ms is None:
            return
        for metric, (_, limit) in self._percentiles.items():
            self._slow[metric] += exchange.service_ms > limit

    @property
    def missed(self) -> list[str]:
        """The objectives that no further request could save."""
        found = []
        limit = self._error_limit
        if limit is not None and self._errors > limit * max(self._most, least_of_share(limit)) + 1e-9:
            found.append("error_rate")
        for metric, (share, _) in self._percentiles.items():
            if self._slow[metric] > affordable(share, max(self._most, least_of_percentile(share))):
                found.append(metric)
        return found
