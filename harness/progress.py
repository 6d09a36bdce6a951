"""How a stage tells whoever watches how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Receives a stage's progress; the CLI draws it, tests record it."""

    def update(self, step: str, done: int, total: int | None = None) -> None:
        """Report that ``done`` of ``total`` units of ``step`` are finished.

        Args:
            step: What is being done, such as ``sanitizing``.
            done: Units finished.
            total: Units there are; None where that is unknown.
        """
        ...


class SilentProgress:
    """Shows nothing."""

    def update(self, step: str, done: int, total: int | None = None) -> None:
        """Ignore the report."""
