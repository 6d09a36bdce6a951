"""``[load]``: when conversations begin."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from harness.config.killswitch import KillSwitchSection
from harness.config.sections import PositiveFloat, PositiveInt, Section

NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_DURATION_S = 60.0
DEFAULT_RATE = 20.0
_START = re.compile(rf"({'|'.join(WEEKDAYS)}) ([01]\d|2[0-3]):([0-5]\d)")


class LoadStage(Section):
    """One stage of a load profile: the level goes linearly from that of the stage before to this one's."""

    duration_s: NonNegative
    """How long it takes, in seconds; 0 jumps."""
    rate: NonNegative | None = None
    """Arrivals a second at its end (``open``)."""
    users: Annotated[int, Field(ge=0)] | None = None
    """Concurrent users at its end (``closed``)."""


class LoadSection(Section):
    """The shape of the load; see docs/load.md. Where the file has no ``[load]``, prompts go out at plain concurrency."""

    model: Literal["open", "closed", "replay"] = "closed"
    """Arrivals a second, concurrent users, or production's arrival shape."""
    rate: PositiveFloat | None = None
    """Conversations that begin in a second (``open``; 20 if absent), or the mean of them (``replay``; production's own, ``speed`` times, if absent)."""
    arrivals: Literal["constant", "poisson"] = "constant"
    """Evenly spaced, or at random as independent users come (``open`` and ``replay``)."""
    users: PositiveInt = 20
    """Concurrent users (``closed``)."""
    stages: list[LoadStage] = Field(default_factory=list)
    """Ramps, steps and spikes, from 0: a list of ``{ duration_s, rate }`` (``open``) or ``{ duration_s, users }`` (``closed``)."""
    duration_s: PositiveFloat | None = None
    """How long the profile lasts, in seconds; 60 if absent, or what the stages take together."""
    think_time_s: NonNegative | tuple[NonNegative, NonNegative] = 0.0
    """Seconds that a user takes between a reply and the next turn, and in ``closed`` before the next conversation; ``[least, most]`` draws evenly between them."""
    speed: PositiveFloat = 1.0
    """How many times faster than production the week goes by (``replay``)."""
    start: str | None = None
    """When in production's week to begin (``replay``), in UTC, such as ``"mon 09:00"``; the busiest time if absent."""
    control: Annotated[int, Field(ge=0)] = 0
    """So many prompts, the first of the tier's, are also asked one at a time, before or after the load; see docs/stopping.md."""
    stop_when_saturated: bool = False
    """End the run when the target cannot keep up with the arrivals (``open`` and ``replay``); that it cannot is reported in any case."""
    saturation_s: PositiveFloat = 20.0
    """The target counts as over-saturated when it falls behind more and more for so many seconds."""
    kill_switch: KillSwitchSection = KillSwitchSection()

    @field_validator("think_time_s")
    @classmethod
    def _is_range(cls, seconds: float | tuple[float, float]) -> float | tuple[float, float]:
        if isinstance(seconds, tuple) and seconds[0] > seconds[1]:
            raise ValueError("must be [least, most], and the least is more than the most")
        return seconds

    @field_validator("start")
    @classmethod
    def _is_moment(cls, start: str | None) -> str | None:
        if start is not None and not _START.fullmatch(start):
            raise ValueError('must be a day and a time of the week in UTC, such as "mon 09:00"')
        return start

    @model_validator(mode="after")
    def _stages_fit(self) -> Self:
        if not self.stages:
            return self
        if self.model == "replay":
            raise ValueError("'stages' does not go with model 'replay', whose profile is production's")
        level, other = ("rate", "users") if self.model == "open" else ("users", "rate")
        for number, stage in enumerate(self.stages, start=1):
            if getattr(stage, level) is None or getattr(stage, other) is not None:
                raise ValueError(
                    f"with model '{self.model}' every stage has duration_s and {level}; stage {number} has not"
                )
        total_s = sum(stage.duration_s for stage in self.stages)
        if total_s == 0 or not any(getattr(stage, level) for stage in self.stages):
            raise ValueError(f"'stages' needs a duration_s and a {level} above 0")
        if self.duration_s is not None and abs(self.duration_s - total_s) > 1e-6:
            raise ValueError(
                f"'duration_s' is {self.duration_s:g} and the stages' duration_s add up to {total_s:g}; leave the first out"
            )
        return self

    @property
    def lasts_s(self) -> float:
        """How long the profile lasts, in seconds."""
        if self.stages:
            return sum(stage.duration_s for stage in self.stages)
        return self.duration_s or DEFAULT_DURATION_S

    @property
    def start_minute(self) -> int | None:
        """``start`` as minutes since Monday 00:00 UTC; None for the busiest time."""
        if self.start is None:
            return None
        day, hour, minute = self.start[:3], self.start[4:6], self.start[7:]
        return (WEEKDAYS.index(day) * 24 + int(hour)) * 60 + int(minute)
