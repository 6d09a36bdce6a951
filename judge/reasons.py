"""What a decision says: the failure rate, the ledgers and the end of a run, in plain sentences."""

from harness.config import Settings
from harness.contracts import CardUse, Rate, RunPlan
from judge.calibration.wording import doubt
from judge.findings import Findings
from judge.flawless import flawless_prompts
from judge.phrases import count_of, percent, stop_phrase
from judge.reading import Reading
from judge.unjudged import PROBLEMS

_MANY = 3
"""Kinds of trouble that are named."""


def cardless(settings: Settings, reading: Reading, card: CardUse | None) -> list[str]:
    """Return that a judge card is required and not there; at most one sentence, and no pass beside it."""
    if not settings.judge.require_card or reading.state.correction is not None:
        return []
    return [f"A valid judge card is required, and {doubt(card)}: see `reverse-rag calibrate`."]


def zero_tolerance(settings: Settings, reading: Reading) -> list[str]:
    """Return one sentence for each criterion of zero tolerance with a confirmed hit; they fail the gate."""
    return [
        f"Zero tolerance: {name.replace('_', ' ')} was confirmed in {count_of(len(hits), 'prompt')}."
        for name, hits in reading.zero_tolerance_hits(settings.gate.zero_tolerance).items()
    ]


def ledgers(settings: Settings, reading: Reading) -> list[str]:
    """Return which ledgers hold more than they may; no pass rests on the rest."""
    ledgers = reading.ledgers
    known = ledgers.target + ledgers.judge + ledgers.infrastructure
    sentences = []
    for count, most, what in (
        (ledgers.infrastructure, settings.gate.max_infrastructure_share, "never reached the assistant"),
        (ledgers.judge, settings.gate.max_judge_share, "could not be judged"),
    ):
        if known and count / known > most:
            sentences.append(
                f"{count} of {count_of(known, 'prompt')} ({percent(count / known)}) {what}, "
                f"and at most {percent(most)} may: the rest may not stand for all."
            )
    return sentences


def unresolved(reading: Reading) -> list[str]:
    """Return that undecided flags could turn a pass over; at most one sentence."""
    if reading.state.decision != "pass" or not reading.unresolved or reading.passes_at_worst:
        return []
    sentence = (
        f"{count_of(reading.unresolved, 'prompt')} that a model of the judge failed could not be decided by the others; "
        "were these failures, the rate would not be below the threshold: judge the run again."
    )
    return [sentence]


def untested(findings: Findings) -> list[str]:
    """Return that the judge was not tested to the end; at most one sentence."""
    if findings.controls.is_complete:
        return []
    return ["The run ended before its judge had been tested on all the answers that were planted for it."]


def nothing_judged(reading: Reading, stopped_because: str) -> list[str]:
    """Return why there is no rate at all."""
    ledgers = reading.ledgers
    if ledgers.infrastructure and not ledgers.judge:
        return [f"Nothing could be judged: the target answered none of {count_of(ledgers.infrastructure, 'prompt')}."]
    if ledgers.judge:
        none = f"the judge graded none of {count_of(ledgers.judge, 'answered prompt')}"
        return [f"Nothing could be judged: {none}{_why_ungraded(reading)}."]
    return ["Nothing was tested: no prompt came to an end.", stop_phrase(stopped_because)]


def _why_ungraded(reading: Reading) -> str:
    """Return what kept the judge from grading, the most frequent kinds with how many answers each left ungraded."""
    kinds = reading.judge_problems.most_common(_MANY)
    if not kinds:
        return ": its models were not sure of any, or did not agree"
    told = ", ".join(f"{PROBLEMS.get(kind, kind)} ×{count:,}" for kind, count in kinds)
    return f": {told}; `reverse-rag doctor` asks its model once"


def rate_sentence(settings: Settings, reading: Reading) -> str:
    """Return on which side of the threshold the failure rate is, and how many prompts said so."""
    side = "above" if reading.state.decision == "fail" else "below"
    sentence = (
        f"At {percent(settings.gate.confidence)} confidence the failure rate is {side} "
        f"{percent(settings.gate.threshold)}: {_observed(reading)}."
    )
    at = reading.decided_at
    if at is not None and at < reading.state.judged:
        sentence += f" This was decided after {count_of(at, 'prompt')}."
    return sentence


def moved(reading: Reading) -> list[str]:
    """Return that the rate was not the same throughout, which the test takes it to be; at most one sentence."""
    raw = reading.state.raw
    if not Rate(estimate=raw.estimate, lower=raw.lower, upper=raw.upper).has_moved:
        return []
    sentence = (
        "The rate changed during the run: what came later lies outside what came before had left possible, "
        "so no single rate describes it."
    )
    return [sentence]


def rate_context(settings: Settings, reading: Reading) -> str:
    """Return what the rate alone would have said about a release that failed for another reason."""
    if not reading.state.judged:
        return "The failure rate itself could not be read."
    if reading.state.decision == "pass":
        return f"The failure rate alone would have passed: {_observed(reading)}."
    return f"The failure rate alone is undecided against {percent(settings.gate.threshold)}: {_observed(reading)}."


def undecided(settings: Settings, plan: RunPlan, reading: Reading, stopped_because: str) -> list[str]:
    """Return what the evidence excludes, why there is no more of it, and what a pass would have taken."""
    state, threshold = reading.state, settings.gate.threshold
    if not state.judged:
        waiting = f"the first outcome of the tier's order is missing ({count_of(reading.held_back, 'later one')} known)"
        return [f"The failure rate could not be read: {waiting}.", stop_phrase(stopped_because)]
    needed = flawless_prompts(threshold, settings.gate.confidence, reading.test.calibration)
    if needed is None and state.upper >= 1.0:
        # What no number of prompts can do stands beside it; that some cannot either says nothing more.
        return [f"The rate is not decided: {_observed(reading)}.", stop_phrase(stopped_because)]
    if state.upper < 1.0:
        sentence = (
            f"{count_of(state.judged, 'prompt')} can exclude failure rates above {percent(state.upper)} "
            f"but cannot certify {percent(threshold)}: {_observed(reading)}."
        )
    else:
        sentence = f"The evidence is too thin to compare with {percent(threshold)}: {_observed(reading)}."
    sentences = [sentence, stop_phrase(stopped_because)]
    if needed is not None and plan.counted < needed:
        sentences.append(
            f"The tier reads {count_of(plan.counted, 'prompt')}; even without any failure it takes {needed} to pass."
        )
    return sentences


def _observed(reading: Reading) -> str:
    state = reading.state
    between = (
        f"between {percent(state.lower)} and {percent(state.upper)}, each end with {percent(reading.test.confidence)}"
    )
    told = percent(state.estimate) if state.estimate is not None else "rate unknown"
    if state.correction is not None:
        told = f"{percent(state.raw.estimate or 0.0)}; corrected for the judge's error {told}"
    return f"{state.failed} of {count_of(state.judged, 'prompt')} failed ({told}; {between})"
