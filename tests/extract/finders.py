"""Detectors that do what a test says."""

from collections.abc import Callable, Collection

from harness.pii import PiiSpan

Look = Callable[[str], list[PiiSpan]]


class Finder:
    """A detector that finds what a function returns.

    Args:
        look: Told a text; None finds nothing.
    """

    def __init__(self, look: Look | None = None) -> None:
        self._look = look
        self.known: tuple[str, ...] = ()
        self.prepared: Collection[str] = ()

    def find(self, text: str, *, known: tuple[str, ...] = ()) -> list[PiiSpan]:
        """Return what the function returns."""
        self.known = known
        return self._look(text) if self._look else []

    def prepare(self, texts: Collection[str]) -> None:
        """Note the texts."""
        self.prepared = texts


def everything(text: str) -> list[PiiSpan]:
    """Return the whole text."""
    return [PiiSpan(start=0, end=len(text), entity="ID", score=1.0)]


def first_word(text: str) -> list[PiiSpan]:
    """Return the text's first word."""
    return [PiiSpan(start=0, end=len(text.split()[0]), entity="ID", score=1.0)]


def failing(text: str) -> list[PiiSpan]:
    """Fail."""
    raise ValueError(len(text))
