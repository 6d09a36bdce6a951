"""What a recognizer is here: a pattern, a cheap condition without which it cannot match, and a check of what matched."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.pii.interface import PiiSpan

_DIGIT = re.compile(r"\d")
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a text before any recognizer looks at it."""

    text: str
    lower: str
    digits: int

    @classmethod
    def of(cls, text: str) -> "Facts":
        """Return the facts of a text."""
        return cls(text, text.lower(), len(_DIGIT.findall(text)))

    def holds(self, *parts: str) -> bool:
        """Return whether any of the lower-case ``parts`` occurs."""
        return any(part in self.lower for part in parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of personal value in one notation."""

    entity: str
    pattern: re.Pattern[str]
    score: float
    """1.0 = verified or structurally certain."""
    needs: Callable[[Facts], bool]
    """A necessary condition that costs less than the pattern."""
    accepts: Callable[[str, str], bool] | None = None
    """Called with the value and up to 64 characters before it; None accepts all."""
    group: int = 0
    """The part of the match that is the personal value."""
    precise: bool = False
    """Also used where a false alarm is expensive."""

    def find(self, facts: Facts) -> Iterator[PiiSpan]:
        """Yield the values of this kind in a text."""
        if not self.needs(facts):
            return
        for match in self.pattern.finditer(facts.text):
            start, end = match.span(self.group)
            if start == end:
                continue
            before = facts.text[max(0, start - _LONGEST) : start]
            if self.accepts is None or self.accepts(facts.text[start:end], before):
                yield PiiSpan(start=start, end=end, entity=self.entity, score=self.score)


def pattern(source: str, *, exact_case: bool = False) -> re.Pattern[str]:
    """Return a compiled verbose pattern; letters match in any case unless told otherwise."""
    return re.compile(source, re.VERBOSE if exact_case else re.VERBOSE | re.IGNORECASE)


def digits_of(value: str) -> str:
    """Return the decimal digits of a value, as ASCII."""
    return "".join(str(int(c)) for c in value if c.isdecimal())
