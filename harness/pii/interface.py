"""What PII detection offers to the stages: extract (strict), personas (strict), judge (precise)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

OperatingPoint = Literal["strict", "precise"]
"""``strict`` finds as much as it can (sanitizing); ``precise`` flags only what is surely personal (judging)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PiiSpan:
    """A personal value in a text."""

    start: int
    end: int
    """Exclusive."""
    entity: str
    """Presidio's vocabulary: PERSON, EMAIL_ADDRESS, PHONE_NUMBER, CREDIT_CARD, IBAN_CODE, ID …"""
    score: float
    """0 … 1; 1 = verified, for example by a checksum."""
    why: str = field(default="", compare=False)
    """In words, what found it and by what; never holds any of the text."""
    guessed: bool = field(default=False, compare=False)
    """Whether a model told it from its looks, rather than a form, a check or a known value."""


class PiiDetector(Protocol):
    """Finds personal values in texts."""

    def find(self, text: str, *, known: "tuple[str, ...]" = ()) -> list[PiiSpan]:
        """Return the spans in ``text``, ordered and without overlaps.

        Args:
            text: Any text.
            known: Values known to be personal for this text's user (their profile); found in every simple variant.
        """
        ...

    def prepare(self, texts: Collection[str]) -> None:
        """Look at many texts at once, so that ``find`` is quick for them; what it finds stays the same.

        Args:
            texts: Those that ``find`` is about to be asked for; a few thousand at most.
        """
        ...


class SpanFinder(Protocol):
    """Finds personal values in many texts at once: a tagger, or recognizers that the user brings."""

    def find(self, texts: Sequence[str]) -> Sequence[Sequence[PiiSpan]]:
        """Return, for each text, the spans in it; they may overlap.

        Raises:
            RecognizerError: If one of the texts cannot be looked at; none of them may leave then.
        """
        ...


@dataclass(frozen=True, slots=True)
class RecognizerSource:
    """Where recognizers of the user's own come from."""

    name: str
    """``package.module:Name``, or the YAML file's name."""
    text: str | None = None
    """What the YAML file holds, so that no other machine needs the file."""
