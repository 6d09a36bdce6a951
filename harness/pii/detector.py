"""The detector: all recognizers in one pass over a text, at one of two operating points."""

import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from harness.pii.combining import combined, merge
from harness.pii.interface import OperatingPoint, PiiDetector, PiiSpan, SpanFinder
from harness.pii.kept import KeptWords
from harness.pii.known import fold, known_values
from harness.pii.learning.formats import LearnedShapes
from harness.pii.patterns.books import PRECISE, STRICT, WHOLE
from harness.pii.patterns.disguises import seen
from harness.pii.patterns.rules import Facts, RuleBook, digits_of
from harness.pii.precision import find_named_people
from harness.pii.tagger.tagging import shipped_tagger

__all__ = ["Detector", "detector", "merge"]

_REMEMBERED_TEXTS = 20_000
_LONGEST_REMEMBERED = 2_000
_FEWEST_ALLOWED_DIGITS = 7
_WINDOW = 8_192
"""Characters that a pattern sees at once. Over some texts a pattern takes time with the square of their length, and a
log line or an answer may be made to be such a text."""
_CONTEXT = 2_048
"""Characters at either end of a window in which no value is looked for that a neighbour sees whole."""
_SPACE = re.compile(r"\s")
_OWN = "in the user's own profile, or their id"


def detector(point: OperatingPoint, *, allowed: Collection[str] = ()) -> PiiDetector:
    """Return a detector; cheap to call, since all detectors of an operating point share one engine and its memory.

    Args:
        point: ``strict`` finds as much as it can (sanitizing); ``precise`` only what is surely personal (judging).
        allowed: Values that may be there, such as public contact data: a whole value in any case, a number with
            any separators, or ``@domain`` for every address of a domain.
    """
    engine = _engine(point)
    return _AllowingDetector(engine, allowed) if allowed else engine


class Detector:
    """Finds personal values by patterns, checks, word lists, the tagger and known values; no network.

    Args:
        point: See ``detector``.
        tagger: Finds names and addresses that no pattern describes; None: only patterns.
        kept: Words that are no person and no place.
        learned: Formats of ids that a log showed.
    """

    def __init__(
        self,
        point: OperatingPoint,
        tagger: SpanFinder | None = None,
        *,
        kept: KeptWords | None = None,
        learned: LearnedShapes | None = None,
    ) -> None:
        self.point = point
        self._kept = kept or KeptWords()
        look = _strictly if point == "strict" else _precisely
        self._looks = _with(learned, look) if learned else look
        self._tagger = tagger
        # Chat repeats itself: up to a third of all turns are copies of others.
        self._remembered: OrderedDict[str, tuple[PiiSpan, ...]] = OrderedDict()
        self._prepared: dict[str, tuple[PiiSpan, ...]] = {}

    def find(self, text: str, *, known: tuple[str, ...] = ()) -> list[PiiSpan]:
        """Return the spans in ``text``, ordered and without overlaps."""
        spans = self._prepared.get(text)
        if spans is None:
            spans = self._recalled(text)
        if spans is None:
            spans = self._look([text])[0]
            self._remember(text, spans)
        if not known:
            return list(spans)
        return merge(
            [
                *spans,
                *(replace(span, why=_OWN) for span in known_values(known, ordinary=self._kept.ordinary).find(text)),
            ]
        )

    def prepare(self, texts: Collection[str]) -> None:
        """Look at many texts at once: the tagger takes a fraction of the time a text that it takes alone."""
        found = {text: self._recalled(text) for text in texts}
        new = [text for text, spans in found.items() if spans is None]
        looked = dict(zip(new, self._look(new), strict=True))
        self._prepared = {text: looked[text] if spans is None else spans for text, spans in found.items()}
        for text, spans in looked.items():
            self._remember(text, spans)

    def _look(self, texts: Sequence[str]) -> list[tuple[PiiSpan, ...]]:
        tagged = self._tagger.find(texts) if self._tagger else [[] for _ in texts]
        return [self._both(text, names) for text, names in zip(texts, tagged, strict=True)]

    def _both(self, text: str, names: Sequence[PiiSpan]) -> tuple[PiiSpan, ...]:
        spans = combined(text, _found(text, self._looks), self._kept.without_ordinary(text, names))
        return tuple(merge(self._kept.without(text, spans)))

    def _recalled(self, text: str) -> tuple[PiiSpan, ...] | None:
        spans = self._remembered.get(text)
        if spans is not None:
            self._remembered.move_to_end(text)
        return spans

    def _remember(self, text: str, spans: tuple[PiiSpan, ...]) -> None:
        if len(text) <= _LONGEST_REMEMBERED:
            self._remembered[text] = spans
            if len(self._remembered) > _REMEMBERED_TEXTS:
                self._remembered.popitem(last=False)


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


@cache
def _engine(point: OperatingPoint) -> Detector:
    return Detector(point, shipped_tagger() if point == "strict" else None)


def _found(text: str, look: Callable[[Facts], Iterable[PiiSpan]]) -> list[PiiSpan]:
    """Return what is found in a text as it is seen, however it is written."""
    disguised = seen(text)
    if disguised is None:
        return _looked(text, look)
    return [disguised.written(span) for span in _looked(disguised.text, look)]


def _looked(text: str, look: Callable[[Facts], Iterable[PiiSpan]]) -> list[PiiSpan]:
    """Return what is found in the whole text (a private key is longer than a window) and by ``look`` window by window."""
    facts = Facts.of(text)
    spans = WHOLE.find(facts)
    if len(text) <= _WINDOW:
        spans.extend(look(facts))
    else:
        spans.extend(_windowed(text, look))
    return spans


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
            yield replace(span, start=start + span.start, end=end)


def _with(learned: LearnedShapes, look: Callable[[Facts], list[PiiSpan]]) -> Callable[[Facts], list[PiiSpan]]:
    """Return what also finds ids of learned formats."""
    book = RuleBook(learned.rules())
    return lambda facts: [*look(facts), *book.find(facts)]


def _strictly(facts: Facts) -> list[PiiSpan]:
    return [*STRICT.find(facts)]


def _precisely(facts: Facts) -> list[PiiSpan]:
    spans = PRECISE.find(facts)
    return [*spans, *find_named_people(facts.text, spans)]


def _comparable(value: str) -> str:
    return "".join(c for c in fold(value) if c.isalnum() or c == "@")
