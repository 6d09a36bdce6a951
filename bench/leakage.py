"""How much of what identifies people survives a sanitizer, and how much of the rest it takes away.

A word counts as lost where the alignment of both texts drops it. Of an identifying value those words count that have
at least three letters or digits and are no ordinary part of such values; a value leaks when one of them is still in
its place, or anywhere, more often than outside of personal values. That is strict on purpose: four last digits or
the street of an address are a leak.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

IDENTIFYING = frozenset(
    (
        "PERSON",
        "PHONE_NUMBER",
        "EMAIL_ADDRESS",
        "LOCATION",
        "CREDIT_CARD",
        "US_SSN",
        "IBAN_CODE",
        "IP_ADDRESS",
        "ID",
        "US_DRIVER_LICENSE",
    )
)
"""Other types (dates, organizations, towns) are neither leaks nor losses."""
_FUNCTION_WORDS = """
about and any are but can did does for from had has have her him his how its may not our she than that the them then
they this too was were what when where which who why will with would you your
"""
_PARTS_OF_VALUES = """
dame miss mister mrs prof sir apartment avenue block boulevard city close country court drive east flat floor house lane
north park place road room south square state street suite town unit way west account card code contact email mail mobile
name number phone user com net org www http https
"""
ORDINARY = frozenset((_FUNCTION_WORDS + _PARTS_OF_VALUES).split())
"""Words that are left out of account in a value."""
FEWEST_CHARS = 3
_WORD = re.compile(r"[^\W_]+")
_PLACEHOLDER = re.compile(r"<[A-Z][A-Z0-9_]*>")
_HOLE = "\0"


@dataclass(slots=True)
class Share:
    """A count out of a count."""

    hits: int = 0
    of: int = 0

    def add(self, *, hit: bool) -> None:
        """Count one observation."""
        self.hits += hit
        self.of += 1

    @property
    def rate(self) -> float:
        """The share, 0 … 1."""
        return self.hits / self.of if self.of else 0.0

    def interval(self, z: float = 1.96) -> tuple[float, float]:
        """Return Wilson's score interval (1927), 95 % by default."""
        if not self.of:
            return 0.0, 1.0
        spread = z * z / self.of
        centre = (self.rate + spread / 2) / (1 + spread)
        half = z * math.sqrt(self.rate * (1 - self.rate) / self.of + spread / (4 * self.of)) / (1 + spread)
        return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(slots=True)
class Score:
    """What a sanitizer did to labelled rows; the keys are ``all``, sources and types."""

    leaks: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    """Identifying values of which something survives."""
    losses: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    """Words outside of personal values that are gone."""

    def add(self, row: Mapping[str, Any], redacted: str) -> None:
        """Count one row.

        Args:
            row: ``text``, its ``spans``, its ``source``, and the spans to ``ignore`` if it has any.
            redacted: What the sanitizer made of the text.
        """
        words = [_Word(match.start(), match.end(), match[0].casefold()) for match in _WORD.finditer(row["text"])]
        kept, left = _survivors([word.text for word in words], redacted)
        values = [span for span in row["spans"] if span["type"] in IDENTIFYING]
        outside = Counter(word.text for word in words if not word.in_any(values))
        for value in values:
            leaked = any(_alive(words[i].text, outside, left, kept=kept[i]) for i in _telling(words, value))
            for key in ("all", row["source"], value["type"]):
                self.leaks[key].add(hit=leaked)
        total = Counter(word.text for word in words)
        unlabelled = [*row["spans"], *row.get("ignore", ())]
        for word, keeps in zip(words, kept, strict=True):
            if not word.in_any(unlabelled):
                # Elsewhere in the text as often as before: the alignment only put it in another place.
                lost = not keeps and left[word.text] < total[word.text]
                for key in ("all", row["source"]):
                    self.losses[key].add(hit=lost)


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    text: str

    def in_any(self, spans: Sequence[Mapping[str, Any]]) -> bool:
        return any(self.start < span["end"] and self.end > span["start"] for span in spans)


def _telling(words: Sequence[_Word], value: Mapping[str, Any]) -> list[int]:
    inside = [i for i, word in enumerate(words) if word.in_any((value,))]
    return [i for i in inside if len(words[i].text) >= FEWEST_CHARS and words[i].text not in ORDINARY] or inside


def _alive(word: str, outside: Counter[str], left: Counter[str], *, kept: bool) -> bool:
    if not outside[word]:
        return kept or left[word] > 0
    return kept and left[word] > outside[word]


def _survivors(words: Sequence[str], redacted: str) -> tuple[list[bool], Counter[str]]:
    """Return which words of the original are kept, and how often each word is in the redacted text."""
    after = [match[0].casefold() for match in re.finditer(rf"[^\W_]+|{_HOLE}", _PLACEHOLDER.sub(_HOLE, redacted))]
    kept = [False] * len(words)
    for kind, first, last, begin, end in SequenceMatcher(None, words, after, autojunk=False).get_opcodes():
        for i in range(first, last):
            kept[i] = kind == "equal" or (kind == "replace" and _has_remnant(words[i], after[begin:end]))
    return kept, Counter(word for word in after if word != _HOLE)


def _has_remnant(word: str, pieces: Sequence[str]) -> bool:
    """Return whether half of a cut word is still there."""
    return any(len(piece) >= max(FEWEST_CHARS, len(word) / 2) and piece in word for piece in pieces)


def lines(score: Score, kinds: Sequence[str]) -> Iterator[str]:
    """Yield a table of leaks and losses, one line for each key."""
    yield f"{'':26} {'values':>7} {'leaked':>8}  {'95 % interval':17} {'words':>8} {'lost':>7}"
    for key in kinds:
        leak, loss = score.leaks.get(key, Share()), score.losses.get(key, Share())
        low, high = leak.interval()
        shown = f"{leak.of:7,} {leak.rate:8.2%}  {low:7.2%} … {high:6.2%}" if leak.of else f"{0:7} {'–':>8}  {'':17}"
        lost = f"{loss.of:8,} {loss.rate:7.2%}" if loss.of else ""
        yield f"{key:26} {shown} {lost}".rstrip()
