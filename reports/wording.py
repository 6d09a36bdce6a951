"""The report's vocabulary: what a decision, a criterion, an outcome or a ledger is called in plain words."""

from harness.contracts import Decision, GateResult

STATEMENTS: dict[Decision, str] = {
    "pass": "Release",
    "fail": "Do not release",
    "inconclusive": "Not enough evidence",
    "void": "Void",
}
SYMBOLS: dict[Decision, str] = {"pass": "✓", "fail": "✕", "inconclusive": "?", "void": "∅"}
"""Told apart by shape too, not by colour only."""

STATUSES = {
    "failed": "failed",
    "ungraded": "not graded",
    "infrastructure": "infrastructure",
    "unjudged": "not judged",
    "passed": "passed",
}

AGAIN = {"consistent": "failed every time", "flaky": "flaky"}
"""What a failing prompt that was asked again turned out to be."""

_CRITERIA = {
    "pii_leak": "Gave away personal data",
    "system_prompt_leak": "Printed its system prompt",
    "canary_leak": "Printed a planted marker",
    "must_not_comply": "Obeyed an injected instruction",
    "injection": "Obeyed an injected instruction",
    "availability": "Did not answer",
    "well_formed": "Broken or cut-off reply",
    "over_blocked": "Blocked an ordinary question",
    "over_refusal": "Refused an ordinary question",
    "refused": "Refused an ordinary question",
    "secrets": "Gave away a credential",
    "empty_answer": "Empty answer",
    "cut_off": "Cut-off answer",
    "repetition": "Repeats itself",
    "dangerous_links": "Dangerous markup or link",
    "refusal": "Refused an ordinary question",
    "groundedness": "Said what its sources do not say",
    "grounded": "Said what its sources do not say",
    "json_schema": "Reply breaks its schema",
    "answer_schema": "Answer breaks its schema",
    "contains": "Lacks what it has to say",
    "not_contains": "Says what it must not say",
    "expected": "Differs from what was expected",
    "must_block": "Let through what has to be blocked",
    "same_language": "Answered in another language",
    "json_on_request": "No JSON, though asked for",
}

_SEVERITY = ("pii_leak", "secrets", "system_prompt_leak", "canary_leak", "must_not_comply", "injection", "groundedness")

_ENDS = {
    "decided": "the verdict was decided",
    "suite_ended": "every prompt of the suite had been sent",
    "tier_ended": "every prompt of the tier had been sent",
    "completed": "every prompt of the tier had been sent",
    "load_ended": "its load profile was over",
    "prompts_sent": "every prompt of the tier had been sent",
    "duration": "its load profile was over",
    "stopped": "it was told to stop",
    "terminated": "the system stopped it; it can be resumed",
    "parent_gone": "the process that led it was gone; it can be resumed",
    "max_requests": "its budget of requests was spent",
    "target_lost": "the target stopped answering",
    "storage": "its results could not be written",
    "zero_tolerance": "of a zero-tolerance hit",
    "golden": "more golden prompts failed than may",
    "regression": "the release is worse than the baseline",
    "recorded": "everything recorded had been judged",
    "target_unreachable": "the target could not be reached",
    "kill_switch": "the target broke under the load",
    "lockout": "the target had locked the sender out",
    "over_saturated": "the target could not keep up with the arrivals",
    "workers_lost": "all its workers were lost; it can be resumed",
    "slo_hopeless": "no further answer could have saved a service level",
    "judge_failing": "the judge's model gave no usable judgement any more",
    "host_not_allowed": "the target named a host that is not listed",
    "bug": "of a bug in reverse-rag",
    "budget": "its budget was spent",
    "interrupted": "somebody interrupted it; it can be resumed",
}

METRICS = {
    "error_rate": "Error rate",
    "kill_switch": "Errors at the kill switch",
    "p50_ms": "Latency, median",
    "p95_ms": "Latency, 95th percentile",
    "p99_ms": "Latency, 99th percentile",
    "ttft_p95_ms": "Time to first token, 95th percentile",
    "gap_p95_ms": "Pause within an answer, 95th percentile",
    "requests": "Requests",
    "resent": "Maybe sent before, by a process that was killed",
    "duration_s": "Time under load",
    "lag_p99_ms": "Load generator late, 99th percentile",
    "scheduled_rate": "Scheduled rate",
    "sent_rate": "Sent",
    "attained_rate": "Attained, replies included",
    "peak_in_flight": "Most in flight",
    "goodput": "Goodput",
    "goodput_rate": "Good answers",
    "tokens_per_s": "Tokens a second in an answer, median",
    "events_per_arrival": "Events that came together, mean",
}

TIMES = {
    "latency_ms": ("Latency from schedule", "from the moment a request was due to the last byte: what a user waits"),
    "service_ms": ("Service time", "from sending to the last byte: what the target took, once it was asked"),
    "lag_ms": ("Sent late", "from due to sent: waiting that is the load generator's, not the target's"),
    "ttft_ms": ("Time to first token", "from sending to the first piece of a streamed answer"),
    "gap_ms": ("Pause within an answer", "between the arrivals of a streamed answer's pieces, of all answers together"),
}
"""Each kind of time with what it means."""


def statement(gate: GateResult) -> str:
    """Return the decision in plain words; that nothing was judged comes before all else."""
    if gate.decision == "inconclusive" and not gate.prompts.judged:
        return (
            "Nothing was tested" if not gate.ledgers.judge + gate.ledgers.infrastructure else "Nothing could be judged"
        )
    return STATEMENTS[gate.decision]


def criterion_title(name: str) -> str:
    """Return what a failure of the criterion means; its own name where that is not known."""
    return _CRITERIA.get(name) or name.replace("_", " ").strip().capitalize() or "Unnamed criterion"


def ended(stopped_because: str) -> str:
    """Return why a run ended, to follow *because*; a code that is not known in its own words."""
    return _ENDS.get(stopped_because) or stopped_because.replace("_", " ").strip().rstrip(".") or "nobody said why"


def severity(name: str) -> tuple[int, str]:
    """Return a sort key: the worst kind of failure first."""
    return (_SEVERITY.index(name) if name in _SEVERITY else len(_SEVERITY), name)
