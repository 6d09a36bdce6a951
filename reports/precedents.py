"""A run against what was known before it, for the report: new failures first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.contracts import GateResult
from harness.wording import counted
from reports.conversations import Conversation
from reports.figures import count, percent


@dataclass(frozen=True, slots=True)
class Fallen:
    """A prompt that fails and should not, by what was known before."""

    prompt_id: str
    why: str
    conversation: Conversation | None
    """Its first attempt; None where the run's folder no longer holds it."""


def sentences(gate: GateResult) -> list[str]:
    """Return what the comparison with the baseline and the golden arm say; nothing where the run had neither."""
    return [*_compared(gate.baseline), *_golden(gate.golden)]


def fallen(gate: GateResult, conversations: Sequence[Conversation]) -> list[Fallen]:
    """Return new failures against the baseline, and hand-written prompts that failed."""
    sent = {(c.key.prompt_id, c.key.arm == "golden"): c for c in conversations if c.key.attempt == 1 and _is_read(c)}
    new: list[str] = gate.baseline.get("new_failure_ids") or []
    found = [Fallen(p, "passed in the baseline", sent.get((p, False))) for p in new]
    again = set(gate.golden.get("new_failures") or ())
    kept: list[str] = gate.golden.get("failures") or []
    for prompt_id in sorted({*kept, *again}):
        kind = "hand-written" if prompt_id in kept else "once failed"
        told = f"{kind}, passed in the baseline" if prompt_id in again else kind
        found.append(Fallen(prompt_id, told, sent.get((prompt_id, True))))
    return found


def four_fields(gate: GateResult) -> Mapping[str, Any] | None:
    """Return the counts of both runs' outcomes; None where nothing was compared."""
    return gate.baseline if gate.baseline.get("compared") else None


def _is_read(conversation: Conversation) -> bool:
    return conversation.key.arm != "control"


def _compared(told: Mapping[str, Any]) -> list[str]:
    if not told:
        return []
    run = told.get("run_id")
    if not told.get("compared"):
        return [f"Nothing was compared with {run}." if run else "Nothing was compared: there is no baseline yet."]
    lower, upper = (f"{told['difference'][end] * 100:+.2g}".replace("-", "−") for end in ("lower", "upper"))
    sentence = (
        f"Of {counted(told['compared'], 'prompt')} in both {run} and this run, {count(told['new_failures'])} failed only "
        f"now and {count(told['fixed'])} only before; the failure rate changed by {lower} … {upper} points "
        f"(95 % interval at this number of prompts)."
    )
    odds = (
        f"{told['evidence']:.3g} to 1, and {told['evidence_needed']:.3g} to 1 decides at {percent(told['confidence'])}"
    )
    calm = "Too few to tell a regression" if told["compared"] < told["fewest"] else "No sign of a regression"
    verdict = "The release is worse" if told["regressed"] else calm
    return [sentence, f"{verdict}: evidence that it is worse stands at {odds}."]


def _golden(told: Mapping[str, Any]) -> list[str]:
    sentences = []
    if told.get("planned"):
        sentences.append(
            f"{count(told['failed'])} of {counted(told['judged'], 'hand-written prompt')} failed; "
            f"at most {count(told['max_failures'])} may."
        )
    kept = told.get("regression") or {}
    if kept.get("planned"):
        sentences.append(
            f"{count(kept['failed'])} of {counted(kept['judged'], 'prompt')} that once failed still "
            f"{'fails' if kept['failed'] == 1 else 'fail'}."
        )
    return sentences
