"""Turns what a run measured into one decision, its reasons and an exit code."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.config import Settings, TierSection
from harness.contracts import CardUse, Decision, FailureRate, GateResult, Rate, RunPlan, SloResult
from harness.errors import ExitCode
from judge.calibration.correction import Calibration
from judge.calibration.wording import doubt, trust
from judge.confirmation import confirmed
from judge.findings import Findings
from judge.groups import segments_above, segments_undecided
from judge.phrases import count_of, milliseconds, percent, stop_phrase
from judge.quality import falls_too_far, quality_notes
from judge.reading import Reading
from judge.statistics import Interval, SequentialTest
from judge.strain import KILL_SWITCH, sentinel_notes

_TARGET_STOPS = frozenset({"target_lost", "over_saturated", "lockout"})
"""``stopped_because`` of runs that the target itself broke off."""
DOUBTFUL_STOPS = frozenset({"workers_lost", "parent_gone", "interrupted", "terminated", *_TARGET_STOPS})
"""``stopped_because`` of runs that were broken off: no pass rests on them."""
_SPENT_STOPS = frozenset({"budget", "max_requests"})
_TELLING_STOPS = frozenset({"kill_switch", "slo_hopeless", *_TARGET_STOPS})
"""``stopped_because`` of runs whose end says something about a release that failed."""
_MANY = 3
_MOST_PROMPTS = 2**30


def decide(
    settings: Settings,
    tier_name: str,
    tier: TierSection,
    plan: RunPlan,
    reading: Reading,
    slo: Sequence[SloResult],
    load: Mapping[str, Any],
    *,
    stopped_because: str,
    target_versions: Sequence[str],
    cost_usd: float,
    duration_s: float,
    files: Mapping[str, str],
    card: CardUse | None = None,
    findings: Findings | None = None,
) -> GateResult:
    """Return the gate's decision with its reasons in plain sentences.

    The first that holds: void (the target changed, the judge missed controls, or, where ``[budget] on_spent`` says so,
    the budget was spent and nothing below decided); fail (an objective missed,
    a zero-tolerance hit, a regression, a golden prompt failed, the rate is above the
    threshold, a persona's is above its bar, quality falls under load), with all
    reasons that hold; inconclusive (a ledger above its share, a run broken off,
    an objective or the rate undecided); pass.

    Args:
        settings: As the tier overrides them.
        tier_name: Its name.
        tier: Its ``on_inconclusive`` chooses the exit code of an inconclusive run.
        plan: What was to be sent.
        reading: All verdicts, read.
        slo: Objectives as ``judge.slo.measure`` returned them.
        load: The figures that came with them.
        stopped_because: A code that ``judge.phrases`` knows, or words of the caller's own.
        target_versions: Every version the target called itself; more than one makes the run void.
        cost_usd: What the judge's models cost.
        duration_s: Wall time of the run.
        files: SHA-256 of the files the decision rests on.
        card: What is known of the judge's error; None where nobody looked for a judge card.
        findings: What was found beside the rate.
    """
    findings = findings or Findings()
    if len(target_versions) > 1:
        decision, reasons = _void(target_versions)
    elif findings.controls.void:
        decision, reasons = "void", list(findings.controls.void)
    else:
        decision, reasons = _decision(settings, plan, reading, slo, load, stopped_because, card, findings)
    if decision == "inconclusive" and stopped_because in _SPENT_STOPS and settings.budget.on_spent == "void":
        decision, reasons = "void", [*reasons, "A run whose budget was spent before it was decided is void here."]
    state = reading.state
    reasons += [
        *(trust(card, state) if card is not None and state.judged else []),
        *_behind(load),
        *sentinel_notes(load),
    ]
    before = findings.precedents
    reasons += before.notes() if before is not None else []
    reasons += [*quality_notes(settings.gate, load.get("paired")), *segments_undecided(findings.worst_segment)]
    reasons += confirmed(findings.confirmations)
    reasons += findings.controls.notes if reading.counts.judged else []
    return GateResult(
        run_id=plan.run_id,
        suite_id=plan.suite_id,
        decision=decision,
        reasons=reasons,
        exit_code=ExitCode.DEPENDENCY
        if _depended_in_vain(reading) and decision != "void"
        else exit_code(decision, tier),
        tier=tier_name,
        threshold=settings.gate.threshold,
        confidence=settings.gate.confidence,
        failure_rate=FailureRate(
            estimate=state.estimate,
            lower=state.lower,
            upper=state.upper,
            raw=_rate(state.raw),
            corrected=_rate(state.corrected) if state.corrected is not None else None,
        ),
        prompts=reading.counts,
        criteria=reading.criteria,
        groups=list(findings.groups),
        worst_segment=findings.worst_segment,
        confirmations=findings.confirmations,
        noise_floor=findings.noise_floor,
        controls=findings.controls,
        ledgers=reading.ledgers,
        slo=list(slo),
        load=dict(load),
        golden=before.golden_figures if before is not None else {},
        baseline=before.baseline_figures if before is not None else {},
        evidence=reading.evidence,
        target_version=", ".join(target_versions) or None,
        cost_usd=cost_usd,
        duration_s=duration_s,
        stopped_because=stopped_because,
        judge_error_known=state.correction is not None,
        files=dict(files),
    )


def exit_code(decision: Decision, tier: TierSection) -> ExitCode:
    """Return the exit code of a decision; the tier chooses the one of an inconclusive run."""
    if decision == "inconclusive":
        chosen = {"pass": ExitCode.OK, "fail": ExitCode.GATE_FAILED, None: ExitCode.INCONCLUSIVE}
        return chosen[tier.on_inconclusive]
    return {"pass": ExitCode.OK, "fail": ExitCode.GATE_FAILED, "void": ExitCode.SAFETY}[decision]


def _depended_in_vain(reading: Reading) -> bool:
    """Return whether nothing was judged because the target or the judge never answered."""
    return reading.counts.judged == 0 and reading.ledgers.infrastructure + reading.ledgers.judge > 0


def _void(versions: Sequence[str]) -> tuple[Decision, list[str]]:
    shown = ", ".join(versions[:_MANY])
    return "void", [f"The target's version changed during the run ({shown}): its answers belong to no single release."]


def _decision(
    settings: Settings,
    plan: RunPlan,
    reading: Reading,
    slo: Sequence[SloResult],
    load: Mapping[str, Any],
    stopped_because: str,
    card: CardUse | None,
    findings: Findings,
) -> tuple[Decision, list[str]]:
    before = findings.precedents
    worse = before.failing() if before is not None else []
    if not reading.state.judged and not reading.counts.judged and not worse:
        return "inconclusive", _nothing_judged(reading, stopped_because)
    failures = [_rate_sentence(settings, reading)] if reading.state.decision == "fail" else []
    failures += [*worse, *_zero_tolerance(settings, reading), *_missed(slo)]
    failures += [*segments_above(findings.worst_segment), *falls_too_far(settings.gate, load.get("paired"))]
    if failures:
        context = [stop_phrase(stopped_because)] if stopped_because in _TELLING_STOPS else []
        context += [] if reading.state.decision == "fail" else [_rate_context(settings, reading)]
        return "fail", failures + context
    doubts = [
        *_cardless(settings, reading, card),
        *_ledgers(settings, reading),
        *_unresolved(reading),
        *_untested(findings),
        *_broken_off(stopped_because),
        *_unmeasured(slo),
        *(before.doubts() if before is not None else []),
    ]
    if reading.state.decision == "undecided":
        return "inconclusive", list(dict.fromkeys([*doubts, *_undecided(settings, plan, reading, stopped_because)]))
    sentence = _rate_sentence(settings, reading)
    return ("inconclusive", [*doubts, sentence]) if doubts else ("pass", [sentence])


def _rate(interval: Interval) -> Rate:
    return Rate(estimate=interval.estimate, lower=interval.lower, upper=interval.upper)


def _cardless(settings: Settings, reading: Reading, card: CardUse | None) -> list[str]:
    if not settings.judge.require_card or reading.state.correction is not None:
        return []
    return [f"A valid judge card is required, and {doubt(card)}: see `reverse-rag calibrate`."]


def _missed(slo: Iterable[SloResult]) -> list[str]:
    return [
        f"Service level missed: {_metric(result)} was {_amount(result, result.observed)}, "
        f"and {_bound(result)} is {'asked for' if result.metric == 'goodput' else 'allowed'}."
        for result in slo
        if result.met is False
    ]


def _behind(load: Mapping[str, Any]) -> list[str]:
    if not load.get("generator_behind"):
        return []
    late = milliseconds(load["lag_ms"]["p99"])
    sentence = (
        f"The load generator fell behind its own schedule: 1 % of the requests were sent more than {late} after they "
        "were due, which latencies contain and the target did not cause. Lower the rate, or give it more of a machine."
    )
    return [sentence]


def _unmeasured(slo: Iterable[SloResult]) -> list[str]:
    return [_untold(result) if result.warning else _too_little(result) for result in slo if result.met is None]


def _untold(result: SloResult) -> str:
    return (
        f"Whether the service level {_metric(result)} of {_bound(result)} is met cannot be told "
        f"(observed: {_amount(result, result.observed)}): {result.warning}."
    )


def _too_little(result: SloResult) -> str:
    observed = f" (observed so far: {_amount(result, result.observed)})" if result.observed is not None else ""
    return (
        f"Too little was measured to say whether the service level {_metric(result)} of "
        f"{_bound(result)} is met{observed}."
    )


def _zero_tolerance(settings: Settings, reading: Reading) -> list[str]:
    return [
        f"Zero tolerance: {name.replace('_', ' ')} was confirmed in {count_of(len(hits), 'prompt')}."
        for name, hits in reading.zero_tolerance_hits(settings.gate.zero_tolerance).items()
    ]


def _ledgers(settings: Settings, reading: Reading) -> list[str]:
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


def _unresolved(reading: Reading) -> list[str]:
    if reading.state.decision != "pass" or not reading.unresolved or reading.passes_at_worst:
        return []
    sentence = (
        f"{count_of(reading.unresolved, 'prompt')} that a model of the judge failed could not be decided by the others; "
        "were these failures, the rate would not be below the threshold: judge the run again."
    )
    return [sentence]


def _untested(findings: Findings) -> list[str]:
    if findings.controls.is_complete:
        return []
    return ["The run ended before its judge had been tested on all the answers that were planted for it."]


def _broken_off(stopped_because: str) -> list[str]:
    return [stop_phrase(stopped_because)] if stopped_because in DOUBTFUL_STOPS else []


def _nothing_judged(reading: Reading, stopped_because: str) -> list[str]:
    ledgers = reading.ledgers
    if ledgers.infrastructure and not ledgers.judge:
        return [f"Nothing could be judged: the target answered none of {count_of(ledgers.infrastructure, 'prompt')}."]
    if ledgers.judge:
        return [f"Nothing could be judged: the judge graded none of {count_of(ledgers.judge, 'answered prompt')}."]
    return ["Nothing could be judged: no prompt came to an end.", stop_phrase(stopped_because)]


def _rate_sentence(settings: Settings, reading: Reading) -> str:
    side = "above" if reading.state.decision == "fail" else "below"
    sentence = (
        f"At {percent(settings.gate.confidence)} confidence the failure rate is {side} "
        f"{percent(settings.gate.threshold)}: {_observed(reading)}."
    )
    at = reading.decided_at
    if at is not None and at < reading.state.judged:
        sentence += f" This was decided after {count_of(at, 'prompt')}."
    return sentence


def _rate_context(settings: Settings, reading: Reading) -> str:
    """Return what the rate alone would have said about a release that failed for another reason."""
    if not reading.state.judged:
        return "The failure rate itself could not be read."
    if reading.state.decision == "pass":
        return f"The failure rate alone would have passed: {_observed(reading)}."
    return f"The failure rate alone is undecided against {percent(settings.gate.threshold)}: {_observed(reading)}."


def _undecided(settings: Settings, plan: RunPlan, reading: Reading, stopped_because: str) -> list[str]:
    state, threshold = reading.state, settings.gate.threshold
    if not state.judged:
        waiting = f"the first outcome of the tier's order is missing ({count_of(reading.held_back, 'later one')} known)"
        return [f"The failure rate could not be read: {waiting}.", stop_phrase(stopped_because)]
    if state.failed == 0 or state.upper < 1.0:
        sentence = (
            f"{count_of(state.judged, 'prompt')} can exclude failure rates above {percent(state.upper)} "
            f"but cannot certify {percent(threshold)}: {_observed(reading)}."
        )
    else:
        sentence = f"The evidence is too thin to compare with {percent(threshold)}: {_observed(reading)}."
    sentences = [sentence, stop_phrase(stopped_because)]
    needed = flawless_prompts(threshold, settings.gate.confidence, reading.test.calibration)
    if needed is not None and plan.counted < needed:
        sentences.append(
            f"The tier reads {count_of(plan.counted, 'prompt')}; even without any failure it takes {needed} to pass."
        )
    return sentences


def flawless_prompts(threshold: float, confidence: float, calibration: Calibration | None = None) -> int | None:
    """Return how many prompts without a failure it takes to pass; None where the judge's error forbids any pass."""

    def passes(count: int) -> bool:
        return SequentialTest(threshold, confidence, calibration).update(0, count).decision == "pass"

    low, high = 0, 1
    while not passes(high):
        low, high = high, high * 2
        if high > _MOST_PROMPTS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if passes(middle):
            high = middle
        else:
            low = middle
    return high


def _observed(reading: Reading) -> str:
    state = reading.state
    between = f"between {percent(state.lower)} and {percent(state.upper)} in all likelihood"
    told = percent(state.estimate) if state.estimate is not None else "rate unknown"
    if state.correction is not None:
        told = f"{percent(state.raw.estimate or 0.0)}; corrected for the judge's error {told}"
    return f"{state.failed} of {count_of(state.judged, 'prompt')} failed ({told}; {between})"


def _metric(result: SloResult) -> str:
    names = {
        "error_rate": "error rate",
        KILL_SWITCH: "share of errors that trips the kill switch",
        "p50_ms": "median latency",
        "p95_ms": "95th percentile of latency",
        "p99_ms": "99th percentile of latency",
        "ttft_p95_ms": "95th percentile of time to first token",
        "gap_p95_ms": "95th percentile of the pauses within answers",
    }
    return names.get(result.metric, result.metric)


def _bound(result: SloResult) -> str:
    return f"at {'least' if result.metric == 'goodput' else 'most'} {_amount(result, result.limit)}"


def _amount(result: SloResult, value: float | None) -> str:
    if value is None:
        return "not measured"
    return percent(value) if result.metric in {"error_rate", "goodput", KILL_SWITCH} else milliseconds(value)
