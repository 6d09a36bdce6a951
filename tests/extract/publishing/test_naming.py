"""What files of logs are called in a dataset: their own names, unless those are somebody's."""

from pathlib import Path

import orjson
import pytest

from extract.extraction import extract_sessions
from extract.publishing.naming import HASHED, SourceNames
from harness.pii.detector import detector
from harness.storage import Storage
from tests.extract.conftest import KEY, MakeSettings, record, write_jsonl

PERSONAL = "chat_Ada_Lund_0770.jsonl"


@pytest.mark.parametrize("name", ["a.jsonl", "2026-10-01.jsonl", "transcripts.csv"])
def test_ordinary_names_stay(name: str) -> None:
    assert SourceNames(detector("strict"), KEY.encode()).shown(name) == name


@pytest.mark.parametrize("name", [PERSONAL, "jon.smith@mail.example.jsonl", "jon-smith.csv", "+44_7700_900123.json.gz"])
def test_names_of_people_become_keyed_hashes_with_suffix_and_place(name: str) -> None:
    names = SourceNames(detector("strict"), KEY.encode(), ["a.jsonl", name])
    shown = names.shown(name)
    assert HASHED.fullmatch(shown)
    assert shown.partition("-2.")[2] == name.partition("example.")[2] or shown.endswith(name[name.index(".") :])
    assert shown != SourceNames(detector("strict"), b"another key of some length", ["a.jsonl", name]).shown(name)


def test_nothing_beside_a_dataset_holds_a_personal_file_name_and_the_next_run_still_goes_on(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    good = write_jsonl(tmp_path / "logs" / PERSONAL, [record(n) for n in range(9)])
    good.write_bytes(good.read_bytes() + b"{broken\n")
    (tmp_path / "logs" / "empty_Ada_Lund.jsonl").write_bytes(b"")
    first = extract_sessions(make_settings(incremental=True), storage)
    files = [path.read_bytes() for path in first.folder.iterdir() if path.suffix != ".parquet"]
    assert not any(b"Lund" in content for content in files)
    source = orjson.loads((first.folder / "quarantine.jsonl").read_bytes())["source"]
    assert source in orjson.loads((first.folder / "manifest.json").read_bytes())["details"]["sources"]
    assert extract_sessions(make_settings(incremental=True), storage).dataset_id == first.dataset_id
