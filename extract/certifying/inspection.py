"""A look into any data set for what is personal in it: the strict detector over every text, and known values."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

from extract.certifying.audit import OutputAudit
from extract.publishing.belongings import Belongings
from extract.readers import BrokenRecord, RawRecord, Source, every_file, read_source
from harness.errors import InputError
from harness.pii import PiiDetector
from harness.pii.redaction import outside_placeholders
from harness.pii.surrogates.recognizing import holds_invented, may_be_invented
from harness.progress import Progress, SilentProgress

_HASHED = frozenset(("session_id", "user_key", "started_on", "schema_version", "entities"))
"""Fields of a sanitized session that hold no text either."""
_RECORDS_AT_ONCE = 256
_MOST_PLACES = 1_000
_MOST_VALUES = 20
_MOST_NAMES = 10_000
_KNOWN = "known value"
_GUESSED = frozenset(("PERSON", "LOCATION"))
_KEY = "(name of a field)"
_SOURCES = "details.sources"
_FEWEST_DIGITS = 7
"""Of a number that can be somebody's."""
_PHONE = re.compile(r"phone|mobile|msisdn|\btel|whatsapp|\bcell|\bfax", re.IGNORECASE)
_TIME = re.compile(
    r"(?:^|[^a-z])(?:ts|at|time|timestamp|date|epoch|created|updated|start|started|end|ended)(?:$|[^a-z])",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])")
_SINCE_1970 = re.compile(r"1\d{9}(?:\d{3}|\d{6}|\d{9})?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was found."""

    file: str
    record: int
    """Line or row, from 1."""
    field: str
    entity: str
    score: float
    known: bool
    """A value of a profile."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """What was not looked at."""

    file: str
    reason: str


@dataclass(slots=True)
class Inspection:
    """What was found."""

    certainty: float
    """From which score on a finding counts."""
    files: int = 0
    records: int = 0
    broken: int = 0
    """Records that could not be read, and so were not looked at."""
    texts: int = 0
    """Texts, numbers and other values that were looked at."""
    unseen: list[Unseen] = field(default_factory=list)
    """Files, or parts of them, that were not looked at."""
    certain: Counter[str] = field(default_factory=Counter)
    """Findings at or above ``certainty``, by type; known values under ``known value``."""
    uncertain: Counter[str] = field(default_factory=Counter)
    invented: Counter[str] = field(default_factory=Counter)
    """Findings in datasets with invented values that can be such; they count no more than placeholders do."""
    fields: Counter[str] = field(default_factory=Counter)
    """Findings that count, by the field that they stand in."""
    places: list[Place] = field(default_factory=list)
    """The first thousand findings that count."""
    values: dict[str, list[str]] = field(default_factory=dict)
    """Some different values of each type; for those who ask for them."""

    @property
    def passed(self) -> bool:
        """Whether nothing was found that counts, and everything was looked at."""
        return not (self.certain or self.broken or self.unseen)

    def to_dict(self, *, show_values: bool) -> dict[str, Any]:
        """Return this as JSON-compatible values; what was found itself only if asked for."""
        return {
            "passed": self.passed,
            "certainty": self.certainty,
            "files": self.files,
            "records": self.records,
            "broken_records": self.broken,
            "texts": self.texts,
            "not_looked_at": [asdict(each) for each in self.unseen],
            "found": dict(self.certain.most_common()),
            "uncertain": dict(self.uncertain.most_common()),
            "may_be_invented": dict(self.invented.most_common()),
            "fields": dict(self.fields.most_common()),
            "places": [asdict(place) for place in self.places],
            **({"values": self.values} if show_values else {}),
        }


def inspect(
    location: str,
    finder: PiiDetector,
    *,
    certainty: float,
    known: Iterable[str] = (),
    progress: Progress | None = None,
) -> Inspection:
    """Look for personal values in all texts of a folder, a file, a glob or an ``s3://`` prefix.

    What cannot be looked at is listed, and does not pass. Hidden files are not
    looked for. Beside a manifest that says that values are invented, what can be invented
    is counted by itself; known values, and what is never invented so, count.

    Args:
        location: Absolute path or URI of JSON lines, CSV or Parquet.
        finder: The strict detector.
        certainty: From which score on a finding counts.
        known: A stream of values known to be personal; those that identify somebody by themselves are searched.
        progress: Told how far it is.

    Raises:
        InputError: If there is nothing that can be read.
    """
    return _Inspector(finder, OutputAudit(known), Inspection(certainty), progress or SilentProgress()).run(location)


class _Inspector:
    def __init__(self, finder: PiiDetector, audit: OutputAudit, result: Inspection, progress: Progress) -> None:
        self._finder = finder
        self._audit = audit
        self._result = result
        self._progress = progress
        self._names: dict[str, list[tuple[str, float, bool]]] = {}
        """What the names of fields hold."""

    def run(self, location: str) -> Inspection:
        belongings = Belongings()
        for path, source in every_file(location, key="--audit"):
            if belongings.holds_no_text(path):
                self._look_at_names(path, belongings)
            elif source is None:
                self._result.unseen.append(Unseen(path.name, "not of a format that can be read"))
            else:
                self._result.files += 1
                self._look_into(source)
        if not (self._result.texts or self._result.broken or self._result.unseen):
            raise InputError(f"{location}: holds nothing that could be looked at", hint="check the path")
        self._progress.update("auditing records", self._result.records, self._result.records)
        return self._result

    def _look_at_names(self, path: Any, belongings: Belongings) -> None:
        """Look at what a manifest calls the files of logs."""
        if path.name != "manifest.json":
            return
        for name in belongings.source_names(path):
            self._look_at(name, _SOURCES, RawRecord(source=path.name, line=1, values={}), invented=False)

    def _look_into(self, source: Source) -> None:
        records = read_source(source)
        invented = holds_invented(source.path.parent / "manifest.json")
        before = self._result.records
        while batch := list(islice(records, _RECORDS_AT_ONCE)):
            readable = [record for record in batch if isinstance(record, RawRecord)]
            self._result.records += len(batch)
            self._result.broken += sum(isinstance(record, BrokenRecord) for record in batch)
            found = [(record, name, value) for record in readable for name, value in self._values(record)]
            self._finder.prepare(list(dict.fromkeys(text for _, _, text in found if isinstance(text, str))))
            for record, name, value in found:
                self._look_at_value(value, name, record, invented=invented)
            self._progress.update("auditing records", self._result.records)
        if self._result.records == before:
            self._result.unseen.append(Unseen(source.name, "holds no record"))

    def _values(self, record: RawRecord) -> Iterator[tuple[str, Any]]:
        """Yield the values of a record, and look at the names of its fields: a name may be somebody's, too."""
        for name in dict.fromkeys(_names(record.values)):
            for entity, score, known in self._found_in_name(name):
                self._note(Place(record.source, record.line, _KEY, entity, score, known=known), name)
        yield from texts_of(record.values, self._shown)

    def _look_at_value(self, value: Any, name: str, record: RawRecord, *, invented: bool) -> None:
        if isinstance(value, bytes):
            unseen = Unseen(record.source, f"{name} holds bytes that are no text")
            if unseen not in self._result.unseen:
                self._result.unseen.append(unseen)
        elif isinstance(value, str):
            self._look_at(value, name, record, invented=invented)
        else:
            self._look_at_number(str(value), name, record, invented=invented)

    def _look_at_number(self, digits: str, name: str, record: RawRecord, *, invented: bool) -> None:
        self._result.texts += 1
        label = _CAMEL.sub("_", name)
        if len(digits) < _FEWEST_DIGITS or (_TIME.search(label) and _SINCE_1970.fullmatch(digits)):
            return
        # A number has lost the sign by which a country code is known.
        said = (digits, f"phone: +{digits}") if _PHONE.search(label) else (digits,)
        spans = [span for text in said for span in self._finder.find(text) if span.entity not in _GUESSED]
        if spans:
            surest = max(spans, key=lambda span: span.score)
            if invented and may_be_invented(surest.entity, digits):
                self._result.invented[surest.entity] += 1
            else:
                self._note(Place(record.source, record.line, name, surest.entity, surest.score, known=False), digits)
        for value in self._audit.find(digits):
            self._note(Place(record.source, record.line, name, _KNOWN, 1.0, known=True), value)

    def _look_at(self, text: str, name: str, record: RawRecord, *, invented: bool) -> None:
        self._result.texts += 1
        for span in outside_placeholders(text, self._finder.find(text)):
            value = text[span.start : span.end]
            if invented and may_be_invented(span.entity, value):
                self._result.invented[span.entity] += 1
                continue
            self._note(Place(record.source, record.line, name, span.entity, span.score, known=False), value)
        for value in self._audit.find(text):
            self._note(Place(record.source, record.line, name, _KNOWN, 1.0, known=True), value)

    def _found_in_name(self, name: str) -> list[tuple[str, float, bool]]:
        """Return type, score and whether it is a known value of what the name of a field holds."""
        found = self._names.get(name)
        if found is None:
            spans = [
                (span.entity, span.score, False)
                for span in self._finder.find(name)
                if span.score >= self._result.certainty
                and (span.entity not in _GUESSED or " " in name[span.start : span.end])
            ]
            found = [*spans, *((_KNOWN, 1.0, True) for _ in self._audit.find(name))]
            if len(self._names) < _MOST_NAMES:
                self._names[name] = found
        return found

    def _shown(self, name: str) -> str:
        """Return the name of a field, or what it holds of somebody."""
        found = self._found_in_name(name)
        return f"<{found[0][0]}>" if found else name

    def _note(self, place: Place, value: str) -> None:
        result = self._result
        if place.score < result.certainty:
            result.uncertain[place.entity] += 1
            return
        result.certain[place.entity] += 1
        result.fields[place.field] += 1
        if len(result.places) < _MOST_PLACES:
            result.places.append(place)
        values = result.values.setdefault(place.entity, [])
        if len(values) < _MOST_VALUES and value not in values:
            values.append(value)


def texts_of(values: Mapping[str, Any], shown: Callable[[str], str] = str) -> Iterator[tuple[str, Any]]:
    """Yield the values of a record under their dotted names; of a sanitized session without its hashes.

    Args:
        values: The record.
        shown: What a field is called.

    Yields:
        Texts, dates as such; numbers; bytes that are no text.
    """
    hashed = _HASHED if {"session_id", "user_key", "turns"} <= values.keys() else frozenset[str]()
    for name, value in values.items():
        if name not in hashed:
            yield from _texts(shown(name), value, shown)


def _texts(name: str, value: Any, shown: Callable[[str], str]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, bytes | bytearray | memoryview):
        yield name, _decoded(bytes(value))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(f"{name}.{shown(str(key))}", inner, shown)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _texts(name, inner, shown)
    elif isinstance(value, float) and value.is_integer():
        yield name, int(value)
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        yield name, value
    elif value is not None and not isinstance(value, bool):
        yield name, str(value)


def _decoded(value: bytes) -> str | bytes:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value


def _names(values: Any) -> Iterator[str]:
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield str(key)
            yield from _names(value)
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _names(value)
