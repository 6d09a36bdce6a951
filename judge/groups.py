"""The failure rate taken apart: by criterion, persona and strategy, and the bar that no persona may be above.

Everything here is read from what the test read, in its order: a sample of
production's traffic, in which slow failures are not behind quick passes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from statistics import fmean

from harness.config import GateSection
from harness.contracts import GroupRate, Prompt, RunPlan, SegmentRate, WorstSegment
from harness.proportions import exact_interval
from judge.calibration.correction import Calibration
from judge.phrases import count_of, percent
from judge.reading import Reading
from judge.statistics import SequentialTest

_Group = tuple[str, str]
"""Kind and name."""
_KINDS = ("criterion", "persona", "strategy")
_STANDINGS = {"fail": "above", "pass": "below", "undecided": "undecided"}
_MANY = 3


def group_rates(reading: Reading, prompts: Mapping[str, Prompt], confidence: float) -> list[GroupRate]:
    """Return the rates of all groups, by kind; in each the one that is worst for sure first.

    Args:
        reading: All verdicts, read.
        prompts: The suite's, by id; one that is missing counts for its criteria only.
        confidence: Of each interval by itself.
    """
    judged: Counter[_Group] = Counter()
    failed: Counter[_Group] = Counter()
    for prompt_id, missed in reading.outcomes:
        groups = {("criterion", name): at_fault for name, at_fault in reading.criteria_of(prompt_id).items()}
        if prompt_id in prompts:
            groups["persona", prompts[prompt_id].persona_id] = missed
            groups["strategy", prompts[prompt_id].strategy] = missed
        judged.update(groups.keys())
        failed.update(group for group, at_fault in groups.items() if at_fault)
    rates = [_rate(group, failed[group], judged[group], len(reading.outcomes), confidence) for group in judged]
    return sorted(rates, key=lambda rate: (_KINDS.index(rate.by), -rate.lower, -rate.estimate, rate.name))


def _rate(group: _Group, failed: int, judged: int, read: int, confidence: float) -> GroupRate:
    lower, upper = exact_interval(failed, judged, confidence)
    values = {"by": group[0], "name": group[1], "judged": judged, "failed": failed, "lower": lower, "upper": upper}
    return GroupRate.model_validate({**values, "estimate": failed / judged, "traffic_share": judged / read})


class Segments:
    """Tests every persona's failure rate against the bar, as often as one likes to look.

    Each persona has an anytime-valid test of its own. With m personas in the
    sample each may err with the m-th part of the gate's error (Bonferroni):
    that any of them is called above the bar and is not has a probability of
    at most ``1 - confidence``, whenever the run ends.

    Args:
        gate: Its bar, if there is one, and its confidence.
        plan: The sample; which personas there are is known before anything is sent.
        prompts: The suite's, by id.
        calibration: The judge's measured error; the bar is then on the corrected rates, each with the number of turns
            of its persona's prompts.
    """

    def __init__(
        self, gate: GateSection, plan: RunPlan, prompts: Mapping[str, Prompt], calibration: Calibration | None = None
    ) -> None:
        self._personas = {p: prompts[p].persona_id for p in plan.order[: plan.counted] if p in prompts}
        names = sorted(set(self._personas.values()))
        self._limit = gate.worst_segment
        self._confidence = 1.0 - (1.0 - gate.confidence) / max(1, len(names))
        self._tests: dict[str, SequentialTest] = {}
        if self._limit is not None:
            errors = {name: self._calibrated(calibration, name, prompts) for name in names} if calibration else {}
            self._tests = {name: SequentialTest(self._limit, self._confidence, errors.get(name)) for name in names}
        self._position = 0

    def _calibrated(self, calibration: Calibration, name: str, prompts: Mapping[str, Prompt]) -> Calibration:
        turns = fmean(len(prompts[prompt_id].turns) for prompt_id, persona in self._personas.items() if persona == name)
        return replace(calibration, turns=turns)

    def read(self, reading: Reading) -> None:
        """Take in what the test has read since the last time."""
        fresh = reading.outcomes[self._position :]
        self._position += len(fresh)
        for prompt_id, failed in fresh:
            test = self._tests.get(self._personas.get(prompt_id, ""))
            if test is not None:
                test.update(int(failed), 1)

    @property
    def any_above(self) -> bool:
        """Whether a persona's failure rate is above the bar for sure: the gate fails, whatever comes."""
        return any(test.state.decision == "fail" for test in self._tests.values())

    @property
    def result(self) -> WorstSegment | None:
        """Every persona against the bar, those above it first; None where no bar is configured."""
        if self._limit is None:
            return None
        segments = sorted(self._segments(), key=lambda segment: (-segment.lower, -segment.upper, segment.persona_id))
        return WorstSegment(limit=self._limit, confidence=self._confidence, segments=segments)

    def _segments(self) -> Iterator[SegmentRate]:
        for persona_id, test in self._tests.items():
            state = test.state
            values = {"judged": state.judged, "failed": state.failed, "lower": state.lower, "upper": state.upper}
            standing = {"persona_id": persona_id, "standing": _STANDINGS[state.decision]}
            yield SegmentRate.model_validate({**values, **standing})


def segments_above(worst: WorstSegment | None) -> list[str]:
    """Return one sentence for each persona whose rate is above the bar for sure; they fail the gate."""
    if worst is None:
        return []
    return [
        f"Worst segment: the failure rate of {segment.persona_id} is above {percent(worst.limit)}: {segment.failed} of "
        f"{count_of(segment.judged, 'prompt')} failed (between {percent(segment.lower)} and {percent(segment.upper)})."
        for segment in worst.segments
        if segment.standing == "above"
    ]


def segments_undecided(worst: WorstSegment | None) -> list[str]:
    """Return which personas too little is known of to say whether they are below the bar; it fails nothing."""
    open_ones = [s for s in worst.segments if s.standing == "undecided"] if worst is not None else []
    if worst is None or not open_ones:
        return []
    sentence = (
        f"Worst segment: too little was read to say whether {_names(s.persona_id for s in open_ones)} "
        f"{'is' if len(open_ones) == 1 else 'are'} below {percent(worst.limit)} "
        f"({len(open_ones)} of {count_of(len(worst.segments), 'persona')}); this fails nothing."
    )
    return [sentence]


def _names(ids: Iterable[str]) -> str:
    listed = list(ids)
    more = [f"{len(listed) - _MANY} more"] if len(listed) > _MANY else []
    return ", ".join(listed[:_MANY] + more)
