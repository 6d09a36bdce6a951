"""What a run's verdicts add up to, and the decision that rests on it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.contracts import Controls, Exchange, GateResult, Verdict
from harness.identity import file_sha256
from harness.jsonlines import parts
from judge.confirmation import Repeats
from judge.contextless import lacks_contexts
from judge.decision import decide
from judge.findings import Findings
from judge.generator import marked
from judge.groups import Segments, group_rates
from judge.pairing import Pairing
from judge.precedents import Precedents
from judge.quality import compared
from judge.reading import Reading
from judge.slo import measure
from judge.statistics import SequentialTest
from judge.strain import strained
from pipeline.artifacts import CONTROLS, read_records, write_record
from pipeline.baselines import BASELINE_FILE
from pipeline.calibrating import CARD_FILE, calibration_of
from pipeline.preparation import GATE_FILE, MANIFEST_FILE, PreparedRun
from swarm.job import END_FILE, JOB_FILE, PLAN_FILE, read_end

_DOCUMENTS = (PLAN_FILE, JOB_FILE, MANIFEST_FILE, END_FILE, CARD_FILE, BASELINE_FILE)


class Evidence:
    """Reads a run's verdicts as they come, each for all that it is evidence of.

    Args:
        prepared: The run.
    """

    def __init__(self, prepared: PreparedRun) -> None:
        self._prepared = prepared
        gate, plan = prepared.settings.gate, prepared.plan
        self.turns = {prompt_id: len(prompt.turns) for prompt_id, prompt in prepared.prompts.items()}
        """Number of turns by prompt id."""
        calibration = calibration_of(prepared.card, [self.turns.get(p, 1) for p in plan.order[: plan.counted]])
        self.reading = Reading(plan, self.turns, SequentialTest(gate.threshold, gate.confidence, calibration))
        self.segments = Segments(gate, plan, prepared.prompts, calibration)
        self.pairing = Pairing(plan, self.turns)
        self.repeats = Repeats(plan, self.turns, gate.confirm)
        self.precedents = Precedents(plan, self.reading, gate, prepared.baseline)

    def counts(self, exchange: Exchange) -> bool:
        """Return whether an exchange has a verdict: first attempts, and repeats that something is read from."""
        return exchange.attempt == 1 or exchange in self.repeats

    def came(self, exchange: Exchange) -> None:
        """Take in an exchange, whether or not it is ever judged."""
        self.reading.note_sent(exchange)

    @property
    def may_pass(self) -> bool:
        """Whether the rate is below the threshold for sure, and no persona's is above its bar."""
        return self.reading.state.decision == "pass" and not self.segments.any_above

    def read(self, exchange: Exchange, verdict: Verdict) -> None:
        """Take in an exchange and its verdict."""
        self.reading.add(exchange, verdict)
        self.segments.read(self.reading)
        self.repeats.add(exchange, verdict)
        self.pairing.add(exchange, verdict)
        self.precedents.read(exchange)

    def decide(self, stopped_because: str, *, controls: Controls, cost_usd: float, duration_s: float) -> GateResult:
        """Return the decision on what was read, and on what the run's folder says of the sending.

        Args:
            stopped_because: Why the run ended.
            controls: How the judge did on answers of known quality.
            cost_usd: What judging cost.
            duration_s: Wall time of the run.
        """
        prepared, told = self._prepared, _Told()
        settings, end = prepared.settings, read_end(prepared.folder)
        recorded = self._recorded(told)
        slo, load = marked(*measure(recorded, settings.slo, settings.load, began=end.get("load_began_at")))
        slo, load = strained(slo, load, end, held=prepared.job.hold_duration)
        if prepared.plan.pairs:
            load["paired"] = compared(self.pairing, settings.gate.confidence)
        return decide(
            settings,
            prepared.plan.tier,
            prepared.tier,
            prepared.plan,
            self.reading,
            slo,
            load,
            stopped_because=stopped_because,
            target_versions=sorted(told.versions),
            cost_usd=cost_usd,
            duration_s=duration_s,
            files=evidence_files(prepared.folder),
            card=prepared.card,
            findings=self._findings(controls, told),
        )

    def _findings(self, controls: Controls, told: "_Told") -> Findings:
        settings = self._prepared.settings
        confidence = settings.gate.confidence
        return Findings(
            groups=tuple(group_rates(self.reading, self._prepared.prompts, confidence)),
            worst_segment=self.segments.result,
            confirmations=self.repeats.confirmations(self.reading),
            noise_floor=self.repeats.noise_floor(self.reading, confidence),
            precedents=self.precedents,
            controls=controls,
            lacks_contexts=lacks_contexts(settings, answers=told.answers, with_contexts=told.with_contexts),
        )

    def _recorded(self, told: "_Told") -> Iterator[Exchange]:
        """Yield the run's exchanges, noting what the target said beside its answers: a run is read once."""
        for exchange in read_records(self._prepared.folder / "exchanges", Exchange):
            told.take(exchange)
            yield exchange


@dataclass(slots=True)
class _Told:
    """What a run's replies said beside the answers' text."""

    versions: set[str] = field(default_factory=set)
    """Every one that the target called itself."""
    answers: int = 0
    with_contexts: int = 0

    def take(self, exchange: Exchange) -> None:
        if exchange.target_version:
            self.versions.add(exchange.target_version)
        self.answers += exchange.outcome == "answered"
        self.with_contexts += bool(exchange.contexts)


def write_result(folder: Path, result: GateResult) -> None:
    """Write ``gate.json``, whole or not at all."""
    write_record(folder / GATE_FILE, result)


def evidence_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file a run's decision rests on, by its path in the run."""
    recorded = [part for name in ("exchanges", "verdicts", CONTROLS) for part in parts(folder / name)]
    paths = [*(folder / name for name in _DOCUMENTS), *recorded]
    return {path.relative_to(folder).as_posix(): file_sha256(path) for path in paths if path.exists()}
