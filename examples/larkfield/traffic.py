"""When customers write: the shape of a day and of a week."""

import datetime as dt
import random
from itertools import accumulate

START = dt.datetime(2026, 9, 7, tzinfo=dt.UTC)
"""A Monday."""
WEEKS = 4

# Relative traffic of each hour: a peak before lunch, a lower one after work.
_WEEKDAY = (1, 1, 1, 1, 2, 4, 10, 22, 38, 52, 58, 54, 46, 42, 40, 38, 36, 40, 46, 44, 34, 22, 10, 4)
_WEEKEND = (2, 1, 1, 1, 1, 2, 5, 9, 16, 26, 33, 35, 32, 28, 26, 24, 22, 22, 23, 22, 18, 13, 8, 4)
_DAY_FACTORS = (1.25, 1.05, 1.0, 1.0, 1.1, 0.8, 0.7)
"""Monday to Sunday: after a weekend there is most to ask."""


def _hours() -> list[float]:
    weights = []
    for day in range(WEEKS * 7):
        shape = _WEEKEND if day % 7 > 4 else _WEEKDAY
        weights += [hour * _DAY_FACTORS[day % 7] for hour in shape]
    return list(accumulate(weights))


_CUMULATED = _hours()


def moment(chance: random.Random) -> dt.datetime:
    """Return when a conversation starts, drawn from the shape of the weeks."""
    hour = chance.choices(range(len(_CUMULATED)), cum_weights=_CUMULATED)[0]
    return START + dt.timedelta(hours=hour, milliseconds=chance.randrange(3_600_000))


def busyness(at: dt.datetime) -> float:
    """Return how busy the hour is: 1.0 in the busiest hour of a working day."""
    return (_WEEKEND if at.weekday() > 4 else _WEEKDAY)[at.hour] / max(_WEEKDAY)
