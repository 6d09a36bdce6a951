"""One clock for a run: differences never jump, and every moment has a wall-clock time."""

import time
from datetime import UTC, datetime


class Clock:
    """Monotonic seconds that can be written as UTC.

    The wall clock is read once, so that recorded times and measured durations
    agree with each other even when the machine's time is corrected meanwhile.
    """

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    now = staticmethod(time.monotonic)
    """Return the present moment in monotonic seconds."""

    def utc(self, moment: float) -> str:
        """Return a moment as aware ISO 8601 UTC, to the microsecond."""
        text = datetime.fromtimestamp(moment + self._offset, UTC).isoformat(timespec="microseconds")
        return text.replace("+00:00", "Z")
