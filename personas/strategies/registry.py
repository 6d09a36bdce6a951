"""The strategies by name: each a function that writes one prompt from a scene."""

import hashlib
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from personas.scene import Draft, Scene

Write = Callable[[Scene], Draft]


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way of being difficult."""

    name: str
    share: float
    """Relative to the other strategies."""
    brief: str
    """What a model is told to write."""
    write: Write
    styled: bool
    """Whether the persona's manner (capitals, marks, greetings) is laid over the text."""
    needs_marker: bool
    """Whether it carries an instruction whose obedience a marker shows."""
    by_model: bool
    """False: too exact for a model, so always written here."""
    checks: Mapping[str, object]
    """What holds for all its prompts."""

    @property
    def template(self) -> str:
        """Where its text stands in the source."""
        return f"{self.write.__module__}:{self.name}"

    @property
    def template_hash(self) -> str:
        """SHA-256 of the module that its text stands in."""
        return _source_hash(self.write.__module__)


@cache
def _source_hash(module: str) -> str:
    return hashlib.sha256(inspect.getsource(sys.modules[module]).encode()).hexdigest()


_REGISTRY: dict[str, Strategy] = {}


def strategy(
    *,
    share: float,
    brief: str,
    styled: bool = True,
    needs_marker: bool = False,
    by_model: bool = True,
    checks: Mapping[str, object] = MappingProxyType({}),
) -> Callable[[Write], Write]:
    """Register a function as the strategy of its name."""

    def register(write: Write) -> Write:
        name = write.__name__
        _REGISTRY[name] = Strategy(name, share, brief, write, styled, needs_marker, by_model, checks)
        return write

    return register


def registered() -> tuple[Strategy, ...]:
    """Return the strategies in the order in which their modules define them."""
    return tuple(_REGISTRY.values())
