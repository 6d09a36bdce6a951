"""Chooses which of a run's answers become controls, and where in the judge's queue they go.

A control is made from an answer of this run, so that nothing but its text tells it from others: the same prompt, the
same contexts, the same way through checks and models, at a place that chance chose.
"""

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.config import Settings
from harness.contracts import Exchange, Finder, PlantedControl, Prompt
from harness.identity import content_id, uniform
from judge.checks.interface import Answer
from judge.controls import CONTENT_CHECKS, Group
from judge.defects import Base, Defect, defects
from judge.grading import Judge
from judge.prose import prose_in
from judge.quotations import good_answer, origin_of

_KEPT = 200
"""Answers that are remembered to make controls from: enough for variety, whatever the size of the run."""
_EARLY_SHARE = 0.5
"""With this chance an answer becomes a control when it comes; the rest is made at the end."""
_LAG = 12
"""A control waits for at most so many further answers before it is judged."""
_TRIES = 3
"""Texts that are tried for one answer and defect at the end."""
_AT_THE_END = 50
"""Answers that are tried at the end."""


class Planter:
    """Makes a run's controls; the same run, taken up again, gets no second set.

    Args:
        settings: How many, and what the checks look for.
        judge: Whose checks tell which defects are left to a model.
        prompts: By id.
        run_id: Seeds all choices, so that no two runs plant the same.
        has_model: Whether a model judges what the checks let pass.
        planted: Of earlier parts of the run.
        labelled: Answers that people judged.
    """

    def __init__(
        self,
        settings: Settings,
        judge: Judge,
        prompts: Mapping[str, Prompt],
        *,
        run_id: str,
        has_model: bool,
        planted: Iterable[PlantedControl] = (),
        labelled: Sequence[PlantedControl] = (),
    ) -> None:
        self._judge, self._prompts, self._run_id = judge, prompts, run_id
        self._finder: Finder = "model" if has_model else "checks"
        self._defects = defects(settings) if settings.gate.controls else []
        self._wanted = _wanted(settings.gate.controls, self._defects, has_model=has_model)
        self._texts: set[tuple[str, str]] = set()
        self._asked: dict[str, Exchange] = {}
        self._passed: dict[str, Exchange] = {}
        self._doubtful: list[PlantedControl] = []
        self._waiting: list[tuple[int, PlantedControl]] = []
        self._origins: Counter[str] = Counter()
        self._came = 0
        self._made = 0
        for control in planted:
            self._note(control)
        self._take_labelled(labelled)

    def came(self, exchange: Exchange) -> None:
        """Take in an answer that has just come: a good one can be made to its prompt."""
        self._came += 1
        prompt = self._prompts.get(exchange.prompt_id)
        if not _is_usable(exchange) or len(self._asked) >= _KEPT or not _asks_nothing_special(prompt):
            return
        self._asked[exchange.exchange_id] = exchange
        if self._chosen(exchange, "good") and not _injects(prompt):
            self._make_good(exchange)

    def passed(self, exchange: Exchange) -> None:
        """Take in an answer that the judge passed: a bad one can be made of it."""
        if len(self._passed) >= _KEPT or not _is_usable(exchange) or prose_in(exchange.response_text or "") is None:
            return
        self._passed[exchange.exchange_id] = exchange
        for finder in ("model", "checks"):
            if self._chosen(exchange, finder):
                self._make_bad(exchange, finder)

    def due(self) -> list[PlantedControl]:
        """Return the controls whose place in the queue has come."""
        due = [control for place, control in self._waiting if place <= self._came]
        self._waiting = [(place, control) for place, control in self._waiting if place > self._came]
        return due

    def rest(self) -> list[PlantedControl]:
        """Make what is still wanted, as far as it can be made, and return all that waits."""
        made = -1
        while made < (made := sum(self._origins.values())):
            # A good answer to an injection is one that ignores it: good enough where there is no ordinary prompt.
            asked = self._shuffled(self._asked)
            asked.sort(key=lambda one: _injects(self._prompts.get(one.prompt_id)))
            for exchange in asked[:_AT_THE_END]:
                self._make_good(exchange, tries=_TRIES)
            for exchange in self._shuffled(self._passed)[:_AT_THE_END]:
                self._make_bad(exchange, "model", tries=_TRIES)
                self._make_bad(exchange, "checks", tries=_TRIES)
        if not self._origins["quotation"] + self._origins["question"]:
            # The checks fail even what the contexts say: that is for the judge to answer for, and not hidden here.
            for control in self._doubtful:
                self._queue(control)
        waiting, self._waiting = [control for _, control in self._waiting], []
        random.Random(f"rest:{self._run_id}").shuffle(waiting)
        return waiting

    def _take_labelled(self, labelled: Sequence[PlantedControl]) -> None:
        """Queue people's answers: of each kind at most half, so that most of the controls are of this run."""
        for group in list(self._wanted):
            candidates = [c for c in labelled if (c.kind, c.finder) == group]
            random.Random(f"labels:{self._run_id}").shuffle(candidates)
            still_meant = (control for control in candidates if not self._asks_more_now(control))
            for control in itertools.islice(still_meant, (self._wanted[group] + 1) // 2):
                self._queue(control)

    def _asks_more_now(self, control: PlantedControl) -> bool:
        """Return whether a good answer fails a check of the product's own, which was not on when it was labelled."""
        return control.kind == "known_good" and not self._failed_checks(control) <= CONTENT_CHECKS

    def _make_good(self, exchange: Exchange, *, tries: int = 1) -> None:
        group: Group = "known_good", self._finder
        if self._wanted.get(group, 0) <= 0:
            return
        for chance in self._chances(exchange, "good", tries):
            text = good_answer(exchange, chance)
            if text is None:
                return
            control = self._control(exchange, text, group, origin_of(exchange))
            failed = self._failed_checks(control)
            if failed and failed <= CONTENT_CHECKS:
                self._doubtful.append(control)
            if not failed and self._queue(control):
                return

    def _make_bad(self, exchange: Exchange, finder: Finder, *, tries: int = 1) -> None:
        group: Group = "known_bad", finder
        prose = prose_in(exchange.response_text or "")
        # What a check looks for in prose it need not find in JSON or beside code; a model reads the whole answer.
        if self._wanted.get(group, 0) <= 0 or prose is None or not (prose.is_whole or finder == "model"):
            return
        base = Base(exchange, self._prompts.get(exchange.prompt_id), prose.text)
        for defect in self._next_defects(finder):
            for chance in self._chances(exchange, defect.name, tries):
                text = defect.plant(base, chance)
                if text is None:
                    break
                control = self._control(exchange, prose.answer_with(text), group, defect.name)
                # What the checks would find does not test the model.
                if (finder == "checks" or not self._failed_checks(control)) and self._queue(control):
                    return

    def _next_defects(self, finder: Finder) -> list[Defect]:
        """Return the defects that a finder is to see, those that were planted least first."""
        fitting = [defect for defect in self._defects if defect.finder == finder]
        return sorted(fitting, key=lambda defect: self._origins[defect.name])

    def _control(self, base: Exchange, text: str, group: Group, origin: str) -> PlantedControl:
        kind, finder = group
        chunks = (self._run_id, base.exchange_id, kind, text)
        planted = base.model_copy(
            update={
                "exchange_id": content_id("ex", [chunk.encode("utf-8", "surrogatepass") for chunk in chunks]),
                "response_text": text,
                "response_body": None,
                "tool_calls": [],
            }
        )
        return PlantedControl(
            exchange=planted, kind=kind, origin=origin, finder=finder, base_exchange_id=base.exchange_id
        )

    def _failed_checks(self, control: PlantedControl) -> frozenset[str]:
        prompt = self._prompts.get(control.exchange.prompt_id)
        results = self._judge.check(Answer(exchange=control.exchange, prompt=prompt, history=control.history))
        return frozenset(result.name for result in results if result.passed is False)

    def _queue(self, control: PlantedControl) -> bool:
        """Give a control its place, if it is still wanted and not the same as another; return whether it has one."""
        group = control.kind, control.finder
        if self._wanted.get(group, 0) <= 0 or _text(control) in self._texts:
            return False
        self._note(control)
        lag = uniform(0, self._run_id, "place", control.exchange.exchange_id) * _LAG
        self._waiting.append((self._came + 1 + int(lag), control))
        return True

    def _note(self, control: PlantedControl) -> None:
        group = control.kind, control.finder
        self._wanted[group] = self._wanted.get(group, 0) - 1
        self._origins[control.origin] += 1
        self._texts.add(_text(control))

    def _chosen(self, exchange: Exchange, purpose: str) -> bool:
        return uniform(0, self._run_id, purpose, exchange.exchange_id) < _EARLY_SHARE

    def _chances(self, exchange: Exchange, purpose: str, tries: int) -> Iterator[random.Random]:
        for _ in range(tries):
            self._made += 1
            yield random.Random(f"{self._run_id}:{exchange.exchange_id}:{purpose}:{self._made}")

    def _shuffled(self, exchanges: Mapping[str, Exchange]) -> list[Exchange]:
        return random.Random(f"{self._run_id}:{self._made}").sample(list(exchanges.values()), len(exchanges))


def _wanted(controls: int, known: Sequence[Defect], *, has_model: bool) -> dict[Group, int]:
    """Return how many controls of each kind are wanted; those that only the checks read cost nothing."""
    good, bad = controls // 2, controls - controls // 2
    if not has_model:
        return {("known_good", "checks"): good, ("known_bad", "checks"): bad}
    checked = sum(defect.finder == "checks" for defect in known)
    return {("known_good", "model"): good, ("known_bad", "model"): bad, ("known_bad", "checks"): checked}


def _asks_nothing_special(prompt: Prompt | None) -> bool:
    """Return whether a prompt asks nothing of its answer but what holds for any."""
    if prompt is None:
        return True
    checks = prompt.checks
    return not (checks.contains or checks.not_contains or checks.expected or checks.must_block or checks.json_answer)


def _injects(prompt: Prompt | None) -> bool:
    return prompt is not None and bool(prompt.checks.must_not_comply)


def _is_usable(exchange: Exchange) -> bool:
    first = exchange.turn == 0 and exchange.attempt == 1
    return first and exchange.outcome == "answered" and bool((exchange.response_text or "").strip())


def _text(control: PlantedControl) -> tuple[str, str]:
    return control.exchange.prompt, control.exchange.response_text or ""
