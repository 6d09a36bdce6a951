"""Which conversation comes next: strictly in the plan's order, never one twice."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from harness.contracts import Arm, RunPlan
from swarm.job import Confirming
from swarm.pacing import InjectionPace
from swarm.planned import PlannedPrompt
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
        prompts: Mapping[str, PlannedPrompt],
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
    def arm(self) -> Arm:
        """The arm whose conversations it deals."""
        return self._plan.arm

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
                if not self._recorder.has_ended(self._plan.arm, prompt_id, self._attempt) and self._may_begin(
                    prompt_id, now
                ):
                    return self._conversation(prompt_id, self._attempt)
            if not repeating:
                break
            self._attempt += 1
            self._index = 0
            if self._only_injections_wait(now):
                return Wait(self._pace.next_at)
        return Wait(self._pace.next_at) if self._delayed else None

    def spent(self, *, lasting: bool) -> bool:
        """Return whether there is nothing left to deal, for as much as is known without looking what is recorded.

        Args:
            lasting: The load profile's duration is not over.
        """
        sent = self._attempt > 1 or self._index >= len(self._plan.order)
        return sent and not self._delayed and not (self._hold and lasting and self._plan.order)

    def _may_begin(self, prompt_id: str, now: float) -> bool:
        if _may_begin(self._prompts[prompt_id], self._pace, now):
            return True
        if self._attempt == 1:
            self._delayed.append(prompt_id)
        return False

    def _only_injections_wait(self, now: float) -> bool:
        """Return whether another attempt could deal nothing, because all prompts are injections and too early."""
        return now < self._pace.next_at and all(self._prompts[i].injection for i in self._plan.order)

    def _conversation(self, prompt_id: str, attempt: int) -> Conversation:
        return _conversation(self._plan, self._prompts[prompt_id], self._recorder, self._plan.arm, attempt)


class ControlDealer:
    """Deals the control arm: the pairs' prompts, in the plan's order, one after the other.

    Args:
        plan: The pairs.
        prompts: The planned prompts by id.
        recorder: Knows what is recorded already.
        pace: Limits how often an injection prompt begins, in all arms together.
    """

    def __init__(
        self, plan: RunPlan, prompts: Mapping[str, PlannedPrompt], recorder: Recorder, *, pace: InjectionPace
    ) -> None:
        self._plan = plan
        self._prompts = prompts
        self._recorder = recorder
        self._pace = pace

    def next(self, now: float, *, first: Literal["control", "load"]) -> Conversation | Wait | None:
        """Return the next conversation; None when there is none left.

        Args:
            now: The present moment.
            first: ``control`` deals the pairs whose control answer is asked before the load, ``load`` those whose
                load answer is recorded by now.
        """
        prompt_id = next(self._lacking(first), None)
        if prompt_id is None:
            return None
        prompt = self._prompts[prompt_id]
        if not _may_begin(prompt, self._pace, now):
            return Wait(self._pace.next_at)
        return _conversation(self._plan, prompt, self._recorder, "control", 1)

    def _lacking(self, first: Literal["control", "load"]) -> Iterator[str]:
        for pair in self._plan.pairs:
            if pair.first != first or self._recorder.has_ended("control", pair.prompt_id, 1):
                continue
            if first == "control" or self._recorder.has_ended(self._plan.arm, pair.prompt_id, 1):
                yield pair.prompt_id


class GoldenDealer:
    """Deals the golden arm: every prompt of it once, harmless ones first, since injections have to wait.

    Args:
        plan: The arm's prompts.
        prompts: The planned prompts by id.
        recorder: Knows what is recorded already.
        pace: Limits how often an injection prompt begins, in all arms together.
    """

    def __init__(
        self, plan: RunPlan, prompts: Mapping[str, PlannedPrompt], recorder: Recorder, *, pace: InjectionPace
    ) -> None:
        self._plan = plan
        self._prompts = prompts
        self._recorder = recorder
        self._pace = pace
        lacking = (p for p in (*plan.golden, *plan.regressions) if not recorder.has_ended("golden", p, 1))
        self._lacking = deque(sorted(lacking, key=lambda prompt_id: prompts[prompt_id].injection))

    def __len__(self) -> int:
        """Return how many prompts are still to be dealt."""
        return len(self._lacking)

    def next(self, now: float) -> Conversation | Wait | None:
        """Return the next conversation; None when there is none left."""
        if not self._lacking:
            return None
        prompt = self._prompts[self._lacking[0]]
        if not _may_begin(prompt, self._pace, now):
            return Wait(self._pace.next_at)
        self._lacking.popleft()
        return _conversation(self._plan, prompt, self._recorder, "golden", 1)


class ProbeDealer:
    """Deals probes: first turns of prompts that were asked already, injections left out, one prompt after the other.

    They are further attempts in the control arm: asked alone, and read by no
    test and no figure of the load.

    Args:
        plan: The order.
        prompts: The planned prompts by id.
        recorder: Knows what is recorded already.
    """

    def __init__(self, plan: RunPlan, prompts: Mapping[str, PlannedPrompt], recorder: Recorder) -> None:
        self._plan = plan
        self._prompts = prompts
        self._recorder = recorder
        asked = (p for p in plan.order if recorder.has_begun(plan.arm, p, 1))
        self._harmless = deque(p for p in asked if not prompts[p].injection)

    def next(self) -> Conversation | None:
        """Return the next probe; None if the run asked nothing harmless yet."""
        if not self._harmless:
            return None
        prompt_id = self._harmless[0]
        self._harmless.rotate(-1)
        attempt = 2
        while self._recorder.has_begun("control", prompt_id, attempt):
            attempt += 1
        prompt = self._prompts[prompt_id]
        return _conversation(self._plan, prompt, self._recorder, "control", attempt, turns=1)


class ConfirmationDealer:
    """Deals failing prompts again: each once, then each once more, injections after the others.

    They have an arm of their own, from attempt 2 on, so that no figure of the
    load and no rate contains them.

    Args:
        plan: The run's.
        confirming: Which prompts, and how often.
        prompts: The planned prompts by id.
        recorder: Knows what is recorded already.
        pace: Limits how often an injection prompt begins.
        until: Nothing begins after this moment: the decision waits for it.
    """

    arm: Arm = "confirmation"
    repeated = False

    def __init__(
        self,
        plan: RunPlan,
        confirming: Confirming,
        prompts: Mapping[str, PlannedPrompt],
        recorder: Recorder,
        *,
        pace: InjectionPace,
        until: float,
    ) -> None:
        self._plan = plan
        self._prompts = prompts
        self._recorder = recorder
        self._pace = pace
        self._until = until
        attempts = range(2, confirming.times + 2)
        order = sorted((prompts[p] for p in confirming.order if p in prompts), key=lambda prompt: prompt.injection)
        self._queue = deque(
            (prompt, attempt)
            for attempt in attempts
            for prompt in order
            if not recorder.has_ended(self.arm, prompt.prompt_id, attempt)
        )

    def next(self, now: float, *, lasting: bool) -> Conversation | Wait | None:  # noqa: ARG002 - no load lasts here
        """Return the next conversation; None when there is none left, or no time."""
        if not self._queue or now > self._until:
            return None
        prompt, attempt = self._queue[0]
        if not _may_begin(prompt, self._pace, now):
            return Wait(self._pace.next_at) if self._pace.next_at <= self._until else None
        self._queue.popleft()
        return _conversation(self._plan, prompt, self._recorder, self.arm, attempt)

    def spent(self, *, lasting: bool) -> bool:  # noqa: ARG002 - no load lasts here
        """Return whether there is nothing left to deal."""
        return not self._queue


def _may_begin(prompt: PlannedPrompt, pace: InjectionPace, now: float) -> bool:
    """Return whether a prompt may begin now; an injection's turn is taken then."""
    return not prompt.injection or pace.take(now)


def _conversation(
    plan: RunPlan, prompt: PlannedPrompt, recorder: Recorder, arm: Arm, attempt: int, *, turns: int | None = None
) -> Conversation:
    return Conversation(
        run_id=plan.run_id,
        prompt_id=prompt.prompt_id,
        arm=arm,
        turns=prompt.turns[:turns],
        attempt=attempt,
        history=recorder.history(arm, prompt.prompt_id, attempt),
        last_body=recorder.last_body(arm, prompt.prompt_id, attempt),
    )
