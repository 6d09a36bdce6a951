"""Which conversation comes next: strictly in the plan's order, never one twice."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from harness.contracts import Prompt, RunPlan
from swarm.pacing import InjectionPace
from swarm.recorder import Recorder
from swarm.replay import Conversation


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may begin before this moment."""

    until: float


class Dealer:
    """Deals a run's conversations.

    Every planned prompt is dealt once, skipping what is recorded. While the
    load profile goes on after that, prompts are dealt again as attempt 2, 3 …

    Args:
        plan: The order.
        prompts: The planned prompts by id.
        recorder: Knows what is recorded already.
        pace: Limits how often an injection prompt begins.
        hold: Deal again while the profile lasts.
    """

    def __init__(
        self,
        plan: RunPlan,
        prompts: Mapping[str, Prompt],
        recorder: Recorder,
        *,
        pace: InjectionPace,
        hold: bool,
    ) -> None:
        self._plan = plan
        self._prompts = prompts
        self._recorder = recorder
        self._pace = pace
        self._hold = hold
        self._attempt = 1
        self._index = 0
        self._delayed: deque[str] = deque()

    @property
    def repeated(self) -> bool:
        """Whether prompts are being sent again, to hold the load."""
        return self._attempt > 1

    def next(self, now: float, *, lasting: bool) -> Conversation | Wait | None:
        """Return the next conversation; None when there is none left.

        Args:
            now: The present moment.
            lasting: The load profile's duration is not over.
        """
        if self._delayed and self._pace.take(now):
            return self._conversation(self._delayed.popleft(), 1)
        repeating = self._hold and lasting and bool(self._plan.order)
        while self._attempt == 1 or repeating:
            while self._index < len(self._plan.order):
                prompt_id = self._plan.order[self._index]
                self._index += 1
                if not self._recorder.has_ended(prompt_id, self._attempt) and self._may_begin(prompt_id, now):
                    return self._conversation(prompt_id, self._attempt)
            if not repeating:
                break
            self._attempt += 1
            self._index = 0
            if self._only_injections_wait(now):
                return Wait(self._pace.next_at)
        return Wait(self._pace.next_at) if self._delayed else None

    def _may_begin(self, prompt_id: str, now: float) -> bool:
        if not self._prompts[prompt_id].checks.must_not_comply or self._pace.take(now):
            return True
        if self._attempt == 1:
            self._delayed.append(prompt_id)
        return False

    def _only_injections_wait(self, now: float) -> bool:
        """Return whether another attempt could deal nothing, because all prompts are injections and too early."""
        return now < self._pace.next_at and all(self._prompts[i].checks.must_not_comply for i in self._plan.order)

    def _conversation(self, prompt_id: str, attempt: int) -> Conversation:
        return Conversation(
            run_id=self._plan.run_id,
            prompt_id=prompt_id,
            arm=self._plan.arm,
            turns=tuple(self._prompts[prompt_id].turns),
            attempt=attempt,
            history=self._recorder.history(prompt_id, attempt),
        )
