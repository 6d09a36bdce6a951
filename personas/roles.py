"""What a model is to write: each persona's strategies, and how they share calls."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from personas.briefing import examples_of
from personas.corpus import Corpus
from personas.offline import Cast
from personas.segments import Segment
from personas.strategies import STRATEGIES, Strategy

STRATEGIES_A_CALL = 5
"""A model that is given more kinds at once mixes them up; one strategy a call costs several times as many calls."""
_MORE = 2
"""Prompts that are asked for in later rounds beyond what is missing, at least."""
DRY_ROUNDS = 4
"""Rounds in a row that brought a strategy nothing before it counts as one that this model cannot write."""


@dataclass(slots=True)
class Role:
    """One strategy of one persona: what is wanted of it and what there is."""

    strategy: Strategy
    wanted: int
    made: list[int] = field(default_factory=list)
    """Places among all prompts that the model wrote."""
    dry: int = 0

    @property
    def missing(self) -> int:
        """Prompts still to be asked for; none of what this model cannot write."""
        return 0 if self.dry >= DRY_ROUNDS else self.wanted - len(self.made)


@dataclass(frozen=True, slots=True)
class Player:
    """A persona that a model writes for."""

    cast: Cast
    segment: Segment
    examples: tuple[str, ...]
    roles: Mapping[str, Role]
    """By strategy."""


@dataclass(frozen=True, slots=True)
class Part:
    """So many prompts of a role, asked for in one call."""

    role: Role
    count: int


def players_of(
    casts: Sequence[Cast], segments: Sequence[Segment], corpus: Corpus, plan: Sequence[Mapping[str, int]]
) -> list[Player]:
    """Return what a model is to write, persona by persona."""
    by_name = {strategy.name: strategy for strategy in STRATEGIES}
    return [
        Player(
            cast,
            segment,
            tuple(examples_of(segment, corpus)),
            {
                name: Role(by_name[name], count)
                for name, count in Counter(counts).items()
                if by_name[name].by_model and count
            },
        )
        for cast, segment, counts in zip(casts, segments, plan, strict=True)
    ]


def asked(missing: int, number: int) -> int:
    """Return how many to ask for: in later rounds more than are missing, since some were lost before."""
    return missing + max(_MORE, math.ceil(missing / 2)) if number and missing else missing


def in_calls(wanted: Iterable[tuple[Role, int]], size: int) -> list[list[Part]]:
    """Return the parts of each call: some of the rarest strategies, filled up with the one that most is wanted of.

    Args:
        wanted: Roles of one persona, and how many prompts to ask of each.
        size: Prompts of a call at most; of no more than ``STRATEGIES_A_CALL`` strategies.
    """
    left = [(role, count) for role, count in wanted if count]
    calls: list[list[Part]] = []
    while left:
        parts: list[Part] = []
        room = size
        while left and room and len(parts) < STRATEGIES_A_CALL:
            left.sort(key=lambda each: each[1])
            fills = len(parts) == STRATEGIES_A_CALL - 1 or left[0][1] > room
            role, count = left.pop(-1 if fills else 0)
            parts.append(Part(role, min(room, count)))
            room -= parts[-1].count
            if count > parts[-1].count:
                left.append((role, count - parts[-1].count))
        calls.append(parts)
    return calls
