"""What a run found out beside the failure rate, for the decision and its report."""

from dataclasses import dataclass, field

from harness.contracts import Confirmations, Controls, GroupRate, NoiseFloor, WorstSegment
from judge.precedents import Precedents


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Whom failures hit, whether they come back, and how the judge did; only the worst segment and the controls decide."""

    groups: tuple[GroupRate, ...] = ()
    worst_segment: WorstSegment | None = None
    confirmations: Confirmations | None = None
    noise_floor: NoiseFloor | None = None
    precedents: Precedents | None = None
    """What was known before the run; None where nobody looked."""
    controls: Controls = field(default_factory=Controls)
    lacks_contexts: bool = False
    """Contexts were to come, to check answers by, and no reply brought any."""
