"""A run beside the one before it, prompt by prompt, in the order in which the run is read."""

import math
from typing import Any

from harness.config import GateSection
from harness.contracts import BaselineUse
from judge.golden import listed
from judge.paired import paired_difference
from judge.phrases import count_of, percent
from judge.reading import Reading
from judge.regression import RegressionTest

_KINDS = {
    (True, False): "fixed",
    (False, True): "new_failures",
    (True, True): "both_failed",
    (False, False): "both_passed",
}
"""By whether the baseline failed and whether this run does."""
_LEAST_TOLD = 1e-4


class BaselineReading:
    """Compares outcomes as they come, and tests whether the release regressed.

    As in ``judge.reading``, an outcome not yet known holds back those after
    it: failures are slow, and in order of completion the first changes to be
    seen would all be fixes.

    Args:
        use: The baseline.
        reading: Of this run; prompts are compared in its plan's order.
        gate: ``regression_confidence``, ``max_new_failures`` and ``require_baseline``.
    """

    def __init__(self, use: BaselineUse, reading: Reading, gate: GateSection) -> None:
        self.use = use
        self.test = RegressionTest(gate.regression_confidence)
        self._gate = gate
        self._reading = reading
        shared = [p for p in reading.plan.order if p in use.outcomes]
        self._shared = shared if use.standing == "comparable" else []
        self._position = 0
        self._left_open = 0
        self._prompts: dict[str, list[str]] = {kind: [] for kind in _KINDS.values()}
        self._decided_at: int | None = None

    def advance(self) -> None:
        """Take in whatever outcomes have come."""
        while self._position < len(self._shared):
            prompt_id = self._shared[self._position]
            fate = self._reading.fate_of(prompt_id)
            if fate is None:
                return
            self._position += 1
            if fate not in ("passed", "failed"):
                self._left_open += 1
                continue
            before, now = self.use.outcomes[prompt_id], fate == "failed"
            self._prompts[_KINDS[before, now]].append(prompt_id)
            if before != now:
                self.test.add(new=now)
                if self.test.regressed and self._decided_at is None:
                    self._decided_at = self.compared

    @property
    def compared(self) -> int:
        """Prompts of which both runs say whether they failed."""
        return sum(map(len, self._prompts.values()))

    @property
    def is_waiting(self) -> bool:
        """Whether prompts that can be compared are still to come."""
        return self._position < len(self._shared)

    @property
    def is_broken(self) -> bool:
        """Whether the release regressed, or more prompts fail anew than may."""
        return self.test.regressed or self._is_above_maximum

    @property
    def _is_above_maximum(self) -> bool:
        most = self._gate.max_new_failures
        return most is not None and self.test.new > most

    @property
    def figures(self) -> dict[str, Any]:
        """The figures for ``gate.json``; see ``docs/baselines.md``."""
        use = self.use
        told = use.model_dump(mode="json", exclude={"outcomes", "golden", "schema_version"})
        if use.standing != "comparable":
            return told
        changed = paired_difference(self.test.new, self.test.fixed, self.compared)
        return {
            **told,
            "in_common": len(self._shared),
            "compared": self.compared,
            "left_open": self._left_open,
            **{kind: len(ids) for kind, ids in self._prompts.items()},
            "difference": changed.model_dump(),
            "evidence": math.exp(self.test.log_evidence),
            "evidence_needed": self.test.needed,
            "confidence": self.test.confidence,
            "regressed": self.test.regressed,
            "decided_at": self._decided_at,
            "fewest": self.test.fewest,
            "max_new_failures": self._gate.max_new_failures,
            "new_failure_ids": sorted(self._prompts["new_failures"]),
            "fixed_ids": sorted(self._prompts["fixed"]),
        }

    def failing(self) -> list[str]:
        """Return why the gate fails, if it does."""
        new = self._prompts["new_failures"]
        sentences = []
        if self.test.regressed:
            chance = max(math.exp(-self.test.log_evidence), _LEAST_TOLD)
            sentences.append(
                f"The release is worse than {self._name}: of {count_of(self.compared, 'prompt')} in both runs, "
                f"{self.test.new} failed only now ({listed(new)}) and {self.test.fixed} only before. Were it no worse, "
                f"evidence as strong would come up in {percent(chance)} of runs at most, and "
                f"{percent(1.0 - self.test.confidence)} are accepted."
            )
        if self._is_above_maximum:
            sentences.append(
                f"{count_of(self.test.new, 'prompt')} that {self._name} passed failed ({listed(new)}); "
                f"at most {self._gate.max_new_failures} may."
            )
        return sentences

    def doubts(self) -> list[str]:
        """Return why no pass may rest on this comparison; nothing unless one was required, or this baseline named."""
        required = self._gate.require_baseline or self.use.asked != "latest"
        if not required or self.compared:
            return []
        return [f"A comparison with a baseline is required. {self._untold()}"]

    def notes(self) -> list[str]:
        """Return what the comparison has to say beside failing the gate."""
        if self.doubts() or self.is_broken:
            return []
        if not self.compared:
            return [self._untold()]
        new = self._prompts["new_failures"]
        ids = f" ({listed(new)})" if new else ""
        few = "too few to tell a regression" if self.compared < self.test.fewest else "no sign of a regression"
        sentence = (
            f"Against {self._name}, {self.compared:,} of {count_of(len(self._shared), 'prompt')} in common compared: "
            f"{self.test.new} failed only now{ids}, {self.test.fixed} only before; {few}."
        )
        return [sentence]

    @property
    def _name(self) -> str:
        use, arm = self.use, self._reading.plan.arm
        told = [f"version {use.target_version}"] if use.target_version else []
        if use.arm is not None and use.arm != arm:
            told.append(
                "asked under load, unlike this run" if use.arm == "load" else "asked without load, unlike this run"
            )
        name = f"the baseline {use.run_id}"
        return f"{name} ({'; '.join(told)})" if told else name

    def _untold(self) -> str:
        """Return why nothing was compared."""
        use = self.use
        if use.standing == "missing":
            return "Nothing was compared: no passed run on this suite's line was promoted to a baseline yet."
        if use.standing == "other_judge":
            return (
                f"Nothing was compared: {use.run_id} was judged by another judge ({use.judge_id}), and a difference "
                "between the two would be the judges'."
            )
        if use.standing == "other_suite":
            return f"Nothing was compared: {use.run_id} is of {use.suite_id}, which this suite does not come from."
        if self._shared:
            return (
                f"Nothing was compared: none of the {len(self._shared)} prompts in common with {use.run_id} was judged."
            )
        return (
            f"Nothing was compared: {use.run_id} read none of this run's prompts. Ask some of its own again with "
            "`paired` of the tier, or let it judge its whole tier with `run_all`."
        )
