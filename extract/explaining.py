"""Why a value is removed: the recognizers run one by one, and what each says of it in words."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar

from harness.pii import PiiDetector, PiiSpan
from harness.pii.detector import merge
from harness.pii.known.registry import KnownRegistry, RegistryDetector
from harness.pii.memory import NameMemory
from harness.pii.patterns.books import STRICT, WHOLE
from harness.pii.patterns.rules import Facts
from harness.pii.redaction import SessionRedactor, answered, remembered
from harness.pii.tagger.tagging import shipped_tagger

_TURN = re.compile(r"^(?:user|assistant)[ \t]*:[ \t]*", re.IGNORECASE | re.MULTILINE)
_WHAT = {"PERSON": "the name of a person", "LOCATION": "an address"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one recognizer says of a value."""

    source: str
    """``pattern``, ``tagger``, ``known value``, ``answer``, ``conversation`` or ``configured``."""
    entity: str
    score: float
    reason: str
    """In words."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A value that is removed, and why."""

    start: int
    end: int
    """Exclusive."""
    value: str
    entity: str
    score: float
    evidence: tuple[Evidence, ...]
    """The surest first; never empty."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value that is left, though it is written as something personal is."""

    start: int
    end: int
    """Exclusive."""
    value: str
    entity: str
    """What it is not."""
    reason: str
    """What it was looked at as, in words."""


Placed = TypeVar("Placed", Explanation, Refusal)


@dataclass(frozen=True, slots=True)
class Explained:
    """A text, what would become of it, and why."""

    redacted: str
    found: tuple[Explanation, ...]
    left: tuple[Refusal, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return this as JSON-compatible values."""
        return {
            "redacted": self.redacted,
            "found": [asdict(each) for each in self.found],
            "left": [asdict(each) for each in self.left],
        }


def explain(
    text: str,
    finder: PiiDetector,
    *,
    registries: Mapping[str, KnownRegistry] | None = None,
    own_tagger: bool = True,
) -> Explained:
    """Return what would be removed from a message by itself, or from a conversation, and why.

    The decision is the sanitizer's own; the recognizers are then asked one by
    one what made it.

    Args:
        text: A message, the first of its session; or a conversation, each turn on new lines behind ``user:`` or
            ``assistant:``.
        finder: The detector as it sanitizes.
        registries: Values known of all users, by the profile's field.
        own_tagger: Whether the tagger that comes with the package is among what the detector asks.
    """
    known = registries or {}
    asked = finder
    for registry in known.values():
        asked = RegistryDetector(asked, registry)
    names = NameMemory()
    redactor = SessionRedactor(asked, names=names)
    turns = list(_turns(text))
    texts = [text[start:end] for start, end in turns]
    looked = redactor.look(texts)
    found: list[Explanation] = []
    left: list[Refusal] = []
    for number, ((start, _), said) in enumerate(zip(turns, texts, strict=True)):
        again = remembered(names, said)
        before = texts[number - 1] if number else ""
        evidence = list(_evidence(said, before, again, known, own_tagger=own_tagger))
        spans = merge([*looked[number], *again])
        found += [_moved(_explanation(said, span, evidence), start) for span in spans]
        left += [_moved(each, start) for each in _refusals(said, spans)]
    return Explained(_joined(text, turns, redactor.redact_found(texts, looked)), tuple(found), tuple(left))


def _turns(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the words of each turn begin and end; of all where the text is no conversation."""
    marks = list(_TURN.finditer(text))
    if not marks or text[: marks[0].start()].strip():
        yield 0, len(text)
        return
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    for mark, end in zip(marks, ends, strict=True):
        yield mark.end(), max(mark.end(), mark.start() + len(text[mark.start() : end].rstrip()))


def _joined(text: str, turns: Sequence[tuple[int, int]], redacted: Sequence[str]) -> str:
    """Return a text with other words in its turns."""
    pieces, reached = [], 0
    for (start, end), said in zip(turns, redacted, strict=True):
        pieces += [text[reached:start], said]
        reached = end
    return "".join([*pieces, text[reached:]])


def _evidence(
    text: str, before: str, again: Iterable[PiiSpan], known: Mapping[str, KnownRegistry], *, own_tagger: bool
) -> Iterator[tuple[PiiSpan, Evidence]]:
    facts = Facts.of(text)
    for span in (*STRICT.find(facts), *WHOLE.find(facts)):
        yield span, Evidence("pattern", span.entity, span.score, span.why)
    if own_tagger:
        for span in shipped_tagger().find([text])[0]:
            yield span, Evidence("tagger", span.entity, span.score, f"looks like {_WHAT[span.entity]}")
    for name, registry in known.items():
        for span in registry.find(text):
            yield span, Evidence("known value", span.entity, span.score, f"in a user's profile: {name}")
    for source, spans in (("answer", answered(before, text)), ("conversation", again)):
        for span in spans:
            yield span, Evidence(source, span.entity, span.score, span.why)


def _explanation(text: str, span: PiiSpan, evidence: Sequence[tuple[PiiSpan, Evidence]]) -> Explanation:
    reasons = _distinct(span, [each for each in evidence if each[0].start < span.end and span.start < each[0].end])
    if not reasons:
        why = span.why or "a configured model or recognizer found it"
        reasons = (Evidence("configured", span.entity, span.score, why),)
    return Explanation(span.start, span.end, text[span.start : span.end], span.entity, span.score, reasons)


def _distinct(span: PiiSpan, evidence: Iterable[tuple[PiiSpan, Evidence]]) -> tuple[Evidence, ...]:
    """Return the surest of what each source says for each type; what decided before what says the same."""
    best: dict[tuple[str, str], Evidence] = {}
    for _, said in sorted(
        evidence, key=lambda each: (-each[0].score, each[0].start - each[0].end, each[0].entity != span.entity)
    ):
        best.setdefault((said.source, said.entity), said)
    return tuple(best.values())


def _refusals(text: str, found: Sequence[PiiSpan]) -> Iterator[Refusal]:
    """Yield what a pattern matched and its check refused, where nothing is removed; of several the longest."""
    taken = list(found)
    for span in sorted(STRICT.refused(Facts.of(text)), key=lambda span: (span.start - span.end, -span.score)):
        if not any(other.start < span.end and span.start < other.end for other in taken):
            taken.append(span)
            yield Refusal(span.start, span.end, text[span.start : span.end], span.entity, span.why)


def _moved(each: Placed, by: int) -> Placed:
    return replace(each, start=each.start + by, end=each.end + by)
