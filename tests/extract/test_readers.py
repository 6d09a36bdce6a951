"""Readers: every record or broken place comes out, and a file that is something else is refused."""

import csv
import gzip
import io
from pathlib import Path
from typing import Any
from unittest import mock

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from extract.readers import BrokenRecord, RawRecord, find_sources, look_for, read_source, splitting
from extract.readers import jsonl as jsonl_reader
from extract.readers.json_text import JsonReader
from harness.errors import ConfigurationError, InputError

ROWS = [{"user_id": f"u{n}", "prompt": f"héllo {n}"} for n in range(5)]
LINES = b"".join(orjson.dumps(row) + b"\n" for row in ROWS)
PRETTY = orjson.dumps(ROWS, option=orjson.OPT_INDENT_2)
DELIVERED = "chat-1-2026-03-04-09-15-02-6f1c2d3e-0000-4000-8000-0123456789ab"


def read_all(path: Path) -> list[RawRecord | BrokenRecord]:
    return [record for source in find_sources(str(path)) for record in read_source(source)]


def values(path: Path) -> list[object]:
    return [r.values if isinstance(r, RawRecord) else r.reason for r in read_all(path)]


def csv_bytes() -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ["user_id", "prompt"])
    writer.writeheader()
    writer.writerows(ROWS)
    return text.getvalue().encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", LINES),
        ("a.ndjson", LINES.replace(b"\n", b"\r\n")),
        ("a.jsonl", b"\xef\xbb\xbf" + LINES),
        ("a.jsonl", LINES.replace(b"\n", b"\n\n").rstrip()),
        ("a.jsonl.gz", gzip.compress(LINES, mtime=0)),
        ("a.jsonl.zst", zstandard.compress(LINES)),
        ("a.jsonl.zst", zstandard.compress(LINES[:40]) + zstandard.compress(LINES[40:])),
        ("a.jsonl", LINES.replace(b"}\n{", b"}{", 2)),
        ("a.json", LINES),
        ("a.json", b"\n\n" + LINES),
        ("a.json", orjson.dumps(ROWS)),
        ("a.json", b"\xef\xbb\xbf" + PRETTY),
        ("a.json", PRETTY.replace(b"\n", b"\r\n")),
        ("a.json", b"[\n" + LINES.rstrip().replace(b"\n", b",\n") + b"\n]\n"),
        ("a.json", LINES.replace(b"\n", b"")),
        ("a.json", b"".join(orjson.dumps(row, option=orjson.OPT_INDENT_2) for row in ROWS)),
        ("a.json", b"\n".join(orjson.dumps([row]) for row in ROWS)),
        ("a.json.gz", gzip.compress(PRETTY, mtime=0)),
        ("a.json.zst", zstandard.compress(PRETTY)),
        ("000001.gz", gzip.compress(LINES, mtime=0)),
        (DELIVERED, LINES.replace(b"\n", b"")),
        (DELIVERED, gzip.compress(LINES, mtime=0)),
        (DELIVERED + ".gz", gzip.compress(gzip.compress(LINES))),
        ("a.csv", csv_bytes()),
        ("a.csv", b"\xef\xbb\xbf" + csv_bytes().replace(b",", b";")),
        ("a.csv.gz", gzip.compress(csv_bytes(), mtime=0)),
    ],
)
def test_a_file_is_read_in_every_form(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert values(tmp_path / name) == ROWS


def test_parquet_is_read_row_by_row(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "a.parquet")
    assert values(tmp_path / "a.parquet") == ROWS


def test_a_folder_and_a_glob_mean_their_files_by_name(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "deep/c.jsonl", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(LINES)
    assert [s.name for s in find_sources(str(tmp_path))] == ["a.jsonl", "b.jsonl", "c.jsonl"]
    assert [s.name for s in find_sources(str(tmp_path / "*.jsonl"))] == ["a.jsonl", "b.jsonl"]
    assert [s.name for s in find_sources(str(tmp_path / "**" / "*.jsonl"))] == ["a.jsonl", "b.jsonl", "c.jsonl"]


def test_a_broken_place_is_named_by_line_and_size_and_the_rest_is_read(tmp_path: Path) -> None:
    good = orjson.dumps(ROWS[0])
    lines = [good, b'{"a": ', b'{"a": "\xff\xfe"}', b"\0\0\0", b"[1]", b'"text"', good]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    read = read_all(tmp_path / "a.jsonl")
    assert [r.reason if isinstance(r, BrokenRecord) else "read" for r in read] == [
        "read", "not_json", "not_utf8", "nul_bytes", "not_an_object", "not_an_object", "read",
    ]  # fmt: skip
    assert [r.line for r in read] == [1, 2, 3, 4, 5, 6, 7]
    assert [r.detail for r in read if isinstance(r, BrokenRecord)] == ["5 bytes", "11 bytes", "3 bytes", "list", "str"]


def test_a_line_beyond_the_limit_is_passed_over_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl_reader, "MAX_LINE_BYTES", 100)
    (tmp_path / "a.jsonl").write_bytes(LINES + b'{"a": "' + b"x" * 5000 + b'"}\n' + LINES)
    assert values(tmp_path / "a.jsonl") == [*ROWS, "line_too_long", *ROWS]


def test_rows_of_csv_that_do_not_fit_the_header_are_broken(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'user_id,prompt\nu1,hi\nu2\nu3,a,b\nu4,"two\nlines"\nu5,\xff\n,\n')
    read = read_all(tmp_path / "a.csv")
    assert [r.values if isinstance(r, RawRecord) else (r.reason, r.detail) for r in read] == [
        {"user_id": "u1", "prompt": "hi"},
        ("wrong_columns", "1 of 2"),
        ("wrong_columns", "3 of 2"),
        {"user_id": "u4", "prompt": "two\nlines"},
        ("not_utf8", ""),
        {"user_id": None, "prompt": None},
    ]
    assert [r.line for r in read] == [2, 3, 4, 5, 7, 8]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl.gz", gzip.compress(LINES * 50, mtime=0)[:-20]),
        ("a.jsonl.zst", zstandard.compress(LINES * 50)[:-8]),
        ("a.json.gz", gzip.compress(PRETTY, mtime=0)[:-20]),
        ("a.json", PRETTY[:-20]),
        ("a.json", PRETTY[:-1]),
        ("a.json", PRETTY[:9]),
        ("000000.gz", gzip.compress(LINES * 50, mtime=0)[:-20]),
    ],
)
def test_a_cut_off_archive_keeps_what_can_be_read_and_says_so(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert values(tmp_path / name)[-1] == "cut_off_file"


@pytest.mark.parametrize(
    ("name", "content", "seen"),
    [
        ("a.jsonl", gzip.compress(LINES, mtime=0), "gzip data"),
        ("a.jsonl", b"PK\x03\x04rest", "a ZIP archive"),
        ("a.csv", bytes(range(1, 32)) * 20, "binary data"),
        ("a.csv", "user_id,prompt".encode("utf-16"), "UTF-16 text"),
        ("a.jsonl", b"PAR1....", "a Parquet file"),
        ("a.jsonl.gz", LINES, "text"),
        ("a.jsonl.gz", gzip.compress(b"PK\x03\x04rest", mtime=0), "a ZIP archive"),
        ("a.jsonl.zst", gzip.compress(LINES, mtime=0), "gzip data"),
        ("a.parquet", LINES, "text"),
        ("a.jsonl", b"[\n" + LINES, "one JSON document"),
        ("a.jsonl", PRETTY, "one JSON document"),
        ("a.json", gzip.compress(LINES, mtime=0), "gzip data"),
        (DELIVERED, b"PK\x03\x04rest", "a ZIP archive"),
    ],
)
def test_a_file_that_is_not_what_its_suffix_says_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes, seen: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=seen) as error:
        read_all(tmp_path / name)
    assert name in str(error.value)


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1" + b"x" * 100)
    with pytest.raises(InputError, match="damaged"):
        read_all(tmp_path / "a.parquet")


def test_an_empty_file_holds_no_record(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.csv", "c.jsonl.gz", "d.parquet"):
        (tmp_path / name).write_bytes(b"")
    assert read_all(tmp_path) == []


def test_a_source_without_files_is_an_error_that_says_what_is_readable(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file matches"):
        find_sources(str(tmp_path / "*.jsonl"))
    (tmp_path / "a.txt").write_text("hi")
    with pytest.raises(InputError, match="none of them readable") as error:
        find_sources(str(tmp_path / "a.txt"))
    assert ".jsonl" in error.value.hint


def test_a_database_url_cannot_be_read() -> None:
    with pytest.raises(ConfigurationError, match="postgresql://"):
        find_sources("postgresql://host/db")


def test_one_pretty_printed_object_is_one_record(tmp_path: Path) -> None:
    whole = {"resourceSpans": [{"scopeSpans": []}], "note": "}]\\"}
    (tmp_path / "a.json").write_bytes(b"\n" + orjson.dumps(whole, option=orjson.OPT_INDENT_2))
    assert read_all(tmp_path / "a.json") == [
        RawRecord(source="a.json", line=2, values=whole, location=str(tmp_path / "a.json"))
    ]


def test_broken_elements_of_an_array_are_named_by_line(tmp_path: Path) -> None:
    content = b'[\n  {"a": 1},\n  {"a": tru},\n  "text", 5,\n  [{}],\n  {\n    "a": 2\n  }\n] trailing'
    (tmp_path / "a.json").write_bytes(content)
    assert [(r.line, r.values if isinstance(r, RawRecord) else r.reason) for r in read_all(tmp_path / "a.json")] == [
        (2, {"a": 1}), (3, "not_json"), (4, "not_an_object"), (4, "not_an_object"), (5, "not_an_object"), (6, {"a": 2}),
        (9, "cut_off_file"),
    ]  # fmt: skip


def test_a_torn_first_line_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"user_id": "u1", "prom\n' + LINES)
    assert values(tmp_path / "a.json") == ["not_json", *ROWS]


def test_a_record_beyond_the_limit_is_passed_over_in_a_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl_reader, "MAX_LINE_BYTES", 1000)
    big = [*ROWS, {"prompt": "x" * 900_000}, *ROWS]
    (tmp_path / "a.json").write_bytes(orjson.dumps(big, option=orjson.OPT_INDENT_2))
    assert values(tmp_path / "a.json") == [*ROWS, "record_too_long", *ROWS]


def test_events_of_an_export_may_span_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl_reader, "MAX_LINE_BYTES", 300)
    lines = [
        b"2026-03-04T09:15:02.123Z {", b'  "a": 1', b"}", b"2026-03-04T09:15:03Z one", b"2026-03-04T09:15:04Z \xff",
        b"2026-03-04T09:15:05Z " + b"x" * 200, b"y" * 200, b"2026-03-04T09:15:06Z two\r",
    ]  # fmt: skip
    (tmp_path / "000000.gz").write_bytes(gzip.compress(b"\n".join(lines)))
    read = [(r.line, tuple(r.values.values()) if isinstance(r, RawRecord) else r.reason) for r in read_all(tmp_path)]
    assert read == [
        (1, ("2026-03-04T09:15:02.123Z", '{\n  "a": 1\n}')),
        (4, ("2026-03-04T09:15:03Z", "one")),
        (5, "not_utf8"),
        (6, "record_too_long"),
        (8, ("2026-03-04T09:15:06Z", "two")),
    ]


def test_bodies_that_records_refer_to_are_no_logs(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("3e1d0f6c-7a51_input.json.gz", "3e1d0f6c-7a51_output.json", "today.jsonl"):
        (tmp_path / "data" / name).write_bytes(b"")
    assert [source.name for source in find_sources(str(tmp_path))] == ["today.jsonl"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(alphabet='{}[]",\\\né ', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='"]}a\\', max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(
    rows=st.lists(st.dictionaries(st.text(alphabet='"[{a\\', max_size=3), JSON_VALUES, max_size=3), max_size=4),
    option=st.sampled_from([0, orjson.OPT_INDENT_2]),
    size=st.integers(1, 40),
)
def test_an_array_comes_apart_into_its_elements_wherever_the_chunks_end(
    rows: list[Any], option: int, size: int
) -> None:
    content = orjson.dumps(rows, option=option)
    with mock.patch.object(splitting, "CHUNK_BYTES", size):
        pieces = list(splitting.ValueSplitter(10_000).split(io.BytesIO(content)))
    assert [orjson.loads(piece.content or b"") for piece in pieces] == rows


@given(content=st.binary(max_size=60) | st.text(alphabet='[]{}",:1a\\\n ', max_size=60).map(str.encode))
def test_no_bytes_break_the_reader_of_json(content: bytes) -> None:
    read = list(JsonReader().read(io.BytesIO(content), "a.json"))
    assert bool(read) == bool(content.strip(b" \t\r\n\x0b\x0c")) or content.strip().strip(b",[] \n") == b""


def test_files_that_are_passed_over_are_counted_by_suffix(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}")
    for name in ("x.log", "y.log", "README.md", "Makefile", "notes.ada lovelace", ".hidden"):
        (tmp_path / name).write_text("x")
    assert look_for(str(tmp_path)).unread == {".log": 2, ".md": 1, "no suffix": 1, "other": 1}


def test_files_of_a_source_that_hold_the_same_are_read_once(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl", "c.csv", "empty.jsonl", "void.jsonl"):
        (tmp_path / name).write_bytes(b"" if name[0] in "ev" else LINES)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(LINES))
    (tmp_path / "d.jsonl").write_bytes(LINES[::-1])
    found = look_for(str(tmp_path))
    assert [source.name for source in found.readable] == ["a.jsonl", "c.csv", "d.jsonl", "empty.jsonl", "void.jsonl"]
    assert found.unread == {"copy of another": 2}
