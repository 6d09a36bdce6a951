"""What holds a request back before it is sent: a budget, and tokens a minute."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from harness.errors import BudgetSpentError
from harness.models.interface import Usage

BYTES_PER_TOKEN = 3
"""Of UTF-8. English has about four, code and most other languages fewer, and a Chinese character of three bytes is
about one token: what is reserved should rather be too much."""
_CENT_FRACTION = 1e-9
"""Sums of prices are floats: a cap is kept to a billionth of a dollar."""


class Limit(Protocol):
    """Is asked before each request, retries included, and told afterwards what it consumed."""

    async def take(self, expected: Usage) -> None:
        """Wait until a request that consumes so much at most may be sent.

        Raises:
            BudgetSpentError: If it never may.
        """
        ...

    def settle(self, expected: Usage, actual: Usage) -> None:
        """Replace what was reserved for a request by what it consumed."""
        ...


class Budget:
    """Dollars and tokens that all requests together may consume; several models may share one.

    Each request reserves the most that it can cost and gives back what it did not. While others are in flight, one
    that does not fit waits for them: only what cannot be paid with everything settled is refused. So a cap holds to
    the accuracy of the estimates, however many calls are in flight. A model of unknown price is held to tokens only.

    Args:
        usd: Cap in US dollars; None for none.
        tokens: Cap in tokens, both ways; None for none.
    """

    def __init__(self, *, usd: float | None = None, tokens: int | None = None) -> None:
        self._usd = usd
        self._tokens = tokens
        self._spent = Usage()
        self._reserved = Usage()
        self._in_flight = 0
        self._settled = asyncio.Event()

    @property
    def spent(self) -> Usage:
        """What was consumed, and what was paid for before."""
        return self._spent

    def paid_before(self, usage: Usage) -> None:
        """Count what earlier parts of the same run consumed."""
        self._spent += usage

    async def take(self, expected: Usage) -> None:
        """Reserve a request's price, after waiting for others to settle where it takes that.

        Raises:
            BudgetSpentError: If it does not fit although nothing else is in flight.
        """
        while not self._holds(expected):
            if not self._in_flight:
                raise BudgetSpentError(
                    f"the budget is spent: ${self._spent.cost_usd:.4f} and {self._spent.tokens:,} tokens of {self._cap()}",
                    hint="raise [budget], or take up the run with more",
                )
            self._settled.clear()
            await self._settled.wait()
        self._in_flight += 1
        self._reserved += expected

    def settle(self, expected: Usage, actual: Usage) -> None:
        """Enter what a request consumed."""
        self._in_flight -= 1
        self._reserved -= expected
        self._spent += actual
        self._settled.set()

    def _holds(self, more: Usage) -> bool:
        owed = self._spent + self._reserved + more
        dollars = self._usd is None or owed.cost_usd <= self._usd + _CENT_FRACTION
        return dollars and (self._tokens is None or owed.tokens <= self._tokens)

    def _cap(self) -> str:
        caps = [f"${self._usd:g}" if self._usd is not None else "", f"{self._tokens:,}" if self._tokens else ""]
        return " and ".join(cap for cap in caps if cap)


@dataclass(slots=True)
class _Sent:
    at: float
    tokens: int
    expected: Usage


class TokenRate:
    """At most so many tokens in any minute, counted from when each request was sent.

    What a request may take at most is counted while it is in flight, and what it took afterwards: providers count
    the same way (Amazon Bedrock User Guide, "How tokens are counted in Amazon Bedrock"). A request larger than the
    cap goes alone.

    Args:
        tokens: In any window.
        window_s: Length of the window, in seconds.
    """

    def __init__(self, tokens: int, *, window_s: float = 60.0) -> None:
        self._most = tokens
        self._window_s = window_s
        self._sent: deque[_Sent] = deque()
        self._settled = asyncio.Event()
        self._queue = asyncio.Lock()

    async def take(self, expected: Usage) -> None:
        """Wait until the window has room; first come, first served."""
        async with self._queue:
            while (wait_s := self.wait_s(expected.tokens, time.monotonic())) > 0.0:
                self._settled.clear()
                try:
                    await asyncio.wait_for(self._settled.wait(), wait_s)
                except TimeoutError:
                    continue
            self._sent.append(_Sent(time.monotonic(), expected.tokens, expected))

    def settle(self, expected: Usage, actual: Usage) -> None:
        """Count what a request took instead of what was expected of it."""
        for sent in self._sent:
            if sent.expected is expected:
                sent.tokens = actual.tokens
                break
        self._settled.set()

    def wait_s(self, tokens: int, now: float) -> float:
        """Return how long to wait, at most, before looking again whether so many tokens have room; 0: they have."""
        while self._sent and self._sent[0].at + self._window_s <= now:
            self._sent.popleft()
        if not self._sent or sum(sent.tokens for sent in self._sent) + tokens <= self._most:
            return 0.0
        return max(self._sent[0].at + self._window_s - now, 1e-3)


def most_tokens(texts: Iterable[str], max_tokens: int) -> tuple[int, int]:
    """Return how many tokens, in and out, a request with these texts takes at most, in all likelihood."""
    return -(-sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) // BYTES_PER_TOKEN), max_tokens
