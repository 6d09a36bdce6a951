"""How often a model is asked again, and how long is waited before."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Bounds on asking again.

    Waits grow exponentially with full jitter (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
    2015): many calls that were throttled together must not come back together.
    """

    attempts: int = 6
    """Requests in all for one answer that meet throttling, server errors or broken connections."""
    unreached: int = 3
    """How many of them may find nobody there while the model never answered: its address is wrong, or it does not run."""
    patience_s: float = 0.0
    """A call that is throttled is not given up while the model, throttled or not, answered any other in the last so many seconds, nor in the first so many."""
    timeouts: int = 2
    """How many of them may time out: each costs the whole ``timeout_s``."""
    output_attempts: int = 3
    """Answers of the wrong form before the call fails; each is shown its error."""
    base_s: float = 0.5
    cap_s: float = 20.0
    """The longest wait of our own choosing."""
    max_retry_after_s: float = 60.0
    """A server that asks for a longer wait is taken to be throttling for good."""

    def delay_s(self, attempt: int, retry_after_s: float | None, rng: random.Random) -> float:
        """Return the seconds to wait after failed attempt ``attempt`` (from 1).

        Never less than the server asked for; the jitter comes on top, so that those it told the same do not
        come back at once.
        """
        ceiling = min(self.cap_s, self.base_s * 2.0 ** min(attempt - 1, 32))
        return (retry_after_s or 0.0) + rng.uniform(0.0, ceiling)
