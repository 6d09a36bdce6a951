"""One turn sent to the target, and what came back."""

from typing import Any, Literal

from harness.contracts.base import Field, Part, Record

Arm = Literal["semantic", "control", "load", "golden", "confirmation", "sentinel"]
Outcome = Literal["answered", "malformed", "http_error", "timeout", "blocked", "throttled", "connection_error"]
Ledger = Literal["target", "judge", "infrastructure"]

INFRASTRUCTURE_OUTCOMES: frozenset[Outcome] = frozenset({"throttled", "connection_error"})


class Gaps(Part):
    """The pauses between the arrivals of one streamed answer's pieces, the time to the first of them left out.

    What arrives within a millisecond is one arrival. In milliseconds, percentiles by nearest rank.
    """

    p50: float
    p95: float
    max: float
    each: list[float] = Field(default_factory=list)
    """Every pause, in order: what a run's percentiles are pooled from."""


class Exchange(Record):
    """One turn of a conversation with the target."""

    exchange_id: str
    prompt_id: str
    arm: Arm = "semantic"
    attempt: int = 1
    """From 1. Only the first attempt counts in the failure rate."""
    turn: int = 0
    """From 0."""
    scheduled_at: str | None = None
    """Aware UTC time, ISO 8601: when the arrival was due."""
    sent_at: str | None = None
    ttft_ms: float | None = None
    """From sending to the first token of a streamed answer."""
    latency_ms: float | None = None
    """From the scheduled time to the last byte."""
    service_ms: float | None = None
    """From sending to the last byte."""
    gaps_ms: Gaps | None = None
    """None without a stream, and where all of the answer came at once."""
    content_events: int | None = None
    """Events of a stream that brought a piece of the answer; more than its arrivals where some came together."""
    tokens_per_s: float | None = None
    """Tokens after the first over the time from the first arrival to the last."""
    tokens_from: Literal["usage", "events"] | None = None
    """What ``tokens_per_s`` counts: the target's own figure without its thinking, or content events."""
    status: int | None = None
    outcome: Outcome = "answered"
    prompt: str
    """The user's words of this turn."""
    response_text: str | None = None
    contexts: list[str] | None = None
    """None where the target gives none; empty where it retrieved nothing."""
    tool_calls: list[dict[str, Any]] = Field(default_factory=list)
    finish_reason: str | None = None
    request_body: str | None = None
    response_body: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    trace_id: str | None = None
    target_version: str | None = None
    error: str | None = None
    """Category of what went wrong, without the reply's text."""
    resent: int = 0
    """How often the target may have got this turn before: whoever had sent it ended before a reply was recorded."""
    told_again: int = 0
    """Earlier turns of the conversation that were sent again, unrecorded, so that the target knew them for this one."""


def conversation_ended(exchange: Exchange, turns: int) -> bool:
    """Return whether no further turn follows ``exchange`` in its conversation of ``turns`` turns.

    A conversation ends with its last turn, or early with the first reply that is not an answer.
    """
    return exchange.outcome != "answered" or exchange.turn >= turns - 1
