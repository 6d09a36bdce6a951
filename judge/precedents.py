"""What was known before a run, held against it: the baseline's outcomes, and the prompts that must not fail."""

from collections.abc import Iterator
from typing import Any

from harness.config import GateSection
from harness.contracts import BaselineUse, Exchange, RunPlan
from judge.baseline import BaselineReading
from judge.golden import GoldenRule
from judge.reading import Reading


class Precedents:
    """The comparison with the baseline and the golden arm's rule, as far as a run has them.

    Args:
        plan: The run's.
        reading: Of the run.
        gate: Both rules' settings.
        baseline: What the run is compared with; None where it is compared with nothing.
    """

    def __init__(self, plan: RunPlan, reading: Reading, gate: GateSection, baseline: BaselineUse | None) -> None:
        self._plan, self._reading, self._gate, self._use = plan, reading, gate, baseline
        self._baseline = BaselineReading(baseline, reading, gate) if baseline is not None else None
        self._golden = self._ruled()

    def read(self, exchange: Exchange) -> None:
        """Take in what the reading has learned from an exchange."""
        if exchange.arm == "golden":
            self._golden = self._ruled()
        elif self._baseline is not None:
            self._baseline.advance()

    @property
    def broken(self) -> str:
        """The first rule that the release breaks, as a run's ``stopped_because``; empty where it breaks none."""
        if self._golden.is_broken:
            return "golden"
        return "regression" if self._baseline is not None and self._baseline.is_broken else ""

    @property
    def is_waiting(self) -> bool:
        """Whether prompts that a rule is about are still to come."""
        return not self._golden.is_settled or (self._baseline is not None and self._baseline.is_waiting)

    @property
    def baseline_figures(self) -> dict[str, Any]:
        """The figures of the comparison; empty where there is none."""
        return self._baseline.figures if self._baseline is not None else {}

    @property
    def golden_figures(self) -> dict[str, Any]:
        """The figures of the golden arm; empty where there is none."""
        return self._golden.figures

    def failing(self) -> list[str]:
        """Return why the gate fails, if it does."""
        return [sentence for part in self._parts() for sentence in part.failing()]

    def doubts(self) -> list[str]:
        """Return why no pass may rest on this."""
        return [sentence for part in self._parts() for sentence in part.doubts()]

    def notes(self) -> list[str]:
        """Return what else there is to say."""
        return [sentence for part in self._parts() for sentence in part.notes()]

    def _parts(self) -> Iterator[BaselineReading | GoldenRule]:
        if self._baseline is not None:
            yield self._baseline
        yield self._golden

    def _ruled(self) -> GoldenRule:
        most = self._gate.max_golden_failures
        return GoldenRule(self._plan, self._reading.golden, most=most, baseline=self._use)
