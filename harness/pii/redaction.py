"""Placeholders or invented values in place of personal ones; the same value keeps its own within a session."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from harness.pii.answers import find_answered_name, find_answered_value
from harness.pii.detector import detector, merge
from harness.pii.interface import PiiDetector, PiiSpan
from harness.pii.known import fold
from harness.pii.known.registry import RegistryDetector
from harness.pii.memory import SURE_NAME, NameMemory, without_figures
from harness.pii.surrogates import Surrogates

_TOKEN = re.compile(r"[^\W_]+")
_PLACEHOLDER = re.compile(r"<([A-Z][A-Z_]*)_(\d{1,9})>")
_SHORTEST_AVOIDED = 3
_ASKED = defaultdict(
    lambda: "a personal value",
    PERSON="a name",
    PASSWORD="a password or a code",  # noqa: S106 - the name of a type
    ID="a number or a user name",
    CREDIT_CARD="a card's number",
    US_SSN="an id number",
    DATE_OF_BIRTH="a date of birth",
    PHONE_NUMBER="a phone number",
    LOCATION="an address",
)


def redact(text: str, spans: Iterable[PiiSpan]) -> tuple[str, dict[str, int]]:
    """Return one text with its spans replaced by placeholders, and how many values of each type were replaced."""
    session = SessionRedactor()
    return session.replace(text, spans), session.counts


def numbers_in(texts: Iterable[str]) -> dict[str, int]:
    """Return the highest placeholder number of each type in redacted texts."""
    highest: dict[str, int] = {}
    for text in texts:
        for entity, number in _PLACEHOLDER.findall(text):
            highest[entity] = max(highest.get(entity, 0), int(number))
    return highest


def outside_placeholders(text: str, spans: Iterable[PiiSpan]) -> Iterator[PiiSpan]:
    """Yield the spans of a redacted text that hold more than placeholders."""
    blank = _PLACEHOLDER.sub(lambda match: " " * len(match[0]), text)
    yield from (span for span in spans if any(c.isalnum() for c in blank[span.start : span.end]))


def answered(before: str, text: str) -> list[PiiSpan]:
    """Return what a short reply gives as the answer to a question for a personal value.

    Args:
        before: What was said right before.
        text: The reply.
    """
    if not before:
        return []
    found = (find_answered_name(before, text), find_answered_value(before, text))
    return [replace(span, why=f"given as the answer to a question for {_ASKED[span.entity]}") for span in found if span]


def remembered(names: NameMemory, text: str) -> list[PiiSpan]:
    """Return where names stand in a text that were found with certainty elsewhere."""
    return [replace(span, why="a name remembered from these texts") for span in names.find(text)]


class SessionRedactor:
    """Redacts the texts of one session.

    A value keeps its placeholder through all of them, a part of a known name
    gets the whole name's, and a name that was once found with certainty is
    found in every text.

    Args:
        finder: Finds the values; None takes the strict one.
        known: Values known to be personal for this session's user.
        names: The names remembered so far; redactors of one user share it. None: this session's alone.
        taken: The highest number of each type that is in use already, where a session is continued.
        surrogates: Makes invented values, where those are wanted; kinds of values that it has none for, and all
            without it, get placeholders.
    """

    def __init__(
        self,
        finder: PiiDetector | None = None,
        *,
        known: tuple[str, ...] = (),
        names: NameMemory | None = None,
        taken: Mapping[str, int] | None = None,
        surrogates: Surrogates | None = None,
    ) -> None:
        self._finder = finder or detector("strict")
        self._known = known
        self._names = NameMemory() if names is None else names
        self._numbers: dict[str, _Numbers] = {entity: _Numbers(last) for entity, last in (taken or {}).items()}
        self._counts: Counter[str] = Counter()
        self._before = ""
        self._surrogates = surrogates
        # What is invented must be nobody's: other users' values are known, too.
        self._taken = self._finder.knows if isinstance(self._finder, RegistryDetector) else None
        self._avoided = frozenset(_words(known)) if surrogates else frozenset[str]()

    @property
    def counts(self) -> dict[str, int]:
        """How many values of each type were replaced so far."""
        return dict(sorted(self._counts.items()))

    def redact(self, text: str, *, after: str = "") -> str:
        """Return one text redacted; remembers its names for the texts that follow.

        Args:
            text: The text.
            after: What was said right before it: a question for a name makes a short answer a name.
        """
        return self.replace(text, self._with_names(text, self._first_look(text, after)))

    def redact_all(self, texts: Sequence[str]) -> list[str]:
        """Return the texts of a whole session redacted; a name found in one is removed from those before it too."""
        return self.redact_found(texts, self.look(texts))

    def look(self, texts: Sequence[str]) -> list[list[PiiSpan]]:
        """Return what is personal in consecutive texts of the session, and remember the names among it."""
        found = [self._first_look(text, before) for text, before in zip(texts, [self._before, *texts], strict=False)]
        self._before = texts[-1] if texts else self._before
        return found

    def redact_found(self, texts: Sequence[str], found: Sequence[list[PiiSpan]]) -> list[str]:
        """Return texts redacted by what ``look`` found in them, and by all names that are remembered by now."""
        personal = self._personal(texts, found)
        if self._surrogates:
            # No invented value holds a word that somebody wrote: nobody could tell it from one that was missed.
            values = (text[s.start : s.end] for text, spans in zip(texts, personal, strict=True) for s in spans)
            self._avoided |= frozenset(_words(values))
        return [self.replace(text, spans) for text, spans in zip(texts, personal, strict=True)]

    def with_placeholders(self, texts: Sequence[str], found: Sequence[list[PiiSpan]]) -> list[str]:
        """Return what ``redact_found`` does with placeholders only, as an audit has to see it; counts nothing."""
        personal = self._personal(texts, found)
        return [_replaced(text, spans, self._placeholder) for text, spans in zip(texts, personal, strict=True)]

    def replace(self, text: str, spans: Iterable[PiiSpan]) -> str:
        """Return ``text`` with ordered, disjoint ``spans`` replaced."""
        return _replaced(text, spans, self._counted)

    def remember(self, names: NameMemory) -> None:
        """Share another memory of names from now on."""
        self._names = names

    def _first_look(self, text: str, before: str) -> list[PiiSpan]:
        spans = self._finder.find(text, known=self._known)
        answers = answered(before, text)
        if answers:
            spans = merge([*spans, *answers])
        for span in spans:
            if span.entity == "PERSON" and span.score >= SURE_NAME:
                self._names.learn(text[span.start : span.end])
        return spans

    def _with_names(self, text: str, spans: list[PiiSpan]) -> list[PiiSpan]:
        again = remembered(self._names, text)
        return merge([*spans, *again]) if again else spans

    def _personal(self, texts: Sequence[str], found: Sequence[list[PiiSpan]]) -> list[list[PiiSpan]]:
        return [self._with_names(text, spans) for text, spans in zip(texts, found, strict=True)]

    def _counted(self, entity: str, value: str) -> str:
        self._counts[entity] += 1
        return self._surrogate(entity, value) or self._placeholder(entity, value)

    def _surrogate(self, entity: str, value: str) -> str | None:
        if self._surrogates is None:
            return None
        return self._surrogates.of(entity, value, avoided=self._avoided, spelled=self._names.spelled, taken=self._taken)

    def _placeholder(self, entity: str, value: str) -> str:
        numbers = self._numbers.setdefault(entity, _Numbers())
        return f"<{entity}_{numbers.of(self._key(entity, value), in_parts=entity == 'PERSON')}>"

    def _key(self, entity: str, value: str) -> str:
        folded = fold(value)
        if entity == "PERSON":
            return " ".join(self._names.spelled(without_figures(word)) for word in _TOKEN.findall(folded))
        return "".join(c for c in folded if c.isalnum()) or folded


def _replaced(text: str, spans: Iterable[PiiSpan], stand_in: Callable[[str, str], str]) -> str:
    pieces: list[str] = []
    reached = 0
    for span in spans:
        pieces += (text[reached : span.start], stand_in(span.entity, text[span.start : span.end]))
        reached = span.end
    return "".join((*pieces, text[reached:])) if pieces else text


def _words(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        yield from (word for word in _TOKEN.findall(fold(value)) if len(word) >= _SHORTEST_AVOIDED)


class _Numbers:
    """The numbers of one type's values in one session."""

    def __init__(self, last: int = 0) -> None:
        self._last = last
        self._by_key: dict[str, int] = {}
        self._by_word: dict[str, list[str]] = {}
        """Names by each of their words, so that a long session's thousandth name is as quick as its first."""

    def of(self, key: str, *, in_parts: bool) -> int:
        """Return a value's number; with ``in_parts``, a name that shares all words with an earlier one gets that one's."""
        number = self._by_key.get(key)
        if number is not None:
            return number
        words = set(key.split()) if in_parts else set[str]()
        number = self._of_whole(words)
        if number is None:
            self._last += 1
            number = self._last
        self._by_key[key] = number
        for word in words:
            self._by_word.setdefault(word, []).append(key)
        return number

    def _of_whole(self, words: set[str]) -> int | None:
        numbers = [
            self._by_key[other]
            for word in words
            for other in self._by_word.get(word, ())
            if words <= (others := set(other.split())) or others <= words
        ]
        return min(numbers, default=None)
