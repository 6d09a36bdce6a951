"""A look into any data set for what is personal in it: the strict detector over every text, and known values."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from extract.audit import OutputAudit
from extract.readers import BrokenRecord, RawRecord, Source, find_sources, read_source
from harness.errors import InputError
from harness.pii import PiiDetector
from harness.pii.redaction import outside_placeholders
from harness.pii.surrogates.recognizing import holds_invented, may_be_invented
from harness.progress import Progress, SilentProgress

_BESIDE = frozenset(
    ("manifest.json", "certificate.json", "arrivals.json", "quarantine.jsonl", "exchanges.index", "latest.json")
)
"""Files of a data set that hold no text."""
_HASHED = frozenset(("session_id", "user_key", "started_on", "schema_version", "entities"))
"""Fields of a sanitized session that hold no text either."""
_RECORDS_AT_ONCE = 256
_MOST_PLACES = 1_000
_MOST_VALUES = 20
_KNOWN = "known value"


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
        return not self.certain and not self.broken

    def to_dict(self, *, show_values: bool) -> dict[str, Any]:
        """Return this as JSON-compatible values; what was found itself only if asked for."""
        return {
            "passed": self.passed,
            "certainty": self.certainty,
            "files": self.files,
            "records": self.records,
            "broken_records": self.broken,
            "texts": self.texts,
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

    Beside a manifest that says that values are invented, what can be invented
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

    def run(self, location: str) -> Inspection:
        sources = [source for source in find_sources(location, key="--audit") if source.name not in _BESIDE]
        if not sources:
            raise InputError(f"{location}: holds nothing but what stands beside a data set", hint="check the path")
        for source in sources:
            self._result.files += 1
            self._look_into(source)
        self._progress.update("auditing records", self._result.records, self._result.records)
        return self._result

    def _look_into(self, source: Source) -> None:
        records = read_source(source)
        invented = holds_invented(source.path.parent / "manifest.json")
        while batch := list(islice(records, _RECORDS_AT_ONCE)):
            readable = [record for record in batch if isinstance(record, RawRecord)]
            self._result.records += len(batch)
            self._result.broken += sum(isinstance(record, BrokenRecord) for record in batch)
            texts = [(record, name, text) for record in readable for name, text in texts_of(record.values)]
            self._finder.prepare(list(dict.fromkeys(text for _, _, text in texts)))
            for record, name, text in texts:
                self._look_at(text, name, record, invented=invented)
            self._progress.update("auditing records", self._result.records)

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


def texts_of(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the texts of a record under their dotted names; of a sanitized session without its hashes."""
    hashed = _HASHED if {"session_id", "user_key", "turns"} <= values.keys() else frozenset[str]()
    for name, value in values.items():
        if name not in hashed:
            yield from _texts(name, value)


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(f"{name}.{key}", inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(name, inner)
