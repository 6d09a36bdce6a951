"""Production's week as the stages of a load: its shape is kept, its speed and its height can be chosen."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from harness.arrivals import WEEK_MINUTES
from harness.config import LoadSection, LoadStage
from harness.contracts import Arrivals
from harness.errors import ConfigurationError

_WEEK_S = WEEK_MINUTES * 60


class ProductionWeek:
    """How many requests production gets by when in its week.

    Within a cell of ``arrivals.json`` the rate is constant: more is not known.
    """

    def __init__(self, arrivals: Arrivals) -> None:
        self.per_minute = [0.0] * WEEK_MINUTES
        """Requests in each minute of the week, from Monday 00:00 UTC."""
        for cell in arrivals.cells:
            self.per_minute[cell.from_minute : cell.to_minute] = [cell.requests_per_minute] * (
                cell.to_minute - cell.from_minute
            )
        self._by = [0.0, *accumulate(self.per_minute)]

    def requests(self, start: float, minutes: float) -> float:
        """Return how many requests come from a minute on, for so many minutes; the week begins again at its end."""
        return self._requests_by(start + minutes) - self._requests_by(start)

    def busiest(self, minutes: float) -> int:
        """Return the minute of the week from which on most requests come in so many minutes."""
        return max(range(WEEK_MINUTES), key=lambda start: (round(self.requests(start, minutes), 6), -start))

    def pieces(self, start: int, minutes: float) -> Iterator[tuple[float, float]]:
        """Yield how long each stretch of the same rate lasts, in minutes, and its requests a minute."""
        left, minute, length = minutes, start, 0.0
        while left > 0:
            rate = self.per_minute[minute % WEEK_MINUTES]
            step = min(1.0, left)
            left, minute, length = left - step, minute + 1, length + step
            if left <= 0 or self.per_minute[minute % WEEK_MINUTES] != rate:
                yield length, rate
                length = 0.0

    def _requests_by(self, minute: float) -> float:
        weeks, rest = divmod(minute, WEEK_MINUTES)
        whole = min(int(rest), WEEK_MINUTES - 1)
        return weeks * self._by[-1] + self._by[whole] + (rest - whole) * self.per_minute[whole]


def production_stages(arrivals: Arrivals, load: LoadSection, *, turns: float) -> Sequence[LoadStage]:
    """Return the stages of a load that comes as production's requests do.

    Args:
        arrivals: Of the dataset; requests, each of which is one turn.
        load: Chooses the part of the week, how fast it goes by, and the mean rate.
        turns: Of a conversation of the suite, on average: so many requests come of one arrival.

    Raises:
        ConfigurationError: If the dataset says nothing about arrivals, the load takes more than a week of it, or
            nothing arrives in the part that was chosen.
    """
    if not arrivals.cells:
        raise ConfigurationError(
            f"the dataset's arrivals.json is empty: its logs hold fewer than {arrivals.min_users} users, and the times "
            "of so few are not kept",
            hint="extract logs of more users, or use [load] model 'open'",
        )
    window_s = load.lasts_s * load.speed
    if window_s > _WEEK_S:
        raise ConfigurationError(
            f"[load] duration_s x speed is {window_s:,.0f} s of production's time, and at most a week ({_WEEK_S:,} s) "
            "is known",
            hint="lower speed or duration_s",
        )
    week, minutes = ProductionWeek(arrivals), window_s / 60
    start = week.busiest(minutes) if load.start_minute is None else load.start_minute
    requests = week.requests(start, minutes)
    if requests <= 0:
        raise ConfigurationError(
            f"nothing arrived in production within {minutes:,.0f} minutes of '{load.start}'",
            hint="leave [load] start out: the busiest time is taken",
        )
    # Arrivals a second of the load for one request a minute of production's.
    height = load.speed / 60 / turns if load.rate is None else load.rate * minutes / requests
    stages: list[LoadStage] = []
    for length, per_minute in week.pieces(start, minutes):
        rate = per_minute * height
        stages += (LoadStage(duration_s=0, rate=rate), LoadStage(duration_s=length * 60 / load.speed, rate=rate))
    return stages
