"""Has a run's exchanges judged as they come: each once, a bounded number at a time, with the turns before it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager

from harness.contracts import Controls, Exchange, PlantedControl, Verdict, conversation_ended
from harness.errors import BudgetSpentError
from harness.jsonlines import PartWriter
from harness.models import ModelClient
from judge.grading import UNJUDGED_IN_A_ROW, Judge, is_unjudged
from judge.panel import Panel, answers_at_once
from judge.planting import Planter
from pipeline.artifacts import CONTROLS, read_records
from pipeline.controlling import read_controls, tally_of
from pipeline.preparation import PreparedRun
from pipeline.spent import keep_spent, spent_before


class Judging:
    """What a run has judged, is judging and paid for it.

    Verdicts are written while it is open; those of earlier parts of the run are known from the start.

    Args:
        prepared: The run.
        model: The judge's language model or models; None judges without one.
        wanted: Whether an exchange is still to be judged; asked when it comes, and again when its turn has come.
        read: Told of every verdict, known or new.
        judged: Called after what may have changed whether more is to be judged: a paid verdict, or one that could not
            be paid.
    """

    def __init__(
        self,
        prepared: PreparedRun,
        model: ModelClient | Panel | None,
        *,
        wanted: Callable[[Exchange], bool],
        read: Callable[[Exchange, Verdict], None],
        judged: Callable[[], None],
    ) -> None:
        self._prepared = prepared
        self._model = model
        self._judge = Judge(prepared.settings, model)
        self._wanted, self._read, self._judged = wanted, read, judged
        self._turns = {prompt_id: len(prompt.turns) for prompt_id, prompt in prepared.prompts.items()}
        self._history: dict[tuple[str, str, int], list[Exchange]] = defaultdict(list)
        self._known: dict[str, Verdict] = {}
        self._given: set[str] = set()
        """Exchanges whose verdict was given since it was opened, or was known."""
        earlier = list(read_records(prepared.folder / "verdicts", Verdict))
        self._known.update({verdict.exchange_id: verdict for verdict in earlier})
        self._paid_usd = sum(verdict.cost_usd for verdict in earlier)
        if isinstance(model, Panel):
            model.paid_before(spent_before(prepared.folder, earlier))
        self._tally = tally_of(prepared, self._known)
        self._untested: set[str] = set()
        """Controls on their way through the judge."""
        self._slots = asyncio.Semaphore(answers_at_once(prepared.settings.judge.concurrency))
        self._tasks: set[asyncio.Task[None]] = set()
        self._unjudged_in_a_row = 0
        self.error: BaseException | None = None
        """What the first of the judging tasks that died, died of."""
        self.is_unpaid = False
        """Whether a call to a model was not made because the budget does not hold it."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Write verdicts while the body runs; afterwards nothing is judged any more."""
        folder = self._prepared.folder
        with PartWriter(folder / "verdicts") as self._writer, PartWriter(folder / CONTROLS) as self._plants:
            self._planter = self._prepare_planting()
            try:
                yield
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                if self._model is not None:
                    await self._model.close()
                if isinstance(self._model, Panel) and (owed := self._model.owed) is not None:
                    keep_spent(folder, owed, read_records(folder / "verdicts", Verdict))

    def take(self, exchange: Exchange) -> None:
        """Have a turn judged, unless its verdict is known; those of an attempt have to come in order."""
        self._planter.came(exchange)
        self._plant(self._planter.due())
        history = self._history_before(exchange)
        known = self._known.get(exchange.exchange_id)
        if known is not None and not (self._model is not None and is_unjudged(known)):
            self._take_in(exchange, known)
        elif self._wanted(exchange):
            self._start(self._grade(exchange, history))

    async def judge_rest(self, exchanges: Iterable[Exchange], *, answers: bool) -> None:
        """Judge what was passed over, as far as no model has to be asked.

        Args:
            exchanges: All that were taken, once more and in the same order.
            answers: Judge answers as well, where there is no model.
        """
        self._history.clear()
        for exchange in exchanges:
            history = self._history_before(exchange)
            is_free = exchange.outcome != "answered" or (answers and not self.has_model)
            if exchange.exchange_id in self._given or not is_free:
                continue
            verdict = await self._judge.grade(exchange, self._prepared.prompts.get(exchange.prompt_id), history)
            self._writer.append(verdict.to_dict())
            self._given.add(exchange.exchange_id)
            self._read(exchange, verdict)

    @property
    def has_model(self) -> bool:
        """Whether a language model judges."""
        return self._model is not None

    def plant_rest(self) -> bool:
        """Have all controls judged that were not yet; return whether there are any."""
        self._plant(self._planter.rest())
        return self.is_testing

    def known(self, exchange_id: str) -> Verdict | None:
        """Return the verdict of an earlier part of the run; None where there is none."""
        return self._known.get(exchange_id)

    @property
    def is_busy(self) -> bool:
        """Whether verdicts are on their way."""
        return bool(self._tasks)

    @property
    def is_testing(self) -> bool:
        """Whether verdicts on controls are on their way."""
        return bool(self._untested)

    @property
    def controls(self) -> Controls:
        """How the judge did on answers of known quality."""
        return self._tally.controls

    @property
    def is_down(self) -> bool:
        """Whether a model of the judge has to be given up."""
        most = max(UNJUDGED_IN_A_ROW, 2 * self._prepared.settings.judge.concurrency)
        return self._unjudged_in_a_row >= most or self._judge.is_failing

    @property
    def cost_usd(self) -> float:
        """What judging cost so far, unusable answers and earlier parts of a resumed run included."""
        return self._paid_usd + (self._model.usage.cost_usd if self._model is not None else 0.0)

    def _history_before(self, exchange: Exchange) -> tuple[Exchange, ...]:
        """Return the turns before this one, and remember it for those to come; an ended conversation is forgotten."""
        key = exchange.arm, exchange.prompt_id, exchange.attempt
        history = tuple(self._history.get(key, ()))
        if conversation_ended(exchange, self._turns.get(exchange.prompt_id, 1)):
            self._history.pop(key, None)
        else:
            self._history[key].append(exchange)
        return history

    def _take_in(self, exchange: Exchange, verdict: Verdict) -> None:
        self._given.add(exchange.exchange_id)
        if verdict.passed:
            self._planter.passed(exchange)
        self._read(exchange, verdict)

    def _prepare_planting(self) -> Planter:
        """Return what plants the controls that are still missing; those that an earlier part left unjudged go on."""
        prepared = self._prepared
        planted = read_controls(prepared.folder)
        for control in planted:
            known = self._known.get(control.exchange.exchange_id)
            if known is None or (self._model is not None and is_unjudged(known)):
                self._test(control)
        return Planter(
            prepared.settings,
            self._judge,
            prepared.prompts,
            run_id=prepared.plan.run_id,
            has_model=self._model is not None,
            planted=planted,
            labelled=prepared.labelled,
        )

    def _plant(self, controls: Iterable[PlantedControl]) -> None:
        for control in controls:
            self._plants.append(control.to_dict())
            self._tally.plant(control)
            self._test(control)

    def _test(self, control: PlantedControl) -> None:
        self._untested.add(control.exchange.exchange_id)
        self._start(self._grade(control.exchange, tuple(control.history), control))

    def _start(self, grading: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(grading)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    async def _grade(
        self, exchange: Exchange, history: tuple[Exchange, ...], control: PlantedControl | None = None
    ) -> None:
        async with self._slots:
            if control is None and (exchange.exchange_id in self._given or not self._wanted(exchange)):
                return
            prompt = self._prepared.prompts.get(exchange.prompt_id)
            try:
                verdict = await self._judge.grade(exchange, prompt, history, fresh=control is not None)
            except BudgetSpentError:
                self.is_unpaid = True
                self._judged()
                return
            finally:
                self._untested.discard(exchange.exchange_id)
            if control is not None:
                verdict = verdict.model_copy(update={"control": control.kind})
            self._writer.append(verdict.to_dict())
            if control is None:
                self._take_in(exchange, verdict)
            else:
                self._tally.judge(verdict)
            self._note_judge(verdict)
            if self._model is not None:
                # Before the next call takes this slot: it may cost money that is not there.
                self._judged()

    def _finished(self, task: asyncio.Task[None]) -> None:
        """Keep what a task died of: nobody waits for each of them."""
        self._tasks.discard(task)
        if not task.cancelled() and self.error is None:
            self.error = task.exception()

    def _note_judge(self, verdict: Verdict) -> None:
        if is_unjudged(verdict):
            self._unjudged_in_a_row += 1
        elif any(result.judged_by != "check" for result in verdict.criteria):
            self._unjudged_in_a_row = 0
