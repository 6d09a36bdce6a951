"""Advice: what to change so that the logs can be used; never a value of theirs."""

from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from extract.advice import HEADLESS, absent_on_spark
from extract.probing import probe_profiles, probe_source
from harness.errors import InputError
from tests.extract.conftest import MakeSettings, record, write_jsonl

CHAT = {"request": {"messages": [{"role": "user", "content": "hi"}], "user": "u"}, "session_id": "s", "response": {"choices": []}, "created": 1_790_000_000}  # fmt: skip
SPAN = {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "t", "spanId": "s", "startTimeUnixNano": "1790000000000000000", "attributes": [{"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}}, {"key": "user.id", "value": {"stringValue": "u"}}, {"key": "gen_ai.input.messages", "value": {"stringValue": '[{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]'}}]}]}]}]}  # fmt: skip


def refused(folder: Path, make_settings: MakeSettings, records: list[dict[str, Any]], **extract: Any) -> InputError:
    write_jsonl(folder / "logs" / "a.jsonl", records)
    with pytest.raises(InputError, match="can be used") as error:
        probe_source(make_settings(**extract))
    return error.value


def test_two_mistyped_fields_are_both_named_with_what_was_meant(tmp_path: Path, make_settings: MakeSettings) -> None:
    error = refused(
        tmp_path, make_settings, [record(n) for n in range(4)], fields={"prompt": "promt", "user": "usr_id"}
    )
    assert "'usr_id' (did you mean 'user_id'?) and 'promt' (did you mean 'prompt'?) are missing" in error.hint


def test_a_table_without_a_header_is_told_without_its_values(tmp_path: Path, make_settings: MakeSettings) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.csv").write_text("cust-0004,ios,s-004-0,hello\ncust-0005,web,s-005-0,hi\n")
    with pytest.raises(InputError) as error:
        probe_source(make_settings(source="logs"))
    assert error.value.hint == HEADLESS
    assert "cust" not in f"{error.value}{error.value.hint}"
    (tmp_path / "logs" / "a.csv").write_text("ada,ios,ios\nada,web,web\n")
    with pytest.raises(InputError, match="twice"):
        probe_source(make_settings(source="logs"))
    (tmp_path / "logs" / "a.csv").write_text("cust-0004,ios,ios\nada,web,web\n")
    with pytest.raises(InputError, match="looks like data"):
        probe_source(make_settings(source="logs"))


@pytest.mark.parametrize(
    ("records", "configured", "fitting"),
    [
        ([SPAN], "openai-chat", "otel-genai"),
        ([record(0)], "bedrock-invocation-log", "generic"),
        ([CHAT], "generic", "openai-chat"),
    ],
)
def test_the_format_that_fits_is_named(
    tmp_path: Path, make_settings: MakeSettings, records: list[dict[str, Any]], configured: str, fitting: str
) -> None:
    error = refused(tmp_path, make_settings, records, format=configured)
    assert error.hint == f'[extract] format = "{fitting}" fits these records; it is "{configured}" now'


def test_where_no_format_fits_the_configured_one_is_doubted(tmp_path: Path, make_settings: MakeSettings) -> None:
    error = refused(tmp_path, make_settings, [{"x": 1}], format="bedrock-invocation-log")
    assert "not of [extract] format" in error.hint


@pytest.mark.parametrize(("at", "words"), [("03/04/2026", "RFC 2822"), ("2199-01-01", "clock")])
def test_times_that_cannot_be_used_are_told_with_those_that_can(
    tmp_path: Path, make_settings: MakeSettings, at: str, words: str
) -> None:
    assert words in refused(tmp_path, make_settings, [record(n, timestamp=at) for n in range(3)]).hint


def test_a_source_is_tried_with_its_first_records(tmp_path: Path, make_settings: MakeSettings) -> None:
    write_jsonl(tmp_path / "logs" / "a.jsonl", [record(0), record(1, user_id="  ")])
    (tmp_path / "logs" / "x.log").write_text("x")
    said = probe_source(make_settings(source="logs"))
    assert said == "1 file; 1 of the first 2 records can be used; 1 other file not read"
    (tmp_path / "logs" / "a.jsonl").write_text("")
    with pytest.raises(InputError, match="hold no record"):
        probe_source(make_settings(source="logs"))


def test_profiles_are_tried_and_a_trait_that_none_has_is_named(tmp_path: Path, make_settings: MakeSettings) -> None:
    profiles = write_jsonl(tmp_path / "profiles.jsonl", [{"user_id": "u", "plan": "gold"}] * 3)
    settings = make_settings(profiles=str(profiles), profile_traits=["pln"])
    assert probe_profiles(settings) == (
        "the first 3 profiles can be read; 'extract.profile_traits': 'pln' is in no profile (did you mean 'plan'?)"
    )
    with pytest.raises(InputError, match="no file matches"):
        probe_profiles(make_settings(profiles=str(tmp_path / "none.jsonl")))
    profiles.write_bytes(b"")
    with pytest.raises(InputError, match="hold no profile"):
        probe_profiles(settings)


def test_what_executors_count_says_which_optional_fields_no_record_has(make_settings: MakeSettings) -> None:
    settings = make_settings(fields={"keep": ["channel", "chanel"], "feedback": "ratng", "response": "answer"})
    said = absent_on_spark(settings, Counter({"keep channel": 3, "response": 2}))
    assert said == (
        "'extract.fields.feedback': 'ratng' is in no record",
        "'extract.fields.keep': 'chanel' is in no record",
    )


def test_records_of_one_user_are_not_shown_by_their_keys(tmp_path: Path, make_settings: MakeSettings) -> None:
    error = refused(tmp_path, make_settings, [{"ottoline": orjson.dumps(record(0)).decode()}])
    assert "ottoline" not in f"{error}{error.hint}"
