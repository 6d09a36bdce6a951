"""What the load did to the target, as the sender saw it: whether it broke, recovered, or fell behind."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.contracts import SloResult

KILL_SWITCH = "kill_switch"


def strained(
    slo: Sequence[SloResult], load: Mapping[str, Any], end: Mapping[str, Any]
) -> tuple[list[SloResult], dict[str, Any]]:
    """Return objectives and load figures with what the sender saw.

    A target that broke under the load has missed an objective that no
    configuration has to name. One that only went away has not: whether the
    load drove it away or the network did, nobody can tell.

    Args:
        slo: Objectives as ``judge.slo.measure`` returned them.
        load: The figures that came with them.
        end: How the sending ended, as ``swarm.job.read_end`` returns it.
    """
    figures = dict(load)
    if load.get("arm") == "load" and "saturation" in end:
        figures["saturated"] = end["saturation"] is not None
        if figures["saturated"]:
            figures["saturation"] = end["saturation"]
    tripped = end.get("kill_switch")
    if tripped is None:
        return list(slo), figures
    figures |= {"kill_switch": tripped, "recovery_s": tripped["recovery_s"]}
    if tripped["gone"]:
        return list(slo), figures
    broke = SloResult(metric=KILL_SWITCH, observed=tripped["error_share"], limit=tripped["limit"], met=False)
    return [*slo, broke], figures
