"""A suite that goes on from an earlier one: what failed is kept, what has been seen leaves the rate, the rest is new.

The failure rate has to stay honest. A prompt that stays in the rate because
it passed would lower it for ever, and one that stays because it failed would
raise it. So what decides whether a generated prompt stays in the rate is only
how often it was judged, never with which outcome: after ``evolve_after`` runs
it leaves, to the regression prompts if the target ever failed it, for good if
not. What the rate reads is as fresh as on the first day.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.config import PersonasSection
from harness.contracts import Lineage, Persona, Prompt
from personas.corpus import Corpus
from personas.drift import Drift, Memory
from personas.evidence import Evidence
from personas.lexicon import words
from personas.matching import matched
from personas.planning import by_persona
from personas.screening import Screen

NEVER_FAILED = "never_failed"
CLEAN = "regression_clean"
OVER_CAP = "regression_over_cap"
NO_TRAFFIC = "no_traffic_like_it"
LESS_TRAFFIC = "less_traffic_like_it"
RARE_NOW = "rare_word_now"


@dataclass(frozen=True, slots=True)
class Earlier:
    """The suite that a new one goes on from, and what is known about it."""

    suite_id: str
    ancestors: tuple[str, ...]
    """The suites it goes back to itself, the newest first."""
    prompts: list[Prompt]
    personas: list[Persona]
    memory: Memory | None
    """None for a suite of a version that remembered nothing."""
    lineage: Mapping[str, Lineage]
    """By prompt id."""
    evidence: Evidence

    def seed(self, seed: int) -> int:
        """Return the seed of what is written for its successor: the suite's own would write its prompts once more."""
        return int.from_bytes(hashlib.sha256(f"{seed}\0{self.suite_id}".encode()).digest()[:6], "big")


@dataclass(slots=True)
class Carried:
    """What a suite takes over from an earlier one."""

    generated: list[Prompt] = field(default_factory=list)
    """Still in the rate; their weights come later."""
    regression: list[Prompt] = field(default_factory=list)
    """Kept because the target failed them once; out of the rate."""
    lineage: list[Lineage] = field(default_factory=list)
    retired: Counter[str] = field(default_factory=Counter)
    """Prompts that are not taken over, by reason."""

    @property
    def moved(self) -> int:
        """Prompts taken over."""
        return len(self.generated) + len(self.regression)

    def reduced(self, plan: Sequence[Counter[str]], personas: Sequence[Persona]) -> list[Counter[str]]:
        """Return what is left to write of a plan of strategies by persona."""
        have: dict[str, Counter[str]] = {}
        for prompt in self.generated:
            have.setdefault(prompt.persona_id, Counter())[prompt.strategy] += 1
        left = []
        for counts, persona in zip(plan, personas, strict=True):
            there = have.get(persona.persona_id, Counter())
            rest = counts - there
            # A strategy that came with more than its share leaves less to the others.
            for _ in range(rest.total() - max(0, counts.total() - there.total())):
                rest[max(rest, key=lambda name: (rest[name], name))] -= 1
            left.append(+rest)
        return left


class Evolution:
    """Takes prompts over from an earlier suite.

    Args:
        earlier: The suite.
        section: When prompts leave, and how many regression prompts there may be.
        screen: Admits or rejects each prompt against the new dataset; remembers those that are retired, so that they
            are not written once more.
        corpus: The new dataset.
    """

    def __init__(self, earlier: Earlier, section: PersonasSection, screen: Screen, corpus: Corpus) -> None:
        self._earlier = earlier
        self._section = section
        self._screen = screen
        self._lineage = {prompt.prompt_id: self._extended(prompt) for prompt in earlier.prompts}
        self._rare = _rare_now(earlier, corpus)
        self._carried = Carried()
        self._gone: list[Prompt] = []

    def carry(self, now: Memory, personas: Sequence[Persona], *, planned: int) -> Carried:
        """Return what the new suite takes over; what it writes anew fills the rest.

        Args:
            now: The new segments.
            personas: One of each of them, in their order.
            planned: Prompts of the new suite.
        """
        known = self._earlier.memory.profiles if self._earlier.memory is not None else []
        homes = matched(self._earlier.personas, known, personas, now.profiles)
        staying, failing = self._sorted(homes)
        for prompt in failing[: int(self._section.regression_share * planned)]:
            self._keep(self._carried.regression, prompt, homes, origin="regression", weight=0.0)
        for prompt in failing[int(self._section.regression_share * planned) :]:
            self._retire(prompt, OVER_CAP)
        for prompt in staying:
            self._keep(self._carried.generated, prompt, homes, weight=0.0)
        return self._carried

    def fit(self, counts: Sequence[int], personas: Sequence[Persona]) -> None:
        """Retire what a persona holds beyond its count, those first that were judged most often.

        Neither that nor the tie-break, a hash, has to do with how a prompt fared.
        """
        limits = dict(zip((p.persona_id for p in personas), counts, strict=True))
        ranked = sorted(self._carried.generated, key=lambda p: (self._judged(p), p.prompt_id))
        taken: Counter[str] = Counter()
        kept: set[str] = set()
        for prompt in ranked:
            if taken[prompt.persona_id] < limits[prompt.persona_id]:
                taken[prompt.persona_id] += 1
                kept.add(prompt.prompt_id)
            else:
                self._retire(prompt, LESS_TRAFFIC)
        self._carried.generated = [p for p in self._carried.generated if p.prompt_id in kept]
        lasting = kept | {prompt.prompt_id for prompt in self._carried.regression}
        self._carried.lineage = [line for line in self._carried.lineage if line.prompt_id in lasting]
        for prompt in self._gone:
            self._screen.remember(prompt.turns)

    def _sorted(self, homes: Mapping[str, str]) -> tuple[list[Prompt], list[Prompt]]:
        """Return the prompts that stay in the rate, and those that failed, the latest failure first."""
        staying: list[Prompt] = []
        failing: list[Prompt] = []
        for prompt in self._earlier.prompts:
            line = self._lineage[prompt.prompt_id]
            if prompt.origin == "generated" and line.runs_judged < self._section.evolve_after:
                self._place(prompt, staying, homes)
            elif prompt.origin == "generated" and not line.runs_failed:
                self._retire(prompt, NEVER_FAILED)
            elif prompt.origin == "regression" and line.clean_runs >= self._section.regression_clean_runs:
                self._retire(prompt, CLEAN)
            elif prompt.origin != "golden":
                self._place(prompt, failing, homes)
        return staying, sorted(failing, key=self._urgency, reverse=True)

    def _place(self, prompt: Prompt, among: list[Prompt], homes: Mapping[str, str]) -> None:
        if prompt.persona_id in homes:
            among.append(prompt)
        else:
            self._retire(prompt, NO_TRAFFIC)

    def _keep(self, among: list[Prompt], prompt: Prompt, homes: Mapping[str, str], **changes: Any) -> None:
        """Take a prompt over if it is still fit for the new dataset."""
        if any(word in self._rare for turn in prompt.turns for word in words(turn)):
            self._retire(prompt, RARE_NOW)
        elif reason := self._screen.reason(prompt.turns, prompt.checks):
            self._carried.retired[reason] += 1
        else:
            changes["persona_id"] = homes[prompt.persona_id]
            among.append(prompt.model_copy(update=changes))
            self._carried.lineage.append(self._lineage[prompt.prompt_id])

    def _retire(self, prompt: Prompt, reason: str) -> None:
        self._carried.retired[reason] += 1
        self._gone.append(prompt)

    def _judged(self, prompt: Prompt) -> int:
        return self._lineage[prompt.prompt_id].runs_judged

    def _urgency(self, prompt: Prompt) -> tuple[str, int, str]:
        line = self._lineage[prompt.prompt_id]
        return line.last_failed_run_id or "", line.runs_failed, prompt.prompt_id

    def _extended(self, prompt: Prompt) -> Lineage:
        """Return a prompt's lineage with what the runs say; runs that were deleted since stay counted."""
        known = self._earlier.lineage.get(prompt.prompt_id)
        if known is None:
            known = Lineage(prompt_id=prompt.prompt_id, first_suite_id=self._earlier.suite_id, generations=0)
        outcomes = self._earlier.evidence.of(prompt.prompt_id)
        failed = [run_id for run_id, has_failed in outcomes.items() if has_failed]
        last = max([*failed, known.last_failed_run_id or ""]) or None
        return known.model_copy(
            update={
                "generations": known.generations + 1,
                "runs_judged": max(known.runs_judged, len(outcomes)),
                "runs_failed": max(known.runs_failed, len(failed)),
                "last_failed_run_id": last,
                "clean_runs": sum(run_id > (last or "") for run_id in outcomes),
            }
        )


def taken_over(
    earlier: Earlier | None,
    section: PersonasSection,
    screen: Screen,
    corpus: Corpus,
    memory: Memory,
    personas: Sequence[Persona],
    *,
    planned: int,
) -> Carried:
    """Return what a new suite of ``planned`` prompts takes over from an earlier one; nothing where there is none."""
    if earlier is None:
        return Carried()
    evolution = Evolution(earlier, section, screen, corpus)
    carried = evolution.carry(memory, personas, planned=planned)
    evolution.fit(by_persona(planned - len(carried.regression), personas), personas)
    return carried


def _rare_now(earlier: Earlier, corpus: Corpus) -> frozenset[str]:
    """Return the words that the earlier suite took from its logs and that too few users of the new dataset wrote.

    Words that nobody writes any more point to nobody.
    """
    mined: set[str] = set()
    for persona in earlier.personas:
        mined.update(word for goal in persona.goals for word in words(goal))
    for profile in earlier.memory.profiles if earlier.memory is not None else ():
        mined.update(profile.terms)
        mined.update(word for phrase in profile.phrases for word in words(phrase))
    return frozenset(word for word in mined if corpus.is_rare(word))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a suite comes from that started from an earlier one."""

    earlier: Earlier
    seed: int
    """Of what was written for it."""
    drift: Drift | None
    """How production's mix moved since; None where the earlier suite remembers nothing."""

    @property
    def suite_id(self) -> str:
        """The earlier suite's id."""
        return self.earlier.suite_id

    def details(self, carried: Carried, *, added: int) -> dict[str, Any]:
        """Return what became of the earlier suite's prompts, and of its traffic, as JSON-compatible values."""
        were_generated = {prompt.prompt_id for prompt in self.earlier.prompts if prompt.origin == "generated"}
        return {
            "evolution": {
                "from_suite_id": self.earlier.suite_id,
                "ancestors": list(self.earlier.ancestors),
                "runs": self.earlier.evidence.run_ids,
                "kept": carried.moved,
                "kept_in_rate": len(carried.generated),
                "regression": len(carried.regression),
                "new_regression": sum(prompt.prompt_id in were_generated for prompt in carried.regression),
                "retired": dict(carried.retired.most_common()),
                "added": added,
            },
            "drift": self.drift.to_dict() if self.drift is not None else None,
        }
