"""What the load did to the target and to its answers, in sentences; whatever is missing is left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.wording import counted
from reports.figures import count, duration, percent, rate


@dataclass(frozen=True, slots=True)
class FourFields:
    """How many prompts passed or failed alone, and how many of them under load."""

    both_passed: int
    only_load_failed: int
    only_control_failed: int
    both_failed: int
    only_load: list[str]
    """Ids of the prompts that failed only under load."""


def four_fields(load: Mapping[str, Any]) -> FourFields | None:
    """Return the pairs as a table of four fields; None where there are none."""
    paired = load.get("paired")
    if not isinstance(paired, Mapping) or not paired["pairs"]:
        return None
    only_load = paired.get("only_load")
    return FourFields(
        both_passed=paired["both_passed"],
        only_load_failed=paired["only_load_failed"],
        only_control_failed=paired["only_control_failed"],
        both_failed=paired["both_failed"],
        only_load=only_load if isinstance(only_load, list) else [],
    )


def sentences(load: Mapping[str, Any]) -> list[str]:
    """Return what there is to say, the most important first."""
    return [
        *_broken(load.get("kill_switch")),
        *_saturated(load.get("saturation")),
        *_cut_short(load.get("cut_short")),
        *_paired(load.get("paired")),
    ]


def _broken(tripped: object) -> Iterator[str]:
    if not isinstance(tripped, Mapping):
        return
    told = (
        f"After {duration(tripped['tripped_after_s'])} of load the target broke: {percent(tripped['error_share'])} of "
        f"the last {count(tripped['requests'])} replies were errors, and sending stopped."
    )
    recovery_s = tripped["recovery_s"]
    again = "It did not recover in the time it was given." if recovery_s is None else ""
    yield f"{told} {again or f'Left alone, it answered again after {duration(recovery_s)}.'}"


def _saturated(found: object) -> Iterator[str]:
    if isinstance(found, Mapping):
        yield (
            f"From {duration(found['since_s'])} of load on the target could not keep up: {rate(found['arrival_rate'])} "
            f"conversations began, and it ended {rate(found['sustained_rate'])}, which is about what it can sustain."
        )


def _cut_short(cut: object) -> Iterator[str]:
    if cut:
        yield "The load did not come to its end: what it was there to test in the rest of its time is not known."


def _paired(paired: object) -> Iterator[str]:
    if not isinstance(paired, Mapping):
        return
    if not paired["pairs"]:
        yield "No prompt was judged both alone and under load."
        return
    told = (
        f"Of {counted(paired['pairs'], 'prompt')} asked both alone and under load, {count(paired['only_load_failed'])} "
        f"failed only under load, {count(paired['only_control_failed'])} only alone, {count(paired['both_failed'])} both "
        f"times."
    )
    same = paired["same_text"]
    cached = ", as from a cache; the load then did not test them" if same else ""
    yield f"{told} {count(same)} got the same answer word for word{cached}."
    yield from _drop(paired)


def _drop(paired: Mapping[str, Any]) -> Iterator[str]:
    """Yield by how much quality falls; runs of older versions do not say it."""
    drop = paired.get("drop")
    if isinstance(drop, Mapping) and drop["estimate"] is not None:
        lost, lower, upper = (_points(drop[name]) for name in ("estimate", "lower", "upper"))
        yield (
            f"Under load {lost} points more of them failed than alone ({percent(paired['confidence'])} interval {lower} "
            f"to {upper} points; exact McNemar test, p = {paired['p_value']:.2g})."
        )


def _points(share: float) -> str:
    return f"{share * 100:.3g}".replace("-", "−")
