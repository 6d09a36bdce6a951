"""The detector: all recognizers in one pass over a text, at one of two operating points."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache, lru_cache

from harness.pii.addresses import ADDRESS_RULES
from harness.pii.contacts import CONTACT_RULES
from harness.pii.documents import DOCUMENT_RULES, SECRET_RULES
from harness.pii.interface import OperatingPoint, PiiDetector, PiiSpan
from harness.pii.known import fold, known_values
from harness.pii.names import find_names
from harness.pii.precision import find_named_people
from harness.pii.presidio import find_verified
from harness.pii.rules import Facts, Rule, digits_of

RULES: tuple[Rule, ...] = (*CONTACT_RULES, *SECRET_RULES, *DOCUMENT_RULES, *ADDRESS_RULES)
_WINDOWED_RULES = tuple(rule for rule in RULES if rule not in SECRET_RULES)
_REMEMBERED_TEXTS = 20_000
_LONGEST_REMEMBERED = 2_000
_FEWEST_ALLOWED_DIGITS = 7
_WINDOW = 8_192
"""Characters that a pattern sees at once. Over some texts a pattern takes time with the square of their length, and a
log line or an answer may be made to be such a text."""
_CONTEXT = 2_048
"""Characters at either end of a window in which no value is looked for that a neighbour sees whole."""
_SPACE = re.compile(r"\s")


def detector(point: OperatingPoint, *, allowed: Collection[str] = ()) -> PiiDetector:
    """Return a detector; cheap to call, since all detectors of an operating point share one engine and its memory.

    Args:
        point: ``strict`` finds as much as it can (sanitizing); ``precise`` only what is surely personal (judging).
        allowed: Values that may be there, such as public contact data: a whole value in any case, a number with
            any separators, or ``@domain`` for every address of a domain.
    """
    engine = _engine(point)
    return _AllowingDetector(engine, allowed) if allowed else engine


class PatternDetector:
    """Finds personal values by patterns, checks, word lists and known values; no model, no network."""

    def __init__(self, point: OperatingPoint) -> None:
        self.point = point
        find: Callable[[str], tuple[PiiSpan, ...]] = _find_strict if point == "strict" else _find_precise
        self._find = find
        # Chat repeats itself: up to a third of all turns are copies of others.
        self._remembering = lru_cache(maxsize=_REMEMBERED_TEXTS)(find)

    def find(self, text: str, *, known: tuple[str, ...] = ()) -> list[PiiSpan]:
        """Return the spans in ``text``, ordered and without overlaps."""
        spans = (self._remembering if len(text) <= _LONGEST_REMEMBERED else self._find)(text)
        if not known:
            return list(spans)
        return merge([*spans, *known_values(known).find(text)])

    def prepare(self, texts: Collection[str]) -> None:
        """Do nothing: patterns gain nothing from many texts at once."""


class _AllowingDetector:
    """A detector that passes over allowed values."""

    def __init__(self, engine: PiiDetector, allowed: Collection[str]) -> None:
        self._engine = engine
        self._values = frozenset(_comparable(value) for value in allowed)
        self._numbers = tuple(n for value in allowed if len(n := digits_of(value)) >= _FEWEST_ALLOWED_DIGITS)
        self._domains = tuple(value.lower() for value in allowed if value.startswith("@"))

    def find(self, text: str, *, known: tuple[str, ...] = ()) -> list[PiiSpan]:
        """Return the spans that are not allowed."""
        return [span for span in self._engine.find(text, known=known) if not self._allows(text[span.start : span.end])]

    def prepare(self, texts: Collection[str]) -> None:
        """Look at many texts at once."""
        self._engine.prepare(texts)

    def _allows(self, value: str) -> bool:
        if _comparable(value) in self._values or value.lower().endswith(self._domains):
            return True
        digits = digits_of(value)
        # "+44 20 7946 0000" allows "020 7946 0000": the same number without its country code.
        return len(digits) >= _FEWEST_ALLOWED_DIGITS and any(
            number == digits or number.endswith(digits.lstrip("0")) or digits.endswith(number.lstrip("0"))
            for number in self._numbers
        )


def merge(spans: Iterable[PiiSpan]) -> list[PiiSpan]:
    """Return spans ordered and without overlaps.

    Overlapping spans become one that covers them all, so that no value loses a
    part; the surest of them, then the longest, gives it its type.
    """
    merged: list[PiiSpan] = []
    best: PiiSpan | None = None
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if merged and best is not None and span.start < merged[-1].end:
            best = max(best, span, key=lambda s: (s.score, s.end - s.start))
            merged[-1] = PiiSpan(
                start=merged[-1].start, end=max(merged[-1].end, span.end), entity=best.entity, score=best.score
            )
        else:
            best = span
            merged.append(span)
    return merged


@cache
def _engine(point: OperatingPoint) -> PatternDetector:
    return PatternDetector(point)


def _find_strict(text: str) -> tuple[PiiSpan, ...]:
    return _found(text, SECRET_RULES, _strictly)


def _find_precise(text: str) -> tuple[PiiSpan, ...]:
    return _found(text, [rule for rule in SECRET_RULES if rule.precise], _precisely)


def _found(text: str, whole: Iterable[Rule], look: Callable[[Facts], Iterable[PiiSpan]]) -> tuple[PiiSpan, ...]:
    """Return what rules find in the whole text (a private key is longer than a window) and ``look`` window by window."""
    facts = Facts.of(text)
    spans = [span for rule in whole for span in rule.find(facts)]
    if len(text) <= _WINDOW:
        spans.extend(look(facts))
    else:
        spans.extend(_windowed(text, look))
    return tuple(merge(spans))


def _windowed(text: str, look: Callable[[Facts], Iterable[PiiSpan]]) -> Iterator[PiiSpan]:
    last = len(text) - _WINDOW
    for start in (*range(0, last, _WINDOW - 2 * _CONTEXT), last):
        for span in look(Facts.of(text[start : start + _WINDOW])):
            if start and span.start < _CONTEXT:
                continue
            end = start + span.end
            if span.end == _WINDOW:
                # The window may have cut the value: what is left of it goes, too.
                gap = _SPACE.search(text, end)
                end = gap.start() if gap else len(text)
            yield PiiSpan(start=start + span.start, end=end, entity=span.entity, score=span.score)


def _strictly(facts: Facts) -> list[PiiSpan]:
    spans = [span for rule in _WINDOWED_RULES for span in rule.find(facts)]
    return [*spans, *find_verified(facts), *find_names(facts)]


def _precisely(facts: Facts) -> list[PiiSpan]:
    spans = [span for rule in _WINDOWED_RULES if rule.precise for span in rule.find(facts)]
    secrets = [span for rule in SECRET_RULES if rule.precise for span in rule.find(facts)]
    return [*spans, *find_named_people(facts.text, [*spans, *secrets])]


def _comparable(value: str) -> str:
    return "".join(c for c in fold(value) if c.isalnum() or c == "@")
