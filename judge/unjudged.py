"""Answers that the judge's models gave no usable judgement of, and why."""

import re
from collections.abc import Sequence

from harness.contracts import CriterionResult

JUDGE_CRITERION = "model_judgement"
"""Criterion that records why the model gave no usable judgement."""
PROBLEMS = {
    "ModelOutputError": "judgements without the asked-for form, or proved by words that the answer lacks",
    "ModelThrottledError": "calls that were throttled to the end",
    "ModelLateError": "calls without a whole judgement in time",
    "ModelUnreachableError": "calls that reached nobody",
    "ModelRefusedError": "calls whose credentials were refused",
    "ModelError": "calls that failed otherwise",
}
"""What each kind of error left behind, in words."""
_KIND = re.compile(r"\((\w+)\)\.$")


def unjudged(problem: str, judged_by: str) -> CriterionResult:
    """Return what a verdict says of a judgement that did not come about.

    Args:
        problem: The error's kind, and never its words: they may hold what the model was asked.
        judged_by: The models.
    """
    reason = f"The judge's model gave no usable judgement ({problem})."
    return CriterionResult(name=JUDGE_CRITERION, passed=None, reason=reason, judged_by=judged_by)


def problem_in(criteria: Sequence[CriterionResult]) -> str:
    """Return the kind of error that kept a model from judging; empty where none did."""
    for result in criteria:
        if result.name == JUDGE_CRITERION:
            found = _KIND.search(result.reason)
            return found[1] if found else "ModelError"
    return ""
