"""Numbers and ends of runs in the words of the gate's reasons."""

_STOPS = {
    "decided": "The run ended because the verdict was decided.",
    "suite_ended": "The run ended because every prompt of the suite had been sent.",
    "prompts_sent": "The run ended because every prompt of the tier had been sent.",
    "duration": "The run ended with its load profile.",
    "max_requests": "The run ended because its budget of requests was spent; it can be resumed with a larger one.",
    "stopped": "The run was stopped before every prompt of the tier had been sent.",
    "zero_tolerance": "The run ended at a zero-tolerance hit.",
    "golden": "The run ended because more golden prompts failed than may.",
    "regression": "The run ended because the release is worse than the baseline.",
    "recorded": "Nothing was sent: what had been recorded was judged.",
    "target_unreachable": "The run stopped because the target could not be reached.",
    "judge_failing": "The run stopped because the judge's model gave no usable judgement any more.",
    "target_lost": "The run stopped because the target could no longer be reached.",
    "kill_switch": "The run stopped because the target broke under the load.",
    "workers_lost": "The run stopped because all its workers were lost; what it recorded can be resumed.",
    "lockout": "The run stopped because the target had locked the sender out: harmless prompts that it had answered "
    "before were blocked. What was blocked since is not counted, and the run can be resumed.",
    "over_saturated": "The run stopped because the target could not keep up with the arrivals.",
    "slo_hopeless": "The run ended early because no further answer could have saved a service level.",
    "parent_gone": "The run stopped because the process that led it was gone; what it recorded can be resumed.",
    "storage": "The run stopped because its results could not be written; what was written can be resumed.",
    "host_not_allowed": "The run stopped because the target named a host that [target] allow_hosts does not list.",
    "bug": "The run stopped because of a bug in reverse-rag.",
    "budget": "The run ended because its budget was spent; it can be resumed with a larger one.",
    "interrupted": "The run was interrupted; what it recorded can be resumed.",
    "terminated": "The run was interrupted; what it recorded can be resumed.",
}


def percent(share: float) -> str:
    """Return a share as a percentage with three significant digits at most: ``2 %``, ``0.352 %``, ``100 %``."""
    return f"{share * 100:.3g} %"


def milliseconds(value: float) -> str:
    """Return a duration in milliseconds, with seconds from ten seconds on."""
    return f"{value / 1000:.1f} s" if value >= 10_000 else f"{value:.0f} ms"


def count_of(count: int, noun: str) -> str:
    """Return a count with its noun in the right number: ``1 prompt``, ``1,200 prompts``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def stop_phrase(stopped_because: str) -> str:
    """Return the sentence that says why a run ended; a caller's own sentence is kept."""
    known = _STOPS.get(stopped_because)
    if known:
        return known
    text = stopped_because.strip().rstrip(".").replace("_", " ")
    return f"The run ended: {text}." if text else "The run ended."
