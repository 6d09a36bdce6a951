"""What the load does to the quality of answers: the same prompts, alone and under load, compared pair by pair."""

from collections.abc import Mapping
from typing import Any

from harness.config import GateSection
from judge.paired import exact_mcnemar, paired_difference
from judge.pairing import Pairing
from judge.phrases import count_of, percent

_SHOWN = 5


def compared(pairing: Pairing, confidence: float) -> dict[str, Any]:
    """Return the figures of ``gate.json``'s ``load.paired``.

    ``drop`` is the failure rate under load minus that alone, with an interval
    of its own; ``p_value`` is of the exact, two-sided McNemar test, which asks
    whether as many prompts fail only under load as only alone.

    Args:
        pairing: All verdicts on pairs.
        confidence: Of the interval.
    """
    figures = pairing.figures
    only_load, only_control = figures["only_load_failed"], figures["only_control_failed"]
    difference = paired_difference(only_load, only_control, figures["pairs"], confidence=confidence)
    return {
        **figures,
        "p_value": exact_mcnemar(only_control, only_load),
        "confidence": confidence,
        "drop": difference.model_dump(),
        "only_load": pairing.only_load_failed,
    }


def falls_too_far(gate: GateSection, paired: Mapping[str, Any] | None) -> list[str]:
    """Return why quality under load fails the gate; empty where it does not: the whole interval has to be above the limit."""
    limit = gate.max_quality_drop
    if limit is None or not paired or not paired["pairs"] or paired["drop"]["lower"] <= limit:
        return []
    return [f"Quality under load: {_fall(paired)}, and at most {_points(limit)} may be lost{_prompts(paired)}."]


def quality_notes(gate: GateSection, paired: Mapping[str, Any] | None) -> list[str]:
    """Return what is to be said of quality under load that fails nothing."""
    limit = gate.max_quality_drop
    if limit is not None and (not paired or not paired["pairs"]):
        why = "no prompt was judged both alone and under load" if paired else "[load] control asks no prompt alone"
        return [f"Quality under load was not compared: {why}."]
    if not paired or not paired["pairs"] or falls_too_far(gate, paired):
        return []
    sentences = []
    if paired["p_value"] <= 1.0 - gate.confidence:
        sentences.append(f"Quality under load: {_fall(paired)}{_prompts(paired)}.")
    if limit is not None and paired["drop"]["upper"] > limit:
        lower, upper = _points(paired["drop"]["lower"]), _points(paired["drop"]["upper"])
        sentences.append(
            f"Quality under load: {count_of(paired['pairs'], 'pair')} are too few to say whether less than "
            f"{_points(limit)} are lost: between {lower} and {upper} are."
        )
    return sentences


def _fall(paired: Mapping[str, Any]) -> str:
    drop = paired["drop"]
    verb = "falls" if drop["estimate"] > 0 else "rises"
    interval = f"{percent(paired['confidence'])} interval {_signed(drop['lower'])} to {_signed(drop['upper'])}"
    return (
        f"quality {verb} by {_points(abs(drop['estimate']))} under load (p = {paired['p_value']:.2g}; {interval}): of "
        f"{count_of(paired['pairs'], 'prompt')} {paired['only_load_failed']:,} failed only under load and "
        f"{paired['only_control_failed']:,} only alone"
    )


def _prompts(paired: Mapping[str, Any]) -> str:
    """Return the first prompts that failed only under load, and whether answers look like copies."""
    shown = paired["only_load"][:_SHOWN]
    more = ", …" if len(paired["only_load"]) > _SHOWN else ""
    named = f" ({', '.join(shown)}{more})" if shown else ""
    same = paired["same_text"]
    return f"{named}; {count_of(same, 'answer')} were the same word for word, as from a cache" if same else named


def _points(share: float) -> str:
    return f"{_signed(share)} {'point' if _signed(share) == '1' else 'points'}"


def _signed(share: float) -> str:
    return f"{share * 100:.3g}".replace("-", "−")
