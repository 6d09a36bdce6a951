"""What becomes of allow-listed values: fields of the log and traits of profiles, before k decides about them.

They are single values and no sentences, and most are words of a short list
("ios", "premium", "Berlin-2") or codes. So patterns and checks count always,
what is told by its looks alone only where it looks like a name.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.pii import PiiDetector, PiiSpan
from harness.pii.detector import merge
from harness.pii.known import fold
from harness.pii.known.ordinary import is_everyday, is_listed, is_ordinary
from harness.pii.known.registry import RegistryDetector
from harness.pii.lexicon import words
from harness.pii.redaction import redact

_CERTAIN = 1.0
"""Score of what is personal beyond doubt: a known value, or one that a checksum or its form proves."""
_LIKELY_CODE = 0.9
"""From here on a value without a blank is what a pattern takes it for; below it may as well be some code."""
_LIKELY = 0.5
_ONE_WORD, _SEVERAL_WORDS = 0.7, 0.5
"""Scores from which words that a tagger takes for a name are one."""
_FEWEST_ADDRESS_WORDS = 3
_NAMING = frozenset(("PERSON", "LOCATION"))
_TELLING = _NAMING | {"EMAIL_ADDRESS"}
"""Kinds of other users' known values that are removed; ids are not, for record keys are made of them."""
_CODE = re.compile(r"\S*\d\S*")
_NATIONAL_NUMBER = re.compile(r"0[1-9]\d{8,9}")
_WORD = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])")
_NAMES_USER = re.compile(r"\b(?:user ?name|login|handle|nick(?:name)?|screen ?name|alias)$", re.IGNORECASE)
_MOMENT = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-/.]?(0[1-9]|1[0-2])[-/.]?(0[1-9]|[12]\d|3[01])[T _-]{0,2}(?:[01]\d|2[0-4])[:.-]?[0-5]\d(?:[:.-]?[0-6]\d)?(?:[.,]\d+)?"
    r"(?:\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d|\+\d\d))?(?![\d:])",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\d:])\d{1,2}:[0-5]\d:[0-6]\d(?![\d:])|^\s*\d{1,2}:[0-5]\d\s*(?:[ap]\.?m\.?)?\s*$", re.IGNORECASE
)
_SINCE_1970 = re.compile(r"\d{10}(?:\d{3}|\d{6}|\d{9})?(?:\.\d+)?")
_SECOND_DIGITS = 10
_NEAR = dt.timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Allow-listed values that may leave, if enough users share them."""

    values: dict[str, str]
    personal: tuple[str, ...] = field(default=())
    """Names of the fields in whose values something personal was found, and replaced."""


class AllowedValues:
    """Takes what is personal, and times of day, out of allow-listed values.

    Ids stay: as values of their own they are suppressed later, for nobody
    shares them, or the field is a record key.

    Args:
        detector: The strict one; what it knows of other users is searched but for ids.
    """

    def __init__(self, detector: PiiDetector) -> None:
        # The registry knows the ids of all users and sessions, and record keys are often made of these.
        self._registry = detector if isinstance(detector, RegistryDetector) else None
        self._finder = self._registry.detector if self._registry is not None else detector

    def clean(self, values: Mapping[str, str], known: tuple[str, ...], at: dt.datetime) -> Allowed:
        """Return values without what is personal.

        Args:
            values: By field.
            known: What is known of their user.
            at: When the session began: a number near it is a time.
        """
        done: dict[str, str] = {}
        personal: list[str] = []
        for name, value in values.items():
            coarse = without_time(value, at)
            if coarse is None:
                continue
            done[name], found = self._cleaned(name, coarse, known)
            if found:
                personal.append(name)
        return Allowed(done, tuple(personal))

    def _cleaned(self, name: str, value: str, known: tuple[str, ...]) -> tuple[str, bool]:
        spans = [span for span in self._finder.find(value, known=known) if _counts(span, value)]
        spans += self._by_label(name, value)
        if self._registry is not None:
            others = self._registry.find(value)
            spans += [span for span in others if span.score >= _CERTAIN and span.entity in _TELLING]
        if not spans:
            return value, False
        surest = max(spans, key=lambda span: span.score)
        if surest.entity in _NAMING:
            # Of a name the rest would still name somebody.
            return f"<{surest.entity}_1>", True
        return redact(value, merge(spans))[0], True

    def _by_label(self, name: str, value: str) -> list[PiiSpan]:
        """Return what the field's name says to be personal: "phone", "date of birth", "pin"."""
        label = " ".join(_WORD.findall(_CAMEL.sub(" ", name).replace("_", " ")))
        if not label:
            return []
        if _NAMES_USER.search(label):
            return [PiiSpan(start=0, end=len(value), entity="USERNAME", score=_LIKELY_CODE)]
        before = f"{label}: "
        bare = self._finder.find(value)
        found: list[PiiSpan] = []
        for span in self._finder.find(before + value):
            start, end = max(0, span.start - len(before)), span.end - len(before)
            surer = all(span.score > each.score for each in bare if each.start < end and start < each.end)
            if end > 0 and surer and span.entity not in _NAMING and span.entity != "ID":
                found.append(PiiSpan(start=start, end=end, entity=span.entity, score=span.score))
        return found


def without_time(value: str, at: dt.datetime) -> str | None:
    """Return a value with its times coarsened to the date; None where a time of day would be left.

    Args:
        value: An allow-listed value.
        at: When the session began: digits that are seconds (or parts of them) since 1970 about then are a time.
    """
    if _SINCE_1970.fullmatch(value):
        digits = value.partition(".")[0]
        moment = dt.datetime.fromtimestamp(int(digits[:_SECOND_DIGITS]), tz=dt.UTC)
        return moment.date().isoformat() if abs(moment - at) <= _NEAR else value
    coarse = _MOMENT.sub(r"\1-\2-\3", value)
    return None if _CLOCK.search(coarse) else coarse


def _counts(span: PiiSpan, value: str) -> bool:
    """Return whether a finding in a single value is one, rather than a word of a list or a code."""
    if span.score >= _CERTAIN:
        return True
    if span.entity == "PERSON":
        return _is_name(span, value)
    if span.entity == "LOCATION" and span.guessed:
        found = value[span.start : span.end]
        is_address = len(found.split()) >= _FEWEST_ADDRESS_WORDS and any(map(str.isdigit, found))
        return is_address and span.score >= _SEVERAL_WORDS
    if span.entity == "ID":
        return False
    if _CODE.fullmatch(value):
        return span.score >= _LIKELY_CODE or _NATIONAL_NUMBER.fullmatch(value) is not None
    return span.score >= _LIKELY


def _is_name(span: PiiSpan, value: str) -> bool:
    start = max(value.rfind(" ", 0, span.start), value.rfind('"', 0, span.start)) + 1
    end = next((at for at in range(span.end, len(value)) if value[at] in ' "'), len(value))
    if any(map(str.isdigit, value[start:end])) and " " not in value[span.start : span.end]:
        # "vendor.claude-v2" is a model.
        return False
    said = [fold(word) for word in _WORD.findall(value[span.start : span.end])]
    if all(map(_is_plain, said)):
        return False
    return span.score >= (_ONE_WORD if len(said) == 1 else _SEVERAL_WORDS)


def _is_plain(word: str) -> bool:
    return is_everyday(word) or is_listed(word) or is_ordinary(word) or word in words("product_words")
