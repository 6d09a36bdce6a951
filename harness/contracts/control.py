"""Answers of known quality that a run puts among its own, to test its judge."""

from typing import Literal

from harness.contracts.base import Field, Part, Record
from harness.contracts.exchange import Exchange

ControlKind = Literal["known_good", "known_bad"]
Finder = Literal["checks", "model"]


class PlantedControl(Record):
    """One planted answer; its verdict stands with the others and names its kind in ``control``."""

    exchange: Exchange
    """The answer as the judge gets it. Its target never gave it: it is made from one of the target's answers."""
    history: list[Exchange] = Field(default_factory=list)
    """The turns before it."""
    kind: ControlKind
    origin: str
    """What makes it good (``quotation``, ``question``) or bad (the planted defect), or ``label``: a person said so."""
    finder: Finder
    """Who has to see what it is: the checks alone, or a model that they leave it to."""
    base_exchange_id: str | None = None
    """The run's exchange that it was made from; None where it is a labelled answer."""
    review_id: str | None = None
    """Of the labelled answer."""


class ControlCount(Part):
    """What became of the controls of one kind and origin."""

    kind: ControlKind
    origin: str
    finder: Finder
    planted: int
    judged: int
    """Without those that the judge gave no usable judgement of: these are its failures, and no misses."""
    missed: int
    missed_ids: list[str] = Field(default_factory=list)
    """Exchange ids of the missed ones; the answers stand in the run's ``controls`` folder."""


class Controls(Part):
    """How the judge did on answers of known quality."""

    planted: int = 0
    judged: int = 0
    missed: int = 0
    max_missed: float = 1.0
    """Share that may be missed, among those of one kind and finder."""
    counts: list[ControlCount] = Field(default_factory=list)
    void: list[str] = Field(default_factory=list)
    """Sentences: what was missed beyond the share; empty where the judge passed."""
    notes: list[str] = Field(default_factory=list)
    """Sentences: what else was missed, and what could not be tested."""
    is_complete: bool = True
    """Whether every planted control got a verdict."""
