"""The run that a gate's run is compared with, and how one becomes it."""

from typing import Literal

from harness.contracts.base import Field, Record
from harness.contracts.exchange import Arm

BaselineStanding = Literal["comparable", "missing", "other_judge", "other_suite"]


class Promotion(Record):
    """A passed run that later ones may be compared with: of the main branch, as a rule."""

    run_id: str
    suite_id: str
    judge_id: str
    tier: str
    commit: str | None = None
    promoted_at: str
    """Aware UTC time, ISO 8601."""


class BaselineUse(Record):
    """Which run a run is compared with; kept with it, so that its decision can be made again.

    Outcomes are of first attempts, whether they failed, by prompt id. Prompts
    that the judge or the infrastructure left open are not among them.
    """

    asked: str
    """``latest``, or the run that was named."""
    standing: BaselineStanding
    """Only a comparable one is compared with; ``missing``: no run of this suite's line was promoted."""
    run_id: str | None = None
    suite_id: str | None = None
    judge_id: str | None = None
    tier: str | None = None
    arm: Arm | None = None
    """The one that its rate was read from: under load answers may fail that do not alone."""
    commit: str | None = None
    target_version: str | None = None
    outcomes: dict[str, bool] = Field(default_factory=dict)
    """Of the arm that the rate was read from, as far as it was read in the tier's order: what came after that point is
    known only where it came fast, and failures are slow."""
    golden: dict[str, bool] = Field(default_factory=dict)
    """Of the golden arm."""
