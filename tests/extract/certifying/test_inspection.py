"""A look into any data set: what is found, where, and what is passed over."""

import datetime as dt
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extract.certifying.inspection import Inspection, inspect, texts_of
from extract.extraction import extract_sessions
from harness.contracts import SanitizedSession, Turn
from harness.errors import InputError
from harness.pii import PiiSpan
from harness.pii.detector import detector
from harness.pii.redaction import outside_placeholders
from harness.sessions import write_sessions
from harness.storage import Storage
from tests.extract.conftest import MakeSettings, record, write_jsonl

CARD = "4111 1111 1111 1111"


def sanitized(number: int, text: str) -> SanitizedSession:
    return SanitizedSession(
        session_id=f"{number:016x}",
        user_key=f"{number + 7919:016x}",
        started_on=dt.date(2026, 1, 1),
        turns=[Turn(role="user", text=text), Turn(role="assistant", text="Two days.")],
        entities={"PERSON": 1},
        metadata={"channel": "web"},
    )


def test_findings_are_counted_by_type_and_field_and_named_by_place(tmp_path: Path) -> None:
    rows = [
        {"note": "nothing here", "deep": [{"text": "all fine"}]},
        {"note": f"card {CARD}", "deep": [{"text": "write to o.ferncastle@mail.example"}]},
    ]
    write_jsonl(tmp_path / "data.jsonl", rows)
    found = inspect(str(tmp_path), detector("strict"), certainty=0.9)
    assert (found.files, found.records, found.texts) == (1, 2, 4)
    assert not found.unseen
    assert found.certain == {"CREDIT_CARD": 1, "EMAIL_ADDRESS": 1}
    assert found.fields == {"note": 1, "deep.text": 1}
    assert [(p.file, p.record, p.field) for p in found.places] == [
        ("data.jsonl", 2, "note"),
        ("data.jsonl", 2, "deep.text"),
    ]
    assert not found.passed


def test_values_are_shown_only_to_those_who_ask(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "data.jsonl", [{"note": f"card {CARD}"}])
    found = inspect(str(tmp_path), detector("strict"), certainty=0.9)
    assert CARD not in str(found.to_dict(show_values=False))
    assert found.to_dict(show_values=True)["values"] == {"CREDIT_CARD": [CARD]}
    assert orjson.dumps(found.to_dict(show_values=True))


def test_what_is_less_certain_is_counted_but_does_not_fail(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "data.jsonl", [{"note": f"card {CARD}"}])
    certain = inspect(str(tmp_path), detector("strict"), certainty=1.0)
    assert certain.certain == {"CREDIT_CARD": 1}
    write_jsonl(tmp_path / "data.jsonl", [{"note": "my name is ottoline ferncastle"}])
    unsure = inspect(str(tmp_path), detector("strict"), certainty=1.0)
    assert unsure.uncertain["PERSON"] == 1
    assert unsure.passed


def test_a_sanitized_dataset_is_clean_and_its_hashes_are_no_findings(tmp_path: Path) -> None:
    write_sessions(tmp_path, [sanitized(n, "is <PERSON_1> there? <EMAIL_ADDRESS_12>") for n in range(20)])
    found = inspect(str(tmp_path), detector("strict"), certainty=0.5)
    assert (found.records, found.files) == (20, 1)
    assert found.passed
    assert not found.uncertain


def test_a_known_value_is_found_that_no_recognizer_knows(tmp_path: Path) -> None:
    write_sessions(tmp_path, [sanitized(1, "ask for plan zyx wvutsr")])
    found = inspect(str(tmp_path), detector("strict"), certainty=1.0, known=["Zyx Wvutsr"])
    assert found.certain == {"known value": 1}
    assert found.places[0].known


def test_csv_columns_are_texts_and_broken_records_do_not_pass(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"id,comment\n1,card {CARD}\n", encoding="utf-8")
    assert inspect(str(tmp_path), detector("strict"), certainty=0.9).fields == {"comment": 1}
    (tmp_path / "a.csv").unlink()
    (tmp_path / "b.jsonl").write_bytes(b'{"text": "fine"}\n{"text": \n')
    found = inspect(str(tmp_path), detector("strict"), certainty=0.9)
    assert (found.broken, found.passed) == (1, False)


def test_a_folder_without_data_is_an_error_and_not_clean(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        inspect(str(tmp_path), detector("strict"), certainty=0.9)
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError):
        inspect(str(tmp_path), detector("strict"), certainty=0.9)


def test_a_span_within_placeholders_is_none() -> None:
    text = "is <PERSON_1> here"
    inside = PiiSpan(start=4, end=10, entity="PERSON", score=0.9)
    beyond = PiiSpan(start=4, end=len(text), entity="PERSON", score=0.9)
    assert list(outside_placeholders(text, [inside, beyond])) == [beyond]


def test_fields_with_hashes_are_passed_over_in_sanitized_sessions_only() -> None:
    other = {"session_id": "ab", "text": "x"}
    assert dict(texts_of(other)) == other
    ours = {"session_id": "ab", "user_key": "cd", "turns": [{"role": "user", "text": "hi"}]}
    assert list(texts_of(ours)) == [("turns.role", "user"), ("turns.text", "hi")]


def looked(folder: Path, *, known: tuple[str, ...] = ()) -> Inspection:
    return inspect(str(folder), detector("strict"), certainty=0.9, known=known)


@pytest.mark.parametrize(
    ("row", "entity"),
    [
        ({"phone": 31612345678}, "PHONE_NUMBER"),
        ({"n": 4111111111111111}, "CREDIT_CARD"),
        ({"n": 4111111111111111.0}, "CREDIT_CARD"),
        ({"customer": 998877665}, "known value"),
        ({"o.ferncastle@mail.example": "asked"}, "EMAIL_ADDRESS"),
        ({"by": {"o.ferncastle@mail.example": {"text": "asked"}}}, "EMAIL_ADDRESS"),
        ({"by": {"Ottoline Ferncastle": 3}}, "PERSON"),
    ],
)
def test_numbers_and_names_of_fields_are_looked_at(tmp_path: Path, row: dict[str, Any], entity: str) -> None:
    write_jsonl(tmp_path / "a.jsonl", [row])
    found = looked(tmp_path, known=("998877665",))
    assert set(found.certain) == {entity}
    assert "erncastle" not in str(found.to_dict(show_values=False)), "not even as the name of a field"


def test_counts_and_times_are_no_findings(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", [{"latency_ms": 12345, "created_at": 1759305600003, "ok": True, "share": 0.25}])
    found = looked(tmp_path)
    assert found.passed
    assert not found.uncertain


def test_columns_of_numbers_bytes_and_dates_are_looked_at(tmp_path: Path) -> None:
    table = pa.table(
        {
            "card": pa.array([4111111111111111], pa.int64()),
            "raw": pa.array([b"write to o.ferncastle@mail.example"], pa.binary()),
            "blob": pa.array([b"\xff\xfe\x00"], pa.binary()),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    found = looked(tmp_path)
    assert found.certain == {"CREDIT_CARD": 1, "EMAIL_ADDRESS": 1}
    assert [each.reason for each in found.unseen] == ["blob holds bytes that are no text"]


@pytest.mark.parametrize(
    "name", ["manifest.json", "latest.json", "certificate.json", "arrivals.json", "quarantine.jsonl"]
)
def test_a_file_is_not_passed_over_for_its_name(tmp_path: Path, name: str) -> None:
    write_jsonl(tmp_path / "a.jsonl", [{"note": "fine"}])
    write_jsonl(tmp_path / "below" / name, [{"note": f"card {CARD}"}])
    assert looked(tmp_path).certain == {"CREDIT_CARD": 1}


@pytest.mark.parametrize(
    ("name", "text"), [("notes.txt", "x"), ("dump.log", "x"), ("b.jsonl", ""), ("b.csv", "id,name\n")]
)
def test_what_cannot_be_looked_at_is_listed_and_does_not_pass(tmp_path: Path, name: str, text: str) -> None:
    write_jsonl(tmp_path / "a.jsonl", [{"note": "fine"}])
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = looked(tmp_path)
    assert ([each.file for each in found.unseen], found.passed) == ([name], False)


def test_a_whole_dataset_of_this_program_passes_and_one_with_names_of_people_as_files_does_not(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    write_jsonl(tmp_path / "logs" / "a.jsonl", [record(n) for n in range(30)])
    result = extract_sessions(make_settings(incremental=True), storage)
    found = looked(tmp_path / "out")
    assert (found.passed, found.unseen, found.files) == (True, [], 1)
    manifest = result.folder / "manifest.json"
    values = orjson.loads(manifest.read_bytes())
    values["details"]["sources"] = ["chat_Ottoline_Ferncastle.jsonl"]
    manifest.write_bytes(orjson.dumps(values))
    assert looked(tmp_path / "out").certain == {"PERSON": 1}
