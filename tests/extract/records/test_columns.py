"""Id-like values of a record's other fields."""

from pathlib import Path
from typing import Any

import pytest

from extract.extraction import extract_sessions
from extract.records.columns import id_values
from harness.sessions import read_sessions
from harness.storage import Storage
from tests.extract.conftest import MakeSettings, record, write_jsonl


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("request_id", "9f8b77c2-11aa-4c6e-b0d1-77aa12bc90ff"),
        ("anything", "QX-77-1234"),
        ("contact", "o.ferncastle@mail.example"),
        ("phone", "+44 7700 900123"),
        ("callerNumber", "07700900123"),
        ("account", 12345678),
        ("client_ip", "203.0.113.77"),
        ("customer_name", "Ottoline Ferncastle"),
    ],
)
def test_ids_addresses_and_names_are_found(field: str, value: Any) -> None:
    assert id_values({field: value, "channel": "web"}) == (str(value),)
    assert id_values({"request": {"meta": {field: value}}}) == (str(value),)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("latency_ms", 123456),
        ("amount", "250000.00"),
        ("epoch", "1730000000"),
        ("timestamp", "2026-10-05T08:00:00.123Z"),
        ("day", "2026-10-05"),
        ("model", "gpt-4o"),
        ("channel", "mobile web"),
        ("note", "please call 07700900123 tomorrow"),
        ("url", "https://shop.example/item/123456"),
        ("is_id", True),
        ("account", 12),
        ("paid_usd", 1234567),
        ("customer_id", None),
        ("messages", [{"id": "QX-77-1234"}]),
    ],
)
def test_durations_prices_times_and_sentences_are_none(field: str, value: Any) -> None:
    assert id_values({field: value}) == ()


def test_messages_and_mapped_ids_are_left_out() -> None:
    assert id_values({"prompt": "QX-77-1234", "id": "QX-77-9999"}, without=("QX-77-1234", None)) == ("QX-77-9999",)


def test_an_id_of_one_record_is_removed_from_everybodys_text_and_audited(
    tmp_path: Path, make_settings: MakeSettings, storage: Storage
) -> None:
    records = [record(n, client_code=f"zqf{n}kpw{n}88x4", model="turbo-3-5-0613-v2") for n in range(30)]
    records.append(record(3, prompt="look under zqf7kpw788x4 please, on turbo-3-5-0613-v2", session_id="other"))
    write_jsonl(tmp_path / "logs" / "a.jsonl", records)
    with_ids = extract_sessions(make_settings(), storage)
    texts = "\n".join(turn.text for s in read_sessions(with_ids.folder) for turn in s.turns)
    assert "zqf7kpw788x4" not in texts
    assert with_ids.certificate.audited_values >= 30 + 7 + 10
