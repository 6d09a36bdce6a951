"""The gate: sends a tier's prompts, judges answers as they come, and stops when the evidence is enough."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from harness.contracts import Exchange, GateResult, Verdict
from harness.errors import InterruptedRunError
from harness.identity import file_sha256
from harness.jsonlines import PartTail, PartWriter, parts, read_parts
from harness.models import ModelClient
from harness.progress import Progress
from judge.decision import decide
from judge.grading import Judge
from judge.reading import Reading
from judge.slo import measure
from judge.statistics import SequentialTest
from pipeline.interruption import TerminatedError
from pipeline.preparation import GATE_FILE, MANIFEST_FILE, PreparedRun
from pipeline.sending import concluded
from swarm.job import PLAN_FILE
from swarm.process import SwarmProcess

POLL_S = 0.05


class Gating:
    """One run of the gate, from the first request to the decision.

    Args:
        prepared: What to send, to whom, and how to judge it.
        model: The judge's language model; None judges without one.
        progress: Told how far the run is.
        sending: False judges what is recorded and sends nothing.
    """

    def __init__(
        self, prepared: PreparedRun, model: ModelClient | None, progress: Progress, *, sending: bool = True
    ) -> None:
        self.prepared = prepared
        self.settings = prepared.settings
        self.folder = prepared.folder
        self._progress = progress
        self._judge = Judge(prepared.settings, model)
        self._model = model
        gate = prepared.settings.gate
        turns = {prompt_id: len(prompt.turns) for prompt_id, prompt in prepared.prompts.items()}
        test = SequentialTest(threshold=gate.threshold, confidence=gate.confidence)
        self.reading = Reading(prepared.plan, turns, test)
        self._swarm = SwarmProcess(prepared.folder, prepared.job) if sending else None
        self._stopped_because = "" if sending else "recorded"
        self._end: dict[str, object] = {}
        self._cost_usd = 0.0
        self._started = time.monotonic()
        self._history: dict[str, list[Exchange]] = defaultdict(list)
        self._known = {row["exchange_id"]: Verdict.model_validate(row) for row in read_parts(self.folder / "verdicts")}
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self) -> GateResult:
        """Send, judge and decide; write ``gate.json``.

        Raises:
            InterruptedRunError: If the user or the system stopped it; everything recorded stays.
            SafetyError: If a host is not allowed.
            DependencyError: If the sending process died.
        """
        try:
            asyncio.run(self._follow())
        except KeyboardInterrupt as error:
            raise self._interrupted(error) from None
        result = self._decide(self._stopped_because)
        write_result(self.folder, result)
        return result

    def recompute(self, stopped_because: str) -> GateResult:
        """Return the decision on what is recorded and judged already; write nothing."""
        for exchange in self._recorded():
            if exchange.attempt == 1 and (verdict := self._known.get(exchange.exchange_id)):
                self._count(exchange, verdict)
        return self._decide(stopped_because)

    async def _follow(self) -> None:
        tail = PartTail(self.folder / "exchanges")
        with PartWriter(self.folder / "verdicts") as self._verdicts:
            try:
                if self._swarm is not None:
                    self._swarm.start()
                await self._until_ended(tail)
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                self._stop_swarm()
                if self._model is not None:
                    await self._model.close()

    async def _until_ended(self, tail: PartTail) -> None:
        while True:
            sending = self._swarm is not None and self._swarm.running
            seen = await self._take_new(tail)
            self._stop_when_enough()
            self._show()
            judging = bool(self._tasks) and not self._verdict_closed
            if not (sending or seen or judging):
                return
            await asyncio.sleep(POLL_S)

    async def _take_new(self, tail: PartTail) -> int:
        seen = 0
        for row in tail.read():
            seen += 1
            self._take(Exchange.model_validate(row))
            if seen % 25 == 0:
                # Judging without a model never waits: let its tasks run, and the decision end the run in time.
                await asyncio.sleep(0)
                self._stop_when_enough()
                self._show()
        return seen

    @property
    def _verdict_closed(self) -> bool:
        """Whether the decision needs no further judging."""
        return self._stopped_because in {"decided", "zero_tolerance", "budget"}

    def _take(self, exchange: Exchange) -> None:
        """Have an exchange judged, unless it is a repeat or the verdict is closed."""
        if exchange.attempt > 1:
            return
        history = tuple(self._history[exchange.prompt_id])
        self._history[exchange.prompt_id].append(exchange)
        if known := self._known.get(exchange.exchange_id):
            self._count(exchange, known)
        elif not self._verdict_closed:
            task = asyncio.create_task(self._grade(exchange, history))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _grade(self, exchange: Exchange, history: tuple[Exchange, ...]) -> None:
        verdict = await self._judge.grade(exchange, self.prepared.prompts.get(exchange.prompt_id), history)
        self._verdicts.append(verdict.to_dict())
        self._count(exchange, verdict)

    def _count(self, exchange: Exchange, verdict: Verdict) -> None:
        self._cost_usd += verdict.cost_usd
        self.reading.add(exchange, verdict)

    def _stop_when_enough(self) -> None:
        """End the sending when the verdict is decided or the budget is spent."""
        if self._stopped_because or self._swarm is None:
            return
        if self._over_budget():
            self._stopped_because = "budget"
            self._swarm.stop()
        elif self.prepared.tier.run_all:
            return
        elif self.reading.zero_tolerance_hits(self.settings.gate.zero_tolerance):
            self._stopped_because = "zero_tolerance"
            self._swarm.stop()
        elif self.reading.state.decision == "fail":
            self._stopped_because = "decided"
            self._swarm.stop()
        elif self.reading.state.decision == "pass":
            self._stopped_because = "decided"
            self._swarm.enough()

    def _over_budget(self) -> bool:
        budget = self.settings.budget
        spent = budget.usd is not None and self._cost_usd >= budget.usd
        late = budget.minutes is not None and time.monotonic() - self._started >= budget.minutes * 60
        return spent or late

    def _stop_swarm(self) -> None:
        if self._swarm is None:
            return
        self._swarm.stop()
        code = self._swarm.wait(self.settings.target.timeout_s + 10)
        for event in self._swarm.events():
            if event.get("event") == "end":
                self._end = event
        if not self._stopped_because:
            self._stopped_because = concluded(self._end, code).stopped_because

    def _show(self) -> None:
        if self._swarm is not None:
            self._end = next((e for e in reversed(self._swarm.events()) if e.get("event") == "end"), self._end)
        counts, state = self.reading.counts, self.reading.state
        note = f"{counts.failed} failed · rate {state.lower:.1%} … {state.upper:.1%}"
        self._progress.update("judging", counts.judged, counts.planned, note)

    def _decide(self, stopped_because: str) -> GateResult:
        slo, load = measure(self._recorded(), self.settings.slo)
        return decide(
            self.settings,
            self.prepared.plan.tier,
            self.prepared.tier,
            self.prepared.plan,
            self.reading,
            slo,
            load,
            stopped_because=stopped_because,
            target_versions=sorted({e.target_version for e in self._recorded() if e.target_version}),
            cost_usd=self._cost_usd,
            duration_s=time.monotonic() - self._started,
            files=evidence_files(self.folder),
        )

    def _recorded(self) -> Iterator[Exchange]:
        return (Exchange.model_validate(row) for row in read_parts(self.folder / "exchanges"))

    def _interrupted(self, error: KeyboardInterrupt) -> InterruptedRunError:
        kept = sum(1 for _ in read_parts(self.folder / "exchanges"))
        return InterruptedRunError(
            f"interrupted; {kept} exchanges are kept in {self.folder}",
            terminated=isinstance(error, TerminatedError),
            hint=f"reverse-rag gate --resume {self.prepared.plan.run_id}",
        )


def write_result(folder: Path, result: GateResult) -> None:
    """Write ``gate.json``, whole or not at all."""
    temporary = folder / f".{GATE_FILE}"
    temporary.write_bytes(result.to_json())
    temporary.replace(folder / GATE_FILE)


def evidence_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file a run's decision rests on, by its path in the run."""
    paths = [folder / PLAN_FILE, folder / MANIFEST_FILE, *parts(folder / "exchanges"), *parts(folder / "verdicts")]
    return {path.relative_to(folder).as_posix(): file_sha256(path) for path in paths if path.exists()}
