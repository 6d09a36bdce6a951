"""Turns what a run measured into one decision, its reasons and an exit code."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.config import Settings, TierSection
from harness.contracts import CardUse, Decision, FailureRate, GateResult, Rate, RunPlan, SloResult
from harness.errors import ExitCode
from judge import contextless, objectives, reasons
from judge.calibration.wording import trust
from judge.confirmation import confirmed
from judge.findings import Findings
from judge.groups import segments_above, segments_undecided
from judge.phrases import stop_phrase
from judge.quality import falls_too_far, quality_notes
from judge.reading import Reading
from judge.statistics import Interval
from judge.strain import cut_short, sentinel_notes

_TARGET_STOPS = frozenset({"target_lost", "over_saturated", "lockout"})
"""``stopped_because`` of runs that the target itself broke off."""
DOUBTFUL_STOPS = frozenset({"workers_lost", "parent_gone", "interrupted", "terminated", *_TARGET_STOPS})
"""``stopped_because`` of runs that were broken off: no pass rests on them."""
SPENT_STOPS = frozenset({"budget", "max_requests"})
"""``stopped_because`` of runs whose budget was spent."""
_TELLING_STOPS = frozenset({"kill_switch", "slo_hopeless", *_TARGET_STOPS})
"""``stopped_because`` of runs whose end says something about a release that failed."""
_MANY = 3


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
        decision, said = _void(target_versions)
    elif findings.controls.void:
        decision, said = "void", list(findings.controls.void)
    else:
        decision, said = _decision(settings, plan, reading, slo, load, stopped_because, card, findings)
    if decision == "inconclusive" and stopped_because in SPENT_STOPS and settings.budget.on_spent == "void":
        decision, said = "void", [*said, "A run whose budget was spent before it was decided is void here."]
    state = reading.state
    said += [
        *reasons.moved(reading),
        *(trust(card, state) if card is not None and state.judged else []),
        *objectives.behind(load),
        *sentinel_notes(load),
    ]
    before = findings.precedents
    said += before.notes() if before is not None else []
    said += [*quality_notes(settings.gate, load.get("paired")), *segments_undecided(findings.worst_segment)]
    said += confirmed(findings.confirmations)
    said += findings.controls.notes if reading.counts.judged else []
    return GateResult(
        run_id=plan.run_id,
        suite_id=plan.suite_id,
        decision=decision,
        reasons=said,
        exit_code=ExitCode.DEPENDENCY
        if decision == "inconclusive" and _depended_in_vain(reading)
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
    certain = [*(before.failing() if before is not None else []), *reasons.zero_tolerance(settings, reading)]
    if not reading.state.judged and not reading.counts.judged and not certain:
        return "inconclusive", reasons.nothing_judged(reading, stopped_because)
    rate = [reasons.rate_sentence(settings, reading)]
    # What groundedness alone failed where no contexts came is a wrong setting, and no pass either.
    unfounded = findings.lacks_contexts and not contextless.fails_otherwise(reading)
    above = segments_above(findings.worst_segment)
    failures = [
        *(rate if reading.state.decision == "fail" and not unfounded else []),
        *certain,
        *objectives.missed(slo),
    ]
    failures += [*([] if unfounded else above), *falls_too_far(settings.gate, load.get("paired"))]
    lacking = [contextless.SENTENCE] if findings.lacks_contexts else []
    if failures:
        context = [*lacking, *([stop_phrase(stopped_because)] if stopped_because in _TELLING_STOPS else [])]
        context += [] if reading.state.decision == "fail" else [reasons.rate_context(settings, reading)]
        return "fail", failures + context
    doubts = [
        *(lacking if reading.state.decision != "pass" or above else []),
        *above,
        *reasons.cardless(settings, reading, card),
        *reasons.ledgers(settings, reading),
        *reasons.unresolved(reading),
        *reasons.untested(findings),
        *([stop_phrase(stopped_because)] if stopped_because in DOUBTFUL_STOPS else cut_short(load, stopped_because)),
        *objectives.unmeasured(slo),
        *(before.doubts() if before is not None else []),
    ]
    if reading.state.decision == "undecided":
        undecided = reasons.undecided(settings, plan, reading, stopped_because)
        return "inconclusive", list(dict.fromkeys([*doubts, *undecided]))
    return ("inconclusive", [*doubts, *rate]) if doubts else ("pass", [*rate, *lacking])


def _rate(interval: Interval) -> Rate:
    return Rate(estimate=interval.estimate, lower=interval.lower, upper=interval.upper)
