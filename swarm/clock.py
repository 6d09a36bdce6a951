"""One clock for a run: differences never jump, and every moment has a wall-clock time."""

import time


class Clock:
    """Monotonic seconds that can be written as UTC.

    The wall clock is read once, so that recorded times and measured durations
    agree with each other even when the machine's time is corrected meanwhile.
    """

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()
        self._second = -1
        self._text = ""

    now = staticmethod(time.monotonic)
    """Return the present moment in monotonic seconds."""

    def utc(self, moment: float) -> str:
        """Return a moment as aware ISO 8601 UTC, to the microsecond."""
        second, microsecond = divmod(round((moment + self._offset) * 1e6), 1_000_000)
        if second != self._second:
            # Thousands of moments fall into the same second.
            self._second = second
            self._text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._text}.{microsecond:06d}Z"
