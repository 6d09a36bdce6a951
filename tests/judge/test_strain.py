"""What the sender saw of the target, in objectives and figures."""

from typing import Any, get_args

import pytest

from harness.contracts import SloResult
from judge.phrases import stop_phrase
from judge.strain import strained
from reports.wording import ended
from swarm.monitor import StoppedBecause

TRIPPED = {"tripped_after_s": 4.0, "error_share": 0.8, "limit": 0.5, "requests": 60, "recovery_s": 3.2, "gone": False}
GATE_S_OWN = ("zero_tolerance", "slo_hopeless", "budget", "judge_failing", "recorded")


def test_a_target_that_broke_has_missed_an_objective() -> None:
    other = SloResult(metric="p95_ms", observed=1.0, limit=2.0, met=True)
    slo, load = strained([other], {"arm": "load"}, {"kill_switch": TRIPPED, "saturation": None})
    assert slo == [other, SloResult(metric="kill_switch", observed=0.8, limit=0.5, met=False)]
    assert (load["recovery_s"], load["kill_switch"], load["saturated"]) == (3.2, TRIPPED, False)


def test_a_target_that_only_went_away_has_missed_none() -> None:
    slo, load = strained([], {"arm": "load"}, {"kill_switch": {**TRIPPED, "gone": True, "recovery_s": None}})
    assert slo == []
    assert load["recovery_s"] is None


def test_over_saturation_is_a_figure_and_no_objective() -> None:
    found = {"since_s": 3.0, "arrival_rate": 40.0, "sustained_rate": 10.0}
    slo, load = strained([], {"arm": "load"}, {"kill_switch": None, "saturation": found})
    assert slo == []
    assert (load["saturated"], load["saturation"]) == (True, found)


@pytest.mark.parametrize("end", [{}, {"kill_switch": None, "saturation": None}])
def test_without_a_load_nothing_is_said(end: dict[str, Any]) -> None:
    assert strained([], {"arm": "semantic"}, end) == ([], {"arm": "semantic"})


@pytest.mark.parametrize("because", [*get_args(StoppedBecause), *GATE_S_OWN])
def test_every_end_of_a_run_has_a_plain_sentence(because: str) -> None:
    """Not the code itself with its underscores taken out."""
    assert because.replace("_", " ") + "." != stop_phrase(because).removeprefix("The run ended: ")
    assert ended(because) != because.replace("_", " ")
