"""What the load did to the target, as the sender saw it: whether it broke, recovered, or fell behind."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.contracts import SloResult
from judge.phrases import stop_phrase

KILL_SWITCH = "kill_switch"
_CACHED_SHARE = 0.5
"""Of the sentinels, and no fewer than two: an assistant that answers the same at times is none."""


def strained(
    slo: Sequence[SloResult], load: Mapping[str, Any], end: Mapping[str, Any], *, held: bool = False
) -> tuple[list[SloResult], dict[str, Any]]:
    """Return objectives and load figures with what the sender saw.

    A target that broke under the load has missed an objective that no
    configuration has to name. One that only went away has not: whether the
    load drove it away or the network did, nobody can tell.

    Args:
        slo: Objectives as ``judge.slo.measure`` returned them.
        load: The figures that came with them.
        end: How the sending ended, as ``swarm.job.read_end`` returns it.
        held: Whether the load was to last for its whole duration, whatever is decided before.
    """
    figures = dict(load)
    if held and not end.get("load_over"):
        figures["cut_short"] = True
    if load.get("arm") == "load" and "saturation" in end:
        figures["saturated"] = end["saturation"] is not None
        if figures["saturated"]:
            figures["saturation"] = end["saturation"]
    if end.get("sentinels") is not None:
        figures["sentinels"] = end["sentinels"]
    tripped = end.get("kill_switch")
    if tripped is None:
        return list(slo), figures
    figures |= {"kill_switch": tripped, "recovery_s": tripped["recovery_s"]}
    if tripped["gone"]:
        return list(slo), figures
    broke = SloResult(metric=KILL_SWITCH, observed=tripped["error_share"], limit=tripped["limit"], met=False)
    return [*slo, broke], figures


def cut_short(load: Mapping[str, Any], stopped_because: str) -> list[str]:
    """Return that a load which was to last did not come to its end: no pass rests on the part of it that was sent."""
    if not load.get("cut_short"):
        return []
    return [
        f"The load did not come to its end, so what it was there to test is not known. {stop_phrase(stopped_because)}"
    ]


def sentinel_notes(load: Mapping[str, Any]) -> list[str]:
    """Return what sentinels tell besides a ban: whether a response cache answers."""
    asked = load.get("sentinels")
    if asked is None or asked["cached"] < max(2, _CACHED_SHARE * asked["asked"]):
        return []
    sentence = (
        f"A response cache seems to answer: {asked['cached']} of {asked['asked']} harmless prompts that were asked again "
        "got the same words, by the reply's own headers from a cache or in a fifth of the time. What is asked twice "
        "then says little about the assistant."
    )
    return [sentence]
