"""The gate: sends a tier's prompts, judges answers as they come, and stops when the evidence is enough."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from harness.contracts import Exchange, GateResult, Verdict, conversation_ended
from harness.errors import BudgetSpentError, ExitCode, SafetyError
from harness.identity import file_sha256
from harness.jsonlines import PartTail, PartWriter, parts
from harness.models import ModelClient, Usage
from judge.decision import decide
from judge.generator import marked
from judge.grading import UNJUDGED_IN_A_ROW, Judge, is_unjudged
from judge.hopelessness import Hopelessness
from judge.pairing import Pairing
from judge.panel import Panel
from judge.reading import Reading
from judge.slo import measure
from judge.statistics import SequentialTest
from judge.strain import strained
from pipeline.artifacts import read_records, validated
from pipeline.calibrating import CARD_FILE, calibration_of
from pipeline.ceilings import most_requests
from pipeline.display import Display
from pipeline.interruption import run_cancellable
from pipeline.preparation import GATE_FILE, MANIFEST_FILE, PreparedRun
from pipeline.sending import concluded, end_soon
from pipeline.standing import PHASES, SenderView, Standing
from swarm.job import END_FILE, JOB_FILE, PLAN_FILE, read_end
from swarm.process import SwarmProcess
from swarm.sender import REDIRECT_NOT_ALLOWED
from swarm.telemetry import Telemetry

POLL_S = 0.05
_CLOSING = frozenset({"decided", "zero_tolerance", "slo_hopeless", "budget", "judge_failing", "host_not_allowed"})
"""``stopped_because`` of runs whose decision needs no further judging."""
_NATURAL_ENDS = frozenset({"decided", "prompts_sent", "duration", "stopped", "max_requests"})
"""How the sending ends where nothing broke the load off."""


class Gating:
    """One run of the gate, from the first request to the decision.

    Args:
        prepared: What to send, to whom, and how to judge it.
        model: The judge's language model or models; None judges without one.
        display: Shown how the run stands.
        sending: False judges what is recorded and sends nothing.
        telemetry: Told of every exchange; None for none.
    """

    def __init__(
        self,
        prepared: PreparedRun,
        model: ModelClient | Panel | None,
        display: Display,
        *,
        sending: bool = True,
        telemetry: Telemetry | None = None,
    ) -> None:
        self.prepared = prepared
        self.settings = prepared.settings
        self.folder = prepared.folder
        self._display = display
        self._telemetry = telemetry
        self._sender = SenderView(prepared.job, telemetry)
        self._judge = Judge(prepared.settings, model)
        self._model = model
        gate = prepared.settings.gate
        turns = {prompt_id: len(prompt.turns) for prompt_id, prompt in prepared.prompts.items()}
        test = SequentialTest(gate.threshold, gate.confidence, calibration=calibration_of(prepared.card))
        self.reading = Reading(prepared.plan, turns, test)
        self._pairing = Pairing(prepared.plan, turns)
        most = most_requests(prepared.plan, prepared.job, turns)
        self._hopeless = Hopelessness(prepared.settings.slo, prepared.plan.arm, most) if sending and most else None
        self._turns = turns
        self._swarm = SwarmProcess(prepared.folder, prepared.job, prepared.distribution) if sending else None
        self._stopped_because = "" if sending else "recorded"
        self._started = time.monotonic()
        self._history: dict[tuple[str, str], list[Exchange]] = defaultdict(list)
        self._known: dict[str, Verdict] = {}
        self._paid_usd = 0.0
        for verdict in read_records(self.folder / "verdicts", Verdict):
            self._known[verdict.exchange_id] = verdict
            self._paid_usd += verdict.cost_usd
            if isinstance(model, Panel):
                model.paid_before(Usage(cost_usd=verdict.cost_usd, tokens_in=verdict.tokens))
        self._slots = asyncio.Semaphore(self.settings.judge.concurrency)
        self._tasks: set[asyncio.Task[None]] = set()
        self._error: BaseException | None = None
        self._unjudged_in_a_row = 0
        self._unpaid = False
        """Whether a call to a model was not made because the budget does not hold it."""
        self._code = 0
        """The sender's exit code."""
        self._refused = 0
        """Exchanges whose target redirected to a host that is not listed."""

    def run(self) -> GateResult:
        """Send, judge and decide; write ``gate.json``.

        Raises:
            KeyboardInterrupt: If the user or the system stopped it; the sender has ended, and everything recorded stays.
            SafetyError: If a host is not allowed, or the target redirected to one that is not.
            DependencyError: If the sending process died.
        """
        try:
            run_cancellable(self._follow())
        except KeyboardInterrupt:
            if self._swarm is not None:
                end_soon(self._swarm)
            raise
        finally:
            self._stop_swarm()
        self._conclude()
        result = self._decide(self._stopped_because)
        write_result(self.folder, result)
        return result

    def recompute(self, stopped_because: str) -> GateResult:
        """Return the decision on what is recorded and judged already; write nothing."""
        for exchange in read_records(self.folder / "exchanges", Exchange):
            if exchange.attempt == 1 and (verdict := self._known.get(exchange.exchange_id)):
                self._read(exchange, verdict)
        return self._decide(stopped_because)

    @property
    def cost_usd(self) -> float:
        """What judging cost so far, unusable answers and earlier parts of a resumed run included."""
        return self._paid_usd + (self._model.usage.cost_usd if self._model is not None else 0.0)

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
                if self._model is not None:
                    await self._model.close()

    async def _until_ended(self, tail: PartTail) -> None:
        while True:
            sending = self._swarm is not None and self._swarm.running
            seen = await self._take_new(tail)
            self._stop_when_enough()
            self._show()
            if self._error is not None:
                raise self._error
            # What the budget's last calls cost is spent, and pairs are compared after the decision too: their
            # verdicts are waited for.
            pairs = self._stopped_because == "decided" and bool(self.prepared.plan.pairs)
            judging = bool(self._tasks) and (not self._verdict_closed or pairs or self._stopped_because == "budget")
            if not (sending or seen or judging):
                return
            await asyncio.sleep(POLL_S)

    async def _take_new(self, tail: PartTail) -> int:
        seen = 0
        for exchange in validated(tail.read(), Exchange, tail.folder):
            seen += 1
            self._take(exchange)
            if seen % 25 == 0:
                # Judging without a model never waits: let its tasks run, and the decision end the run in time.
                await asyncio.sleep(0)
                self._stop_when_enough()
                self._show()
        return seen

    @property
    def _verdict_closed(self) -> bool:
        """Whether the decision needs no further judging."""
        return self._stopped_because in _CLOSING

    def _wanted(self, exchange: Exchange) -> bool:
        """Return whether an exchange is to be judged: once the verdict is decided, only those of pairs are."""
        return not self._verdict_closed or (self._stopped_because == "decided" and exchange.prompt_id in self._pairing)

    def _read(self, exchange: Exchange, verdict: Verdict) -> None:
        self.reading.add(exchange, verdict)
        self._pairing.add(exchange, verdict)

    def _take(self, exchange: Exchange) -> None:
        """Have an exchange judged, unless it is a repeat or the verdict is closed."""
        self._refused += exchange.error == REDIRECT_NOT_ALLOWED
        if self._telemetry is not None:
            self._telemetry.add(exchange)
        if self._hopeless is not None:
            self._hopeless.add(exchange)
        if exchange.attempt > 1:
            return
        history = self._history_before(exchange)
        known = self._known.get(exchange.exchange_id)
        if known is not None and not (self._model is not None and is_unjudged(known)):
            self._read(exchange, known)
        elif self._wanted(exchange):
            task = asyncio.create_task(self._grade(exchange, history))
            self._tasks.add(task)
            task.add_done_callback(self._finished)

    def _history_before(self, exchange: Exchange) -> tuple[Exchange, ...]:
        """Return the turns before this one, and remember it for those to come; an ended conversation is forgotten."""
        key = exchange.arm, exchange.prompt_id
        history = tuple(self._history.get(key, ()))
        if conversation_ended(exchange, self._turns.get(exchange.prompt_id, 1)):
            self._history.pop(key, None)
        else:
            self._history[key].append(exchange)
        return history

    def _finished(self, task: asyncio.Task[None]) -> None:
        """Keep what a task died of: nobody waits for each of them."""
        self._tasks.discard(task)
        if not task.cancelled() and self._error is None:
            self._error = task.exception()

    async def _grade(self, exchange: Exchange, history: tuple[Exchange, ...]) -> None:
        async with self._slots:
            if not self._wanted(exchange):
                return
            try:
                verdict = await self._judge.grade(exchange, self.prepared.prompts.get(exchange.prompt_id), history)
            except BudgetSpentError:
                self._unpaid = True
                self._stop_when_enough()
                return
            self._verdicts.append(verdict.to_dict())
            self._read(exchange, verdict)
            self._note_judge(verdict)
            if self._model is not None:
                # Before the next call takes this slot: it may cost money that is not there.
                self._stop_when_enough()

    def _note_judge(self, verdict: Verdict) -> None:
        if is_unjudged(verdict):
            self._unjudged_in_a_row += 1
        elif any(result.judged_by != "check" for result in verdict.criteria):
            self._unjudged_in_a_row = 0

    def _stop_when_enough(self) -> None:
        """End the judging, and the sending with it, when the verdict is decided or nothing is to be had any more."""
        because = self._reason_to_end_load() if self._verdict_closed else self._reason_to_stop()
        if not because:
            return
        self._stopped_because = because
        if self._swarm is None:
            return
        passed = self.reading.state.decision == "pass"
        if because == "decided" and (passed or self._sender.paused):
            # A failed run ends at once, but for a broken target: how long it takes to recover is being measured.
            self._swarm.enough()
        else:
            self._swarm.stop()

    def _reason_to_stop(self) -> str:
        if self._refused:
            return "host_not_allowed"
        if self._over_budget():
            return "budget"
        if self._judge_is_down:
            return "judge_failing"
        if self._swarm is None or self.prepared.tier.run_all:
            return ""
        if self.reading.zero_tolerance_hits(self.settings.gate.zero_tolerance):
            return "zero_tolerance"
        if self._is_hopeless:
            return "slo_hopeless"
        return "" if self.reading.state.decision == "undecided" else "decided"

    def _reason_to_end_load(self) -> str:
        """Return why a load that goes on after the verdict was decided should not; empty where it should."""
        if self._stopped_because != "decided" or self._swarm is None or not self._swarm.running:
            return ""
        if self._over_budget():
            return "budget"
        return "slo_hopeless" if self._is_hopeless else ""

    @property
    def _is_hopeless(self) -> bool:
        return self._hopeless is not None and bool(self._hopeless.missed)

    @property
    def _judge_is_down(self) -> bool:
        given_up = self._unjudged_in_a_row >= max(UNJUDGED_IN_A_ROW, 2 * self.settings.judge.concurrency)
        return given_up or self._judge.is_failing

    def _over_budget(self) -> bool:
        budget = self.settings.budget
        spent = self._unpaid or (budget.usd is not None and self.cost_usd >= budget.usd)
        late = budget.minutes is not None and time.monotonic() - self._started >= budget.minutes * 60
        return spent or late

    def _stop_swarm(self) -> None:
        """Wait for the sender to finish what is in flight; nothing to wait for if it has ended."""
        if self._swarm is None:
            return
        self._swarm.stop()
        self._code = self._swarm.wait(self.settings.target.timeout_s + 10)
        self._hear(self._swarm)

    def _conclude(self) -> None:
        """Say why the run ended, or raise what ended it; a safety stop comes before any verdict."""
        if self._swarm is not None:
            broke = self._sender.end.get("stopped_because") == "kill_switch"
            if broke or self._broke_off or not self._stopped_because or self._code == ExitCode.SAFETY:
                self._stopped_because = concluded(self._sender.end, self._code)
        if self._refused:
            raise SafetyError(
                f"the target redirected {self._refused} of the recorded requests to a host that [target] allow_hosts "
                "does not list; nothing was sent to it, and the run decides nothing",
                hint="list the host if it is yours to test, then start a new run",
            )

    @property
    def _broke_off(self) -> bool:
        """Whether a load that went on after a pass was decided did not come to its end: no pass rests on it."""
        natural = self._code == ExitCode.OK and self._sender.end.get("stopped_because") in _NATURAL_ENDS
        return self._stopped_because == "decided" and self.reading.state.decision == "pass" and not natural

    def _show(self) -> None:
        if self._swarm is not None:
            self._hear(self._swarm)
        self._display.show(self._standing)

    def _hear(self, swarm: SwarmProcess) -> None:
        for event in swarm.events():
            self._sender.take(event)

    def _standing(self) -> Standing:
        sending = self._swarm is not None and self._swarm.running
        return Standing(
            phase=self._sender.phase if sending else PHASES["judging"],
            duration_s=self._sender.duration_s,
            prompts=self.reading.counts,
            sending=self._sender.sending,
            verdict=self.reading.state,
            cost_usd=self.cost_usd,
            budget_usd=self.settings.budget.usd,
        )

    def _decide(self, stopped_because: str) -> GateResult:
        versions: set[str] = set()
        end, settings = read_end(self.folder), self.settings
        began = end.get("load_began_at")
        slo, load = marked(*measure(self._recorded(versions), settings.slo, settings.load, began=began))
        slo, load = strained(slo, load, end)
        if self.prepared.plan.pairs:
            load["paired"] = self._pairing.figures
        return decide(
            self.settings,
            self.prepared.plan.tier,
            self.prepared.tier,
            self.prepared.plan,
            self.reading,
            slo,
            load,
            stopped_because=stopped_because,
            target_versions=sorted(versions),
            cost_usd=self.cost_usd,
            duration_s=time.monotonic() - self._started,
            files=evidence_files(self.folder),
            card=self.prepared.card,
        )

    def _recorded(self, versions: set[str]) -> Iterator[Exchange]:
        """Yield the run's exchanges, noting every version the target called itself: a run is read once."""
        for exchange in read_records(self.folder / "exchanges", Exchange):
            if exchange.target_version:
                versions.add(exchange.target_version)
            yield exchange


def write_result(folder: Path, result: GateResult) -> None:
    """Write ``gate.json``, whole or not at all."""
    temporary = folder / f".{GATE_FILE}"
    temporary.write_bytes(result.to_json())
    temporary.replace(folder / GATE_FILE)


def evidence_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file a run's decision rests on, by its path in the run."""
    documents = [folder / name for name in (PLAN_FILE, JOB_FILE, MANIFEST_FILE, END_FILE, CARD_FILE)]
    paths = [*documents, *parts(folder / "exchanges"), *parts(folder / "verdicts")]
    return {path.relative_to(folder).as_posix(): file_sha256(path) for path in paths if path.exists()}
