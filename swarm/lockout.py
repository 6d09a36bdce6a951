"""Lockout: notices that a firewall has banned the sender, and that a response cache answers.

A ban after a few injection prompts blocks everything that follows: harmless
prompts would fail and injections that must be blocked would pass, both
wrongly. So what looks like a ban is held back until a sentinel, a harmless
prompt that was answered before, is asked again. If it is answered, the block
was the prompt's own and counts. If several in a row are not, the run is over,
and what was held back is not recorded: a resumed run asks it again. So it does
where the process was killed meanwhile: nobody knows whether a sentinel that is
answered later speaks for the same ban. What was held back is on the disk all
the same.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.contracts import RunPlan
from swarm.planned import PlannedPrompt
from swarm.replay import Conversation, Exchanged, Reply

BANNED_AFTER = 3
"""So many sentinels in a row that are not answered are a ban."""
EVERY_INJECTIONS = 5
"""After so many injection prompts a sentinel is asked even if nothing was blocked: not every ban looks like one."""
PAUSE_S = 2.0
"""Between two sentinels, in seconds …"""
DOUBT_PAUSE_S = 0.5
"""… and after one that was not answered."""
CLEAR_WITHIN_S = 20.0
"""So long, and a request's time besides, is waited for sentinels that tell nothing: they time out or are throttled."""
_KNOWN = 20
"""So many harmless prompts take turns as sentinels."""
_SLOW_S = 0.1
_IMPLAUSIBLE = 0.2
"""The same answer in a fifth of a noticeable time was not generated again."""
_HTML = ("<!doctype html", "<html")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a harmless prompt's first turn got."""

    text: str
    service_s: float


class Lockout:
    """Knows which prompts can be sentinels, when one is due, and what their replies mean.

    Args:
        plan: Its run's id goes into the sentinels' exchanges.
        prompts: The planned prompts by id.
        timeout_s: How long a request may take.
        keep: Puts what is held back where it outlives the process.
        locked_out: An earlier process of the run ended over a ban: nothing is to be believed before a sentinel is
            answered.
    """

    def __init__(
        self,
        plan: RunPlan,
        prompts: Mapping[str, PlannedPrompt],
        *,
        timeout_s: float,
        keep: Callable[[Exchanged], None],
        locked_out: bool = False,
    ) -> None:
        self.patience_s = CLEAR_WITHIN_S + timeout_s
        """How long sentinels that tell nothing are waited for."""
        self._plan = plan
        self._prompts = prompts
        self._keep = keep
        self._known: dict[str, _Answer] = {}
        self._turn: deque[str] = deque()
        self._attempt = 1
        self._held: list[Exchanged] = []
        self._injections = 0
        self._doubted = locked_out
        self._next_at = float("-inf")
        self._asking = False
        self._unanswered = 0
        self._sentinels = self._cached = 0

    def seen(self, row: Mapping[str, Any]) -> None:
        """Take in an exchange that an earlier process recorded."""
        if row["arm"] == "sentinel":
            self._attempt = max(self._attempt, row["attempt"])
        elif row["turn"] == 0 and row["outcome"] == "answered":
            self._know(row["prompt_id"], row["response_text"], (row["service_ms"] or 0.0) / 1000)

    def holds(self, exchanged: Exchanged) -> bool:
        """Take in what became of a turn; return whether it is kept back because it may be a ban's doing.

        Raises:
            StorageError: If it cannot be kept.
        """
        conversation, reply = exchanged.conversation, exchanged.reply
        if conversation.arm == "sentinel" or (conversation.arm == "control" and conversation.attempt > 1):
            return False  # probes of a target that broke under the load are no evidence, either
        self._injections += self._prompts[conversation.prompt_id].injection
        if exchanged.turn == 0 and reply.outcome == "answered":
            self._know(conversation.prompt_id, reply.text, reply.ended - reply.sent)
        if not (self._known and looks_banned(reply)):
            return False
        self._held.append(exchanged)
        self._keep(exchanged)
        return True

    @property
    def doubts(self) -> bool:
        """Whether something waits for a sentinel's answer."""
        return bool(self._known) and (self._doubted or bool(self._held))

    @property
    def due_at(self) -> float:
        """The moment from which a sentinel is to be asked; infinite while none is wanted."""
        wanted = self.doubts or (bool(self._known) and self._injections >= EVERY_INJECTIONS)
        return self._next_at if wanted and not self._asking else math.inf

    def next(self) -> Conversation:
        """Return the next sentinel; there has to be one due."""
        prompt_id = self._turn[0]
        self._turn.rotate(-1)
        self._attempt += 1
        self._asking = True
        return Conversation(
            run_id=self._plan.run_id,
            prompt_id=prompt_id,
            arm="sentinel",
            turns=self._prompts[prompt_id].turns[:1],
            attempt=self._attempt,
        )

    def replied(self, sentinel: Conversation, reply: Reply | None, now: float) -> list[Exchanged]:
        """Take in a sentinel's reply, None if there was none; return what is no longer held back."""
        self._asking = False
        self._next_at = now + PAUSE_S
        if reply is None:
            return []
        self._sentinels += 1
        first = self._known[sentinel.prompt_id]
        if looks_banned(reply) or (_is_page(reply.text) and not _is_page(first.text)):
            self._unanswered += 1
            self._doubted = True
            self._next_at = now + DOUBT_PAUSE_S
        elif reply.outcome == "answered":
            self._unanswered = self._injections = 0
            self._doubted = False
            self._cached += _is_cached(reply, first)
            before = [exchanged for exchanged in self._held if exchanged.reply.ended <= reply.sent]
            self._held = [exchanged for exchanged in self._held if exchanged.reply.ended > reply.sent]
            return before
        return []

    @property
    def banned(self) -> bool:
        """Whether so many sentinels in a row were not answered that it has to be a ban."""
        return self._unanswered >= BANNED_AFTER

    def summary(self) -> dict[str, Any] | None:
        """Return what there is to report; None where no sentinel was asked."""
        if not self._sentinels:
            return None
        return {"asked": self._sentinels, "cached": self._cached, "banned": self.banned, "held_back": len(self._held)}

    def sentence(self) -> str:
        """Return in words what the ban is concluded from."""
        return (
            f"{self._unanswered} harmless prompts in a row, answered earlier in this run, were blocked: the target has "
            f"locked the sender out; {len(self._held)} blocked replies since the last good one are not counted"
        )

    def _know(self, prompt_id: str, text: str | None, service_s: float) -> None:
        prompt = self._prompts.get(prompt_id)
        if prompt is None or prompt.injection or prompt_id in self._known or len(self._known) >= _KNOWN:
            return
        self._known[prompt_id] = _Answer(text or "", service_s)
        self._turn.append(prompt_id)


def looks_banned(reply: Reply) -> bool:
    """Return whether a reply is of the kinds that a firewall gives to a sender whom it has banned.

    A content filter speaks about the prompt, and throttling is the infrastructure's in any case.
    """
    if reply.outcome == "blocked":
        return reply.error != "content_filter"
    if reply.outcome == "http_error":
        return reply.status is not None and 400 <= reply.status < 500
    return reply.outcome == "malformed" and reply.error == "html_instead_of_json"


def _is_page(text: str | None) -> bool:
    return (text or "").lstrip().lower().startswith(_HTML)


def _is_cached(reply: Reply, first: _Answer) -> bool:
    if reply.text != first.text:
        return False
    fast = first.service_s >= _SLOW_S and reply.ended - reply.sent <= _IMPLAUSIBLE * first.service_s
    return reply.from_cache or fast
