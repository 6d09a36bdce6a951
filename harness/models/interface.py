"""What the stages ask of a language model, whoever serves it."""

from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

OutputT = TypeVar("OutputT", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One request for a structured answer."""

    system: str
    prompt: str
    temperature: float = 0.0
    max_tokens: int = 2048
    seed: int | None = None
    """Passed on where the provider knows seeds."""
    partial: str = ""
    """Name of the list in the answer whose whole items count where the rest is cut off or spoilt; empty: all or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a call consumed, retries included."""

    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    """0 where the price is unknown; ``priced`` tells."""
    priced: bool = True
    unmetered: int = 0
    """Of ``requests``, those that ended without saying what they cost, which may be billed all the same: time-outs, broken replies."""

    @property
    def tokens(self) -> int:
        """Both ways."""
        return self.tokens_in + self.tokens_out

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            requests=self.requests + other.requests,
            tokens_in=self.tokens_in + other.tokens_in,
            tokens_out=self.tokens_out + other.tokens_out,
            cost_usd=self.cost_usd + other.cost_usd,
            priced=self.priced and other.priced,
            unmetered=self.unmetered + other.unmetered,
        )

    def __sub__(self, other: "Usage") -> "Usage":
        """Return what came on top of an earlier reading of the same meter."""
        return Usage(
            requests=self.requests - other.requests,
            tokens_in=self.tokens_in - other.tokens_in,
            tokens_out=self.tokens_out - other.tokens_out,
            cost_usd=self.cost_usd - other.cost_usd,
            priced=self.priced,
            unmetered=self.unmetered - other.unmetered,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReply(Generic[OutputT]):
    """A validated answer and its price."""

    output: OutputT
    usage: Usage = field(default_factory=Usage)
    cut_off: bool = False
    """The limit on its length ended it: with ``partial``, more may have been meant to come."""


class ModelClient(Protocol):
    """A language model that returns pydantic objects.

    Implementations retry throttling and malformed output themselves, within
    bounds, and are safe to use from one event loop with many calls in flight.
    """

    model_id: str
    """As configured: ``bedrock:…`` or ``openai:…@…``."""

    @property
    def usage(self) -> Usage:
        """What all calls so far consumed, those that failed included: the figure a budget is held against."""
        ...

    async def ask(self, call: ModelCall, output: type[OutputT]) -> "ModelReply[OutputT]":
        """Return the model's answer as an ``output``.

        Raises:
            ModelThrottledError: If the model still throttles after the retries.
            ModelOutputError: If its answers never validated.
            ModelError: If it cannot be reached or refuses the call.
        """
        ...

    async def close(self) -> None:
        """Release connections. May be called twice."""
        ...
