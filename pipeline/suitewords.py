"""What is said of a suite in words: how varied it is, what it took over, how production moved away from it."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.wording import counted
from pipeline.console import Console

_NEW_TRAFFIC = 0.02
"""Rise of the share of sessions that fit no segment from which a warning is given, unless chance explains it."""
_MOVES = 3
_NEXT_LINE = "\n" + " " * 15
_RETIRED = {
    "never_failed": "judged and never failed",
    "regression_clean": "once failed, clean since",
    "regression_over_cap": "failed, but over [personas] regression_share",
    "no_traffic_like_it": "no traffic like theirs any more",
    "less_traffic_like_it": "less traffic like theirs",
    "rare_word_now": "a word that fewer than k users write now",
}


def one_line(text: str) -> str:
    """Return a model's words as what they are, a part of a line."""
    return " ".join(text.split())


def fact(label: str, value: str) -> str:
    """Return a label and its value as lines of a text."""
    # Further lines are set in, so that no message can pass for a fact of its own.
    return f"  {label:<12} {value.replace(chr(10), _NEXT_LINE)}"


def diversity_lines(figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield labels and values for people; figures of earlier versions say less."""
    if "nearest" in figures:
        nearest = figures["nearest"]
        said = (
            f"distinct-1/2/3 {figures['distinct_1']:.2f}/{figures['distinct_2']:.2f}/{figures['distinct_3']:.2f} "
            f"of {figures['distinct_words']:,} words; nearest other prompt {nearest['mean']:.2f} away "
            f"(5 % under {nearest['p5']:.2f}); {counted(figures['near_duplicates'], 'near-duplicate')}"
        )
        yield "diversity", said
    if "coverage" in figures:
        coverage = figures["coverage"]
        within = coverage.get("sessions_within")
        said = (
            f"{coverage['traffic_in_covered_segments']:.0%} of traffic in segments with "
            f"{coverage['prompts_from_which_covered']} prompts or more"
        )
        if within is not None:
            said += f"; {within:.0%} of sessions have a prompt within {coverage['distance']}"
        yield "coverage", said


def evolution_lines(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield labels and values for people."""
    yield (
        "goes on",
        f"from {values['from_suite_id']}, by what {counted(len(values['runs']), 'run')} found out about it",
    )
    said = (
        f"{values['kept_in_rate']:,} prompts in the rate; {values['regression']:,} regression prompts, "
        f"{values['new_regression']:,} of them new"
    )
    yield "kept", said
    retired: Mapping[str, int] = values["retired"]
    if retired:
        reasons = ", ".join(f"{count:,} {_RETIRED.get(reason, reason)}" for reason, count in retired.items())
        yield "retired", f"{sum(retired.values()):,}: {reasons}"
    yield "added", f"{values['added']:,} new prompts"


def drift_lines(values: Mapping[str, Any], *, warn_from: float) -> Iterator[tuple[str, str, str]]:
    """Yield labels, values and styles for people; a warning where production has moved."""
    new = values["new_traffic"]
    moved = values["is_real"] and values["divergence_bits"] >= warn_from
    # Suites of earlier versions do not say what chance gives.
    strange = new["now"] - new["then"] >= max(_NEW_TRAFFIC, new.get("rise_by_chance", 0.0))
    style = "yellow" if moved or strange else ""
    chance = "" if values["is_real"] else ", no more than chance gives"
    said = (
        f"{values['divergence_bits']:.3f} bits between production's mix then and now{chance}; "
        f"{new['now']:.1%} of sessions fit no segment ({new['then']:.1%} then)"
    )
    yield "drift", said, style
    moves = sorted(values["segments"], key=lambda s: -abs(s["now"] - s["then"]))[:_MOVES]
    if values["is_real"]:
        for segment in moves:
            yield "", f"{segment['label']}: {segment['then']:.1%} → {segment['now']:.1%}", "dim"
    if moved or strange:
        yield "", "the suite no longer weighs like production: `reverse-rag personas --evolve latest` follows it", style


def say_diversity(figures: Mapping[str, Any], console: Console) -> None:
    """Say how varied a suite is."""
    for label, value in diversity_lines(figures):
        console.fact(label, value)


def say_evolution(values: Mapping[str, Any], console: Console) -> None:
    """Say what a suite took over from an earlier one."""
    for label, value in evolution_lines(values):
        console.fact(label, value)


def say_drift(values: Mapping[str, Any], console: Console, *, warn_from: float) -> None:
    """Say how production's mix moved."""
    for label, value, style in drift_lines(values, warn_from=warn_from):
        console.fact(label, value, style)
