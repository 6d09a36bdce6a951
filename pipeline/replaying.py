"""Sending a recorded prompt again, exactly as it was."""

import asyncio
from dataclasses import dataclass
from typing import Any

from harness.config import Settings
from harness.contracts import Exchange, Prompt, Verdict
from harness.errors import UsageError
from harness.storage import Storage
from judge.grading import Judge
from pipeline.artifacts import read_records
from pipeline.models import connect_judge
from pipeline.preparation import PreparedRun, take_up
from swarm.clock import Clock
from swarm.replay import Call, Conversation, Message, exchange_record
from swarm.sender import HttpSender


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedTurn:
    """A turn sent again, and what is said of its new answer."""

    exchange: Exchange
    verdict: Verdict
    identical: bool
    """Whether the request is byte for byte the recorded one."""

    @property
    def word(self) -> str:
        """The verdict in a word."""
        return {True: "passes now", False: "still fails", None: "not graded"}[self.verdict.passed]

    @property
    def style(self) -> str:
        """How it is shown."""
        return {True: "green", False: "red", None: "yellow"}[self.verdict.passed]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-compatible values."""
        return {
            "exchange": self.exchange.to_dict(),
            "verdict": self.verdict.to_dict(),
            "identical_request": self.identical,
        }


def replay(
    settings: Settings, storage: Storage, *, run: str, identifier: str, against: str | None = None
) -> list[RepeatedTurn]:
    """Send every recorded turn of a prompt again, each after the recorded answers to the turns before it.

    Args:
        settings: The present configuration; the target's URL, headers and mapping come from the run.
        storage: Where the run is.
        run: Its id, or ``latest``.
        identifier: A prompt's id, or one of its exchanges'.
        against: Another URL; its host has to be in ``allow_hosts``.

    Raises:
        UsageError: If the run holds no such prompt or exchange.
        HostNotAllowedError: If the host is not listed.
    """
    prepared = take_up(settings, storage, run=run, any_configuration=True)
    recorded = _recorded_turns(prepared, identifier)
    first = recorded[0]
    target = prepared.job.target if against is None else prepared.job.target.model_copy(update={"url": against})
    prompt = prepared.prompts.get(first.prompt_id)
    conversation = Conversation(
        run_id=prepared.plan.run_id,
        prompt_id=first.prompt_id,
        arm=first.arm,
        turns=tuple(exchange.prompt for exchange in recorded),
    )
    sender = HttpSender(target, prepared.plan.run_id)
    try:
        sent = _resent(sender, conversation, recorded)
    finally:
        sender.close()
    return asyncio.run(_judged(settings, prompt, recorded, sent))


def _recorded_turns(prepared: PreparedRun, identifier: str) -> list[Exchange]:
    firsts = [e for e in read_records(prepared.folder / "exchanges", Exchange) if e.attempt == 1]
    prompt_ids = {e.prompt_id for e in firsts if identifier in (e.prompt_id, e.exchange_id)}
    if not prompt_ids:
        raise UsageError(
            f"{prepared.plan.run_id} holds no prompt or exchange with the id given",
            hint="ids stand in report.html and junit.xml; --run chooses another run",
        )
    return sorted((e for e in firsts if e.prompt_id in prompt_ids), key=lambda e: e.turn)


def _resent(sender: HttpSender, conversation: Conversation, recorded: list[Exchange]) -> list[Exchange]:
    """Send the recorded turns again; return their new exchanges."""
    history: list[Message] = []
    carried: object = None
    sent = []
    for old in recorded:
        call = Call(old.prompt, tuple(history), conversation.conversation_id, old.turn, carried)
        reply = sender.send(call)
        carried = reply.carried
        sent.append(
            Exchange.model_validate(exchange_record(conversation, old.turn, reply, due=reply.sent, clock=Clock()))
        )
        history += (
            Message(role="user", content=old.prompt),
            Message(role="assistant", content=old.response_text or ""),
        )
    return sent


async def _judged(
    settings: Settings, prompt: Prompt | None, recorded: list[Exchange], sent: list[Exchange]
) -> list[RepeatedTurn]:
    model = connect_judge(settings, concurrency=1)
    judge = Judge(settings, model)
    try:
        return [
            RepeatedTurn(
                exchange=new,
                verdict=await judge.grade(new, prompt, recorded[:index]),
                identical=new.request_body == recorded[index].request_body,
            )
            for index, new in enumerate(sent)
        ]
    finally:
        if model is not None:
            await model.close()
