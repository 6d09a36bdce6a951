"""The state machine of a conversation: turns, history, and when it ends.

It knows no HTTP library and no scheduler; a ``Sender`` does the sending.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypedDict

from harness.contracts import SCHEMA_VERSION, Arm, Outcome
from harness.identity import content_id
from swarm.clock import Clock


class Message(TypedDict):
    """One message of a conversation's history."""

    role: str
    content: str


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """One attempt at a prompt, and how far it is already."""

    run_id: str
    prompt_id: str
    arm: Arm
    turns: tuple[str, ...]
    attempt: int = 1
    history: tuple[Message, ...] = ()
    """What was said before, in an earlier process of the same run."""

    @cached_property
    def conversation_id(self) -> str:
        """The same for every process that continues the conversation, and for nothing else."""
        return content_id("conv", self._identity())

    def exchange_id(self, turn: int) -> str:
        """Return the id of one turn's exchange; sending a turn again gives the same."""
        return content_id("ex", (*self._identity(), b"%d" % turn))

    @property
    def next_turn(self) -> int:
        """The first turn that is not answered yet."""
        return len(self.history) // 2

    def _identity(self) -> tuple[bytes, ...]:
        return (self.run_id.encode(), self.prompt_id.encode(), self.arm.encode(), b"%d" % self.attempt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One turn as a sender gets it."""

    prompt: str
    history: tuple[Message, ...]
    conversation_id: str


class Reply(NamedTuple):
    """What became of one turn. Moments are the clock's seconds.

    A named tuple, because one is made for every request: a frozen dataclass of this size takes four times as long.
    """

    outcome: Outcome
    sent: float
    ended: float
    first_token: float | None = None
    status: int | None = None
    text: str | None = None
    contexts: list[str] | None = None
    tool_calls: Sequence[dict[str, Any]] = ()
    finish_reason: str | None = None
    request_body: str | None = None
    response_body: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    trace_id: str | None = None
    target_version: str | None = None
    error: str | None = None
    refused_host: str | None = None
    """The host that a redirect named and that nothing was sent to."""
    bytes_received: int = 0


class Sender(Protocol):
    """Sends one turn and waits for the whole reply."""

    def send(self, call: Call) -> Reply:
        """Return what became of the turn; a failed one is a reply too.

        Raises:
            HostNotAllowedError: If the target's name resolves to an address that is never contacted.
        """
        ...


def replay(
    conversation: Conversation, sender: Sender, *, due: float, clock: Clock, going_on: Callable[[], bool]
) -> Iterator[tuple[dict[str, Any], Reply]]:
    """Send a conversation's remaining turns; yield each exchange's record as it completes.

    It ends with the last turn, with the first reply that is not an answer, or
    between two turns when ``going_on`` says no.

    Args:
        conversation: What to send, and what was said before.
        sender: Does the sending.
        due: The moment the conversation was scheduled for. Later turns are due when the one before is answered.
        clock: The clock that the sender's moments come from.
        going_on: Asked before every turn but the first.

    Yields:
        The exchange as it is written (``harness.contracts.Exchange``), and the reply it was made from.
    """
    history = list(conversation.history)
    for turn in range(conversation.next_turn, len(conversation.turns)):
        if turn > conversation.next_turn and not going_on():
            return
        prompt = conversation.turns[turn]
        call = Call(prompt=prompt, history=tuple(history), conversation_id=conversation.conversation_id)
        reply = sender.send(call)
        yield exchange_record(conversation, turn, reply, due=due, clock=clock), reply
        if reply.outcome != "answered":
            return
        history += ({"role": "user", "content": prompt}, {"role": "assistant", "content": reply.text or ""})
        due = reply.ended


def exchange_record(conversation: Conversation, turn: int, reply: Reply, *, due: float, clock: Clock) -> dict[str, Any]:
    """Return the record of one turn: an ``Exchange``, not validated because we just made it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "exchange_id": conversation.exchange_id(turn),
        "prompt_id": conversation.prompt_id,
        "arm": conversation.arm,
        "attempt": conversation.attempt,
        "turn": turn,
        "scheduled_at": clock.utc(due),
        "sent_at": clock.utc(reply.sent),
        "ttft_ms": _ms(reply.first_token - reply.sent) if reply.first_token is not None else None,
        "latency_ms": _ms(reply.ended - due),
        "service_ms": _ms(reply.ended - reply.sent),
        "status": reply.status,
        "outcome": reply.outcome,
        "prompt": conversation.turns[turn],
        "response_text": reply.text,
        "contexts": reply.contexts,
        "tool_calls": list(reply.tool_calls),
        "finish_reason": reply.finish_reason,
        "request_body": reply.request_body,
        "response_body": reply.response_body,
        "tokens_in": reply.tokens_in,
        "tokens_out": reply.tokens_out,
        "trace_id": reply.trace_id,
        "target_version": reply.target_version,
        "error": reply.error,
    }


def _ms(seconds: float) -> float:
    return round(max(seconds, 0.0) * 1000, 3)
