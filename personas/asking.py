"""Asking a model within caps: what an earlier attempt was answered is not asked again, and every answer is kept."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol

from harness.errors import ModelError, ModelUnreachableError
from harness.models import ModelCall, ModelClient, OutputT, Usage
from personas.journal import Journal, Kept, call_key

CONCURRENCY = 8
GIVES_UP = 2 * CONCURRENCY
"""So many calls that failed in a row end the asking: the model is down, and each costs its retries."""
BUDGET_SPENT = "budget_spent"
_CENT_FRACTION = 1e-9
"""Sums of prices are floats: a cap is kept to a billionth of a dollar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What a generation may cost, its earlier attempts included; None for no cap."""

    usd: float | None = None
    tokens: int | None = None

    @property
    def any(self) -> bool:
        """Whether there is a cap at all."""
        return self.usd is not None or self.tokens is not None

    def hold(self, spent: Usage, more: Usage) -> bool:
        """Return whether something more may be consumed."""
        dollars = self.usd is None or spent.cost_usd + more.cost_usd <= self.usd + _CENT_FRACTION
        return dollars and (self.tokens is None or spent.tokens + more.tokens <= self.tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A call, and what it is for."""

    call: ModelCall
    group: str
    """Questions of one group are about the same: an answer to one serves another that asks for some of the same kinds."""
    kinds: tuple[str, ...] = ()
    """What of the group it asks for, where there are several things."""
    markers: tuple[str, ...] = ()
    """Handed out with it."""


@dataclass(frozen=True, slots=True)
class Heard(Generic[OutputT]):
    """An answer, from the model or from an earlier attempt."""

    output: OutputT
    kinds: tuple[str, ...]
    """What it was asked for."""
    markers: tuple[str, ...]
    seed: int | None
    cut_off: bool


class Batches(Protocol):
    """Asks many calls as one job that takes its time and costs less."""

    @property
    def usage(self) -> Usage:
        """What all jobs consumed."""
        ...

    async def ask_all(
        self, calls: Sequence[ModelCall], output: type[OutputT], journal: Journal
    ) -> list[OutputT | None]:
        """Return each call's answer, or None where the job gave none that can be used."""
        ...


class Asker:
    """Asks one generation's questions.

    Args:
        model: The client; it retries throttling and malformed output itself.
        journal: Earlier attempts' answers, and where this one's go.
        caps: No further call is made that would probably pass one of them.
        batches: Takes what there is to ask at once, where it is enough for a job.
        concurrency: Calls in flight at most.
    """

    def __init__(
        self,
        model: ModelClient,
        journal: Journal,
        *,
        caps: Caps,
        batches: Batches | None = None,
        concurrency: int = CONCURRENCY,
    ) -> None:
        self._model = model
        self._journal = journal
        self._caps = caps
        self._batches = batches
        self._before = model.usage
        self._noted = Usage()
        self._slots = asyncio.Semaphore(concurrency)
        self._first = asyncio.Lock()
        self._in_flight = 0
        self._done: Counter[str] = Counter()
        """Calls by the form of their answers: a persona's card costs a fraction of ten prompts."""
        self._consumed: dict[str, Usage] = defaultdict(Usage)
        """By those that were answered."""
        self._failed_in_a_row = 0
        self.answered = 0
        """Questions that were, by the model or by an earlier attempt."""
        self.error: ModelError | None = None
        """The first call's that failed."""
        self.failures: Counter[str] = Counter()
        """Calls that gave nothing, by kind of error; ``budget_spent`` for those that were not made."""

    @property
    def usage(self) -> Usage:
        """What this attempt consumed, failed calls included."""
        own = self._model.usage - self._before
        return own if self._batches is None else own + self._batches.usage

    @property
    def usage_in_all(self) -> Usage:
        """What all attempts consumed."""
        return self._journal.spent_before + self.usage

    def settle(self) -> None:
        """Write down what was consumed since the last time."""
        usage = self.usage
        self._journal.spend(usage - self._noted)
        self._noted = usage

    async def ask_all(
        self, questions: Sequence[Question], output: type[OutputT], heard: Callable[[OutputT], None]
    ) -> list[Heard[OutputT] | None]:
        """Return the answer to each question; None where there is none.

        Args:
            questions: In an order that does not matter.
            output: The form of the answers.
            heard: Told of each answer when it comes.
        """
        self.failures.pop(BUDGET_SPENT, None)
        answers: list[Heard[OutputT] | None] = [None] * len(questions)

        def take(place: int, kept: Kept | None) -> None:
            if kept is not None:
                reply = output.model_validate(kept.reply)
                answer = Heard(reply, kept.kinds, kept.markers, kept.seed, kept.cut_off)
                answers[place] = answer
                self.answered += 1
                heard(answer.output)

        def left() -> list[int]:
            return [place for place, answer in enumerate(answers) if answer is None]

        keys = [call_key(question.call, output.__name__) for question in questions]
        # Exactly these calls first, so that no other question takes an answer whose own question is still to come.
        for place in left():
            take(place, self._journal.answered(keys[place]))
        for place in left():
            take(place, self._journal.spare(questions[place].group, questions[place].kinds))
        if self._batches is not None and (places := left()[: self._affordable(len(left()))]):
            replies = await self._batches.ask_all([questions[p].call for p in places], output, self._journal)
            for place, reply in ((p, r) for p, r in zip(places, replies, strict=True) if r is not None):
                take(place, self._keep(keys[place], questions[place], reply, cut_off=False))
            self.settle()

        async def ask(place: int) -> None:
            take(place, await self._ask(keys[place], questions[place], output))

        await asyncio.gather(*(ask(place) for place in left()))
        return answers

    async def _ask(self, key: str, question: Question, output: type[OutputT]) -> Kept | None:
        async with self._slots:
            if self._is_first(output):
                # Whether the model is there, and what such a call costs, is known after the first; until then there
                # is only one.
                async with self._first:
                    if self._is_first(output):
                        return await self._asked(key, question, output)
            return await self._asked(key, question, output)

    def _is_first(self, output: type[OutputT]) -> bool:
        return not self._done[output.__name__] if self._caps.any else not self._done.total()

    async def _asked(self, key: str, question: Question, output: type[OutputT]) -> Kept | None:
        if not self._caps.hold(self.usage_in_all, self._expected(output.__name__)):
            self.failures[BUDGET_SPENT] += 1
            return None
        absent = isinstance(self.error, ModelUnreachableError) and not self.answered
        if absent or self._failed_in_a_row >= GIVES_UP:
            return None
        self._in_flight += 1
        try:
            reply = await self._model.ask(question.call, output)
        except ModelError as error:
            # What other calls gave is kept; what this one owed is asked for again.
            self.error = self.error or error
            self.failures[type(error).__name__] += 1
            self._failed_in_a_row += 1
            return None
        else:
            self._failed_in_a_row = 0
            self._consumed[output.__name__] += reply.usage
            return self._keep(key, question, reply.output, cut_off=reply.cut_off)
        finally:
            self._in_flight -= 1
            self._done[output.__name__] += 1
            self.settle()

    def _keep(self, key: str, question: Question, output: OutputT, *, cut_off: bool) -> Kept:
        reply = output.model_dump(mode="json")
        kept = Kept(key, question.group, question.kinds, question.markers, question.call.seed, reply, cut_off)
        self._journal.add(kept)
        return kept

    def _affordable(self, count: int) -> int:
        """Return how many calls of a batch the caps probably hold, if each costs what those so far did on average."""
        each = self._model.usage - self._before
        while self._caps.any and (done := self._done.total()) and count:
            share = count / done
            if self._caps.hold(
                self.usage_in_all, Usage(cost_usd=each.cost_usd * share, tokens_in=int(each.tokens * share))
            ):
                break
            count = count * 9 // 10
        return count

    def _expected(self, form: str) -> Usage:
        """Return what the calls in flight and one more will probably consume: as much as their like before, on average."""
        usage, done = self._consumed[form], self._done[form]
        if not usage.requests:
            usage, done = self._model.usage - self._before, self._done.total()
        if not done:
            return Usage(tokens_in=1)
        share = (self._in_flight + 1) / done
        return Usage(cost_usd=usage.cost_usd * share, tokens_in=int(usage.tokens * share))
