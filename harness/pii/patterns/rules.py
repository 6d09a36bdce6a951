"""What a recognizer is here: a pattern, cheap conditions without which it cannot match, and a check of what matched."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from harness.pii.interface import PiiSpan

_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W_]+")
_BEFORE = 64
_AFTER = 32
_MOST_RETRIES = 200
"""Refused matches of one rule in one window after which it goes on behind a refused match instead of inside it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a text before any recognizer looks at it."""

    text: str
    lower: str
    digits: int
    words: frozenset[str]
    """Its words and numbers in lower case."""

    @classmethod
    def of(cls, text: str) -> "Facts":
        """Return the facts of a text."""
        lower = text.lower()
        return cls(text, lower, len(_DIGIT.findall(text)), frozenset(_WORD.findall(lower)))

    def holds(self, *parts: str) -> bool:
        """Return whether any of the lower-case ``parts`` occurs."""
        return any(part in self.lower for part in parts)


class Recognizer(Protocol):
    """Finds personal values in a text whose facts are known."""

    @property
    def digits(self) -> int:
        """Texts with fewer digits hold no value of this kind."""
        ...

    @property
    def words(self) -> frozenset[str]:
        """Texts without any of these words hold no value of this kind; empty: no word is needed."""
        ...

    @property
    def precise(self) -> bool:
        """Also used where a false alarm is expensive."""
        ...

    def find(self, facts: Facts) -> Iterator[PiiSpan]:
        """Yield the values; spans may overlap."""
        ...


_UNSAID = "written as such a value is"

Accepts = Callable[[str, str, str], bool]
"""Told a value, up to 64 characters before it and up to 32 after it: whether it is personal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of personal value in one notation."""

    entity: str
    pattern: re.Pattern[str]
    score: float
    """1.0 = verified or structurally certain."""
    digits: int = 0
    """Fewest digits of a text in which the pattern can match."""
    words: frozenset[str] = frozenset()
    """The pattern matches only in texts with one of these words (lower case); empty: in any."""
    holds: tuple[str, ...] = ()
    """The pattern matches only in texts with one of these parts (lower case); empty: in any."""
    needs: Callable[[Facts], bool] | None = None
    """A further necessary condition that costs less than the pattern."""
    accepts: Accepts | None = None
    """None accepts all."""
    group: int = 0
    """The part of the match that is the personal value."""
    extend: Callable[[str, int], int] | None = None
    """Told the text and where an accepted value ends: where what belongs to it ends."""
    precise: bool = False
    """Also used where a false alarm is expensive."""
    why: str = ""
    """What a value of this kind is known by, in a few words."""

    def find(self, facts: Facts) -> Iterator[PiiSpan]:
        """Yield the values of this kind in a text."""
        if facts.digits < self.digits or (self.words and self.words.isdisjoint(facts.words)):
            return
        if (self.holds and not facts.holds(*self.holds)) or (self.needs is not None and not self.needs(facts)):
            return
        yield from self._values(facts)

    def _values(self, facts: Facts) -> Iterator[PiiSpan]:
        text = facts.text
        at, retries = 0, 0
        while match := self.pattern.search(text, at):
            start, end = match.span(self.group)
            if start < end and self._accepts(text, start, end):
                end = self.extend(text, end) if self.extend else end
                why = self._reason(facts, match.start(), start)
                yield PiiSpan(start=start, end=end, entity=self.entity, score=self.score, why=why)
                at = end
                continue
            # What was refused may hold the value's real beginning: "for 3 to 240 Example Street".
            retries += 1
            at = match.start() + 1 if retries <= _MOST_RETRIES else max(match.end(), match.start() + 1)

    def refused(self, facts: Facts) -> Iterator[PiiSpan]:
        """Yield what the pattern matches and its check refuses: what was looked at and is left."""
        if self.accepts is None or facts.digits < self.digits or (self.words and self.words.isdisjoint(facts.words)):
            return
        for match in self.pattern.finditer(facts.text):
            start, end = match.span(self.group)
            if start < end and not self._accepts(facts.text, start, end):
                why = self._reason(facts, match.start(), start)
                yield PiiSpan(start=start, end=end, entity=self.entity, score=self.score, why=why)

    def _reason(self, facts: Facts, begin: int, start: int) -> str:
        """Return why a value is one: what it is known by, and which of the rule's words led to it.

        Args:
            facts: Of the text.
            begin: Where the match begins.
            start: Where the value in it begins.
        """
        why = self.why or _UNSAID
        if begin < start:
            lead = facts.text[begin:start].lower()
            told = next((word for word in _WORD.findall(lead) if word in self.words), "")
            told = told or next((part.strip() for part in self.holds if part in lead), "")
        else:
            told = min(self.words & facts.words) if self.words else ""
        return f"{why}, context word '{told}'" if told else why

    def _accepts(self, text: str, start: int, end: int) -> bool:
        if self.accepts is None:
            return True
        return self.accepts(text[start:end], text[max(0, start - _BEFORE) : start], text[end : end + _AFTER])


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A recognizer that is no single pattern."""

    look: Callable[[Facts], Iterator[PiiSpan]]
    digits: int = 0
    words: frozenset[str] = frozenset()
    needs: Callable[[Facts], bool] | None = None
    """A further necessary condition that costs less than the scan."""
    precise: bool = False
    why: str = ""
    """What its values are known by, where they do not say so themselves."""

    def find(self, facts: Facts) -> Iterator[PiiSpan]:
        """Yield the values; spans may overlap."""
        if facts.digits < self.digits or (self.words and self.words.isdisjoint(facts.words)):
            return
        if self.needs is None or self.needs(facts):
            for span in self.look(facts):
                yield span if span.why else replace(span, why=self.why or _UNSAID)


class RuleBook:
    """Many recognizers, of which a text meets only those that its words and digits call for."""

    def __init__(self, recognizers: Iterable[Recognizer]) -> None:
        chosen = self._all = tuple(recognizers)
        self._wordless = sorted((r for r in chosen if not r.words), key=lambda r: r.digits)
        self._by_word: dict[str, tuple[Recognizer, ...]] = {}
        for recognizer in chosen:
            for word in recognizer.words:
                self._by_word[word] = (*self._by_word.get(word, ()), recognizer)
        self._telling = frozenset(self._by_word)

    def find(self, facts: Facts) -> list[PiiSpan]:
        """Return the values that any of the recognizers finds; spans may overlap."""
        spans: list[PiiSpan] = []
        digits = facts.digits
        for recognizer in self._wordless:
            if recognizer.digits > digits:
                break
            spans.extend(recognizer.find(facts))
        if called := facts.words & self._telling:
            for recognizer in {id(r): r for word in called for r in self._by_word[word]}.values():
                if recognizer.digits <= digits:
                    spans.extend(recognizer.find(facts))
        return spans

    def refused(self, facts: Facts) -> list[PiiSpan]:
        """Return what any of the rules looked at and left; spans may overlap, also what others find."""
        return [span for rule in self._all if isinstance(rule, Rule) for span in rule.refused(facts)]


def pattern(source: str, *, exact_case: bool = False) -> re.Pattern[str]:
    """Return a compiled verbose pattern; letters match in any case unless told otherwise."""
    return re.compile(source, re.VERBOSE if exact_case else re.VERBOSE | re.IGNORECASE)


def word_set(words: str) -> frozenset[str]:
    """Return the words of a string that lists them."""
    return frozenset(words.split())


def one_of(words: str) -> str:
    """Return a pattern for any of some words or phrases, the longest first; ``_`` stands for a blank inside a phrase."""
    choices = sorted((re.escape(word).replace("_", r"\s+") for word in words.split()), key=len, reverse=True)
    return f"(?:{'|'.join(choices)})"


def digits_of(value: str) -> str:
    """Return the decimal digits of a value, as ASCII."""
    return "".join(str(int(c)) for c in value if c.isdecimal())
