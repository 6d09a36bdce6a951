"""The gate: sends a tier's prompts, judges answers as they come, and stops when the evidence is enough."""

import asyncio
import time

from harness.contracts import Exchange, GateResult
from harness.errors import ExitCode, SafetyError
from harness.jsonlines import PartTail
from harness.models import ModelClient
from judge.hopelessness import Hopelessness
from judge.panel import Panel
from pipeline.artifacts import read_records, validated
from pipeline.ceilings import most_requests
from pipeline.confirming import alone, asks_again
from pipeline.display import Display
from pipeline.ends import CLOSING, FAILING, NATURAL_ENDS, RECORDED, UNTESTED, as_recorded
from pipeline.evidence import Evidence, write_result
from pipeline.interruption import run_cancellable
from pipeline.judging import Judging
from pipeline.preparation import PreparedRun
from pipeline.sending import concluded, end_soon
from pipeline.standing import PHASES, SenderView, Standing
from swarm.process import SwarmProcess
from swarm.sender import REDIRECT_NOT_ALLOWED
from swarm.telemetry import Telemetry

POLL_S = 0.05
JUDGING_GRACE_S = 10.0
"""So long, after a budget of minutes is spent, judgements that are under way are waited for: they cost money."""


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
        self._evidence = Evidence(prepared)
        self._judging = Judging(
            prepared, model, wanted=self._wanted, read=self._evidence.read, judged=self._stop_when_enough
        )
        most = most_requests(prepared.plan, prepared.job, self._evidence.turns)
        self._hopeless = Hopelessness(prepared.settings.slo, prepared.plan.arm, most) if sending and most else None
        self._swarm = SwarmProcess(prepared.folder, prepared.job, prepared.distribution) if sending else None
        self._stopped_because = "" if sending else RECORDED
        self._started = time.monotonic()
        self._code = 0
        """The sender's exit code."""
        self._confirming = False
        """Whether the run's own sending has ended, and failing prompts are asked again."""
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
        result = self._decide(self._stopped_because)
        write_result(self.folder, result)
        return result

    def recompute(self, stopped_because: str) -> GateResult:
        """Return the decision on what is recorded and judged already; write nothing."""
        for exchange in read_records(self.folder / "exchanges", Exchange):
            self._evidence.came(exchange)
            verdict = self._judging.known(exchange.exchange_id) if self._evidence.counts(exchange) else None
            if verdict is not None:
                self._evidence.read(exchange, verdict)
        return self._decide(stopped_because)

    @property
    def cost_usd(self) -> float:
        """What judging cost so far, unusable answers and earlier parts of a resumed run included."""
        return self._judging.cost_usd

    async def _follow(self) -> None:
        tail = PartTail(self.folder / "exchanges")
        async with self._judging.open():
            if self._swarm is not None:
                self._swarm.start()
            await self._until_ended(tail)
            self._stop_swarm()
            closed = self._verdict_closed
            self._conclude()
            if closed:
                await self._judge_rest()
            await self._confirm(tail)

    async def _judge_rest(self) -> None:
        """Judge what came when the verdict was closed already, as far as that needs no model.

        That is what is no answer: time-outs, errors, broken replies; and, where no model judges and the rate had not
        decided anything, the answers too, so that the draw's order is read through. A decided pass ends the judging.
        Where a run may still be inconclusive, what is no answer is judged only together with the answers: by itself
        it would change the shares of the ledgers.
        """
        passed, because = self._evidence.may_pass, self._stopped_because
        decided = because == "decided"
        answers = not (self._judging.has_model or decided or passed)
        if self._swarm is None or not (answers or (because in FAILING and not (decided and passed))):
            return
        recorded = read_records(self.folder / "exchanges", Exchange)
        await self._judging.judge_rest(filter(self._evidence.counts, recorded), answers=answers)

    async def _confirm(self, tail: PartTail) -> None:
        """Ask failing prompts again; it changes nothing about why the run ended, nor about the rate."""
        plan = self.prepared
        again = asks_again(plan, self._evidence.reading, self._evidence.repeats, stopped_because=self._stopped_because)
        if self._swarm is None or again is None or self._over_budget():
            return
        self._swarm, self._sender, self._confirming = again, SenderView(alone(plan.job)), True
        again.start()
        await self._until_ended(tail)
        self._stop_swarm()
        concluded(self._sender.end, self._code)
        self._require_listed()

    async def _until_ended(self, tail: PartTail) -> None:
        while True:
            sending = self._swarm is not None and self._swarm.running
            seen = await self._take_new(tail)
            self._stop_when_enough()
            self._show()
            if self._judging.error is not None:
                raise self._judging.error
            # What the budget's last calls cost is spent, and what is asked twice is compared after the decision too:
            # those verdicts are waited for.
            twice = bool(self.prepared.plan.pairs) or self.prepared.job.hold_duration
            compared = self._confirming or (self._stopped_because == "decided" and twice)
            due = compared or not self._verdict_closed or self._stopped_because == "budget"
            due = due and not self._is_late(JUDGING_GRACE_S)
            judging = self._judging.is_busy and due
            if not (sending or seen or judging or self._tests_judge()):
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
        return self._stopped_because in CLOSING

    def _tests_judge(self) -> bool:
        """Return whether the judge is still being tested: no decision comes before it is."""
        return self._stopped_because not in UNTESTED and (self._judging.is_testing or self._judging.plant_rest())

    def _wanted(self, exchange: Exchange) -> bool:
        """Return whether an exchange is to be judged: once the verdict is decided, only what is asked twice is."""
        if exchange.attempt > 1:
            return self._stopped_because not in UNTESTED
        return not self._verdict_closed or (
            self._stopped_because == "decided" and exchange.prompt_id in self._evidence.pairing
        )

    def _take(self, exchange: Exchange) -> None:
        """Have an exchange judged, unless it only repeats one or the verdict is closed."""
        self._refused += exchange.error == REDIRECT_NOT_ALLOWED
        if self._telemetry is not None:
            self._telemetry.add(exchange)
        if self._hopeless is not None:
            self._hopeless.add(exchange)
        self._evidence.came(exchange)
        if self._evidence.counts(exchange):
            self._judging.take(exchange)

    def _stop_when_enough(self) -> None:
        """End the judging, and the sending with it, when the verdict is decided or nothing is to be had any more."""
        if self._confirming:
            if self._swarm is not None and (self._over_budget() or self._judging.is_down):
                self._swarm.stop()
            return
        because = self._reason_to_end_load() if self._verdict_closed else self._reason_to_stop()
        if not because:
            return
        self._stopped_because = because
        if self._swarm is None:
            return
        if because == "decided" and (self._evidence.may_pass or self._sender.paused):
            # A failed run ends at once, but for a broken target: how long it takes to recover is being measured.
            self._swarm.enough()
        else:
            self._swarm.stop()

    def _reason_to_stop(self) -> str:
        if self._refused:
            return "host_not_allowed"
        if self._over_budget():
            return "budget"
        if self._judging.is_down:
            return "judge_failing"
        if self._swarm is None or self.prepared.tier.run_all:
            return ""
        if self._evidence.reading.zero_tolerance_hits(self.settings.gate.zero_tolerance):
            return "zero_tolerance"
        if self._evidence.precedents.broken:
            return self._evidence.precedents.broken
        if self._is_hopeless:
            return "slo_hopeless"
        if self._evidence.reading.state.decision == "fail" or self._evidence.segments.any_above:
            return "decided"
        # A pass of the rate says nothing about prompts that the comparison with the baseline is still to see.
        passed = self._evidence.reading.state.decision == "pass" and not self._evidence.precedents.is_waiting
        return "decided" if passed else ""

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

    def _over_budget(self) -> bool:
        budget = self.settings.budget
        spent = self._judging.is_unpaid or (budget.usd is not None and self.cost_usd >= budget.usd)
        return spent or self._is_late()

    def _is_late(self, grace_s: float = 0.0) -> bool:
        """Return whether the run's minutes, and so many seconds more, are over."""
        minutes = self.settings.budget.minutes
        return minutes is not None and time.monotonic() - self._started >= minutes * 60 + grace_s

    def _stop_swarm(self) -> None:
        """Wait for the sender to finish what is in flight; nothing to wait for if it has ended."""
        if self._swarm is None:
            return
        self._swarm.stop()
        self._code = self._swarm.wait(self.settings.target.timeout_s + 10)
        self._hear(self._swarm)

    def _conclude(self) -> None:
        """Say why the run ended, or raise what ended it; a safety stop comes before any verdict."""
        if self._swarm is None:
            self._stopped_because = as_recorded(self.folder, self._stopped_because)
        else:
            broke = self._sender.end.get("stopped_because") == "kill_switch"
            if broke or self._broke_off or not self._stopped_because or self._code == ExitCode.SAFETY:
                self._stopped_because = concluded(self._sender.end, self._code)
        self._require_listed()

    def _require_listed(self) -> None:
        if self._refused:
            raise SafetyError(
                f"the target redirected {self._refused} of the recorded requests to a host that [target] allow_hosts "
                "does not list; nothing was sent to it, and the run decides nothing",
                hint="list the host if it is yours to test, then start a new run",
            )

    @property
    def _broke_off(self) -> bool:
        """Whether a load that went on after a pass was decided did not come to its end: no pass rests on it."""
        natural = self._code == ExitCode.OK and self._sender.end.get("stopped_because") in NATURAL_ENDS
        return self._stopped_because == "decided" and self._evidence.reading.state.decision == "pass" and not natural

    def _show(self) -> None:
        if self._swarm is not None:
            self._hear(self._swarm)
        self._display.show(self._standing)

    def _hear(self, swarm: SwarmProcess) -> None:
        for event in swarm.events():
            self._sender.take(event)

    def _decide(self, stopped_because: str) -> GateResult:
        return self._evidence.decide(
            stopped_because,
            controls=self._judging.controls,
            cost_usd=self.cost_usd,
            duration_s=time.monotonic() - self._started,
        )

    def _standing(self) -> Standing:
        sending = self._swarm is not None and self._swarm.running
        return Standing(
            phase=PHASES["confirming"] if self._confirming else self._sender.phase if sending else PHASES["judging"],
            duration_s=self._sender.duration_s,
            prompts=self._evidence.reading.counts,
            sending=self._sender.sending,
            verdict=self._evidence.reading.state,
            cost_usd=self.cost_usd,
            budget_usd=self.settings.budget.usd,
        )
