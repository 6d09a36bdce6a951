"""The state machine of a conversation: turns, history, and when it ends.

It knows no HTTP library and no scheduler; a ``Sender`` does the sending.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypedDict

from harness.contracts import SCHEMA_VERSION, Arm, Outcome
from harness.identity import ID_LENGTH
from swarm.clock import Clock
from swarm.timing import NO_STREAM, StreamTiming


class Message(TypedDict):
    """One message of a conversation's history."""

    role: str
    content: str


@dataclass(slots=True, kw_only=True)
class Conversation:
    """One attempt at a prompt, and how far it is already; nobody changes it.

    It is not frozen, and its identity is put together once, because one is made for every prompt.
    """

    run_id: str
    prompt_id: str
    arm: Arm
    turns: tuple[str, ...] = field(repr=False)  # gevent prints the arguments of what fails
    attempt: int = 1
    history: tuple[Message, ...] = field(default=(), repr=False)
    """What was said before, in an earlier process of the same run."""
    last_body: str | None = field(default=None, repr=False)
    """The body of the last reply that such a process recorded."""
    _named: str = field(init=False, repr=False)
    conversation_id: str = field(init=False)
    """The same for every process that continues the conversation, and for nothing else."""

    def __post_init__(self) -> None:
        """Put together what the ids are hashes of."""
        self._named = f"{self.run_id}\0{self.prompt_id}\0{self.arm}\0{self.attempt}"
        self.conversation_id = _id("conv", self._named)

    def exchange_id(self, turn: int) -> str:
        """Return the id of one turn's exchange; sending a turn again gives the same."""
        return _id("ex", f"{self._named}\0{turn}")

    @property
    def next_turn(self) -> int:
        """The first turn that is not answered yet."""
        return len(self.history) // 2


class Call(NamedTuple):
    """One turn as a sender gets it."""

    prompt: str
    history: tuple[Message, ...]
    conversation_id: str
    turn: int = 0
    """From 0."""
    carried: object = None
    """What the reply to the turn before says that the next one has to bring along; None where nothing is known."""
    last: bool = False
    """Nothing follows in its conversation."""

    def __repr__(self) -> str:
        """Without what was said: gevent prints the arguments of what fails."""
        return f"Call(conversation_id={self.conversation_id!r}, turn={self.turn})"


class Reply(NamedTuple):
    """What became of one turn. Moments are the clock's seconds.

    A named tuple like the others here, because one is made for every request: a frozen dataclass takes four times as
    long.
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
    timing: StreamTiming | None = None
    """How a streamed answer came in; None without a stream."""
    carried: object = None
    """The sender's own: what it wants to know again with the conversation's next turn."""
    retry_after_s: float = 0.0
    """How long a throttled sender was asked to wait; 0 where it was not."""
    resent: int = 0
    """How often the turn may have been sent before, by a process that ended without a reply."""
    from_cache: bool = False
    """The reply's headers say that a cache on the way gave it."""


class Exchanged(NamedTuple):
    """One turn that was sent, and what became of it."""

    conversation: Conversation
    turn: int
    due: float
    """The moment it was scheduled for."""
    reply: Reply
    told_again: int = 0
    """So many earlier turns were sent to the target again before it."""
    again: bool = False
    """It is such an earlier turn: the run holds its exchange already."""

    def record(self, clock: Clock) -> dict[str, Any]:
        """Return the exchange as it is written (``harness.contracts.Exchange``)."""
        return exchange_record(
            self.conversation, self.turn, self.reply, due=self.due, clock=clock, told_again=self.told_again
        )


class Sender(Protocol):
    """Sends one turn and waits for the whole reply."""

    def send(self, call: Call) -> Reply:
        """Return what became of the turn; a failed one is a reply too.

        Raises:
            HostNotAllowedError: If the target's name resolves to an address that is never contacted.
        """
        ...


NOT_TOLD_AGAIN = "not_told_again"
"""The error of an exchange whose turn was not sent, because one before it, told to the target again, was not answered."""


def replay(
    conversation: Conversation,
    sender: Sender,
    *,
    due: float,
    going_on: Callable[[], bool],
    recall: Callable[[str | None], object] | None = None,
    think_s: Callable[[int], float] | None = None,
    pause: Callable[[float], object] = time.sleep,
) -> Iterator[Exchanged]:
    """Send a conversation's remaining turns; yield each exchange as it completes.

    It ends with the last turn, with the first reply that is not an answer, or
    between two turns when ``going_on`` says no.

    Args:
        conversation: What to send, and what was said before.
        sender: Does the sending.
        due: The moment the conversation was scheduled for. Later turns are due when the one before is answered and
            the user has thought about it.
        going_on: Asked before every request but the first.
        recall: Gives what the turn after a recorded reply brings along, from that reply's body; None where that does
            not tell it: then the target is told the earlier turns again. None: turns bring nothing along.
        think_s: How long the user thinks after the reply to a turn; None: not at all.
        pause: Waits for so many seconds; may return early where nothing goes on.

    Yields:
        The exchange. Its record, which only the disk needs, is made when it is written.
    """
    history = list(conversation.history)
    conversation_id = conversation.conversation_id
    carried: object = None
    told = 0
    if conversation.next_turn and recall is not None and (carried := recall(conversation.last_body)) is None:
        for one in _tell_again(conversation, sender, due=due, going_on=going_on):
            yield one
            told += one.again
            carried = one.reply.carried
        if told < conversation.next_turn or not going_on():
            return
    for turn in range(conversation.next_turn, len(conversation.turns)):
        if turn > conversation.next_turn:
            if (left_s := due - Clock.now()) > 0:
                pause(left_s)
            if not going_on():
                return
        prompt = conversation.turns[turn]
        last = turn == len(conversation.turns) - 1
        reply = sender.send(Call(prompt, tuple(history), conversation_id, turn, carried, last))
        carried = reply.carried
        yield Exchanged(conversation, turn, due, reply, told)
        told = 0
        if reply.outcome != "answered":
            return
        history += ({"role": "user", "content": prompt}, {"role": "assistant", "content": reply.text or ""})
        due = reply.ended + (think_s(turn) if think_s is not None else 0.0)


def _tell_again(
    conversation: Conversation, sender: Sender, *, due: float, going_on: Callable[[], bool]
) -> Iterator[Exchanged]:
    """Send the turns that the run holds once more; the first reply that is no answer is the next turn's, and the end."""
    carried: object = None
    for turn in range(conversation.next_turn):
        if turn and not going_on():
            return
        said = conversation.history[: 2 * turn + 1]
        reply = sender.send(Call(said[-1]["content"], said[:-1], conversation.conversation_id, turn, carried))
        if reply.outcome != "answered":
            yield Exchanged(conversation, conversation.next_turn, due, reply._replace(error=NOT_TOLD_AGAIN), turn)
            return
        carried = reply.carried
        yield Exchanged(conversation, turn, reply.sent, reply, again=True)


def exchange_record(
    conversation: Conversation, turn: int, reply: Reply, *, due: float, clock: Clock, told_again: int = 0
) -> dict[str, Any]:
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
        **(NO_STREAM if reply.timing is None else reply.timing.record()),
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
        "resent": reply.resent,
        "told_again": told_again,
    }


def _id(prefix: str, named: str) -> str:
    """Return a hash of what an id stands for; two are made for every request, which ``content_id`` takes thrice as long for."""
    return f"{prefix}-{hashlib.sha256(named.encode()).hexdigest()[:ID_LENGTH]}"


def _ms(seconds: float) -> float:
    return int(seconds * 1e6 + 0.5) / 1000 if seconds > 0 else 0.0  # "round" takes three times as long
