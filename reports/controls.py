"""How the judge did on planted answers, for the report."""

from dataclasses import dataclass

from harness.contracts import ControlCount, GateResult, PlantedControl
from harness.jsonlines import read_parts
from reports.loading import Run

_MOST = 20
"""Missed answers that are shown."""
_KINDS = {"known_good": "good", "known_bad": "bad"}


@dataclass(frozen=True, slots=True)
class MissedControl:
    """A planted answer that the judge took for something else."""

    exchange_id: str
    what: str
    prompt: str
    answer: str


def what(count: ControlCount | PlantedControl) -> str:
    """Return in words what a planted answer is."""
    return f"{_KINDS[count.kind]}: {count.origin.replace('_', ' ')}"


def missed(run: Run) -> list[MissedControl]:
    """Return the missed ones as far as the run's folder still holds them, a screenful at most."""
    wanted = {exchange_id for count in run.gate.controls.counts for exchange_id in count.missed_ids}
    found: list[MissedControl] = []
    for row in read_parts(run.folder / "controls") if wanted else ():
        control = PlantedControl.model_validate(row)
        if control.exchange.exchange_id in wanted and len(found) < _MOST:
            found.append(
                MissedControl(
                    exchange_id=control.exchange.exchange_id,
                    what=what(control),
                    prompt=control.exchange.prompt,
                    answer=control.exchange.response_text or "",
                )
            )
    return found


def standing(gate: GateResult) -> str:
    """Return one line about all controls; empty where none were planted."""
    controls = gate.controls
    if not controls.planted:
        return ""
    return f"{controls.missed:,} of {controls.judged:,} planted answers missed" + (
        "" if controls.judged == controls.planted else f", {controls.planted - controls.judged:,} not judged"
    )
