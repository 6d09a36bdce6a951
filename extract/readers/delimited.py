"""CSV: comma, semicolon or tab separated, with a header."""

import csv
import io
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from extract.readers.interface import BrokenRecord, RawRecord
from extract.records.fieldnames import looks_like_data
from harness.errors import InputError

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

MAX_FIELD_CHARS = 64 * 1024 * 1024


class DelimitedReader:
    """Reads rows under a header; an empty cell is an absent value."""

    def read(self, file: IO[bytes], source: str) -> Iterator[RawRecord | BrokenRecord]:
        """Yield the rows of a file; ``line`` is where a row begins.

        Raises:
            InputError: If it holds JSON, or the header names a column twice or is none.
        """
        csv.field_size_limit(MAX_FIELD_CHARS)
        # Bytes that are no UTF-8 come through as lone surrogates: the row is quarantined, not the file.
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
        first = text.readline(MAX_FIELD_CHARS)
        if not first.strip():
            return
        if first.lstrip().startswith(("{", "[")):
            raise InputError(
                f"{source}: its suffix promises a table, but its first line looks like JSON",
                hint="name it .jsonl if it holds one object a line",
            )
        separator = max(",;\t", key=first.count)
        header = [name.strip() for name in next(csv.reader([first], delimiter=separator))]
        if len(set(header)) != len(header):
            raise _twice(header, source)
        yield from _rows(csv.reader(text, delimiter=separator), header, source)


def _twice(header: list[str], source: str) -> InputError:
    if looks_like_data(header):
        return InputError(
            f"{source}, line 1: looks like data, not like a header", hint="put a line before it that names the columns"
        )
    return InputError(
        f"{source}, line 1: the header names a column twice", hint="rename one of them, or leave the file out"
    )


def _rows(rows: "CsvReader", header: list[str], source: str) -> Iterator[RawRecord | BrokenRecord]:
    while True:
        line = rows.line_num + 2
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            reason = "line_too_long" if "field larger" in str(error) else "not_csv"
            yield BrokenRecord(source=source, line=line, reason=reason)
            continue
        if row:
            yield _record(row, header, source, line)


def _record(row: list[str], header: list[str], source: str, line: int) -> RawRecord | BrokenRecord:
    if len(row) != len(header):
        return BrokenRecord(source=source, line=line, reason="wrong_columns", detail=f"{len(row)} of {len(header)}")
    if any(_is_undecoded(cell) for cell in row):
        return BrokenRecord(source=source, line=line, reason="not_utf8")
    values = {k: v or None for k, v in zip(header, row, strict=True)}
    return RawRecord(source=source, line=line, values=values, in_table=True)


def _is_undecoded(cell: str) -> bool:
    try:
        cell.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
