"""Where a run's standing is shown."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # Not at run time: every command loads this module, and few run anything.
    from pipeline.standing import Standing


class Display(Protocol):
    """Shows how a run stands; the CLI draws it, tests record it."""

    def show(self, standing: "Callable[[], Standing]") -> None:
        """Show it in place of the one before; it is put together only if it is wanted."""
        ...


class NoDisplay:
    """Shows nothing."""

    def show(self, standing: "Callable[[], Standing]") -> None:
        """Pass over it."""
