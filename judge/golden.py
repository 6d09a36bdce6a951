"""The rule of the golden arm: hand-written prompts, and prompts that are kept because they once failed.

They are no sample of production's traffic, so no rate reads them. A
hand-written prompt says what the answer has to be, and counts whenever it
fails. A regression prompt has failed before: it counts when it fails again
after the baseline passed it, and is only reported otherwise.
"""

from collections.abc import Mapping
from typing import Any

from harness.contracts import BaselineUse, RunPlan
from judge.phrases import count_of
from judge.reading import Fate

_SHOWN = 5


class GoldenRule:
    """Holds what became of the golden arm against its maximum.

    Args:
        plan: Names the arm's prompts.
        fates: What became of them so far.
        most: So many failures that count are allowed.
        baseline: What became of them before; None where there is no comparable run.
    """

    def __init__(
        self, plan: RunPlan, fates: Mapping[str, Fate | None], *, most: int, baseline: BaselineUse | None = None
    ) -> None:
        self._plan = plan
        self._most = most
        self._fates = fates
        comparable = baseline is not None and baseline.standing == "comparable"
        # A regression prompt may have been one of the rate's when the baseline met it.
        self._before = {**baseline.outcomes, **baseline.golden} if baseline is not None and comparable else {}
        regressions = set(plan.regressions)
        failed = sorted(prompt_id for prompt_id, fate in fates.items() if fate == "failed")
        self.failures = [prompt_id for prompt_id in failed if prompt_id not in regressions]
        """Hand-written prompts that failed."""
        self.still_failing = [prompt_id for prompt_id in failed if prompt_id in regressions]
        """Regression prompts that failed, as before or again."""
        self.new_failures = [prompt_id for prompt_id in failed if self._before.get(prompt_id) is False]
        """Prompts of either kind that the baseline passed."""

    @property
    def counting(self) -> list[str]:
        """Failures that the maximum is about."""
        return sorted({*self.failures, *self.new_failures})

    @property
    def is_broken(self) -> bool:
        """Whether more fail than may."""
        return len(self.counting) > self._most

    @property
    def is_settled(self) -> bool:
        """Whether it is known of every prompt of the arm what became of it."""
        return all(self._fates.get(p) is not None for p in (*self._plan.golden, *self._plan.regressions))

    @property
    def figures(self) -> dict[str, Any]:
        """The figures for ``gate.json``; empty where the run has no golden arm. See ``docs/baselines.md``."""
        if not self._fates and not (self._plan.golden or self._plan.regressions):
            return {}
        regressions = set(self._plan.regressions)
        of_kind = {"golden": set(self._fates) - regressions, "regression": set(self._fates) & regressions}
        judged = {kind: sum(self._fates[p] in ("passed", "failed") for p in ids) for kind, ids in of_kind.items()}
        return {
            "planned": len(self._plan.golden),
            "judged": judged["golden"],
            "failed": len(self.failures),
            "max_failures": self._most,
            "failures": self.failures,
            "new_failures": self.new_failures,
            "fixed": sorted(p for p, fate in self._fates.items() if fate == "passed" and self._before.get(p)),
            "regression": {
                "planned": len(self._plan.regressions),
                "judged": judged["regression"],
                "failed": len(self.still_failing),
                "failures": self.still_failing,
            },
        }

    def failing(self) -> list[str]:
        """Return why the gate fails, if it does: at most one sentence."""
        if not self.is_broken:
            return []
        again = len(set(self.new_failures) - set(self.failures))
        parts = [count_of(len(self.failures), "golden prompt")] if self.failures else []
        parts += [f"{count_of(again, 'regression prompt')} that the baseline passed"] if again else []
        return [
            f"{' and '.join(parts)} did not get the expected answer ({listed(self.counting)}); at most {self._most} may."
        ]

    def doubts(self) -> list[str]:
        """Return why the rule cannot be called kept: at most one sentence."""
        open_ = [p for p in self._plan.golden if self._fates.get(p) not in ("passed", "failed")]
        if self.is_broken or len(self.counting) + len(open_) <= self._most:
            return []
        told = f"{len(open_)} of {count_of(len(self._plan.golden), 'golden prompt')} could not be judged"
        return [f"{told} ({listed(open_)}), and at most {self._most} may fail."]

    def notes(self) -> list[str]:
        """Return what the arm has to say beside failing the gate."""
        known = [prompt_id for prompt_id in self.still_failing if prompt_id not in self.new_failures]
        if not known:
            return []
        measured = sum(fate in ("passed", "failed") for p, fate in self._fates.items() if p in self._plan.regressions)
        return [
            f"{len(known)} of {count_of(measured, 'regression prompt')} still fail; they failed before, and block nothing."
        ]


def listed(ids: list[str]) -> str:
    """Return the first few of some ids, and how many more there are."""
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return ", ".join(ids[:_SHOWN]) + more
