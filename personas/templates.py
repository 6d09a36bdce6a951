"""Templates: text with ``[one|of|these]`` and ``{slot}``, parsed once and filled many times."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

_MARK = re.compile(r"([\[\]|]|\{\w+\})")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a value."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A place for one of several templates."""

    options: tuple["Template", ...]


@dataclass(frozen=True, slots=True)
class Template:
    """Words, slots and choices in their order."""

    parts: tuple[str | Slot | Choice, ...]

    def fill(self, rng: random.Random, slot: Callable[[str], str]) -> str:
        """Return one text of those the template stands for."""
        filled = []
        for part in self.parts:
            if isinstance(part, Slot):
                filled.append(slot(part.name))
            elif isinstance(part, Choice):
                filled.append(part.options[int(rng.random() * len(part.options))].fill(rng, slot))
            else:
                filled.append(part)
        return "".join(filled)


@cache
def parse(text: str) -> Template:
    """Return a template's parts.

    Raises:
        ValueError: If its brackets do not match.
    """
    options, rest = _options(_MARK.split(text))
    if rest or len(options) != 1:
        raise ValueError(f"unbalanced template: {text[:40]!r}")
    return options[0]


def _options(pieces: list[str]) -> tuple[list[Template], list[str]]:
    """Read alternatives up to the closing bracket; return them and what follows it."""
    options: list[Template] = []
    parts: list[str | Slot | Choice] = []
    while pieces:
        piece, pieces = pieces[0], pieces[1:]
        if piece == "[":
            inner, pieces = _options(pieces)
            if not pieces or pieces[0] != "]":
                raise ValueError("a bracket is not closed")
            pieces = pieces[1:]
            parts.append(Choice(tuple(inner)))
        elif piece == "]":
            return [*options, Template(tuple(parts))], [piece, *pieces]
        elif piece == "|":
            options.append(Template(tuple(parts)))
            parts = []
        elif piece.startswith("{") and _MARK.fullmatch(piece):
            parts.append(Slot(piece[1:-1]))
        elif piece:
            parts.append(piece)
    return [*options, Template(tuple(parts))], []
