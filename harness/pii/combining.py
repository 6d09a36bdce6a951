"""What the patterns and the tagger find in one text, put together: each value under its own kind, and no more than it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from harness.pii.interface import PiiSpan
from harness.pii.known.ordinary import is_everyday, is_ordinary
from harness.pii.lexicon import words
from harness.pii.patterns.numerals import NUMERALS

_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"(?<=[^\W\d_]{3})\.\s+(?=[^\W\d_])")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_SHORT_TITLES = frozenset(
    ("dipl", "ing", "hon", "rev", "gen", "col", "capt", "sgt", "univ", "bsc", "msc", "med", "jur", "phil")
)
_FIGURES = frozenset(("PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "ID"))
"""Kinds whose values a tagger may run together with the words behind them."""
_LIKELY = 0.5
_WHOLES = frozenset(("EMAIL_ADDRESS", "URL"))
"""Kinds that hold names."""


def combined(text: str, patterns: Sequence[PiiSpan], names: Sequence[PiiSpan]) -> list[PiiSpan]:
    """Return both; where they overlap a pattern knows better what it is: no street stands in a link.

    Args:
        text: What was looked at.
        patterns: Found by pattern.
        names: Found by the tagger.
    """
    said = [replace(name, why=name.why or f"tagger {name.score:.2f}", guessed=True) for name in _names(text, names)]
    if not patterns or not said:
        return [*patterns, *said]
    apart = [part for name in said for part in _behind_figures(text, name, patterns)]
    return [*patterns, *(replace(name, score=0.0) if _touches(name, patterns) else name for name in apart)]


def merge(spans: Iterable[PiiSpan]) -> list[PiiSpan]:
    """Return spans ordered and without overlaps.

    Overlapping spans become one that covers them all, so that no value loses a
    part; the surest of them, then the longest, gives it its type, but a name
    inside an e-mail address or a link is a part of that.
    """
    merged: list[PiiSpan] = []
    best: PiiSpan | None = None
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if merged and best is not None and span.start < merged[-1].end:
            best = _better(best, span)
            merged[-1] = PiiSpan(
                start=merged[-1].start,
                end=max(merged[-1].end, span.end),
                entity=best.entity,
                score=best.score,
                why=best.why,
                guessed=best.guessed,
            )
        else:
            best = span
            merged.append(span)
    return merged


def _better(one: PiiSpan, other: PiiSpan) -> PiiSpan:
    """Return which of two overlapping spans says what they are."""
    for whole, part in ((one, other), (other, one)):
        if whole.entity in _WHOLES and part.entity == "PERSON" and _covers(whole, part):
            return replace(whole, score=max(whole.score, part.score))
    return max(one, other, key=lambda s: (s.score, s.end - s.start))


def _covers(whole: PiiSpan, part: PiiSpan) -> bool:
    return whole.start <= part.start and part.end <= whole.end


def _touches(span: PiiSpan, others: Iterable[PiiSpan]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


def _names(text: str, names: Iterable[PiiSpan]) -> Iterator[PiiSpan]:
    """Yield what a tagger found without what is an age ("I am sixteen"), and no name across the end of a sentence."""
    for name in names:
        if name.entity != "PERSON":
            yield name
        elif not NUMERALS.issuperset(_WORD.findall(text[name.start : name.end].lower())):
            yield from _sentences(text, name)


def _sentences(text: str, name: PiiSpan) -> Iterator[PiiSpan]:
    """Yield a name's parts before and behind a full stop: "Aria Thompson. ARIA", but not "Dr. Meadows" or "J. Lind"."""
    start = name.start
    for stop in _SENTENCE_END.finditer(text, name.start, name.end):
        before = _LAST_WORD.search(text, start, stop.start())
        if before is None or not text[stop.end()].isupper() or _is_title(before[0].lower()):
            continue
        yield replace(name, start=start, end=stop.start())
        start = stop.end()
    yield replace(name, start=start)


def _is_title(word: str) -> bool:
    return word in words("honorifics") or word in _SHORT_TITLES


def _behind_figures(text: str, name: PiiSpan, patterns: Iterable[PiiSpan]) -> Iterator[PiiSpan]:
    """Yield a name or place without the number that a pattern knows better, and behind it only what can be one."""
    cut = max(
        (p.end for p in patterns if p.entity in _FIGURES and p.start <= name.start < p.end < name.end),
        default=None,
    )
    if cut is None:
        yield name
        return
    tail = _WORD.search(text, cut, name.end)
    if tail is not None and _says_something(name, text[tail.start() : name.end]):
        yield replace(name, start=tail.start())


def _says_something(name: PiiSpan, tail: str) -> bool:
    """Return whether what stands behind a number names somebody or an address, and is no ordinary word or a town."""
    found = _WORD.findall(tail)
    if name.entity == "PERSON":
        likely = name.score >= _LIKELY or not tail.islower()
        return likely and any(
            len(word) > 1 and not (is_ordinary(word.lower()) or is_everyday(word.lower())) for word in found
        )
    return any(map(str.isdigit, tail)) or any(word.lower() in words("street_words") for word in found)
