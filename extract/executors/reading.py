"""From records, wherever they stand, to exchanges as sortable lines; what is none becomes a row that says why."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from extract.executors.batches import Batches, Row, values
from extract.learning import LogLearner
from extract.readers import BrokenRecord, RawRecord, find_sources, read_source
from extract.readers.jsonl import BOM, read_lines
from extract.records.mapping import LoggedExchange, RecordMapping, Rejection
from extract.records.times import latest_time
from extract.sessions import keys_of, to_line
from harness.config import ExtractSection

EXCHANGE = "exchange"
REJECTED = "rejected"
READ = "read"
SKIPPED = "skipped"
HELD = "held"
LEARNED = "learned"

_COLUMNS: list[tuple[str, Any]] = [
    ("kind", pa.string()),
    ("user_key", pa.string()),
    ("line", pa.binary()),
    ("user", pa.string()),
    ("session", pa.string()),
    ("ids", pa.list_(pa.string())),
    ("minute", pa.int64()),
    ("source", pa.string()),
    ("number", pa.int64()),
    ("reason", pa.string()),
    ("field", pa.string()),
    ("detail", pa.string()),
    ("count", pa.int64()),
]
SCHEMA = pa.schema(_COLUMNS)
"""One row for each exchange (``user_key``, ``line``, raw ids, id-like values of other fields, ``minute`` since 1970), each rejected record (``source``
to ``detail``), each file (``source``, ``count`` of records), each reason for which parts were skipped, each optional field that exchanges have (``reason``), and what each task learned (``line``)."""

LEARNED_SCHEMA = pa.schema([("line", pa.binary())])

_RECENT_PAIRS = 50_000
_LAST_LINE = 10**10 - 1
"""A sortable line has ten digits for it; behind this many bytes of one file the time alone gives the order."""


@dataclass(frozen=True, slots=True)
class ExchangeReader:
    """Reads records into rows of ``SCHEMA``.

    Args:
        section: How records are mapped.
        key: Of the hashes.
        until: Later times are in the future; the same on all executors.
    """

    section: ExtractSection
    key: bytes = field(repr=False)
    until: dt.datetime = field(default_factory=latest_time)

    def files(self, batches: Batches, groups: Sequence[Sequence[str]]) -> Iterator[Row]:
        """Yield what groups of files hold, read exactly as on one machine.

        Args:
            batches: Numbers of groups, in the column ``id``.
            groups: Paths or URIs.
        """
        rows = _Rows(self)
        for (number,) in values(batches, "id"):
            for location in groups[number]:
                for source in find_sources(location):
                    yield from rows.of(read_source(source), source.name)
        yield rows.learned()

    def lines(self, batches: Batches) -> Iterator[Row]:
        """Yield what JSON lines hold that Spark has read, a split of a file after the other.

        A split that begins a file knows the numbers of its lines. In others a
        line's number is the split's first byte and the lines since, which is in
        the lines' order, too, since no line takes less than a byte.

        Args:
            batches: Columns ``value`` (bytes), ``path`` and ``start`` (byte at which the split begins).
        """
        rows = _Rows(self)
        place, number, start = "", 0, 0
        for text, path, begin in values(batches, "value", "path", "start"):
            if (path, begin) != (place, start) or not number:
                if number:
                    yield from rows.end(_name(place))
                place, start, number = path, begin, 0
            number += 1
            line = text.removeprefix(BOM) if start + number == 1 else text
            for record in read_lines(BytesIO(), [line], _name(path)):
                placed = replace(record, line=min(start + number, _LAST_LINE))
                yield from rows.take(placed, numbered=start == 0)
        if number:
            yield from rows.end(_name(place))
        yield rows.learned()

    def rows(self, batches: Batches, source: str) -> Iterator[Row]:
        """Yield what the rows of a table hold, each a record.

        Args:
            batches: The table's columns.
            source: Its name.
        """
        found = _Rows(self)
        for batch in batches:
            for row in batch.to_pylist():
                yield from found.take(RawRecord(source=source, line=0, values=row), numbered=False)
        yield from found.end(source)
        yield found.learned()

    def learned(self, batches: Batches) -> Iterator[Row]:
        """Yield what several tasks have learned as what one would have.

        Args:
            batches: Column ``line`` of rows of ``LEARNED``.
        """
        learner = LogLearner(self.section)
        learner.merge(line for (line,) in values(batches, "line"))
        yield {"line": learner.state()}


class _Rows:
    """The rows of the records of files, or of a part of one."""

    def __init__(self, reader: ExchangeReader) -> None:
        self._key = reader.key
        self._mapping = RecordMapping(reader.section, until=reader.until)
        self._recent: dict[tuple[str, str], tuple[str, str]] = {}
        self._read = 0
        self._learner = LogLearner(reader.section)

    def of(self, records: Iterable[RawRecord | BrokenRecord], source: str) -> Iterator[Row]:
        for record in records:
            yield from self.take(record, numbered=True)
        yield from self.end(source)

    def take(self, record: RawRecord | BrokenRecord, *, numbered: bool) -> Iterator[Row]:
        self._read += 1
        if isinstance(record, BrokenRecord):
            yield _rejected(record, Rejection(reason=record.reason, detail=record.detail), numbered=numbered)
            return
        for mapped in self._mapping.map_all(record):
            if isinstance(mapped, Rejection):
                yield _rejected(record, mapped, numbered=numbered)
            else:
                yield self._exchange(mapped)

    def end(self, source: str) -> Iterator[Row]:
        """Yield the counts, and begin anew."""
        yield {"kind": READ, "source": source, "count": self._read}
        for reason, count in self._mapping.skipped.items():
            yield {"kind": SKIPPED, "reason": reason, "count": count}
        for name, count in self._mapping.held.items():
            yield {"kind": HELD, "reason": name, "count": count}
        self._read = 0
        self._mapping.skipped = Counter()
        self._mapping.held = Counter()

    def learned(self) -> Row:
        """Return what all records so far teach."""
        return {"kind": LEARNED, "line": self._learner.state()}

    def _exchange(self, exchange: LoggedExchange) -> Row:
        pair = (exchange.user, exchange.session)
        keys = self._recent.get(pair)
        if keys is None:
            if len(self._recent) >= _RECENT_PAIRS:
                self._recent.clear()
            keys = self._recent[pair] = keys_of(self._key, *pair)
        self._learner.add(keys[0], exchange)
        return {
            "kind": EXCHANGE,
            "user_key": keys[0],
            # Without its end, which is for files.
            "line": to_line(*keys, exchange)[:-1],
            "user": _utf8(exchange.user),
            "session": _utf8(exchange.session),
            "ids": [_utf8(value) for value in exchange.ids],
            "minute": int(exchange.at.timestamp()) // 60,
        }


def _rejected(record: RawRecord | BrokenRecord, why: Rejection, *, numbered: bool) -> Row:
    return {
        "kind": REJECTED,
        "source": record.source,
        "number": record.line if numbered else None,
        "reason": why.reason,
        "field": why.field,
        "detail": why.detail,
    }


def _name(path: str) -> str:
    return unquote(path.rpartition("/")[2])


def _utf8(text: str) -> str:
    """Return a text that Spark can hold: half a surrogate pair is none."""
    return text.encode("utf-8", "replace").decode()
