"""Parts of JSON lines: whole after any end, followed while they grow, never joined onto half a line."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import StorageError
from harness.jsonlines import PartTail, PartWriter, parts, read_lines, read_parts, write_lines

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.lists(st.dictionaries(st.text(max_size=8), VALUES, max_size=4), max_size=8)


@settings(deadline=None, max_examples=30)
@given(records=RECORDS, max_part_bytes=st.integers(1, 200))
def test_what_is_appended_is_read_back_in_order(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], max_part_bytes: int
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    with PartWriter(folder, max_part_bytes=max_part_bytes) as writer:
        for record in records:
            writer.append(record)
    assert list(read_parts(folder)) == records
    assert write_lines(folder / "one.jsonl", records) == len(records)
    assert list(read_lines(folder / "one.jsonl")) == records


def test_a_part_that_is_full_is_followed_by_the_next(tmp_path: Path) -> None:
    with PartWriter(tmp_path, max_part_bytes=10) as writer:
        for number in range(3):
            writer.append({"number": number})
    assert [path.name for path in parts(tmp_path)] == ["part-00000.jsonl", "part-00001.jsonl", "part-00002.jsonl"]


def test_each_writer_has_a_part_of_its_own(tmp_path: Path) -> None:
    with PartWriter(tmp_path) as one, PartWriter(tmp_path) as other:
        one.append({"n": 1})
        other.append({"n": 2})
        one.append({"n": 3})
    assert len(parts(tmp_path)) == 2
    assert sorted(record["n"] for record in read_parts(tmp_path)) == [1, 2, 3]


def test_a_line_torn_by_a_crash_is_passed_over_and_stays(tmp_path: Path) -> None:
    (tmp_path / "part-00000.jsonl").write_bytes(b'{"n":1}\n{"n":2')
    with PartWriter(tmp_path) as writer:
        writer.append({"n": 3})
    assert [record["n"] for record in read_parts(tmp_path)] == [1, 3]
    assert (tmp_path / "part-00000.jsonl").read_bytes().endswith(b'{"n":2')


def test_a_line_of_nul_bytes_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "part-00000.jsonl").write_bytes(b'{"n":1}\n\0\0\0\n{"n":2}\n')
    assert [record["n"] for record in read_parts(tmp_path)] == [1, 2]


def test_a_tail_yields_each_record_once_as_it_comes(tmp_path: Path) -> None:
    tail = PartTail(tmp_path / "later")
    assert list(tail.read()) == []
    with PartWriter(tmp_path / "later", max_part_bytes=20) as writer:
        seen = []
        for number in range(5):
            writer.append({"n": number})
            seen.append([record["n"] for record in tail.read()])
    assert seen == [[0], [1], [2], [3], [4]]
    assert list(tail.read()) == []


def test_a_tail_waits_for_the_end_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "part-00000.jsonl"
    path.write_bytes(b'{"n":')
    tail = PartTail(tmp_path)
    assert list(tail.read()) == []
    path.write_bytes(b'{"n":1}\n')
    assert list(tail.read()) == [{"n": 1}]


def test_a_tail_that_is_left_half_way_goes_on_where_it_was(tmp_path: Path) -> None:
    with PartWriter(tmp_path) as writer:
        for number in range(3):
            writer.append({"n": number})
    tail = PartTail(tmp_path)
    assert next(tail.read()) == {"n": 0}
    assert [record["n"] for record in tail.read()] == [1, 2]


def test_records_survive_a_kill(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from harness.jsonlines import PartWriter\n"
        "writer = PartWriter(pathlib.Path(sys.argv[1]))\n"
        "for n in range(100): writer.append({'n': n})\n"
        "print('written', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    assert [record["n"] for record in read_parts(tmp_path)] == list(range(100))


def test_a_full_disk_is_a_storage_error_and_the_next_record_starts_a_line_of_its_own(tmp_path: Path) -> None:
    """A limit on the size of files cuts a write short, as a full disk does."""
    program = (
        "import pathlib, resource, signal, sys\n"
        "from harness.errors import StorageError\n"
        "from harness.jsonlines import PartWriter, read_parts\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "writer = PartWriter(folder)\n"
        "writer.append({'n': 1})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20, resource.RLIM_INFINITY))\n"
        "try: writer.append({'text': 'x' * 100})\n"
        "except StorageError as error: print('StorageError', error.hint)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "writer.append({'n': 2})\n"
        "writer.close()\n"
        "print([record['n'] for record in read_parts(folder)])\n"
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    run = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["StorageError free some space, then resume the run", "[1, 2]"]


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_half_a_surrogate_pair_does_not_end_a_run(tmp_path: Path, text: str) -> None:
    record = {"text": text, "list": [text], "nested": {"key": (text, 1)}}
    with PartWriter(tmp_path) as writer:
        writer.append(record)
    write_lines(tmp_path / "one.jsonl", [record])
    expected = text.replace("\ud800", "?").replace("\udfff", "?")
    wanted = {"text": expected, "list": [expected], "nested": {"key": [expected, 1]}}
    assert list(read_parts(tmp_path)) == list(read_lines(tmp_path / "one.jsonl")) == [wanted]


def test_what_is_no_json_is_still_an_error(tmp_path: Path) -> None:
    with PartWriter(tmp_path) as writer, pytest.raises(TypeError):
        writer.append({"object": object()})
    assert list(read_parts(tmp_path)) == []


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be created"):
        PartWriter(tmp_path / "file" / "parts")


def test_a_folder_that_is_gone_is_a_storage_error(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path / "parts")
    (tmp_path / "parts").rmdir()
    with pytest.raises(StorageError, match="cannot be written"):
        writer.append({"n": 1})


def test_a_writer_that_wrote_nothing_leaves_no_part(tmp_path: Path) -> None:
    with PartWriter(tmp_path) as writer:
        writer.sync()
    assert parts(tmp_path) == []


def test_closing_twice_is_fine(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path)
    writer.append({"n": 1})
    writer.close()
    writer.close()
    writer.append({"n": 2})
    writer.close()
    assert [record["n"] for record in read_parts(tmp_path)] == [1, 2]


def test_a_broken_line_of_a_finished_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "prompts.jsonl"
    path.write_text('{"n":1}\nbroken\n', encoding="utf-8")
    with pytest.raises(StorageError, match=r"prompts\.jsonl, line 2: not JSON"):
        list(read_lines(path))


def test_a_missing_file_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file"):
        list(read_lines(tmp_path / "none.jsonl"))
    with pytest.raises(StorageError, match="cannot be written"):
        write_lines(tmp_path / "none" / "x.jsonl", [])


def test_a_record_is_one_line_whatever_it_holds(tmp_path: Path) -> None:
    with PartWriter(tmp_path) as writer:
        writer.append({"text": "a\nb\u2028c\r\n"})
    (path,) = parts(tmp_path)
    (line,) = path.read_bytes().splitlines()
    assert json.loads(line)["text"] == "a\nb\u2028c\r\n"
    assert path.stat().st_mode & 0o777 == 0o644 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
